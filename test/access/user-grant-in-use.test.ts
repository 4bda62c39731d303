// A user's token in use, and what a user can let a client obtain.

import { describe, expect, it } from 'vitest';
import { indexState } from '../../src/access/access-index.ts';
import { reachForUser, reviewForUser, type UserGrant } from '../../src/access/user-grant.ts';
import { groupAddress, userAddress } from '../../src/model/address.ts';
import { GRANT_TYPES_WITH_USER } from '../../src/model/grant-type.ts';
import type { State } from '../../src/model/state.ts';
import {
  added,
  CLIENT_GROUP,
  CLIENT1,
  EX3,
  edited,
  GROUP1,
  LOGIN,
  METHOD,
  SERVER1,
  USER1,
  without,
} from '../model/example-state.ts';
import { allowed, ask, codeOf, refused } from './ask.ts';

const metadata = (changed: object): State =>
  edited(EX3, 'application', CLIENT1, {
    metadata: { grant_types: GRANT_TYPES_WITH_USER, scope: 'Server1 Server2 WS', ...changed },
  });

describe('S:R-3 a user’s token in use', () => {
  const grant: UserGrant = {
    client: CLIENT1,
    user: USER1,
    grant_type: 'authorization_code',
    method: LOGIN,
    audiences: ['Server1', 'Server2', 'Client1'],
    scopes: ['openid', 'Server1', 'Server2', 'WS'],
  };
  const review = (state: State, changed: Partial<UserGrant> = {}, now = 0) =>
    reviewForUser(indexState(state), { ...grant, ...changed }, now);

  it('is what it was while nothing changed', () => {
    expect(allowed(review(EX3))).toMatchObject({ audiences: grant.audiences, scopes: grant.scopes, user: USER1 });
  });

  it.each([
    ['the membership', edited(EX3, 'group', GROUP1, { members: [] })],
    ['the server', edited(EX3, 'application', SERVER1, { enabled: false })],
    ['the right to ask', metadata({ scope: 'Server2 WS' })],
  ])('loses with %s what rested on it', (_, state) => {
    const decision = allowed(review(state));
    expect(decision.audiences).toEqual(['Server2', 'Client1']);
    expect(decision.scopes).toEqual(['openid', 'Server2', 'WS']);
  });

  it.each([
    ['the user', edited(EX3, 'user', USER1, { enabled: false }), 'USER_NOT_ACTIVE'],
    ['the method', edited(EX3, 'user', USER1, { methods: [METHOD] }), 'METHOD_NOT_ON_USER'],
    ['the group of the client', edited(EX3, 'group', CLIENT_GROUP, { members: [] }), 'NOT_IN_ALLOWED_GROUP'],
    ['the grant', metadata({ grant_types: ['password'] }), 'GRANT_NOT_ALLOWED'],
    ['the client', edited(EX3, 'application', CLIENT1, { enabled: false }), 'APPLICATION_DISABLED'],
    ['a client that is gone', without(EX3, CLIENT1), 'CLIENT_AUTHENTICATION_FAILED'],
  ])('is nothing without %s', (_, state, code) => {
    expect(refused(review(state)).code).toBe(code);
  });

  it('is not judged by the address of who shows it', () => {
    const state = edited(EX3, 'application', CLIENT1, { access_rules: { all: [{ ip: ['10.0.0.0/8'] }] } });
    expect(allowed(review(state)).audiences).toEqual(grant.audiences);
  });

  it('of a login that is not known any more holds by any method of the user', () => {
    expect(allowed(review(EX3, { method: undefined })).method).toBe(LOGIN);
  });

  it('never gains', () => {
    expect(allowed(review(EX3, { audiences: ['Server2', 'Client1'], scopes: ['Server2'] }))).toMatchObject({
      audiences: ['Server2', 'Client1'],
      scopes: ['Server2'],
    });
  });
});

describe('the reach of a user through a client', () => {
  const reach = (state: State, user = USER1) =>
    reachForUser(indexState(state), { client: CLIENT1, user, grant_type: 'implicit' }, 0);

  it('tells of each audience of the list, and of the client, whether it is reached', () => {
    const state = edited(EX3, 'group', GROUP1, { members: [] });
    expect(reach(state)).toMatchObject([
      { audience: 'Server1', granted: false, code: 'NOT_IN_ALLOWED_GROUP' },
      { audience: 'Server2', granted: true },
      { audience: 'Client1', granted: true },
    ]);
  });

  it('of a user whom the client does not let in tells that of each', () => {
    const user = userAddress('Example', 'User2');
    const state = added(EX3, [[user, { kind: 'user', sub: 'User2', methods: [LOGIN] }]]);
    for (const answer of reach(state, user)) {
      expect(answer).toMatchObject({
        granted: false,
        code: 'NOT_IN_ALLOWED_GROUP',
        missing: { address: CLIENT1, pointer: '/allowed_to' },
      });
    }
    expect(reach(without(EX3, CLIENT1))).toEqual([]);
  });

  it('S:U-26 a group that lists another method counts for a login by that one alone', () => {
    const other = groupAddress('Example', 'Other');
    const state = added(edited(EX3, 'application', SERVER1, { allowed_to: [{ to: other }] }), [
      [other, { kind: 'group', methods: [METHOD], members: [{ to: USER1 }] }],
    ]);
    expect(codeOf(reach(state), 'Server1')).toBe('METHOD_NOT_ON_GROUP');
    expect(codeOf(ask(state, undefined).reasons, 'Server1')).toBe('granted');
  });
});
