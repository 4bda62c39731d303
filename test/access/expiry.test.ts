import { describe, expect, it } from 'vitest';
import { indexState } from '../../src/access/access-index.ts';
import { reachClientCredentials, reviewClientCredentials } from '../../src/access/client-credentials.ts';
import type { AudienceAnswer } from '../../src/access/decision.ts';
import { admitClient } from '../../src/access/refusal.ts';
import { type GroupAddress, groupAddress } from '../../src/model/address.ts';
import type { Entity, GroupEntity, Link } from '../../src/model/entity.ts';
import type { State } from '../../src/model/state.ts';
import {
  added,
  CLIENT_GROUP,
  CLIENT1,
  EX1,
  EX2,
  edited,
  GROUP1,
  GROUP2,
  METHOD,
  SERVER1,
  SERVER2,
  USER1,
} from '../model/example-state.ts';
import { allowed, ask, codeOf, refused } from './ask.ts';

const DAY = 86_400_000;
const DATE = '2027-01-31';
const END = Date.UTC(2027, 0, 31);

describe('DESIGN 1: a membership that ends', () => {
  const state = edited(EX2, 'group', GROUP2, { members: [{ to: USER1, expires: DATE }] });

  it('gives what it gave up to its end, and the answer says until when', () => {
    const decision = allowed(ask(state, 'Server1 Server2', { now: END - 1 }));
    expect(decision.audiences).toEqual(['Server1', 'Server2', 'Client1']);
    expect(decision.until).toBe(END);
    expect(decision.reasons.map(({ audience, until }) => [audience, until])).toEqual([
      ['Server1', undefined],
      ['Server2', END],
      ['Client1', undefined],
    ]);
  });

  it('from that instant on is no membership: the code is that of a missing one, the place its own', () => {
    const decision = allowed(ask(state, 'Server1 Server2', { now: END }));
    expect(decision.audiences).toEqual(['Server1', 'Client1']);
    expect(decision.until).toBeUndefined();
    expect(decision.reasons[1]).toMatchObject({
      code: 'NOT_IN_ALLOWED_GROUP',
      missing: { address: GROUP2, pointer: '/members/0' },
    });
    expect(refused(ask(state, 'Server2', { now: END }))).toMatchObject({
      error: 'invalid_scope',
      description: 'NO_AUDIENCE: Server2 NOT_IN_ALLOWED_GROUP',
      missing: { address: GROUP2, pointer: '/members/0' },
      until: undefined,
    });
  });

  it('does not cut the life of a token for other servers', () => {
    const now = END - 5000;
    expect(allowed(ask(state, 'Server1 Server2', { now })).lifetime).toBe(5);
    expect(allowed(ask(state, 'Server1', { now })).lifetime).toBe(3600);
  });

  it('S:R-3 is gone from a token in use, from one instant to the next', () => {
    const index = indexState(state);
    const grant = { client: CLIENT1, audiences: ['Server1', 'Server2', 'Client1'], scopes: ['Server1', 'Server2'] };
    expect(allowed(reviewClientCredentials(index, grant, END - 1))).toMatchObject({ ...grant, until: END });
    expect(allowed(reviewClientCredentials(index, grant, END))).toMatchObject({
      audiences: ['Server1', 'Client1'],
      scopes: ['Server1'],
      until: undefined,
    });
  });

  it('S:U-29 of a group in a group ends it for the members of the inner one', () => {
    const nested = edited(EX2, 'group', GROUP2, { members: [{ to: GROUP1, expires: DATE }] });
    expect(allowed(ask(nested, 'Server2', { now: END - 1 })).until).toBe(END);
    const refusal = refused(ask(nested, 'Server2', { now: END }));
    expect(refusal.missing).toEqual({ address: GROUP2, pointer: '/members/0' });
    expect(allowed(ask(nested, 'Server1', { now: END })).until).toBeUndefined();
  });

  it('S:U-26 in a group of another method is told as no membership once it has ended', () => {
    const other = edited(state, 'group', GROUP2, { methods: ['password.1'] });
    const before = refused(ask(other, 'Server2', { now: END - 1 }));
    expect(codeOf(before.reasons, 'Server2')).toBe('METHOD_NOT_ON_GROUP');
    expect(before.until).toBe(END);
    expect(codeOf(refused(ask(other, 'Server2', { now: END })).reasons, 'Server2')).toBe('NOT_IN_ALLOWED_GROUP');
  });

  it('a text that is no instant never opens', () => {
    const broken = edited(EX2, 'group', GROUP2, { members: [{ to: USER1, expires: 'next year' }] });
    expect(refused(ask(broken, 'Server2')).code).toBe('NO_AUDIENCE');
  });
});

describe('DESIGN 1: allowed_to that ends', () => {
  const state = edited(EX2, 'application', SERVER2, { allowed_to: [{ to: GROUP2, expires: DATE }] });

  it('closes the application to the group at the instant', () => {
    expect(allowed(ask(state, 'Server2', { now: END - 1 })).until).toBe(END);
    expect(refused(ask(state, 'Server2', { now: END }))).toMatchObject({
      description: 'NO_AUDIENCE: Server2 NOT_IN_ALLOWED_GROUP',
      missing: { address: SERVER2, pointer: '/allowed_to/0' },
    });
  });

  it('S:U-28 closes it to a client that acts as itself', () => {
    const alone = edited(EX1, 'application', CLIENT1, { allowed_to: [{ to: GROUP1, expires: DATE }] });
    expect(allowed(ask(alone, undefined, { now: END - 1 })).until).toBe(END);
    const refusal = refused(ask(alone, undefined, { now: END }));
    expect(refusal.missing).toEqual({ address: CLIENT1, pointer: '/allowed_to/0' });
  });

  it('of a chain of which more has ended the place is the link that ended first, from the user on', () => {
    const both = edited(state, 'group', GROUP2, { members: [{ to: GROUP1 }, { to: CLIENT_GROUP }] });
    const ended = edited(edited(both, 'group', GROUP1, { members: [{ to: USER1, expires: DATE }] }), 'group', GROUP2, {
      members: [{ to: GROUP1, expires: DATE }],
    });
    expect(refused(ask(ended, 'Server2', { now: END })).missing).toEqual({ address: GROUP1, pointer: '/members/0' });
    const earlier = edited(ended, 'application', SERVER2, { allowed_to: [{ to: GROUP2, expires: '2027-01-30' }] });
    expect(refused(ask(earlier, 'Server2', { now: END })).missing).toEqual({
      address: SERVER2,
      pointer: '/allowed_to/0',
    });
  });
});

describe('DESIGN 1: an impersonation that ends', () => {
  const state = edited(EX2, 'user', USER1, { impersonated_by: [{ to: CLIENT1, expires: DATE }] });

  it('ends all that the client has as that user', () => {
    expect(allowed(ask(state, 'Server1', { now: END - 1 })).until).toBe(END);
    expect(refused(ask(state, 'Server1', { now: END }))).toMatchObject({
      error: 'invalid_scope',
      code: 'NO_IMPERSONATION',
      missing: { address: USER1, pointer: '/impersonated_by/0' },
      until: undefined,
    });
    const reach = reachClientCredentials(indexState(state), CLIENT1, END);
    expect(reach.map(({ audience }) => [audience, codeOf(reach, audience)])).toEqual([
      ['Server1', 'NO_IMPERSONATION'],
      ['Server2', 'NO_IMPERSONATION'],
      ['Client1', 'METHOD_NOT_ON_GROUP'],
    ]);
  });

  it('leaves the client what it has as itself', () => {
    const open = edited(state, 'group', CLIENT_GROUP, { methods: [METHOD] });
    expect(allowed(ask(open, undefined, { now: END - 1 }))).toMatchObject({ user: USER1, until: END });
    expect(allowed(ask(open, undefined, { now: END }))).toMatchObject({
      audiences: ['Client1'],
      user: undefined,
      claims: {},
    });
  });

  it('does not hide one that has not ended, should a State hold two', () => {
    const second: Entity = { kind: 'user', sub: 'z', methods: [METHOD], impersonated_by: [{ to: CLIENT1 }] };
    for (const name of ['A', 'Z']) {
      const two = added(state, [[`user:Example/${name}`, second]]);
      expect(indexState(two).impersonates(CLIENT1)?.user).toBe(`user:Example/${name}`);
    }
  });
});

describe('DESIGN 1: an application that ends', () => {
  it('S:U-33 as a client is as one that is disabled', () => {
    const state = edited(EX2, 'application', CLIENT1, { expires: DATE });
    const index = indexState(state);
    expect(allowed(ask(state, 'Server1', { now: END - 1 })).until).toBe(END);
    expect(admitClient(index, CLIENT1, undefined, END - 1)).toBeUndefined();
    const refusal = refused(ask(state, 'Server1', { now: END }));
    expect(refusal).toMatchObject({
      error: 'invalid_client',
      code: 'CLIENT_AUTHENTICATION_FAILED',
      missing: { address: CLIENT1, pointer: '/expires' },
      until: undefined,
    });
    expect(admitClient(index, CLIENT1, undefined, END)).toEqual(refusal);
  });

  it('S:U-33 as an audience is dropped, and the others stay', () => {
    const state = edited(EX2, 'application', SERVER1, { expires: DATE });
    expect(allowed(ask(state, 'Server1 Server2', { now: END - 1 })).until).toBe(END);
    const decision = allowed(ask(state, 'Server1 Server2', { now: END }));
    expect(decision.audiences).toEqual(['Server2', 'Client1']);
    expect(decision.reasons[0]).toMatchObject({
      code: 'APPLICATION_DISABLED',
      missing: { address: SERVER1, pointer: '/expires' },
    });
  });

  it('that is disabled too is told as disabled: its end would mend nothing', () => {
    const state = edited(EX2, 'application', SERVER1, { expires: '2020-01-01', enabled: false });
    const refusal = refused(ask(state, 'Server1', { now: END }));
    expect(refusal.missing).toEqual({ address: SERVER1, pointer: '/enabled' });
  });
});

describe('DESIGN 4: until is the first end of all that was used', () => {
  it('client, user, impersonation, membership, server and its group alike', () => {
    const at = (day: number) => new Date(END + day * DAY).toISOString();
    const edits: readonly ((state: State, expires: string) => State)[] = [
      (state, expires) => edited(state, 'application', CLIENT1, { expires }),
      (state, expires) => edited(state, 'user', USER1, { expires }),
      (state, expires) => edited(state, 'user', USER1, { impersonated_by: [{ to: CLIENT1, expires }] }),
      (state, expires) => edited(state, 'group', GROUP1, { members: [{ to: USER1, expires }] }),
      (state, expires) => edited(state, 'application', SERVER1, { expires }),
      (state, expires) => edited(state, 'application', SERVER1, { allowed_to: [{ to: GROUP1, expires }] }),
      (state, expires) => edited(state, 'group', CLIENT_GROUP, { members: [{ to: USER1, expires }] }),
    ];
    for (const [first, one] of edits.entries()) {
      for (const [second, other] of edits.entries()) {
        if (first === second || [first, second].sort().join() === '4,5') continue;
        const kept = [first, second].sort().join() === '1,2' ? one(EX2, at(1)) : other(one(EX2, at(1)), at(2));
        expect(allowed(ask(kept, 'Server1', { now: END })).until).toBe(END + DAY);
      }
    }
  });

  it('of a refusal it is when the answer could be another', () => {
    const strict = edited(
      edited(edited(EX2, 'group', GROUP2, { members: [] }), 'application', CLIENT1, { audience_mode: 'strict' }),
      'application',
      SERVER1,
      { expires: DATE },
    );
    expect(refused(ask(strict, 'Server1 Server2', { now: 0 })).until).toBe(END);
    const ending = edited(EX2, 'application', CLIENT1, { expires: DATE });
    expect(refused(ask(ending, 'Server3')).until).toBe(END);
    expect(refused(ask(ending, undefined, { grant_type: 'password' })).until).toBe(END);
    const waiting = edited(ending, 'user', USER1, { not_before: '2026-12-01' });
    expect(refused(ask(waiting, 'Server1')).until).toBe(Date.UTC(2026, 11, 1));
  });

  it('S:U-50 the life of a token is never below zero and never over until', () => {
    const state = edited(EX2, 'group', GROUP1, { members: [{ to: USER1, expires: DATE }] });
    for (const left of [1, 999, 1000, 1999, 60_000]) {
      expect(allowed(ask(state, 'Server1', { now: END - left })).lifetime).toBe(Math.floor(left / 1000));
    }
  });
});

describe('of several chains the one that lasts longest is taken, then the shortest', () => {
  const groupsOf = (answers: readonly AudienceAnswer[]) =>
    answers[0]?.chain.filter(({ relation }) => relation === 'member_of').map(({ to }) => to);

  it('within a group: around a membership that ends', () => {
    const around = edited(EX2, 'group', GROUP2, { members: [{ to: GROUP1 }, { to: USER1, expires: DATE }] });
    const decision = allowed(ask(around, 'Server2'));
    expect(groupsOf(decision.reasons)).toEqual([GROUP1, GROUP2]);
    expect(decision.until).toBeUndefined();
    const both = edited(around, 'group', GROUP1, { members: [{ to: USER1, expires: '2026-06-01' }] });
    expect(groupsOf(allowed(ask(both, 'Server2')).reasons)).toEqual([GROUP2]);
    expect(allowed(ask(both, 'Server2')).until).toBe(END);
  });

  it('over the groups of an application: around one that ends, and straight rather than around', () => {
    const two = (first: Link<GroupAddress>, second: Link<GroupAddress>) =>
      edited(edited(EX2, 'group', GROUP1, { members: [{ to: CLIENT_GROUP }] }), 'application', SERVER2, {
        allowed_to: [first, second],
      });
    expect(groupsOf(allowed(ask(two({ to: GROUP1 }, { to: GROUP2 }), 'Server2')).reasons)).toEqual([GROUP2]);
    const ending = allowed(ask(two({ to: GROUP1 }, { to: GROUP2, expires: DATE }), 'Server2'));
    expect(groupsOf(ending.reasons)).toEqual([CLIENT_GROUP, GROUP1]);
    expect(ending.until).toBeUndefined();
  });

  it('in a dense net of groups, where there are more ways than could be tried', () => {
    const COUNT = 60;
    const at = (position: number): GroupAddress => groupAddress('Example', `N${String(position).padStart(3, '0')}`);
    const expires = (days: number) => new Date(END + days * DAY).toISOString();
    // Each group has all before it as members; only the way through every one of them lasts longest.
    const groups = Array.from({ length: COUNT }, (_, position): [GroupAddress, GroupEntity] => {
      const inner = Array.from({ length: position }, (_, before) => ({
        to: at(before),
        expires: expires(before === position - 1 ? COUNT : before),
      }));
      const user = { to: USER1, ...(position === 0 ? {} : { expires: expires(0) }) };
      return [at(position), { kind: 'group', members: [...inner, user] }];
    });
    const state = added(edited(EX2, 'application', SERVER2, { allowed_to: [{ to: at(COUNT - 1) }] }), groups);
    const decision = allowed(ask(state, 'Server2', { now: END }));
    expect(decision.until).toBe(END + COUNT * DAY);
    expect(groupsOf(decision.reasons)).toEqual(groups.map(([group]) => group));
  });
});
