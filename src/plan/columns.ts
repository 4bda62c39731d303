// Owns how the lines of one section of a plan's text stand: set in, signed, and with what is said beside them in one
// column. Never knows what a line says.

import { columnWidth, pad, type Sign, type Style, type Tone, widthOf } from './style.ts';

/** Where what is said at the right begins at the earliest; a section whose lines are longer moves it. */
const RIGHT_COLUMN = 54;
/** No line moves places, or notes, further than this; a longer one is followed by two spaces. */
const WIDEST_PLACED = 94;
const WIDEST_NOTED = 62;

export interface Line {
  /** Columns before the sign or the text. */
  readonly indent: number;
  readonly sign?: Sign;
  /** Without colour: its width counts. */
  readonly text: string;
  /** How the text is meant, where it is not plain. */
  readonly tone?: Tone | 'heading';
  /** In the right column, before the place. */
  readonly note?: { readonly text: string; readonly tone: Tone };
  /** Where something is written, at the right. */
  readonly place?: string;
}

/**
 * The lines as text. `gap` is what the longest of them leaves before the column of places, `begin` where what is said at
 * the right begins at the earliest.
 */
export function layOut(lines: readonly Line[], style: Style, gap = 2, begin = RIGHT_COLUMN): string[] {
  const noted = lines.filter(({ note }) => note !== undefined);
  const placed = lines.filter(({ note, place }) => place && note === undefined);
  const placeColumn = Math.max(begin, columnWidth(placed.map(leftOf), WIDEST_PLACED) + gap);
  const noteColumn = Math.max(begin, columnWidth(noted.map(leftOf), WIDEST_NOTED) + 2);
  const noteWidth = columnWidth(
    noted.map(({ note, place }) => (place && note ? note.text : '')),
    WIDEST_NOTED,
  );
  return lines.map((line) => {
    const { note, place } = line;
    const left = `${' '.repeat(line.indent)}${line.sign === undefined ? '' : `${style.sign(line.sign)} `}${toned(line, style)}`;
    const right = [
      ...(note ? [style.tone(note.tone, place ? pad(note.text, noteWidth + 2) : note.text)] : []),
      ...(place ? [style.aside(place)] : []),
    ];
    if (right.length === 0) return left;
    const room = (note ? noteColumn : placeColumn) - widthOf(leftOf(line));
    return `${left}${' '.repeat(Math.max(2, room))}${right.join('')}`;
  });
}

function toned({ text, tone }: Line, style: Style): string {
  if (tone === undefined) return text;
  return tone === 'heading' ? style.heading(text) : style.tone(tone, text);
}

/** A line of text that stands alone, set in as far as a section's lines. */
export function plainLine(text: string, indent = 2): Line {
  return { indent, text };
}

/** Between two headings of one section. */
export const EMPTY_LINE: Line = { indent: 0, text: '' };

function leftOf({ indent, sign, text }: Line): string {
  return `${' '.repeat(indent)}${sign === undefined ? '' : `${sign} `}${text}`;
}
