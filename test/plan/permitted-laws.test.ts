// The laws of what a plan says of permissions: for random States it equals a naive reading, asked for every client and user.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../src/model/address.ts';
import { EMPTY_STATE, type State } from '../../src/model/state.ts';
import type { PermissionChange } from '../../src/plan/plan.ts';
import { loginPairs, loginStates } from '../access/login-states.ts';
import { naivePermissions, upFrom } from '../access/naive-roles.ts';
import { naiveUserGrant } from '../access/naive-user-grant.ts';
import { NOW } from '../model/state-arbitrary.ts';
import { planOf } from './make.ts';

const GRANTS = ['authorization_code', 'implicit', 'password'];

const customersOf = (state: State) => [...state.keys()].filter((address) => address.startsWith('customer:'));

/** All that clients may do for users now, as `CLIENT FUNCTION CUSTOMER by USER`; what counts for all as for each and as for all. */
function permitted(state: State): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [client, { kind }] of state) {
    if (kind !== 'application') continue;
    for (const [user, entity] of state) {
      if (entity.kind !== 'user') continue;
      for (const method of entity.methods ?? []) {
        const isLetIn = GRANTS.some((grant_type) =>
          [undefined, ['openid']].some(
            (scope) => naiveUserGrant(state, { client, user, grant_type, scope, method }, NOW).allowed,
          ),
        );
        for (const one of (isLetIn && naivePermissions(state, client, user, method, NOW)) || []) {
          const [name = '', customer = ''] = one.split(' ');
          for (const told of expanded(state, customer)) found.add(`${client} ${name} ${told} by ${user}`);
        }
      }
    }
  }
  return found;
}

/** What counts for a customer counts for those below it, and what counts for all for each. */
function expanded(state: State, customer: string): readonly string[] {
  const all = customersOf(state);
  if (customer === '') return ['', ...all.map((one) => one.slice('customer:'.length))];
  const below = all.filter((one) => upFrom(state, one as Address).includes(`customer:${customer}` as Address));
  return [...new Set([customer, ...below.map((one) => one.slice('customer:'.length))])];
}

function told(state: State, changes: readonly PermissionChange[], effect: PermissionChange['effect']): Set<string> {
  const rows = changes.filter((change) => change.effect === effect && change.otherwise === undefined);
  return new Set(
    rows.flatMap(({ client, functions, customer, users }) =>
      (users?.users ?? []).flatMap((user) =>
        functions.flatMap((name) =>
          expanded(state, customer?.slice('customer:'.length) ?? '').map(
            (one) => `${client} ${name} ${one} by ${user}`,
          ),
        ),
      ),
    ),
  );
}

const beyond = (one: ReadonlySet<string>, other: ReadonlySet<string>) =>
  [...one].filter((key) => !other.has(key)).sort();

describe('what a plan says of permissions', () => {
  it('is what a naive reading finds on both sides, for each client, user, function and customer', () => {
    const seen = { grant: 0, revoke: 0, together: 0 };
    fc.assert(
      fc.property(loginPairs, ([before, after]) => {
        const { permissions } = planOf(before, after, NOW);
        const [was, is] = [permitted(before), permitted(after)];
        expect(beyond(told(after, permissions, 'grant'), was)).toEqual(beyond(is, was));
        expect(beyond(told(before, permissions, 'revoke'), is)).toEqual(beyond(was, is));
        for (const { effect, users, functions } of permissions) {
          seen[effect] += 1;
          if (functions.length > 1 || (users?.users.length ?? 0) > 1) seen.together += 1;
        }
      }),
      { numRuns: 60 },
    );
    for (const number of Object.values(seen)) expect(number).toBeGreaterThan(2);
  });

  it('is told in full from an empty State, and not at all from a State to itself', () => {
    fc.assert(
      fc.property(loginStates, (state) => {
        const { permissions } = planOf(EMPTY_STATE, state, NOW);
        expect([...told(state, permissions, 'grant')].sort()).toEqual([...permitted(state)].sort());
        expect(planOf(state, state, NOW).permissions).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});
