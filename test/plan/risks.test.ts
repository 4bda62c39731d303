import { describe, expect, it } from 'vitest';
import { type Address, applicationAddress, groupAddress, methodAddress, userAddress } from '../../src/model/address.ts';
import { type Approval, formatApproval, parseApproval } from '../../src/model/approval.ts';
import type { Entity, SafetySettings } from '../../src/model/entity.ts';
import { followRenames } from '../../src/model/move.ts';
import { createState, EMPTY_STATE, type State } from '../../src/model/state.ts';
import { approvalOf, approve, unapproved, unusedApprovals } from '../../src/plan/approving.ts';
import type { Risk } from '../../src/plan/plan.ts';
import type { Usage } from '../../src/plan/port.ts';
import { compareRisks, judgeLiveTokens, judgeOlderCommit } from '../../src/plan/risks.ts';
import {
  added,
  CLIENT1,
  EX2,
  edited,
  GROUP1,
  GROUP2,
  SERVER1,
  SERVER2,
  SITE,
  USER1,
  without,
} from '../model/example-state.ts';
import { planOf } from './make.ts';

const risksOf = (before: State, after: State) => planOf(before, after).risks;
const told = (risks: readonly Risk[]) => risks.map(({ kind, subject, summary }) => `${kind}:${subject} ${summary}`);

/** Ex-2 with as many more groups in its site, of which nobody is a member. */
const many = (count: number, state = EX2) =>
  added(
    state,
    Array.from({ length: count }, (_, number): [Address, Entity] => [groupOf(number), { kind: 'group' }]),
  );
const groupOf = (number: number) => groupAddress('Example', `extra-${String(number).padStart(3, '0')}`);
const less = (state: State, count: number) => without(state, ...Array.from({ length: count }, (_, at) => groupOf(at)));
const safety = (state: State, deletes: SafetySettings['deletes']) =>
  edited(state, 'server', 'server', { safety: deletes === undefined ? undefined : { deletes } });

describe('DESIGN 3: a first apply', () => {
  it('has no risk, whatever is restricted in it', () => {
    const restricted = edited(EX2, 'application', SERVER1, { restricted: true });
    expect(planOf(EMPTY_STATE, restricted).access).not.toEqual([]);
    expect(risksOf(EMPTY_STATE, restricted)).toEqual([]);
  });
});

describe('DESIGN 3: what is emptied', () => {
  it('is a kind of a site of which nothing is left, however few there were', () => {
    expect(told(risksOf(EX2, without(EX2, USER1)))).toEqual(['emptied:Example Site Example loses its only user']);
    const groups = without(EX2, GROUP1, GROUP2, groupAddress('Example', 'ClientGroup'));
    expect(told(risksOf(EX2, groups))).toEqual(['emptied:Example Site Example loses all 3 groups']);
  });

  it('is so too when others of the kind come in the same change', () => {
    const replaced = added(without(EX2, USER1), [[userAddress('Example', 'User2'), { kind: 'user', sub: 'u2' }]]);
    expect(told(risksOf(EX2, replaced))).toEqual([
      'emptied:Example Site Example loses its only user, and gets 1 other: moved tells which are the same',
    ]);
  });

  it('is a whole site, told once', () => {
    const all = [...EX2.keys()].filter((address) => address.includes(':Example'));
    expect(all).toContain(SITE);
    expect(told(risksOf(EX2, without(EX2, ...all)))).toEqual([
      'emptied:Example Site Example is removed, with all 3 applications and all 3 groups and its only user',
    ]);
    const bare = added(EX2, [['site:Bare', { kind: 'site' }]]);
    expect(told(risksOf(bare, EX2))).toEqual(['emptied:Bare Site Bare is removed']);
  });

  it('is a kind of the server', () => {
    expect(told(risksOf(EX2, without(EX2, 'scope:WS')))).toEqual(['emptied:server The server loses its only scope']);
    expect(risksOf(EX2, without(EX2, methodAddress('password.1')))).toEqual([]);
  });

  it('is nothing that goes on under another name', () => {
    const renamed = userAddress('Example', 'User2');
    const after = added(without(EX2, USER1), [[renamed, EX2.get(USER1) as Entity]]);
    const moves = [{ from: USER1, to: renamed, range: undefined }];
    expect(planOf(EX2, after, 0, [], moves).risks).toEqual([]);
    expect(risksOf(EX2, after)).toHaveLength(1);
  });
});

describe('DESIGN 3: deletes over the threshold', () => {
  const rows: readonly (readonly [what: string, total: number, deleted: number, isRisk: boolean])[] = [
    ['3 of 29: over a tenth', 29, 3, true],
    ['3 of 30: a tenth and no more', 30, 3, false],
    ['4 of 39', 39, 4, true],
    ['4 of 40', 40, 4, false],
    ['2 of 5: too few', 5, 2, false],
    ['3 of 6', 6, 3, true],
  ];
  it.each(rows)('are over one in ten and three at least: %s', (_, total, deleted, isRisk) => {
    // Ex-2 has three groups of its own.
    const before = many(total - 3);
    expect(risksOf(before, less(before, deleted)).map(({ kind }) => kind)).toEqual(isRisk ? ['deletes'] : []);
  });

  it('are counted by kind and by site', () => {
    const far = Array.from({ length: 9 }, (_, number): [Address, Entity] => [
      groupAddress('Far', `g${number}`),
      { kind: 'group' },
    ]);
    const before = added(many(9), far);
    const goes = [groupOf(0), groupOf(1), ...far.slice(0, 2).map(([address]) => address), SERVER1, SERVER2];
    expect(risksOf(before, without(before, ...goes))).toEqual([]);
    expect(told(risksOf(before, without(before, ...goes, groupOf(2))))).toEqual([
      'deletes:Example Site Example loses 3 of 12 groups',
    ]);
  });

  it('of several kinds in a site are one risk, with each entity', () => {
    const users = Array.from({ length: 5 }, (_, number): [Address, Entity] => [
      userAddress('Example', `U${number}`),
      { kind: 'user', sub: `u${number}` },
    ]);
    const before = added(many(2), users);
    const goes = [...users.slice(0, 4).map(([address]) => address), groupOf(0), groupOf(1), GROUP2];
    const [risk, ...others] = risksOf(before, without(before, ...goes));
    expect(others).toEqual([]);
    expect(risk?.summary).toBe('Site Example loses 3 of 5 groups and 4 of 6 users');
    expect(risk?.items.map(({ address }) => address).sort()).toEqual([...goes].sort());
  });

  it('are judged by what is applied and by what will be: neither can loosen the other', () => {
    const [before, wide] = [many(17), { percent: 90, at_least: 20 }];
    const after = less(before, 4);
    expect(risksOf(before, after)).toHaveLength(1);
    expect(risksOf(before, safety(after, wide))).toHaveLength(1);
    expect(risksOf(safety(before, wide), after)).toHaveLength(1);
    expect(risksOf(safety(before, wide), safety(after, wide))).toEqual([]);
  });

  const edges: readonly (readonly [SafetySettings['deletes'], isRisk: boolean])[] = [
    [{ percent: 20 }, false],
    [{ percent: 19 }, true],
    [{ percent: 19, at_least: 5 }, false],
    [{ at_least: 4 }, true],
    [{ percent: 0, at_least: 1 }, true],
  ];
  it.each(edges)('are those of the settings, one by one: 4 of 20 with %j', (deletes, isRisk) => {
    const before = safety(many(17), deletes);
    expect(risksOf(before, less(before, 4))).toHaveLength(isRisk ? 1 : 0);
  });
});

describe('DESIGN 3: issuer and keys', () => {
  const server = (edit: { issuer?: string; tokens?: { alg: 'ES256' | 'RS256' } }) =>
    edited(EX2, 'server', 'server', edit);

  it('another issuer is a risk, bound to both', () => {
    const [first] = risksOf(EX2, server({ issuer: 'https://b.example' }));
    expect(first).toMatchObject({ kind: 'issuer', subject: 'server' });
    expect(first?.items).toEqual([{ text: 'https://localhost:8443/uas → https://b.example' }]);
    const [second] = risksOf(EX2, server({ issuer: 'https://c.example' }));
    expect(second?.digest).not.toBe(first?.digest);
  });

  it('another kind of key is one; to write down the one that it was is none', () => {
    expect(told(risksOf(EX2, server({ tokens: { alg: 'RS256' } })))).toEqual([
      'keys:server Tokens are signed with another kind of key',
    ]);
    expect(risksOf(EX2, server({ tokens: { alg: 'ES256' } }))).toEqual([]);
  });
});

describe('DESIGN 3: new access to what is restricted', () => {
  const closed = (restricted?: true) =>
    edited(edited(EX2, 'group', GROUP2, { members: [] }), 'application', SERVER2, { restricted });
  const open = (restricted?: true) => edited(EX2, 'application', SERVER2, { restricted });

  it('is a risk by the mark before or after: no change takes it away and lets somebody in', () => {
    const summary = 'restricted:Example/Server2 Example/Server2 is restricted, and a client gains access to it';
    expect(told(risksOf(closed(true), open(true)))).toEqual([summary]);
    expect(told(risksOf(closed(true), open()))).toEqual([summary]);
    expect(told(risksOf(closed(), open(true)))).toEqual([summary]);
    expect(risksOf(closed(), open())).toEqual([]);
  });

  it('names who gains it and as whom; access that is lost, or was there, is none', () => {
    const [risk] = risksOf(closed(true), open(true));
    expect(risk?.items).toEqual([{ address: CLIENT1, text: 'as Example/User1' }]);
    expect(risksOf(open(true), closed(true))).toEqual([]);
    expect(risksOf(open(), open(true))).toEqual([]);
  });

  it('counts for an application that has another name by now', () => {
    const renamed = applicationAddress('Example', 'Vault');
    const moves = [{ from: SERVER2, to: renamed, range: undefined }];
    const vault = (state: State) => added(without(state, SERVER2), [[renamed, state.get(SERVER2) as Entity]]);
    for (const [before, after] of [
      [closed(true), vault(open(true))],
      [closed(true), vault(open())],
    ] as const) {
      expect(told(planOf(before, after, 0, [], moves).risks)).toEqual([
        'restricted:Example/Vault Example/Vault (client_id Server2) is restricted, and a client gains access to it',
      ]);
    }
    expect(planOf(open(true), vault(open(true)), 0, [], moves).risks).toEqual([]);
  });

  it('as another user is new access, with another digest', () => {
    const second = userAddress('Example', 'User2');
    const asSecond = added(edited(open(true), 'user', USER1, { impersonated_by: [] }), [
      [second, { ...(EX2.get(USER1) as Entity), sub: 'second' } as Entity],
    ]);
    const grouped = edited(asSecond, 'group', GROUP2, { members: [{ to: USER1 }, { to: second }] });
    const [risk] = risksOf(open(true), grouped);
    expect(risk?.items).toEqual([{ address: CLIENT1, text: 'as Example/User2 (sub second)' }]);
    expect(risk?.digest).not.toBe(risksOf(closed(true), open(true))[0]?.digest);
  });

  it('that begins later, or is to last longer, is new access, and an approval holds for that time alone', () => {
    const member = (expires?: string) =>
      edited(open(true), 'group', GROUP2, { members: [{ to: USER1, ...(expires === undefined ? {} : { expires }) }] });
    const later = (state: State) => edited(state, 'user', USER1, { not_before: '2027-01-01' });
    const summary = 'restricted:Example/Server2 Example/Server2 is restricted, and a client gains access to it';
    expect(told(risksOf(later(closed(true)), later(open(true))))).toEqual([summary]);
    const [begins] = risksOf(later(closed(true)), later(open(true)));
    expect(begins?.items).toEqual([{ address: CLIENT1, text: 'as Example/User1 from 2027-01-01' }]);
    const [bounded] = risksOf(closed(true), member('2027-01-31'));
    expect(bounded?.items).toEqual([{ address: CLIENT1, text: 'as Example/User1 until 2027-01-31' }]);
    const [endless] = risksOf(closed(true), member());
    expect(new Set([begins, bounded, endless].map((risk) => risk?.digest)).size).toBe(3);
    const [longer] = risksOf(member('2027-01-31'), member());
    expect(longer?.summary).toBe('Example/Server2 is restricted, and a client has access to it for longer');
    expect(risksOf(member(), member('2027-01-31'))).toEqual([]);
    expect(risksOf(later(open(true)), open(true))).toHaveLength(1);
  });

  it('by another client_id is new access, moved or not', () => {
    const renamed = applicationAddress('Example', 'Other');
    const other = edited(open(true), 'application', CLIENT1, { client_id: 'other' });
    const summary = 'restricted:Example/Server2 Example/Server2 is restricted, and a client gains access to it';
    expect(told(risksOf(open(true), other))).toEqual([summary]);
    const moved = edited(added(without(other, CLIENT1), [[renamed, other.get(CLIENT1) as Entity]]), 'user', USER1, {
      impersonated_by: [{ to: renamed }],
    });
    const moves = [{ from: CLIENT1, to: renamed, range: undefined }];
    expect(told(planOf(open(true), moved, 0, [], moves).risks)).toEqual([summary]);
    expect(planOf(EX2, moved, 0, [], moves).access.map(({ effect, client_id }) => [effect, client_id])).toEqual([
      ['revoke', 'Client1'],
      ['grant', 'other'],
      ['revoke', 'Client1'],
      ['grant', 'other'],
      ['revoke', 'Client1'],
      ['grant', 'other'],
    ]);
  });
});

describe('DESIGN 3: what is protected', () => {
  const before = edited(many(40), 'application', SERVER1, { protected: true });
  const after = without(before, SERVER1);

  it('cannot be deleted, and no approval lifts that', () => {
    const [risk, ...others] = risksOf(before, after);
    expect(others).toEqual([]);
    expect(risk).toMatchObject({ kind: 'protected', subject: 'Example/Server1', approvable: false });
    const risks = approve([risk as Risk], [approvalOf(risk as Risk)]);
    expect(unapproved(risks)).toHaveLength(1);
    expect(unusedApprovals(risks, [approvalOf(risk as Risk)])).toHaveLength(1);
  });

  it('can be after an apply without the mark', () => {
    const unmarked = edited(before, 'application', SERVER1, { protected: undefined });
    expect(risksOf(before, unmarked)).toEqual([]);
    expect(risksOf(unmarked, without(unmarked, SERVER1))).toEqual([]);
  });

  it('may be called otherwise', () => {
    const renamed = applicationAddress('Example', 'Server9');
    const moved = added(after, [[renamed, before.get(SERVER1) as Entity]]);
    expect(planOf(before, moved, 0, [], [{ from: SERVER1, to: renamed, range: undefined }]).risks).toEqual([]);
  });

  it('cannot get another client_id either, by an update or with a move', () => {
    const other = edited(before, 'application', SERVER1, { client_id: 'other' });
    const renamed = applicationAddress('Example', 'Server9');
    const moved = added(after, [[renamed, other.get(SERVER1) as Entity]]);
    const moves = [{ from: SERVER1, to: renamed, range: undefined }];
    for (const risks of [risksOf(before, other), planOf(before, moved, 0, [], moves).risks]) {
      expect(risks).toMatchObject([
        { kind: 'protected', subject: 'Example/Server1', approvable: false, items: [{ address: SERVER1 }] },
      ]);
      expect(risks[0]?.items[0]?.text).toBe('client_id Server1 → other');
    }
  });
});

describe('DESIGN 3: who is known by another identifier', () => {
  const user = (number: number) => userAddress('Example', `U${number}`);
  const users = Array.from({ length: 9 }, (_, at): [Address, Entity] => [user(at), { kind: 'user', sub: `u${at}` }]);
  const before = added(EX2, users);
  const other = (count: number) =>
    Array.from({ length: count }, (_, at) => at).reduce(
      (state, at) => edited(state, 'user', user(at), { sub: `new${at}` }),
      before,
    );

  it('is gone for everybody else: as many as over the threshold are a risk, moved or not', () => {
    expect(risksOf(before, other(2))).toEqual([]);
    expect(told(risksOf(before, other(3)))).toEqual([
      'deletes:Example Site Example loses 3 of 10 users, all by another client_id or sub',
    ]);
    expect(told(risksOf(before, without(other(2), user(5))))).toEqual([
      'deletes:Example Site Example loses 3 of 10 users, 2 by another client_id or sub',
    ]);
    expect(risksOf(before, other(3))[0]?.items[0]).toEqual({ address: user(0), text: 'user, from now on new0' });
  });

  it('is not the whole of a kind that is emptied', () => {
    expect(risksOf(EX2, edited(EX2, 'user', USER1, { sub: 'another' }))).toEqual([]);
  });
});

describe('DESIGN 3: a site by another name', () => {
  it('is no risk where all that it held goes on, and one where something of it is lost', () => {
    const moves = [...EX2.keys()].flatMap((from) => {
      const to = from.replace(':Example/', ':Elsewhere/') as Address;
      return from === to ? [] : [{ from, to, range: undefined }];
    });
    const renames = new Map<Address, Address>(moves.map(({ from, to }) => [from, to]));
    const all = [...EX2].map(([address, entity]): [Address, Entity] => [
      address === SITE ? 'site:Elsewhere' : (renames.get(address) ?? address),
      followRenames(entity, renames),
    ]);
    const after = createState(all);
    expect(planOf(EX2, after, 0, [], moves).risks).toEqual([]);
    const lost = renames.get(USER1) as Address;
    expect(told(planOf(EX2, without(after, lost), 0, [], moves).risks)).toEqual([
      'emptied:Example Site Example is removed, with its only user',
    ]);
  });
});

describe('DESIGN 3: live tokens', () => {
  const { changes } = planOf(EX2, without(EX2, SERVER1, USER1));
  const NONE: Usage = { liveTokens: 0, families: 0, users: 0, sessions: 0, lastUsed: undefined };
  const usage = (counts: Readonly<Record<string, number>>) =>
    new Map(Object.entries(counts).map(([address, liveTokens]) => [address as Address, { ...NONE, liveTokens }]));

  it('of a deleted client are a risk, of a user or of who stays none', () => {
    expect(told(judgeLiveTokens(changes, usage({ [SERVER1]: 2, [USER1]: 5, [CLIENT1]: 7 })))).toEqual([
      'live-tokens:Example/Server1 2 live tokens end with the client that holds them',
    ]);
    expect(told(judgeLiveTokens(changes, usage({ [SERVER1]: 1 })))).toEqual([
      'live-tokens:Example/Server1 1 live token ends with the client that holds it',
    ]);
    expect(judgeLiveTokens(changes, usage({ [SERVER1]: 0 }))).toEqual([]);
  });

  it('are also what a deleted client may refresh, whosever it is', () => {
    const ending = (known: Partial<Usage>) =>
      told(judgeLiveTokens(changes, new Map([[SERVER1, { ...NONE, ...known }]])));
    expect(ending({ families: 40, users: 31, liveTokens: 12 })).toEqual([
      'live-tokens:Example/Server1 40 refresh families of 31 users and 12 live tokens end with the client that holds them',
    ]);
    expect(ending({ families: 1, users: 1 })).toEqual([
      'live-tokens:Example/Server1 1 refresh family of 1 user ends with the client that holds it',
    ]);
    expect(ending({ users: 3 }), 'nothing of theirs is kept').toEqual([]);
  });

  it('are approved by the client, not by how many there are at the moment', () => {
    const [two, three] = [2, 3].map((count) => judgeLiveTokens(changes, usage({ [SERVER1]: count }))[0]?.digest);
    expect(two).toBe(three);
    const other = planOf(EX2, without(edited(EX2, 'application', SERVER1, { enabled: false }), SERVER1));
    expect(judgeLiveTokens(other.changes, usage({ [SERVER1]: 2 }))[0]?.digest).toBe(two);
    const changed = planOf(edited(EX2, 'application', SERVER1, { enabled: false }), without(EX2, SERVER1));
    expect(judgeLiveTokens(changed.changes, usage({ [SERVER1]: 2 }))[0]?.digest).not.toBe(two);
  });
});

describe('DESIGN 3: an ancestor of the applied commit', () => {
  const [old, applied] = ['0123456789abcdef0123456789abcdef01234567', 'f'.repeat(40)];
  it('is a risk that is bound to both commits and to the plan', () => {
    const plan = planOf(EX2, without(EX2, SERVER1));
    const risk = judgeOlderCommit(plan, old, applied);
    expect(risk).toMatchObject({ kind: 'older-commit', subject: '0123456789ab', approvable: true });
    const others = [
      judgeOlderCommit(planOf(EX2, without(EX2, SERVER2)), old, applied),
      judgeOlderCommit(plan, `${old.slice(0, 39)}8`, applied),
      judgeOlderCommit(plan, old, 'e'.repeat(40)),
    ];
    expect(new Set([risk, ...others].map(({ digest }) => digest)).size).toBe(4);
  });
});

describe('an approval', () => {
  const before = many(5);
  const [risk] = risksOf(before, less(before, 3)) as [Risk];
  const approval = approvalOf(risk);

  it('lifts the very risk, and is told beside it', () => {
    expect(parseApproval(formatApproval(approval))).toEqual(approval);
    expect(approve([risk], [approval])).toEqual([{ ...risk, approved: approval }]);
    expect(unapproved(approve([risk], [approval]))).toEqual([]);
    expect(unusedApprovals([risk], [approval])).toEqual([]);
  });

  const others: readonly (readonly [string, Approval])[] = [
    ['kind', { ...approval, risk: 'emptied' }],
    ['subject', { ...approval, subject: 'Far' }],
    ['digest', { ...approval, digest: 'f'.repeat(16) }],
  ];
  it.each(others)('of another %s lifts nothing, and is told to be of no use', (_, other) => {
    expect(unapproved(approve([risk], [other]))).toEqual([risk]);
    expect(unusedApprovals([risk], [other])).toEqual([other]);
  });

  it('does not hold once one more entity goes, or one that goes is another one', () => {
    const grown = risksOf(before, less(before, 4));
    const other = edited(before, 'group', groupOf(0), { methods: ['password.1'] });
    for (const risks of [grown, risksOf(other, less(other, 3))]) {
      expect(risks.map(({ kind, subject }) => `${kind}:${subject}`)).toEqual(['deletes:Example']);
      expect(unapproved(approve(risks, [approval]))).toHaveLength(1);
    }
  });
});

it('risks stand by kind and subject', () => {
  const all = [...EX2.keys()].filter((address) => address.includes(':Example') && address !== SERVER1);
  const before = edited(EX2, 'application', CLIENT1, { protected: true });
  const after = edited(without(before, ...all, 'scope:WS'), 'server', 'server', { issuer: 'https://b.example' });
  const risks = risksOf(before, after);
  expect(risks.map(({ kind, subject }) => `${kind}:${subject}`)).toEqual([
    'emptied:Example',
    'emptied:server',
    'issuer:server',
    'protected:Example/Client1',
  ]);
  expect([...risks].reverse().sort(compareRisks)).toEqual(risks);
});
