// The built-in group `everyone` of a site (SEMANTICS algorithm B step 5).

import { describe, expect, it } from 'vitest';
import { indexState } from '../../src/access/access-index.ts';
import { everyoneOf, userAddress } from '../../src/model/address.ts';
import type { UserEntity } from '../../src/model/entity.ts';
import {
  added,
  CLIENT1,
  EX1,
  EX2,
  EX3,
  edited,
  GROUP1,
  GROUP2,
  LOGIN,
  SERVER2,
  USER1,
} from '../model/example-state.ts';
import { allowed, ask, codeOf, logIn, refused } from './ask.ts';

const EVERYONE = everyoneOf('Example');
const user2 = userAddress('Example', 'User2');
const stranger = userAddress('Other', 'User1');
const person: UserEntity = { kind: 'user', sub: 'x', methods: [LOGIN] };

const people = added(EX3, [
  ['site:Other', { kind: 'site', methods: [LOGIN] }],
  [user2, { ...person, sub: 'Example/User2' }],
  [stranger, { ...person, sub: 'Other/User1' }],
]);
const open = edited(people, 'application', CLIENT1, { allowed_to: [{ to: EVERYONE }] });

describe('S:B.5 everyone', () => {
  it('is every active user of the site, and nobody else', () => {
    expect(allowed(logIn(open, 'openid', { user: user2 })).audiences).toEqual(['Client1']);
    expect(refused(logIn(open, 'openid', { user: stranger }))).toMatchObject({
      code: 'NOT_IN_ALLOWED_GROUP',
      missing: { address: CLIENT1, pointer: '/allowed_to' },
    });
    const disabled = edited(open, 'user', user2, { enabled: false });
    expect(refused(logIn(disabled, 'openid', { user: user2 })).code).toBe('USER_NOT_ACTIVE');
  });

  it('of another site lets in the users of that one', () => {
    const other = edited(people, 'application', CLIENT1, { allowed_to: [{ to: everyoneOf('Other') }] });
    expect(allowed(logIn(other, 'openid', { user: stranger })).subject).toBe('Other/User1');
    expect(refused(logIn(other, 'openid', { user: user2 })).code).toBe('NOT_IN_ALLOWED_GROUP');
  });

  it('has the impersonated user as a member', () => {
    const state = edited(EX2, 'application', SERVER2, { allowed_to: [{ to: EVERYONE }] });
    const decision = allowed(ask(edited(state, 'group', GROUP2, { members: [] }), 'Server2'));
    expect(decision.audiences).toEqual(['Server2', 'Client1']);
    expect(decision.reasons[0]?.chain.slice(-2)).toEqual([
      { relation: 'member_of', from: USER1, to: EVERYONE, at: { address: USER1, pointer: '' } },
      { relation: 'open_to', from: SERVER2, to: EVERYONE, at: { address: SERVER2, pointer: '/allowed_to/0' } },
    ]);
  });

  it('S:U-26 never has a client that acts as itself: what is missing is another group', () => {
    const state = edited(EX1, 'application', CLIENT1, { allowed_to: [{ to: EVERYONE }] });
    const refusal = refused(ask(state, undefined));
    expect(codeOf(refusal.reasons, 'Client1')).toBe('METHOD_NOT_ON_GROUP');
    expect(refusal.missing).toEqual({ address: CLIENT1, pointer: '/allowed_to' });
    const both = edited(edited(EX1, 'group', GROUP1, { methods: [] }), 'application', CLIENT1, {
      allowed_to: [{ to: EVERYONE }, { to: GROUP1 }],
    });
    expect(refused(ask(both, undefined)).missing).toEqual({ address: GROUP1, pointer: '/methods' });
  });

  it('may be a member of a group, and may end there', () => {
    const state = edited(people, 'group', GROUP1, { members: [{ to: EVERYONE, expires: '1970-01-02' }] });
    const inside = edited(state, 'application', CLIENT1, { allowed_to: [{ to: GROUP1 }] });
    expect(allowed(logIn(inside, 'openid', { user: user2 })).until).toBe(86_400_000);
    expect(refused(logIn(inside, 'openid', { user: user2, now: 86_400_000 })).code).toBe('NOT_IN_ALLOWED_GROUP');
    expect(refused(logIn(inside, 'openid', { user: stranger })).code).toBe('NOT_IN_ALLOWED_GROUP');
  });

  it('is a group of every user, written nowhere', () => {
    const index = indexState(people);
    expect(index.group(EVERYONE)).toEqual({ kind: 'group' });
    expect(people.has(EVERYONE)).toBe(false);
    expect([...index.groupsOf(user2).keys()]).toEqual([EVERYONE]);
    expect([...index.groupsOf(stranger).keys()]).toEqual([everyoneOf('Other')]);
  });
});
