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

/**
 * By the entity that they lead to, in the order of their holders and positions. Most entities are listed once: that one
 * stands without a list around it, which in a large State is a third of all that an index takes.
 */
export type Backlinks<Holder extends Address = Address> = LayeredMap<Address, Entry<Holder>>;

type Entry<Holder extends Address> = Backlink<Holder> | readonly Backlink<Holder>[];

/** What leads to an entity. */
export function linksTo<Holder extends Address>(
  backlinks: Backlinks<Holder>,
  to: Address,
): readonly Backlink<Holder>[] {
  return listOf(backlinks.get(to));
}

function listOf<Holder extends Address>(entry: Entry<Holder> | undefined): readonly Backlink<Holder>[] {
  if (entry === undefined) return [];
  return 'holder' in entry ? [entry] : entry;
}

/** The list of one entity. */
export type Links = readonly Link[] | undefined;

/** Takes the list of one more holder in. Holders come in their order. */
export function turnRound<Holder extends Address>(
  backlinks: Map<Address, Backlink<Holder> | Backlink<Holder>[]>,
  holder: Holder,
  links: Links,
): void {
  if (links === undefined) return;
  for (let position = 0; position < links.length; position += 1) {
    const link = links[position] as Link;
    const backlink = backlinkOf(holder, position, link);
    const known = backlinks.get(link.to);
    if (known === undefined) backlinks.set(link.to, backlink);
    else if ('holder' in known) backlinks.set(link.to, [known, backlink]);
    else known.push(backlink);
  }
}

function backlinkOf<Holder extends Address>(holder: Holder, position: number, link: Link): Backlink<Holder> {
  return { holder, position, end: periodOf(link).end };
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
  const edits = new Map<Address, Entry<Holder> | undefined>();
  const leadingTo = (to: Address) => (edits.has(to) ? listOf(edits.get(to)) : linksTo(backlinks, to));
  for (const { holder, before } of lists) {
    for (const { to } of before ?? []) {
      const others = leadingTo(to).filter((backlink) => backlink.holder !== holder);
      edits.set(to, others.length === 0 ? undefined : others);
    }
  }
  for (const { holder, after } of lists) {
    for (const [position, link] of (after ?? []).entries()) {
      const added = [...leadingTo(link.to), backlinkOf(holder, position, link)];
      edits.set(link.to, added.sort(compareBacklinks));
    }
  }
  return editLayered(backlinks, edits);
}

function compareBacklinks(a: Backlink, b: Backlink): number {
  return compareText(a.holder, b.holder) || a.position - b.position;
}
