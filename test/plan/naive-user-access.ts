// Owns a naive answer to what every user can let every client obtain, at every instant: the oracle of the access diff for grants
// with a user. Imports src/model and a naive reading of algorithm B, and cares for clearness only.

import type { Address } from '../../src/model/address.ts';
import type { State } from '../../src/model/state.ts';
import { naiveUserGrant } from '../access/naive-user-grant.ts';
import { instantsAfter } from '../model/written-instants.ts';
import type { NaiveSpan } from './naive-access.ts';

const GRANTS = ['authorization_code', 'implicit', 'password'];

/**
 * What is held at `now` or later, as `CLIENT CLIENT_ID ADDRESS AUDIENCE by USER` and `CLIENT CLIENT_ID scope:NAME by USER`, by a
 * request for it alone or for everything: asked at each instant that is written anywhere in the State.
 */
export function naiveUserSpans(
  state: State,
  now: number,
  called: (address: Address) => Address = (address) => address,
  ip?: string,
): ReadonlyMap<string, NaiveSpan> {
  const instants = [now, ...instantsAfter(state, now)];
  const spans = new Map<string, NaiveSpan>();
  for (const [client, entity] of state) {
    if (entity.kind !== 'application') continue;
    for (const [user, { kind }] of state) {
      if (kind !== 'user') continue;
      for (const [position, instant] of instants.entries()) {
        const until = instants[position + 1] ?? Number.POSITIVE_INFINITY;
        for (const held of heldBy(state, client, user, instant, called, ip)) {
          const key = `${called(client)} ${entity.client_id} ${held} by ${called(user)}`;
          const from = spans.get(key)?.[0] ?? (instant === now ? Number.NEGATIVE_INFINITY : instant);
          spans.set(key, [from, until]);
        }
      }
    }
  }
  return spans;
}

function heldBy(
  state: State,
  client: Address,
  user: Address,
  now: number,
  called: (address: Address) => Address,
  ip: string | undefined,
): ReadonlySet<string> {
  const held = new Set<string>();
  for (const [address, entity] of state) {
    const value = entity.kind === 'application' ? entity.client_id : address.slice('scope:'.length);
    if (entity.kind !== 'application' && entity.kind !== 'scope') continue;
    for (const grant_type of GRANTS) {
      for (const scope of [[value], undefined]) {
        const answer = naiveUserGrant(state, { client, user, grant_type, scope, ip }, now);
        if (!answer.allowed) continue;
        if (entity.kind === 'scope' && answer.scopes.includes(value)) held.add(address);
        if (entity.kind === 'application' && answer.audiences.includes(value)) held.add(`${called(address)} ${value}`);
      }
    }
  }
  return held;
}
