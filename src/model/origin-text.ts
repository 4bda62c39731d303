// Owns an Origin as a text: what a store keeps of it and one thread hands to another, many to a packet. Never looks a place up.

import { compareText } from './address.ts';
import type { Entity } from './entity.ts';
import {
  type Origin,
  originWhenAsked,
  type Position,
  type SourceRange,
  type StoredOrigin,
  storedOrigin,
} from './origin.ts';
import { secretsWithin } from './settings.ts';

/** `LINE:COLUMN:OFFSET-LINE:COLUMN:OFFSET`: a third of what it takes as members, and an entity has dozens. */
function spellSpan({ start, end }: SourceRange): string {
  return `${spellPosition(start)}-${spellPosition(end)}`;
}

function spellPosition({ line, column, offset }: Position): string {
  return `${line}:${column}:${offset}`;
}

/** `FILE:LINE:COLUMN:OFFSET-LINE:COLUMN:OFFSET`. */
export function spellRange(range: SourceRange): string {
  return `${range.file}:${spellSpan(range)}`;
}

const SPELLED = /^(?:(.+):)?(\d+):(\d+):(\d+)-(\d+):(\d+):(\d+)$/s;

/** What spellRange says, or of a place in a file that is known, spellSpan. Throws a TypeError for anything else. */
export function readRange(text: string, known?: string): SourceRange {
  const [, file = known, ...numbers] = SPELLED.exec(text) ?? [];
  const [line, column, offset, lastLine, lastColumn, lastOffset] = numbers.map(Number);
  if (file === undefined) throw new TypeError(`no place: ${text}`);
  const position = (...[at = 1, from = 1, after = 0]: (number | undefined)[]): Position => ({
    line: at,
    column: from,
    offset: after,
  });
  return { file, start: position(line, column, offset), end: position(lastLine, lastColumn, lastOffset) };
}

/**
 * JSON: spelled places by pointer, in the order of the pointers, whatever that of the entity's keys is; those in the file of the whole
 * leave it out. Equal origins are equal texts.
 */
export function writeOrigin(stored: StoredOrigin): string {
  const home = stored['']?.file;
  const members = Object.entries(stored)
    .sort(([a], [b]) => compareText(a, b))
    .map(([pointer, range]) => {
      const place = pointer !== '' && range.file === home ? spellSpan(range) : spellRange(range);
      return `${JSON.stringify(pointer)}:${JSON.stringify(place)}`;
    });
  return `{${members.join(',')}}`;
}

/** What writeOrigin wrote, or a store of version 4, which had ranges as members. Throws a SyntaxError, or a TypeError, for anything else. */
export function readOrigin(text: string): StoredOrigin {
  const members = Object.entries(JSON.parse(text) as Readonly<Record<string, string | SourceRange>>);
  let home: string | undefined;
  const places = members.map(([pointer, place]) => {
    const range = typeof place === 'string' ? readRange(place, home) : place;
    if (pointer === '') home = range.file;
    return [pointer, range] as const;
  });
  // All that is asked for ends there.
  if (home === undefined) throw new TypeError('no place of the whole');
  return Object.fromEntries(places);
}

/** The Origin of a text, which is read when it is asked for. `read` is readOrigin, or that with errors of its own. */
export function originOfText(text: () => string, read: (text: string) => StoredOrigin = readOrigin): Origin {
  return Object.assign(
    originWhenAsked(() => read(text())),
    { text },
  );
}

/** The text of an Origin: what it is read from, where it is. With the references to secrets, at which one that is missing is told. */
export function textOf(entity: Entity, origin: Origin): string {
  const known = origin.text?.();
  if (known !== undefined) return known;
  const references = secretsWithin(entity).flatMap(({ pointer, secret }) =>
    Object.keys(secret).map((key) => `${pointer}/${key}`),
  );
  return writeOrigin({
    ...storedOrigin(entity, origin),
    ...Object.fromEntries(references.map((pointer) => [pointer, origin(pointer)])),
  });
}
