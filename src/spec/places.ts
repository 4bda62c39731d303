// Owns where each value of an entity was written. Never decides a value.

import type { PlacedLink } from './links.ts';
import { type Entry, type Span, spanAt, spanOfEntry } from './tree.ts';

export interface Places {
  /** The entity's own name. */
  readonly self: Span;
  /** By key of the entity: the entity's own entry, or that of the defaults that fill it. */
  readonly entries: ReadonlyMap<string, Entry>;
  /** By key that no file gives: where an overlay removed it. */
  readonly removed?: ReadonlyMap<string, Span>;
  /** By key of the giving end: its links in State's order, each where it was written. */
  readonly links: ReadonlyMap<string, readonly PlacedLink[]>;
}

/** The span of what the steps of an entity's pointer lead to, or of its nearest parent that was written. */
export function placeAt(places: Places, steps: readonly string[]): Span {
  const [key, ...rest] = steps;
  if (key === undefined) return places.self;
  const entry = places.entries.get(key);
  const nothing = (entry === undefined ? places.removed?.get(key) : undefined) ?? places.self;
  const links = places.links.get(key);
  if (links !== undefined) {
    const link = rest[0] === undefined ? undefined : links[Number(rest[0])];
    if (link !== undefined) return rest[1] === 'expires' ? link.endSpan : link.span;
    return entry === undefined ? nothing : spanOfEntry(entry);
  }
  return entry === undefined ? nothing : spanAt(entry.value, rest, spanOfEntry(entry));
}
