// Owns random States in which access is mostly given, by several ways that end at a few instants: what the laws about
// ends are tried on. The States of test/model hold every other rule, and seldom give two ways to one thing.

import fc from 'fast-check';
import { type Address, groupAddress } from '../../src/model/address.ts';
import type { Entity, Link } from '../../src/model/entity.ts';
import { createState, type State } from '../../src/model/state.ts';
import { CLIENT1, EX2, METHOD, SERVER1, SERVER2, USER1 } from '../model/example-state.ts';
import { NOW } from '../model/state-arbitrary.ts';

const DAY = 86_400_000;
const GROUPS = ['A', 'B', 'C', 'D'].map((name) => groupAddress('Example', name));
const INSTANTS = [0, 1, 2, 3, 4, 5].map((day) => NOW + day * DAY);

/** Half of what may end does. */
const ends = fc.option(
  fc.constantFrom(...INSTANTS).map((instant) => new Date(instant).toISOString()),
  { nil: undefined, freq: 2 },
);

/** Any instant around those at which something ends, often one of them or a neighbour of it. */
export const instants: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(...INSTANTS).chain((instant) => fc.constantFrom(instant - 1, instant, instant + 1)),
  fc.integer({ min: NOW - DAY, max: NOW + 7 * DAY }),
);

function linksTo<To extends Address>(targets: readonly To[]): fc.Arbitrary<Link<To>[]> {
  const links = targets.map((to) =>
    fc.tuple(fc.boolean(), ends).map(([there, expires]) => ({ there, ...link(to, expires) })),
  );
  return fc.tuple(...links).map((all) => all.filter(({ there }) => there).map(({ there: _, ...written }) => written));
}

function link<To extends Address>(to: To, expires: string | undefined): Link<To> {
  return expires === undefined ? { to } : { to, expires };
}

const ended = (expires: string | undefined) => (expires === undefined ? {} : { expires });

/** Client1 as User1 at Server1 and Server2, through four groups in any nesting; some groups list another method. */
export const endingStates: fc.Arbitrary<State> = fc
  .record({
    groups: fc.tuple(
      ...GROUPS.map(() => fc.tuple(linksTo([USER1, ...GROUPS]), fc.constantFrom([], [], [METHOD], ['password.1']))),
    ),
    open: fc.tuple(linksTo(GROUPS), linksTo(GROUPS), linksTo(GROUPS)),
    applications: fc.tuple(ends, ends, ends),
    user: ends,
    impersonation: ends,
    audience_mode: fc.constantFrom('narrow' as const, 'narrow' as const, 'strict' as const),
  })
  .map(({ groups, open, applications, user, impersonation, audience_mode }) => {
    const entities = new Map<Address, Entity>(EX2);
    for (const [position, address] of [CLIENT1, SERVER1, SERVER2].entries()) {
      const entity = EX2.get(address);
      if (entity?.kind !== 'application') throw new Error(`the example has no ${address}`);
      const allowed_to = open[position] ?? [];
      entities.set(address, { ...entity, allowed_to, ...ended(applications[position]), audience_mode });
    }
    for (const [position, address] of GROUPS.entries()) {
      const [members, methods] = groups[position] ?? [[], []];
      entities.set(address, { kind: 'group', methods, members });
    }
    const impersonated_by = [link(CLIENT1, impersonation)];
    entities.set(USER1, { kind: 'user', sub: 'User1', methods: [METHOD], ...ended(user), impersonated_by });
    return createState(entities);
  });
