// Owns how a plan's lines are made for a terminal: escaping, cutting, padding, colour. Never knows what a line says.

/** Characters that move a cursor, change colours or reorder text on a terminal: controls, separators, bidi marks. */
const DANGEROUS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** The text with every control and formatting character written out as `\u{…}`: nothing of a spec reaches a terminal raw. */
export function escapeControls(text: string): string {
  return text.replace(DANGEROUS, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** The text in at most `limit` characters, the last of them an ellipsis when something was cut. */
export function cut(text: string, limit: number): string {
  const characters = [...text];
  return characters.length <= limit ? text : `${characters.slice(0, limit - 1).join('')}…`;
}

/** How many columns a text takes; it holds no controls. */
export function widthOf(text: string): number {
  return [...text].length;
}

export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** A paragraph in lines of at most so many columns; a longer word stays whole. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** The width of the widest text up to a limit: one long name does not push everything off the screen. */
export function columnWidth(texts: readonly string[], limit: number): number {
  return Math.min(
    limit,
    texts.reduce((widest, text) => Math.max(widest, widthOf(text)), 0),
  );
}

export type Sign = '+' | '~' | '>' | '-' | '✓' | '✗';

/** How a text is meant: something good, something to look at, something to stop at, something said beside. */
export type Tone = 'good' | 'caution' | 'alarm' | 'aside';

/** A plan's colours. Without colour every function gives its text back. */
export interface Style {
  heading(text: string): string;
  sign(sign: Sign): string;
  tone(tone: Tone, text: string): string;
  /** What is said beside: places, counts. */
  aside(text: string): string;
}

const PLAIN: Style = {
  heading: (text) => text,
  sign: (sign) => sign,
  tone: (_, text) => text,
  aside: (text) => text,
};

const SIGN_COLORS = { '+': 32, '~': 33, '>': 36, '-': 31, '✓': 32, '✗': 31 } as const;
const TONES = { good: [32, 39], caution: [33, 39], alarm: [31, 39], aside: [2, 22] } as const;

function toned(tone: Tone, text: string): string {
  const [on, off] = TONES[tone];
  return text === '' ? '' : `\u001b[${on}m${text}\u001b[${off}m`;
}

const COLORED: Style = {
  heading: (text) => `\u001b[1m${text}\u001b[22m`,
  sign: (sign) => `\u001b[${SIGN_COLORS[sign]}m${sign}\u001b[39m`,
  tone: toned,
  aside: (text) => toned('aside', text),
};

export function styleFor(options: { readonly color: boolean }): Style {
  return options.color ? COLORED : PLAIN;
}
