// Owns places and instants in a plan document, both ways. Never looks one up.

import { type Address, compareText } from '../model/address.ts';
import { originFrom, type Position, type SourceRange, type StoredOrigin } from '../model/origin.ts';
import { readRange, spellRange } from '../model/origin-text.ts';
import type { PlanJson, ResourceChangeJson } from './json-types.ts';
import type { Places } from './text-changes.ts';

/** Member by member: what a range may hold one day does not enter the contract by itself. */
export function sourceToJson({ file, start, end }: SourceRange): SourceRange {
  return { file, start: positionToJson(start), end: positionToJson(end) };
}

function positionToJson({ line, column, offset }: Position): Position {
  return { line, column, offset };
}

/** As the member `source`, absent where the place is not known. */
export function sourceMember(range: SourceRange | undefined): { readonly source?: SourceRange } {
  return range === undefined ? {} : { source: sourceToJson(range) };
}

/** Each place as spellRange spells it, whatever file it is in: a document is read by others, too. */
export function originToJson(origin: StoredOrigin): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(origin)
      // Not in the order of the entity's keys: a State that was stored has another one.
      .sort(([a], [b]) => compareText(a, b))
      .map(([pointer, range]) => [pointer, spellRange(range)]),
  );
}

/** Throws a TypeError for what no plan document has. */
export function originFromJson(json: Readonly<Record<string, string>>): StoredOrigin {
  return Object.fromEntries(Object.entries(json).map(([pointer, text]) => [pointer, readRange(text)]));
}

/** RFC 3339 in UTC, of milliseconds since the epoch. */
export function instantToJson(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

export function instantFromJson(text: string): number {
  return Date.parse(text);
}

/** The places that a document knows: of all that its text tells, and of each member of what its changes lead to. */
export function placesFromJson({ origins = {}, resource_changes, access_changes, drift }: PlanJson): Places {
  const before = new Map<Address, StoredOrigin>();
  const after = new Map<Address, StoredOrigin>();
  for (const json of resource_changes) {
    const isDelete = json.change.actions[0] === 'delete';
    const members = isDelete ? undefined : origins[json.address];
    note(isDelete ? before : after, json, members === undefined ? {} : originFromJson(members));
  }
  for (const { cause } of access_changes) {
    const { address, pointer, present } = cause;
    // Of an entity that does not change no other place is known.
    if (present !== undefined) after.set(address, { '': present, ...after.get(address), [pointer]: present });
  }
  // What is in the store is written where it was when it was applied.
  for (const json of drift?.resource_changes ?? []) note(before, json, {});
  return {
    beforeOrigins: originsFrom(before),
    afterOrigins: originsFrom(after),
  };
}

function note(
  into: Map<Address, StoredOrigin>,
  { address, change, source }: ResourceChangeJson,
  members: StoredOrigin | Readonly<Record<string, never>>,
): void {
  if (source === null) return;
  const paths = change.paths.flatMap((path) => (path.source === undefined ? [] : [[path.path, path.source] as const]));
  into.set(address, { ...members, ...Object.fromEntries(paths), '': source, ...into.get(address) });
}

function originsFrom(stored: ReadonlyMap<Address, StoredOrigin>): Places['afterOrigins'] {
  return new Map([...stored].map(([address, origin]) => [address, originFrom(origin)]));
}
