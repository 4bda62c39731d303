// The laws of what a plan says is released: for random States it equals a naive reading of policies, asked for every
// application and user; and where it says that nothing is otherwise, no answer says otherwise.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Address, compareText, kindOf, nameOf } from '../../src/model/address.ts';
import type { Entity } from '../../src/model/entity.ts';
import type { Move } from '../../src/model/move.ts';
import { createState, EMPTY_STATE, type State } from '../../src/model/state.ts';
import { loginStates } from '../access/login-states.ts';
import { naiveUserGrant } from '../access/naive-user-grant.ts';
import { calledBy, movedPairs } from '../model/moved-arbitrary.ts';
import { NOW, statePairs, states } from '../model/state-arbitrary.ts';
import { planOf } from './make.ts';
import { instantsOf, naiveReleaseChanges, naiveReleases } from './naive-released.ts';

const SCOPES = ['openid', 'WS', 'East.a', 'East.b', 'West.a'];

function expected(
  before: State,
  after: State,
  called: (address: Address) => Address = (address) => address,
): readonly string[] {
  const methods = new Set([...[...before.keys()].map(called), ...after.keys()].filter((at) => kindOf(at) === 'method'));
  const asked = {
    instants: instantsOf([before, after], NOW),
    scopes: SCOPES,
    methods: [...methods].map((address) => nameOf(address)),
  };
  return naiveReleaseChanges(naiveReleases(before, asked, called), naiveReleases(after, asked));
}

/** Each user of a row by itself. */
function spoken(before: State, after: State, moves: readonly Move[] = []): readonly string[] {
  const { released } = planOf(before, after, NOW, [], moves);
  return released
    .flatMap(({ effect, application, name, users }) => users.map((user) => `${effect} ${application} ${name} ${user}`))
    .sort(compareText);
}

const attributes = fc.option(
  fc.dictionary(fc.constantFrom('mail', 'a.b'), fc.constantFrom('x', 'y', 'z', '', ['x', 'y'])),
  { nil: undefined },
);

/** Two States of which some users have other attributes in the second, or some policies the items of another one. */
const editedPairs = (of: fc.Arbitrary<State>): fc.Arbitrary<readonly [before: State, after: State]> =>
  fc
    .tuple(of, of, fc.array(attributes, { minLength: 1, maxLength: 4 }), fc.nat(3))
    .map(([before, other, some, pick]) => {
      const after = [...before].map(([address, entity], position): [Address, Entity] => {
        if (position % 4 === pick) return [address, entity];
        if (entity.kind === 'user') {
          const { attributes: _, ...others } = entity;
          const told = some[position % some.length];
          return [address, { ...others, ...(told === undefined ? {} : { attributes: told }) }];
        }
        const found = other.get(address);
        if (entity.kind !== 'policy' || found?.kind !== 'policy') return [address, entity];
        const items = (found.items ?? []).filter(({ group }) => isThere(before, group));
        return [address, { ...entity, items }];
      });
      return [before, createState(after)] as const;
    });

function isThere(state: State, group: Address | undefined): boolean {
  return group === undefined || nameOf(group) === 'everyone' || state.has(group);
}

/** What each answer about a user tells each audience, by its request: values in any form and order. */
function answers(state: State): ReadonlyMap<string, readonly string[]> {
  const told = new Map<string, readonly string[]>();
  const users = [...state].flatMap(([address, { kind }]) => (kind === 'user' ? [address] : []));
  for (const [client, entity] of state) {
    if (entity.kind !== 'application') continue;
    for (const user of users) {
      for (const grant_type of ['authorization_code', 'password']) {
        for (const scope of [undefined, ...SCOPES.map((one) => [one]), ['openid', 'WS', entity.client_id]]) {
          const answer = naiveUserGrant(state, { client, user, grant_type, scope }, NOW);
          const values = answer.allowed ? answer.attributes : {};
          for (const [audience, all] of Object.entries(values)) {
            for (const [name, one] of Object.entries(all)) {
              told.set([client, user, grant_type, scope, audience, name].join(' '), [one].flat().sort());
            }
          }
        }
      }
    }
  }
  return told;
}

describe('what a plan says is released', () => {
  it('is what a naive reading finds, asked for each application, user, scope, method and instant on both sides', () => {
    const told = { add: 0, change: 0, remove: 0, together: 0, anew: 0 };
    fc.assert(
      fc.property(fc.oneof(statePairs, editedPairs(states)), ([before, after]) => {
        expect(spoken(before, after)).toEqual(expected(before, after));
        for (const { effect, users, ...row } of planOf(before, after, NOW).released) {
          told[effect] += 1;
          if (users.length > 1) told.together += 1;
          if (JSON.stringify(row.before) === JSON.stringify(row.after)) told.anew += 1;
        }
      }),
      { numRuns: 120 },
    );
    // The law is about something.
    for (const amount of Object.values(told)) expect(amount, JSON.stringify(told)).toBeGreaterThan(0);
  });

  it('is told in full from an empty State, and not at all from a State to itself', () => {
    fc.assert(
      fc.property(states, (state) => {
        expect(spoken(EMPTY_STATE, state)).toEqual(expected(EMPTY_STATE, state));
        expect(spoken(state, EMPTY_STATE)).toEqual(expected(state, EMPTY_STATE));
        expect(planOf(state, state, NOW).released).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('is the same where entities are only called otherwise', () => {
    fc.assert(
      fc.property(movedPairs, ({ before, after, moves, followed }) => {
        const called = calledBy(followed);
        expect(spoken(before, after, moves)).toEqual(expected(before, after, called));
      }),
      { numRuns: 60 },
    );
  });

  it('leaves nothing out: where neither access nor a release changes, every answer tells what it told', () => {
    const met = { alike: 0, told: 0 };
    fc.assert(
      fc.property(fc.oneof(editedPairs(states), editedPairs(loginStates)), ([before, after]) => {
        const { access, released, changes } = planOf(before, after, NOW);
        if (changes.length === 0 || access.length > 0 || released.length > 0) return;
        const was = answers(before);
        expect(answers(after)).toEqual(was);
        met.alike += 1;
        if (was.size > 0) met.told += 1;
      }),
      { numRuns: 300 },
    );
    // The law is about something.
    for (const amount of Object.values(met)) expect(amount, JSON.stringify(met)).toBeGreaterThan(2);
  });

  it('names each user of a row once, in their order, and stands in one order without equals', () => {
    fc.assert(
      fc.property(statePairs, ([before, after]) => {
        const { released } = planOf(before, after, NOW);
        for (const { users } of released) expect([...new Set(users)].sort(compareText)).toEqual(users);
        const keys = released.map(({ application, name, effect, through = '', users }) =>
          [application, name, effect, through, users[0]].join('\n'),
        );
        expect(new Set(keys).size).toBe(keys.length);
        expect(planOf(before, after, NOW).released).toEqual(released);
      }),
      { numRuns: 60 },
    );
  });
});
