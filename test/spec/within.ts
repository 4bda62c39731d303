// Owns the law that every place a diagnostic names lies in its file. Counts lines itself, and in another way than
// lines.ts does.

import type { Diagnostic } from '../../src/model/diagnostic.ts';
import type { SourceRange } from '../../src/model/origin.ts';
import type { SourceFile } from '../../src/spec/source.ts';

/** What is wrong with a place, or undefined. */
export type Judge = (range: SourceRange) => string | undefined;

export function judgePlaces(files: readonly SourceFile[]): Judge {
  const lines = new Map(files.map(({ path, text }) => [path, { text, starts: startsOf(text) }]));
  return ({ file, start, end }) => {
    const source = lines.get(file);
    if (source === undefined) return `${file} is no file of the spec`;
    const { text, starts } = source;
    if (!(0 <= start.offset && start.offset <= end.offset && end.offset <= text.length)) {
      return `${file} ${start.offset}–${end.offset} is not within 0–${text.length}`;
    }
    for (const { line, column, offset } of [start, end]) {
      const from = starts[line - 1];
      if (from === undefined || offset < from || offset >= (starts[line] ?? text.length + 1)) {
        return `${file}: offset ${offset} is not on line ${line}`;
      }
      const counted = charactersIn(text.slice(from, offset)) + 1;
      if (column !== counted) return `${file}: offset ${offset} is column ${counted}, and not ${column}`;
    }
    return undefined;
  };
}

/** Of a diagnostic: where it is, what is related to it, and what its fixes replace. */
export function placesOf({ range, related = [], fixes = [] }: Diagnostic): readonly SourceRange[] {
  const edited = fixes.flatMap((fix) => fix.edits.map((edit) => edit.range));
  return [...(range === undefined ? [] : [range]), ...related.map((place) => place.range), ...edited];
}

/** Of the units of a pair the second begins no character. */
function charactersIn(text: string): number {
  return text.length - (text.match(PAIR)?.length ?? 0);
}

const PAIR = /[\uD800-\uDBFF][\uDC00-\uDFFF]/g;

function startsOf(text: string): readonly number[] {
  const starts = [text.startsWith('\uFEFF') ? 1 : 0];
  for (const { index } of text.matchAll(/\n/g)) starts.push(index + 1);
  return starts;
}
