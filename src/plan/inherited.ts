// Owns what entities rest on that others of their kind share: defaults, which are written outside of them. Never knows what
// a default says.

import type { Step } from '../access/decision.ts';
import { kindOf, methodAddress, siteOf } from '../model/address.ts';
import type { Entity } from '../model/entity.ts';
import type { SourceRange } from '../model/origin.ts';
import type { ComparedSide } from './compared.ts';

export interface Inheritance {
  /** Whether the link stands on the side by a default, written at that place. */
  isDefault(side: ComparedSide, link: Link, range: SourceRange): boolean;
  /** Whether the side has the like of it by a default too. */
  hasLike(side: ComparedSide, link: Link, range: SourceRange): boolean;
}

/** Each side is walked at most once, when something asks. */
export function inheritance(): Inheritance {
  const known = new Map<ComparedSide, Inherited>();
  const inheritedOf = (side: ComparedSide) => {
    const inherited = known.get(side) ?? inheritedBy(side);
    known.set(side, inherited);
    return inherited;
  };
  return {
    isDefault: (side, { from, relation }, range) =>
      inheritedOf(side).shared.has(placeKey(range)) ||
      (relation === 'has_method' && isAbove(range, side.origins.get(side.own(from))?.(''))),
    hasLike: (side, link, range) => inheritedOf(side).links.has(linkKey(link, range)),
  };
}

interface Inherited {
  /** Places that give several entities something. */
  readonly shared: ReadonlySet<string>;
  /** What is there by such places, and by those that stand above the names of whom they are for. */
  readonly links: ReadonlySet<string>;
}

function inheritedBy({ state, origins }: ComparedSide): Inherited {
  const found: { readonly link: string; readonly place: string; readonly isAbove: boolean }[] = [];
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const [address, entity] of state) {
    const origin = origins.get(address);
    if (origin === undefined) continue;
    for (const [pointer, { relation, to }] of linksOf(entity)) {
      const range = origin(pointer);
      const place = placeKey(range);
      if (seen.has(place)) shared.add(place);
      seen.add(place);
      const above = relation === 'has_method' && isAbove(range, origin(''));
      found.push({ link: linkKey({ relation, from: address, to }, range), place, isAbove: above });
    }
  }
  return {
    shared,
    links: new Set(found.filter((one) => one.isAbove || shared.has(one.place)).map(({ link }) => link)),
  };
}

/** What an entity writes itself stands below its name. */
function isAbove({ file, start }: SourceRange, name: SourceRange | undefined): boolean {
  return name !== undefined && file === name.file && start.offset < name.start.offset;
}

type Link = Pick<Step, 'relation' | 'from' | 'to'>;

function linksOf(entity: Entity): readonly (readonly [pointer: string, Pick<Link, 'relation' | 'to'>])[] {
  const methods = ('methods' in entity ? entity.methods : undefined) ?? [];
  const groups = (entity.kind === 'application' ? entity.allowed_to : undefined) ?? [];
  return [
    ...methods.map(
      (name, position) => [`/methods/${position}`, { relation: 'has_method', to: methodAddress(name) }] as const,
    ),
    ...groups.map(({ to }, position) => [`/allowed_to/${position}`, { relation: 'open_to', to }] as const),
  ];
}

/** A file may have become longer above a default. What opens an application may be written at the group, one by one. */
function linkKey({ relation, from, to }: Link, { file, start }: SourceRange): string {
  const where = relation === 'has_method' ? '' : start.offset;
  return [relation, kindOf(from), siteOf(from), to, where, file].join(' ');
}

function placeKey({ file, start, end }: SourceRange): string {
  return `${start.offset} ${end.offset} ${file}`;
}
