// The laws of what a plan says of users: for random States it equals a naive reading of algorithm B, asked for every user.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareText, scopeAddress } from '../../src/model/address.ts';
import type { Move } from '../../src/model/move.ts';
import { EMPTY_STATE, type State } from '../../src/model/state.ts';
import type { AccessChange } from '../../src/plan/plan.ts';
import { loginPairs } from '../access/login-states.ts';
import { calledBy, movedPairs } from '../model/moved-arbitrary.ts';
import { NOW, statePairs, states } from '../model/state-arbitrary.ts';
import { planOf } from './make.ts';
import { naiveChanges } from './naive-access.ts';
import { naiveUserSpans } from './naive-user-access.ts';
import { CALLERS, mixesNetworks, seenFrom } from './seen-from.ts';

const ofUsers = (before: State, after: State, moves: readonly Move[] = []) =>
  planOf(before, after, NOW, [], moves).access.filter(({ users }) => users !== undefined);

/** Each user of a row by itself, as `naiveChanges` says it. */
function spoken(change: AccessChange, ip?: string): readonly string[] {
  const { effect, client, client_id, audience, scope, held, users } = change;
  const what = scope === undefined ? `${held.application} ${audience}` : scopeAddress(scope);
  const seen = seenFrom(change, ip);
  if (seen === undefined) return [];
  return (users?.users ?? []).map((user) => `${effect} ${client} ${client_id} ${what} by ${user} ${seen}`);
}

describe('what a plan says of users', () => {
  it('is what a naive reading of algorithm B finds, asked for each client, user, target and instant on both sides', () => {
    const told = { grants: 0, revokes: 0, together: 0, scopes: 0, later: 0 };
    fc.assert(
      fc.property(statePairs, fc.nat(4), ([before, after], pick) => {
        const access = ofUsers(before, after);
        const isMixed = mixesNetworks(before) || mixesNetworks(after);
        for (const ip of isMixed ? [undefined] : [undefined, CALLERS[pick % CALLERS.length]]) {
          expect(access.flatMap((change) => spoken(change, ip)).sort()).toEqual(
            naiveChanges(naiveUserSpans(before, NOW, undefined, ip), naiveUserSpans(after, NOW, undefined, ip)),
          );
        }
        told.grants += access.filter(({ effect }) => effect === 'grant').length;
        told.revokes += access.filter(({ effect }) => effect === 'revoke').length;
        told.together += access.filter(({ users }) => (users?.users.length ?? 0) > 1).length;
        told.scopes += access.filter(({ scope }) => scope !== undefined).length;
        told.later += access.filter(({ from, otherwise }) => from !== undefined || otherwise !== undefined).length;
      }),
      { numRuns: 150 },
    );
    // The law is about something.
    for (const amount of Object.values(told)) expect(amount).toBeGreaterThan(2);
  });

  it('is what a naive reading finds of users with roles, for customers, and of clients that require one', () => {
    const told = { grants: 0, revokes: 0, roles: 0 };
    fc.assert(
      fc.property(loginPairs, ([before, after]) => {
        const access = ofUsers(before, after);
        if (mixesNetworks(before) || mixesNetworks(after)) return;
        expect(access.flatMap((change) => spoken(change)).sort()).toEqual(
          naiveChanges(naiveUserSpans(before, NOW), naiveUserSpans(after, NOW)),
        );
        told.grants += access.filter(({ effect }) => effect === 'grant').length;
        told.revokes += access.filter(({ effect }) => effect === 'revoke').length;
        told.roles += access.filter(({ held }) => held.chain.some(({ relation }) => relation === 'requires')).length;
      }),
      { numRuns: 60 },
    );
    for (const amount of Object.values(told)) expect(amount).toBeGreaterThan(2);
  });

  it('is told in full from an empty State, and not at all from a State to itself', () => {
    fc.assert(
      fc.property(states, (state) => {
        expect(
          ofUsers(EMPTY_STATE, state)
            .flatMap((change) => spoken(change))
            .sort(),
        ).toEqual(naiveChanges(new Map(), naiveUserSpans(state, NOW)));
        expect(ofUsers(state, state)).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('is the same where entities are only called otherwise', () => {
    fc.assert(
      fc.property(movedPairs, ({ before, after, moves, followed }) => {
        const called = calledBy(followed);
        expect(
          ofUsers(before, after, moves)
            .flatMap((change) => spoken(change))
            .sort(),
        ).toEqual(naiveChanges(naiveUserSpans(before, NOW, called), naiveUserSpans(after, NOW)));
      }),
      { numRuns: 60 },
    );
  });

  it('names each user of a row once, in their order, and stands in one order without equals', () => {
    fc.assert(
      fc.property(statePairs, ([before, after]) => {
        const { access } = planOf(before, after, NOW);
        for (const { users } of access) {
          if (users === undefined) continue;
          expect([...new Set(users.users)].sort(compareText)).toEqual(users.users);
        }
        expect(planOf(before, after, NOW).access).toEqual(access);
      }),
      { numRuns: 60 },
    );
  });
});
