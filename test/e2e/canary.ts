// Owns canaries, values that nobody else writes, and the search for them in what a program leaves behind: as they are and
// encoded, whole and in parts. Never runs the program.

import { randomBytes } from 'node:crypto';
import { formatGeneratedSecret } from '../../src/model/generated-secret.ts';

/** So long a part of a canary is no accident. */
const PART = 12;
/** The forms of a part by how long each is in its text: plain, base64 (and base64url), hexadecimal. */
const FORMS: readonly ((part: string) => string)[] = [
  (part) => part,
  (part) => Buffer.from(part).toString('base64'),
  (part) => Buffer.from(part).toString('base64url'),
  (part) => Buffer.from(part).toString('hex'),
];
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Letters and digits that no other text has. */
export function randomText(length = 32): string {
  return [...randomBytes(length)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

/** As `charter secret generate` prints one. */
export function generatedSecret(): string {
  return formatGeneratedSecret(randomBytes(32));
}

export interface Canaries {
  /** A new canary; `place` is how a test that finds it calls it. */
  plant(place: string): string;
  /** Watches for a text that something else made: a hash, a verifier, a token. Answers it. */
  watch(place: string, text: string): string;
  /** The places of the canaries of which a part stands in the text, in any form. */
  foundIn(text: string | Buffer): readonly string[];
}

export function createCanaries(): Canaries {
  /** Parts in all forms, by length, in small letters: who writes a secret in capitals has told it. */
  const parts = new Map<number, Map<string, string>>();
  /** By the first three characters of a part: whether there may be one. Most of a text is passed over by it. */
  const starts = new Uint8Array(1 << 16);

  const watch = (place: string, text: string): string => {
    for (let from = 0; from + PART <= text.length; from += 1) {
      for (const form of FORMS) {
        const part = form(text.slice(from, from + PART)).toLowerCase();
        const known = parts.get(part.length) ?? new Map<string, string>();
        parts.set(part.length, known.set(part, place));
        starts[startOf(part, 0)] = 1;
      }
    }
    return text;
  };

  const search = (text: string, found: Set<string>): void => {
    const small = text.toLowerCase();
    for (let at = 0; at + PART <= small.length; at += 1) {
      if (starts[startOf(small, at)] === 0) continue;
      for (const [length, known] of parts) {
        const place = known.get(small.slice(at, at + length));
        if (place !== undefined) found.add(place);
      }
    }
  };

  return {
    plant: (place) => watch(place, randomText()),
    watch,
    foundIn(text) {
      const found = new Set<string>();
      // latin1 keeps each byte of a file that is no text.
      const written = typeof text === 'string' ? text : text.toString('latin1');
      for (const one of [written, ...decodings(written)]) search(one, found);
      return [...found].sort();
    },
  };
}

function startOf(text: string, at: number): number {
  return (text.charCodeAt(at) ^ (text.charCodeAt(at + 1) << 5) ^ (text.charCodeAt(at + 2) << 10)) & 0xffff;
}

/** The text without its escapes, where it has some: of URLs, of JSON and YAML, of XML. */
function decodings(text: string): readonly string[] {
  return [/%([0-9a-f]{2})/gi, /\\(?:u00|x)([0-9a-f]{2})/gi, /&#x([0-9a-f]{2});/gi].flatMap((pattern) => {
    const decoded = text.replace(pattern, (_all, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
    return decoded === text ? [] : [decoded];
  });
}
