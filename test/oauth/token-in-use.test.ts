// What is left of a token when it is used, beyond what introspection.test.ts shows from outside.

import { describe, expect, it } from 'vitest';
import { userAddress } from '../../src/model/address.ts';
import type { AccessTokenRecord } from '../../src/oauth/port.ts';
import type { Snapshot } from '../../src/oauth/snapshot.ts';
import { useToken as usePresented } from '../../src/oauth/token-in-use.ts';
import { added, CLIENT1, edited, GROUP1, METHOD, USER1 } from '../model/example-state.ts';
import { AUTHORIZED, NOW, NOW_SECONDS, SINGLE, snapshotOf } from './fixture.ts';

const RECORD: AccessTokenRecord = {
  id: 'x',
  client: CLIENT1,
  client_id: 'Client1',
  user: USER1,
  subject: 'Client1',
  audiences: ['Server1', 'Client1'],
  scopes: ['oidc', 'Server1'],
  generation: 7,
  issued_at: NOW_SECONDS,
  expires_at: NOW_SECONDS + 60,
};
const OWN: AccessTokenRecord = { ...RECORD, user: undefined, audiences: ['Client1'], scopes: ['oidc'] };

function useToken(record: AccessTokenRecord, snapshot: Snapshot, now: number) {
  return usePresented({ record, grant: undefined, revoke: async () => undefined }, snapshot, now);
}

describe('useToken', () => {
  it('gives the audiences and scopes that are left', () => {
    const used = useToken(RECORD, snapshotOf(AUTHORIZED), NOW);
    expect(used).toMatchObject({ alive: true, decision: { audiences: ['Server1', 'Client1'], user: USER1 } });
  });

  it('DESIGN 5: a token of the very generation from which its owners count is alive, an older one is dead', () => {
    const since = new Map([...AUTHORIZED.keys()].map((address) => [address, 7]));
    const snapshot = snapshotOf(AUTHORIZED, { since });
    expect(useToken(RECORD, snapshot, NOW).alive).toBe(true);
    expect(useToken({ ...RECORD, generation: 6 }, snapshot, NOW).alive).toBe(false);
  });

  it('an owner of which nothing says since when it counts gives nothing', () => {
    expect(useToken(RECORD, snapshotOf(AUTHORIZED, { since: new Map() }), NOW).alive).toBe(false);
  });

  it('a client that acts as somebody else by now has lost what it had as this user, also what both may reach', () => {
    const user2 = userAddress('Example', 'User2');
    const moved = edited(AUTHORIZED, 'user', USER1, { impersonated_by: undefined });
    const members = [{ to: USER1 }, { to: user2 }];
    const state = edited(
      added(moved, [
        [user2, { kind: 'user', sub: 'Example/User2', methods: [METHOD], impersonated_by: [{ to: CLIENT1 }] }],
      ]),
      'group',
      GROUP1,
      { members },
    );
    const snapshot = snapshotOf(state);
    expect(useToken(RECORD, snapshot, NOW)).toEqual({
      alive: false,
      why: 'the client impersonates another user',
    });
    expect(useToken({ ...RECORD, user: user2 }, snapshot, NOW).alive).toBe(true);
  });

  it('a token that a client got for itself is none of the user that it impersonates by now', () => {
    expect(useToken(OWN, snapshotOf(SINGLE), NOW).alive).toBe(true);
    expect(useToken(OWN, snapshotOf(AUTHORIZED), NOW).alive).toBe(false);
  });
});
