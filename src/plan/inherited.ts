// Owns what entities rest on that others of their kind share: defaults, which are written outside of them. Never knows what
// a default says.

import type { Step } from '../access/decision.ts';
import { kindOf, methodAddress, siteOf } from '../model/address.ts';
import type { Entity } from '../model/entity.ts';
import type { Origin, SourceRange } from '../model/origin.ts';
import type { ComparedSide } from './compared.ts';

/** Whether an entity of the side has, by what is written outside of it, what a link of the other side has there. */
export type Inherits = (side: ComparedSide, link: Step, range: SourceRange) => boolean;

/** Each side is walked at most once, when something asks. */
export function inheritance(): Inherits {
  const known = new Map<ComparedSide, ReadonlySet<string>>();
  return (side, link, range) => {
    const inherited = known.get(side) ?? inheritedOf(side);
    known.set(side, inherited);
    return inherited.has(keyOf(link, range));
  };
}

/** Whether a member of an entity is written outside of it. */
export function isOutside(origin: Origin, { file, start, end }: SourceRange): boolean {
  const self = origin('');
  return file !== self.file || start.offset < self.start.offset || end.offset > self.end.offset;
}

function inheritedOf({ state, origins }: ComparedSide): ReadonlySet<string> {
  const inherited = new Set<string>();
  for (const [address, entity] of state) {
    const origin = origins.get(address);
    if (origin === undefined) continue;
    for (const [pointer, link] of linksOf(entity)) {
      const range = origin(pointer);
      if (isOutside(origin, range)) inherited.add(keyOf({ ...link, from: address }, range));
    }
  }
  return inherited;
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
function keyOf({ relation, from, to }: Link, { file, start }: SourceRange): string {
  const where = relation === 'has_method' ? '' : start.offset;
  return [relation, kindOf(from), siteOf(from), to, where, file].join(' ');
}
