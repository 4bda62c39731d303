import { describe, expect, it } from 'vitest';
import type { AudienceAnswer, Step } from '../../src/access/decision.ts';
import { type GroupAddress, groupAddress } from '../../src/model/address.ts';
import type { GroupEntity } from '../../src/model/entity.ts';
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
  METHOD1,
  SERVER1,
  SERVER2,
  SITE,
  USER1,
  without,
} from '../model/example-state.ts';
import { allowed, ask, codeOf, refused } from './ask.ts';

function chainOf(answers: readonly AudienceAnswer[], audience: string): readonly string[] {
  const answer = answers.find((one) => one.audience === audience);
  return (answer?.chain ?? []).map(({ relation, from, to }: Step) => `${from} ${relation} ${to}`);
}

describe('S:U-09 each group gives one application', () => {
  it.each([
    ['Server1', GROUP1],
    ['Server2', GROUP2],
    ['Client1', CLIENT_GROUP],
  ])('out of the group of %s the user loses exactly that audience', (lost, group) => {
    const decision = allowed(ask(edited(EX2, 'group', group, { members: [] }), undefined));
    expect(decision.audiences).toEqual(['Server1', 'Server2', 'Client1'].filter((audience) => audience !== lost));
    expect(codeOf(decision.reasons, lost)).toBe('NOT_IN_ALLOWED_GROUP');
  });

  it('S:U-10 the client itself is an audience only by a group of the user', () => {
    const decision = allowed(ask(edited(EX2, 'application', CLIENT1, { allowed_to: undefined }), 'Server1'));
    expect(decision.audiences).toEqual(['Server1']);
  });

  it('S:U-27 an application without a group is accessible to nobody', () => {
    const refusal = refused(ask(edited(EX2, 'application', SERVER1, { allowed_to: undefined }), 'Server1'));
    expect(codeOf(refusal.reasons, 'Server1')).toBe('NOT_IN_ALLOWED_GROUP');
    expect(refusal.missing).toEqual({ address: SERVER1, pointer: '/allowed_to' });
  });

  it('S:U-33 a disabled server is dropped, the others stay', () => {
    const decision = allowed(ask(edited(EX2, 'application', SERVER1, { enabled: false }), 'Server1 Server2'));
    expect(decision.audiences).toEqual(['Server2', 'Client1']);
    expect(codeOf(decision.reasons, 'Server1')).toBe('APPLICATION_DISABLED');
  });

  it('S:U-25 a server that does not list the method is dropped', () => {
    const decision = allowed(ask(edited(EX2, 'application', SERVER1, { methods: [] }), 'Server1 Server2'));
    expect(codeOf(decision.reasons, 'Server1')).toBe('METHOD_NOT_ON_APPLICATION');
  });

  it('the answers stand in the order of the request, the client last', () => {
    expect(allowed(ask(EX2, 'Client1 Server2 Server1 Server2')).audiences).toEqual(['Server2', 'Server1', 'Client1']);
  });
});

describe('S:U-26 a group counts by its methods', () => {
  const withGroup = (group: GroupEntity): State => edited(EX2, 'group', GROUP2, { methods: undefined, ...group });

  it.each([
    ['no list', undefined, 'granted'],
    ['an empty list', [], 'granted'],
    ['the method', [METHOD], 'granted'],
    ['the method among others', ['password.1', METHOD], 'granted'],
    ['another method only', ['password.1'], 'METHOD_NOT_ON_GROUP'],
  ])('for a user: %s', (_, methods, code) => {
    const group: GroupEntity = {
      kind: 'group',
      members: [{ to: USER1 }],
      ...(methods === undefined ? {} : { methods }),
    };
    const decision = allowed(ask(withGroup(group), undefined));
    expect(codeOf(decision.reasons, 'Server2')).toBe(code);
  });

  it('for a user outside it, the group’s methods are not the reason', () => {
    const decision = allowed(ask(withGroup({ kind: 'group', methods: ['password.1'], members: [] }), undefined));
    expect(codeOf(decision.reasons, 'Server2')).toBe('NOT_IN_ALLOWED_GROUP');
  });

  it.each([
    ['no list', undefined, 'METHOD_NOT_ON_GROUP'],
    ['an empty list', [], 'METHOD_NOT_ON_GROUP'],
    ['the method', [METHOD], 'granted'],
    ['another method only', ['password.1'], 'METHOD_NOT_ON_GROUP'],
  ])('for a client as itself: %s', (_, methods, code) => {
    const answer = ask(edited(EX1, 'group', GROUP1, { methods }), undefined);
    expect(codeOf(answer.reasons, 'Client1')).toBe(code);
  });

  it('the place of METHOD_NOT_ON_GROUP is the first group that would have done', () => {
    const two = added(edited(EX2, 'application', SERVER2, { allowed_to: [{ to: CLIENT_GROUP }, { to: GROUP2 }] }), []);
    const state = edited(edited(two, 'group', GROUP2, { methods: ['password.1'] }), 'group', CLIENT_GROUP, {
      members: [],
    });
    expect(refused(ask(state, 'Server2')).missing).toEqual({ address: GROUP2, pointer: '/methods' });
  });

  it('one group that counts is enough beside one that does not', () => {
    const state = edited(
      edited(EX2, 'application', SERVER2, { allowed_to: [{ to: GROUP1 }, { to: GROUP2 }] }),
      'group',
      GROUP1,
      { methods: ['password.1'] },
    );
    expect(codeOf(ask(state, 'Server2').reasons, 'Server2')).toBe('granted');
  });
});

describe('S:U-29 groups within groups', () => {
  const nested = edited(EX2, 'group', GROUP2, { members: [{ to: GROUP1 }] });

  it('membership is transitive, and the chain tells each step of it', () => {
    const decision = allowed(ask(nested, 'Server2'));
    expect(chainOf(decision.reasons, 'Server2')).toEqual([
      `${CLIENT1} may_ask_for ${SERVER2}`,
      `${CLIENT1} impersonates ${USER1}`,
      `${USER1} has_method ${METHOD1}`,
      `${SITE} has_method ${METHOD1}`,
      `${SERVER2} has_method ${METHOD1}`,
      `${USER1} member_of ${GROUP1}`,
      `${GROUP1} member_of ${GROUP2}`,
      `${GROUP2} has_method ${METHOD1}`,
      `${SERVER2} open_to ${GROUP2}`,
    ]);
  });

  it('of two ways into a group the shorter one is told', () => {
    const both = edited(EX2, 'group', GROUP2, { members: [{ to: GROUP1 }, { to: USER1 }] });
    const steps = chainOf(ask(both, 'Server2').reasons, 'Server2').filter((step) => step.includes('member_of'));
    expect(steps).toEqual([`${USER1} member_of ${GROUP2}`]);
  });

  it('S:U-26 the filter comes after the closure: a group on the way does not need the method', () => {
    const state = edited(nested, 'group', GROUP1, { methods: ['password.1'] });
    const decision = allowed(ask(state, undefined));
    expect(codeOf(decision.reasons, 'Server2')).toBe('granted');
    expect(codeOf(decision.reasons, 'Server1')).toBe('METHOD_NOT_ON_GROUP');
  });

  it('a cycle, which the compiler refuses, ends all the same', () => {
    const cycle = edited(nested, 'group', GROUP1, { members: [{ to: GROUP2 }, { to: USER1 }, { to: GROUP1 }] });
    expect(allowed(ask(cycle, undefined)).audiences).toEqual(['Server1', 'Server2', 'Client1']);
    const nobody = edited(cycle, 'group', GROUP1, { members: [{ to: GROUP2 }] });
    expect(allowed(ask(nobody, undefined)).audiences).toEqual(['Client1']);
  });

  it('a chain of a thousand groups is followed to its end, by the shortest way', () => {
    const at = (position: number): GroupAddress => groupAddress('Example', `G${position}`);
    const links = Array.from({ length: 1000 }, (_, position): [GroupAddress, GroupEntity] => [
      at(position),
      { kind: 'group', members: [{ to: position === 0 ? USER1 : at(position - 1) }] },
    ]);
    const long = added(edited(EX2, 'application', SERVER2, { allowed_to: [{ to: at(999) }] }), links);
    const members = (state: State) =>
      chainOf(ask(state, 'Server2').reasons, 'Server2').filter((step) => step.includes('member_of'));
    expect(members(long)).toHaveLength(1000);
    const short = edited(long, 'group', at(999), { members: [{ to: at(998) }, { to: at(3) }] });
    expect(members(short)).toHaveLength(5);
  });
});

describe('a chain names the place of each link', () => {
  it('where it is written in the entities that hold it', () => {
    const decision = allowed(ask(EX2, 'Server2'));
    const answer = decision.reasons.find(({ audience }) => audience === 'Server2');
    expect(answer?.chain.map(({ at }) => `${at.address}${at.pointer}`)).toEqual([
      `${CLIENT1}/metadata/scope`,
      `${USER1}/impersonated_by/0`,
      `${USER1}/methods/0`,
      `${SITE}/methods/0`,
      `${SERVER2}/methods/0`,
      `${GROUP2}/members/0`,
      `${GROUP2}/methods/0`,
      `${SERVER2}/allowed_to/0`,
    ]);
  });

  it('of a refusal the links that are there, up to the one that is not', () => {
    const state = edited(EX2, 'application', SERVER2, { methods: [] });
    expect(chainOf(ask(state, undefined).reasons, 'Server2')).toEqual([
      `${CLIENT1} may_ask_for ${SERVER2}`,
      `${CLIENT1} impersonates ${USER1}`,
      `${USER1} has_method ${METHOD1}`,
      `${SITE} has_method ${METHOD1}`,
    ]);
  });

  it('S:U-31 links that lead nowhere give nothing', () => {
    expect(codeOf(ask(without(EX2, GROUP2), undefined).reasons, 'Server2')).toBe('NOT_IN_ALLOWED_GROUP');
    expect(allowed(ask(without(EX2, SERVER2), undefined)).audiences).toEqual(['Server1', 'Client1']);
    expect(refused(ask(without(EX2, USER1), 'Server1')).code).toBe('NO_IMPERSONATION');
  });
});

describe('S:X-01 audience_mode', () => {
  const lost = edited(EX2, 'group', GROUP2, { members: [] });
  const strict = edited(lost, 'application', CLIENT1, { audience_mode: 'strict' });

  it('strict refuses any loss of what was named', () => {
    const refusal = refused(ask(strict, 'Server1 Server2'));
    expect(refusal).toMatchObject({ error: 'invalid_scope', code: 'NO_AUDIENCE' });
    expect(refusal.description).toBe('NO_AUDIENCE: Server2 NOT_IN_ALLOWED_GROUP');
    const alone = edited(strict, 'application', CLIENT1, { allowed_to: [] });
    expect(refused(ask(alone, 'Server1 Client1')).description).toBe('NO_AUDIENCE: Client1 NOT_IN_ALLOWED_GROUP');
  });

  it('strict grants what is whole, and narrows nothing that was not named', () => {
    expect(allowed(ask(strict, 'Server1')).audiences).toEqual(['Server1', 'Client1']);
    expect(allowed(ask(strict, undefined)).audiences).toEqual(['Server1', 'Client1']);
    expect(allowed(ask(strict, 'oidc')).audiences).toEqual(['Server1', 'Client1']);
  });

  it('narrow is the default', () => {
    expect(allowed(ask(lost, 'Server1 Server2')).audiences).toEqual(['Server1', 'Client1']);
    const narrow = edited(lost, 'application', CLIENT1, { audience_mode: 'narrow' });
    expect(ask(narrow, 'Server1 Server2')).toEqual(ask(lost, 'Server1 Server2'));
  });
});

describe('S:A.11 what a refusal without an audience says', () => {
  it('of each named server its own reason, in the order of the request', () => {
    const state = edited(edited(EX2, 'application', SERVER1, { enabled: false }), 'group', GROUP2, { members: [] });
    const refusal = refused(ask(state, 'Server2 Server1'));
    expect(refusal.description).toBe('NO_AUDIENCE: Server2 NOT_IN_ALLOWED_GROUP, Server1 APPLICATION_DISABLED');
    expect(refusal.missing).toEqual({ address: SERVER2, pointer: '/allowed_to' });
  });

  it('of the client when none was named', () => {
    const state = edited(without(EX2, GROUP1, GROUP2), 'group', CLIENT_GROUP, { members: [] });
    expect(refused(ask(state, 'oidc'))).toMatchObject({
      error: 'unauthorized_client',
      description: 'NO_AUDIENCE: Client1 NOT_IN_ALLOWED_GROUP',
    });
  });

  it('a client that names itself alone asks for itself alone', () => {
    expect(allowed(ask(EX2, 'Client1')).audiences).toEqual(['Client1']);
    expect(allowed(ask(EX1, 'Client1'))).toMatchObject({ audiences: ['Client1'], scopes: ['Client1'] });
    const closed = edited(EX2, 'application', CLIENT1, { allowed_to: [] });
    expect(refused(ask(closed, 'Client1'))).toMatchObject({ error: 'invalid_scope', code: 'NO_AUDIENCE' });
  });
});
