// Owns what entities rest on that others of their kind and site share: defaults, which are written outside of them. Never
// knows what a default says.

import type { Step } from '../access/decision.ts';
import { type Address, kindOf, methodAddress, siteOf } from '../model/address.ts';
import type { Entity } from '../model/entity.ts';
import type { SourceRange } from '../model/origin.ts';
import type { ComparedSide } from './compared.ts';

export interface Inheritance {
  /** Whether the link stands on the side by a default, written at that place. */
  isDefault(side: ComparedSide, link: Link, range: SourceRange): boolean;
  /** Whether something else of the same kind and site has the like of it on the side, written outside of it too. */
  hasLike(side: ComparedSide, link: Link, range: SourceRange): boolean;
}

type Link = Pick<Step, 'relation' | 'from' | 'to'>;

/** What a side is asked about is looked for once, and no further than to where it is found. */
export function inheritance(): Inheritance {
  const known = new Map<ComparedSide, (link: Link) => Siblings>();
  const siblingsOn = (side: ComparedSide, link: Link): Siblings => {
    const siblings = known.get(side) ?? siblingsOf(side);
    known.set(side, siblings);
    return siblings(link);
  };
  return {
    isDefault(side, link, range) {
      const name = side.origins.get(side.own(link.from))?.('');
      if (name === undefined || isBelow(range, name)) return false;
      if (link.relation === 'has_method' && range.file === name.file) return true;
      return siblingsOn(side, link).count(placeKey(range), 2);
    },
    hasLike: (side, link, range) => siblingsOn(side, link).count(linkKey(link, range), 1),
  };
}

/** The links of one kind of entity in one site that are written outside of it, walked as far as somebody asked. */
interface Siblings {
  /** Whether there are so many of that key. */
  count(key: string, wanted: number): boolean;
}

function siblingsOf(side: ComparedSide): (link: Link) => Siblings {
  const families = new Map<string, Address[]>();
  for (const address of side.state.keys()) {
    const family = families.get(familyOf(address));
    if (family === undefined) families.set(familyOf(address), [address]);
    else family.push(address);
  }
  const walked = new Map<string, Siblings>();
  return ({ from }) => {
    const family = familyOf(from);
    const siblings = walked.get(family) ?? walk(side, families.get(family) ?? []);
    walked.set(family, siblings);
    return siblings;
  };
}

function walk({ state, origins }: ComparedSide, family: readonly Address[]): Siblings {
  const counts = new Map<string, number>();
  const note = (key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
  let next = 0;
  const step = (address: Address): void => {
    const [entity, origin] = [state.get(address), origins.get(address)];
    if (entity === undefined || origin === undefined) return;
    const name = origin('');
    for (const [pointer, { relation, to }] of linksOf(entity)) {
      const range = origin(pointer);
      if (isBelow(range, name)) continue;
      note(placeKey(range));
      note(linkKey({ relation, from: address, to }, range));
    }
  };
  return {
    count(key, wanted) {
      while ((counts.get(key) ?? 0) < wanted && next < family.length) step(family[next++] as Address);
      return (counts.get(key) ?? 0) >= wanted;
    },
  };
}

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

function familyOf(address: Address): string {
  return `${kindOf(address)}:${siteOf(address) ?? ''}`;
}

/** What an entity writes itself stands below its name, in the same file. */
function isBelow({ file, start }: SourceRange, name: SourceRange): boolean {
  return file === name.file && start.offset >= name.start.offset;
}

/** A file may have become longer above a default. What opens an application may be written at the group, one by one. */
function linkKey({ relation, to }: Link, { file, start }: SourceRange): string {
  return [relation, to, relation === 'has_method' ? '' : start.offset, file].join(' ');
}

function placeKey({ file, start, end }: SourceRange): string {
  return `${start.offset} ${end.offset} ${file}`;
}
