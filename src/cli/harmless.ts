// Owns that nothing told to people steers their terminal, whichever name of theirs is repeated in it. Never touches what
// programs read: stdout is written as it is.

import { escapeControls } from '../spec/frame-line.ts';

/** Each line without what moves a cursor, colours or reorders text; what was such is written out. */
export function escapeLines(text: string): string {
  return text.split('\n').map(escapeControls).join('\n');
}

/** The colours that Charter writes itself: bold, dim, the eight, and back. A text cannot be hidden with one of them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const OWN_COLOR = /(\u001b\[(?:0|1|2|22|3[1-6]|39)(?:;3[1-6])?m)/;

/** What may go to a terminal; its colours are left where it takes some. */
export function harmless(text: string, { color }: { readonly color: boolean }): string {
  if (!color) return escapeLines(text);
  // Every second part is what was split at.
  return text
    .split(OWN_COLOR)
    .map((part, position) => (position % 2 === 1 ? part : escapeLines(part)))
    .join('');
}
