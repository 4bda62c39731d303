// Owns how strong a secret can be at most, as far as its text alone tells. Never keeps one, and never tells its length or
// the estimate: both would help who guesses.

import { isGeneratedSecret } from './generated-secret.ts';

type SecretStrength =
  /** So short that all of its like are tried in an afternoon: refused. Hydra's limit. */
  | 'too-short'
  /** Of fewer bits than one of its kind should have, even by an estimate that is kind to it. */
  | 'weak'
  | 'strong';

const FEWEST_CHARACTERS = 6;

/** Secrets of programs may be tried against a stolen hash for years; passwords are remembered by people, and hashed slowly. */
export const FEWEST_BITS = { secret: 128, password: 64 } as const;

/** Symbols of each class of characters that a text can be drawn from; spaces and marks of ASCII are one class. */
const CLASSES: readonly (readonly [RegExp, number])[] = [
  [/[a-z]/, 26],
  [/[A-Z]/, 26],
  [/[0-9]/, 10],
  [/[ -/:-@[-`{-~]/, 33],
  [/[^ -~]/, 128],
];

/** Three characters that stood before in the same order are a repetition and no chance. */
const REPEATED = 3;

/**
 * An upper bound: what a text of these classes of characters can hold, log2 of their symbols for each character that does
 * not only repeat what stood before. So a text that was drawn with 128 bits passes in every usual alphabet (base64,
 * base64url, hexadecimal, digits), and a sentence may pass that somebody could guess.
 */
export function secretStrength(value: string, kind: keyof typeof FEWEST_BITS = 'secret'): SecretStrength {
  const characters = [...value];
  if (characters.length < FEWEST_CHARACTERS) return 'too-short';
  if (isGeneratedSecret(value)) return 'strong';
  const symbols = CLASSES.reduce((sum, [pattern, size]) => sum + (pattern.test(value) ? size : 0), 0);
  return countedCharacters(characters) * Math.log2(symbols) < FEWEST_BITS[kind] ? 'weak' : 'strong';
}

function countedCharacters(characters: readonly string[]): number {
  const seen = new Set<string>();
  let counted = 0;
  for (let end = 1; end <= characters.length; end += 1) {
    const last = characters.slice(Math.max(0, end - REPEATED), end).join('');
    if (!seen.has(last)) counted += 1;
    seen.add(last);
  }
  return counted;
}
