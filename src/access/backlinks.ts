// Owns links turned round: who lists an entity, where in the list, and until when. Never follows them.

import { type Address, compareText } from '../model/address.ts';
import { periodOf } from '../model/duration.ts';
import type { Link } from '../model/entity.ts';
import { editLayered, type LayeredMap } from './layered-map.ts';

/** One link, told from the entity that it leads to. */
export interface Backlink<Holder extends Address = Address> {
  /** The entity in whose list it stands. */
  readonly holder: Holder;
  readonly position: number;
  /** Milliseconds since the epoch; infinite where it has no end. */
  readonly end: number;
}

/** By the entity that they lead to, in the order of their holders and positions. */
export type Backlinks<Holder extends Address = Address> = LayeredMap<Address, readonly Backlink<Holder>[]>;

/** The list of one entity. */
export type Links = readonly Link[] | undefined;

/** Takes the list of one more holder in. Holders come in their order. */
export function turnRound<Holder extends Address>(
  backlinks: Map<Address, Backlink<Holder>[]>,
  holder: Holder,
  links: Links,
): void {
  if (links === undefined) return;
  for (const [position, link] of links.entries()) {
    const known = backlinks.get(link.to);
    const backlink = { holder, position, end: periodOf(link).end };
    // Most entities are listed once: a list made with its one entry takes no more room than that.
    if (known === undefined) backlinks.set(link.to, [backlink]);
    else known.push(backlink);
  }
}

/** What became of the list of one holder. */
export interface ListEdit<Holder extends Address> {
  readonly holder: Holder;
  readonly before: Links;
  readonly after: Links;
}

/** The same links after some lists were edited. What was given stays as it is. */
export function editBacklinks<Holder extends Address>(
  backlinks: Backlinks<Holder>,
  lists: readonly ListEdit<Holder>[],
): Backlinks<Holder> {
  const edits = new Map<Address, readonly Backlink<Holder>[] | undefined>();
  const leadingTo = (to: Address) => (edits.has(to) ? edits.get(to) : backlinks.get(to)) ?? [];
  for (const { holder, before } of lists) {
    for (const { to } of before ?? []) {
      const others = leadingTo(to).filter((backlink) => backlink.holder !== holder);
      edits.set(to, others.length === 0 ? undefined : others);
    }
  }
  for (const { holder, after } of lists) {
    for (const [position, link] of (after ?? []).entries()) {
      const added = [...leadingTo(link.to), { holder, position, end: periodOf(link).end }];
      edits.set(link.to, added.sort(compareBacklinks));
    }
  }
  return editLayered(backlinks, edits);
}

function compareBacklinks(a: Backlink, b: Backlink): number {
  return compareText(a.holder, b.holder) || a.position - b.position;
}
