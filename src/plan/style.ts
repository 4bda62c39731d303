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

/** The width of the widest text up to a limit: one long name does not push everything off the screen. */
export function columnWidth(texts: readonly string[], limit: number): number {
  return Math.min(
    limit,
    texts.reduce((widest, text) => Math.max(widest, widthOf(text)), 0),
  );
}

export type Sign = '+' | '~' | '>' | '-';

/** A plan's colours. Without colour every function gives its text back. */
export interface Style {
  heading(text: string): string;
  sign(sign: Sign): string;
  /** What is said beside: places, counts. */
  aside(text: string): string;
}

const PLAIN: Style = { heading: (text) => text, sign: (sign) => sign, aside: (text) => text };

const SIGN_COLORS = { '+': 32, '~': 33, '>': 36, '-': 31 } as const;

const COLORED: Style = {
  heading: (text) => `\u001b[1m${text}\u001b[22m`,
  sign: (sign) => `\u001b[${SIGN_COLORS[sign]}m${sign}\u001b[39m`,
  aside: (text) => (text === '' ? '' : `\u001b[2m${text}\u001b[22m`),
};

export function styleFor(options: { readonly color: boolean }): Style {
  return options.color ? COLORED : PLAIN;
}
