import { describe, expect, it } from 'vitest';
import {
  applicationAddress,
  groupAddress,
  methodAddress,
  type UserAddress,
  userAddress,
} from '../../src/model/address.ts';
import type { ApplicationEntity, Entity, Link, UserEntity } from '../../src/model/entity.ts';
import { EMPTY_STATE, type State } from '../../src/model/state.ts';
import { speakLoss, speakVia } from '../../src/plan/access-words.ts';
import { namingOf } from '../../src/plan/naming.ts';
import type { AccessChange } from '../../src/plan/plan.ts';
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
  withPolicy,
} from '../model/example-state.ts';
import { planOf } from './make.ts';

const client = (
  edit: { readonly [key in keyof ApplicationEntity]?: ApplicationEntity[key] | undefined },
  state = EX2,
) => edited(state, 'application', CLIENT1, edit);
const metadataOf = (scope: string) => ({ grant_types: ['client_credentials'], scope });

function accessOf(before: State, after: State): readonly AccessChange[] {
  return planOf(before, after).access;
}

const spoken = (changes: readonly AccessChange[]) =>
  changes.map(({ effect, client_id, audience, scope }) => `${effect} ${client_id} ${audience ?? `scope ${scope}`}`);
const causes = (changes: readonly AccessChange[]) =>
  changes.map(({ cause }) => `${cause.place.address}${cause.place.pointer}`);
const losses = (changes: readonly AccessChange[]) =>
  changes.map((change) => speakLoss(change, namingOf({ changes: [], access: changes })));

describe('the cause of a revoke, and of the grant when it is put back', () => {
  const server2 = 'Server2';
  type Row = readonly [what: string, without: State, audiences: readonly string[], cause: string, words: string];
  const all = ['Client1', 'Server1', 'Server2'];
  const rows: readonly Row[] = [
    [
      'a membership',
      edited(EX2, 'group', GROUP2, { members: [] }),
      [server2],
      `${GROUP2}/members/0`,
      'User1 leaves Group2',
    ],
    [
      'the group of a server',
      edited(EX2, 'application', SERVER2, { allowed_to: [] }),
      [server2],
      `${SERVER2}/allowed_to/0`,
      'Server2 is no longer open to Group2',
    ],
    [
      'the right to ask',
      client({ metadata: metadataOf('Server1') }),
      [server2],
      `${CLIENT1}/metadata/scope`,
      'Client1 may no longer ask for Server2',
    ],
    [
      'the impersonation',
      edited(EX2, 'user', USER1, { impersonated_by: [] }),
      all,
      `${USER1}/impersonated_by/0`,
      'Client1 no longer impersonates User1',
    ],
    [
      'the method on a site',
      edited(EX2, 'site', SITE, { methods: [] }),
      all,
      `${SITE}/methods/0`,
      `METHOD_NOT_ON_SITE: Example no longer lists ${METHOD}`,
    ],
    [
      'the method on a user',
      edited(EX2, 'user', USER1, { methods: [] }),
      all,
      `${USER1}/methods/0`,
      `METHOD_NOT_ON_USER: User1 no longer lists ${METHOD}`,
    ],
    [
      'the method on a server',
      edited(EX2, 'application', SERVER2, { methods: [] }),
      [server2],
      `${SERVER2}/methods/0`,
      `METHOD_NOT_ON_APPLICATION: Server2 no longer lists ${METHOD}`,
    ],
  ];

  it.each(rows)('%s', (_, broken, audiences, cause, words) => {
    const revokes = accessOf(EX2, broken);
    expect(spoken(revokes)).toEqual(audiences.map((audience) => `revoke Client1 ${audience}`));
    expect(new Set(causes(revokes))).toEqual(new Set([cause]));
    expect(new Set(losses(revokes))).toEqual(new Set([words]));
    const grants = accessOf(broken, EX2);
    expect(spoken(grants)).toEqual(audiences.map((audience) => `grant Client1 ${audience}`));
    expect(new Set(causes(grants))).toEqual(new Set([cause]));
    for (const grant of grants) expect(grant.other).toMatchObject({ granted: false });
  });

  it('the method on a group is a link only for a client as itself', () => {
    const revokes = accessOf(EX1, edited(EX1, 'group', GROUP1, { methods: [] }));
    expect(causes(revokes)).toEqual([`${GROUP1}/methods/0`]);
    expect(losses(revokes)).toEqual([`METHOD_NOT_ON_GROUP: Group1 no longer lists ${METHOD}`]);
  });
});

describe('the cause where no link went', () => {
  const rows: readonly (readonly [what: string, State, audience: string, cause: string, words: string])[] = [
    [
      'a disabled server',
      edited(EX2, 'application', SERVER2, { enabled: false }),
      'Server2',
      `${SERVER2}/enabled`,
      'Server2 disabled',
    ],
    ['a disabled client', client({ enabled: false }), 'Server2', `${CLIENT1}/enabled`, 'Client1 disabled'],
    [
      'a disabled user',
      edited(EX2, 'user', USER1, { enabled: false }),
      'Server2',
      `${USER1}/enabled`,
      'USER_NOT_ACTIVE: User1 is not active',
    ],
    [
      'a user that expired',
      edited(EX2, 'user', USER1, { expires: '1969-01-01' }),
      'Server2',
      `${USER1}/expires`,
      'USER_NOT_ACTIVE: User1 is not active',
    ],
    [
      'a disabled method',
      edited(EX2, 'method', METHOD1, { enabled: false }),
      'Server2',
      `${METHOD1}/enabled`,
      `METHOD_DISABLED: ${METHOD} disabled`,
    ],
    [
      'another grant',
      client({ metadata: { grant_types: [], scope: 'Server1 Server2' } }),
      'Server2',
      `${CLIENT1}/metadata/grant_types`,
      'GRANT_NOT_ALLOWED: Client1 no longer has client_credentials',
    ],
    [
      'a client that became public',
      client({ metadata: { ...metadataOf('Server1 Server2'), token_endpoint_auth_method: 'none' } }),
      'Server2',
      `${CLIENT1}/metadata/token_endpoint_auth_method`,
      'CLIENT_IS_PUBLIC: Client1 no longer authenticates',
    ],
    [
      'a group that lists other methods',
      edited(EX2, 'group', CLIENT_GROUP, { methods: ['password.1'] }),
      'Client1',
      `${CLIENT_GROUP}/methods`,
      'METHOD_NOT_ON_GROUP: ClientGroup lists other methods',
    ],
  ];

  it.each(rows)('%s', (_, state, audience, cause, words) => {
    const revokes = accessOf(EX2, state).filter((change) => change.audience === audience);
    expect(causes(revokes)).toEqual([cause]);
    expect(losses(revokes)).toEqual([words]);
    const grants = accessOf(state, EX2).filter((change) => change.audience === audience);
    expect(causes(grants)).toEqual([cause]);
  });

  it('another method that serves: what changed, although no link of the chain did', () => {
    const second = methodAddress('cc.0');
    const shadowed = added(edited(client({ methods: ['cc.0', METHOD] }), 'site', SITE, { methods: ['cc.0', METHOD] }), [
      [second, { kind: 'method', type: 'client_credentials', enabled: false }],
    ]);
    const revokes = accessOf(shadowed, edited(shadowed, 'method', second, { enabled: true }));
    expect(revokes).toHaveLength(3);
    expect(new Set(causes(revokes))).toEqual(new Set([`${second}/enabled`]));
    expect(losses(revokes)[0]).toBe(
      'METHOD_NOT_ON_USER: User1 lists no method by which Client1 serves client_credentials',
    );
  });
});

describe('what comes and goes', () => {
  it('a removed server is the cause itself', () => {
    const after = client({ metadata: metadataOf('Server1') }, without(EX2, SERVER2));
    const [revoke, ...others] = accessOf(EX2, after);
    expect(others).toEqual([]);
    expect(revoke).toMatchObject({ effect: 'revoke', audience: 'Server2', other: undefined });
    expect(losses([revoke as AccessChange])).toEqual(['Server2 removed']);
    expect(revoke?.cause.range?.file).toBe('applications.yaml');
  });

  it('a removed client loses all, and its removal is the cause', () => {
    const after = edited(without(EX2, CLIENT1), 'user', USER1, { impersonated_by: [] });
    const revokes = accessOf(EX2, after);
    expect(spoken(revokes)).toEqual(['revoke Client1 Client1', 'revoke Client1 Server1', 'revoke Client1 Server2']);
    expect(new Set(losses(revokes))).toEqual(new Set(['Client1 removed']));
  });

  it('DESIGN 3 of a removed group it is told who leaves it', () => {
    const after = edited(without(EX2, GROUP2), 'application', SERVER2, { allowed_to: [] });
    const revokes = accessOf(EX2, after);
    expect(losses(revokes)).toEqual(['User1 leaves Group2']);
    expect(revokes[0]?.cause.range?.file).toBe('groups.yaml');
  });

  it('S:X-01 an audience that another application takes over is lost and gained', () => {
    const other = applicationAddress('Example', 'Other');
    const named: Entity = { ...(EX2.get(SERVER2) as ApplicationEntity), client_id: 'Server2' };
    const after = added(edited(EX2, 'application', SERVER2, { client_id: 'Retired' }), [[other, named]]);
    const changes = accessOf(EX2, after);
    expect(spoken(changes)).toEqual(['grant Client1 Server2', 'revoke Client1 Server2']);
    expect(changes.map(({ held }) => held.application)).toEqual([other, SERVER2]);
    expect(losses(changes.slice(1))).toEqual(['Server2 has another client_id']);
  });

  it('another client_id of the client loses and gains all: its tokens speak for somebody else', () => {
    const changes = accessOf(EX2, client({ client_id: 'one' }));
    expect(changes.map(({ effect, client_id, audience }) => [effect, client_id, audience])).toEqual([
      ['revoke', 'Client1', 'Client1'],
      ['grant', 'one', 'Server1'],
      ['revoke', 'Client1', 'Server1'],
      ['grant', 'one', 'Server2'],
      ['revoke', 'Client1', 'Server2'],
      ['grant', 'one', 'one'],
    ]);
    expect(new Set(causes(changes))).toEqual(new Set([`${CLIENT1}/client_id`]));
    expect(new Set(losses(changes.filter(({ effect }) => effect === 'revoke')))).toEqual(
      new Set(['Client1 has another client_id']),
    );
  });
});

describe('S:N-01 a scope of the catalogue', () => {
  const catalogued = (scope: string, state = EX2) => client({ metadata: metadataOf(scope) }, state);
  const narrow = catalogued('Server1 Server2');
  const wide = catalogued('Server1 Server2 WS');
  const unreachable = (state: State) => edited(state, 'user', USER1, { methods: [] });

  it('is gained and lost with its naming', () => {
    const grants = accessOf(narrow, wide);
    expect(spoken(grants)).toEqual(['grant Client1 scope WS']);
    expect(causes(grants)).toEqual([`${CLIENT1}/metadata/scope`]);
    expect(grants[0]?.other).toMatchObject({
      code: 'SCOPE_NOT_ALLOWED',
      missing: { address: CLIENT1, pointer: '/metadata/scope' },
    });
    expect(speakVia(grants[0] as AccessChange, namingOf({ changes: [], access: grants }))).toBe('as User1');
    const revokes = accessOf(wide, narrow);
    expect(spoken(revokes)).toEqual(['revoke Client1 scope WS']);
    expect(causes(revokes)).toEqual([`${CLIENT1}/metadata/scope`]);
    expect(losses(revokes)).toEqual(['Client1 may no longer ask for scope WS']);
  });

  it('named beside an aud is caused where scopes are written', () => {
    const listing = (scope: string) =>
      client({ metadata: { grant_types: ['client_credentials'], aud: ['Server1'], scope } });
    const grants = accessOf(listing(''), listing('WS'));
    expect(spoken(grants)).toEqual(['grant Client1 scope WS']);
    expect(causes(grants)).toEqual([`${CLIENT1}/metadata/scope`]);
    expect(grants[0]?.other?.missing.pointer).toBe('/metadata/scope');
  });

  it('is held with a token only, and a token needs an audience', () => {
    expect(accessOf(unreachable(narrow), unreachable(wide))).toEqual([]);
    const revokes = accessOf(wide, unreachable(wide));
    expect(spoken(revokes).at(-1)).toBe('revoke Client1 scope WS');
    expect(new Set(causes(revokes))).toEqual(new Set([`${USER1}/methods/0`]));
    expect(losses(revokes).at(-1)).toBe(`METHOD_NOT_ON_USER: User1 no longer lists ${METHOD}`);
    expect(revokes.at(-1)?.other?.code).toBe('METHOD_NOT_ON_USER');
  });

  it('is not lost while one audience is left', () => {
    const left = edited(wide, 'application', SERVER1, { enabled: false });
    expect(spoken(accessOf(wide, left))).toEqual(['revoke Client1 Server1']);
  });

  it('that comes or goes in the catalogue is the cause itself', () => {
    const gone = without(wide, 'scope:WS');
    const revokes = accessOf(wide, gone);
    expect(spoken(revokes)).toEqual(['revoke Client1 scope WS']);
    expect(causes(revokes)).toEqual(['scope:WS']);
    expect(losses(revokes)).toEqual(['scope WS removed']);
    expect(causes(accessOf(gone, wide))).toEqual(['scope:WS']);
    expect(losses(accessOf(wide, without(narrow, 'scope:WS')))).toEqual(['scope WS removed']);
  });

  it('of a removed client is lost with all else', () => {
    const after = edited(without(wide, CLIENT1), 'user', USER1, { impersonated_by: [] });
    expect(losses(accessOf(wide, after))).toEqual(new Array(4).fill('Client1 removed'));
  });
});

describe('another user behind the same access', () => {
  const second = userAddress('Example', 'User2');
  const groupsOf = (state: State, to: UserAddress) =>
    [GROUP1, GROUP2, CLIENT_GROUP].reduce((edit, group) => edited(edit, 'group', group, { members: [{ to }] }), state);
  const asUser2 = added(groupsOf(edited(EX2, 'user', USER1, { impersonated_by: [] }), second), [
    [second, { kind: 'user', sub: 'Example/User2', methods: [METHOD], impersonated_by: [{ to: CLIENT1 }] }],
  ]);

  it('is lost as the one and gained as the other, by the impersonations', () => {
    const changes = accessOf(EX2, asUser2);
    const all = ['Client1', 'Server1', 'Server2'];
    expect(spoken(changes)).toEqual(all.flatMap((name) => [`grant Client1 ${name}`, `revoke Client1 ${name}`]));
    const [grant, revoke] = changes as [AccessChange, AccessChange];
    expect(causes(changes.filter(({ effect }) => effect === 'grant'))).toEqual(
      all.map(() => `${second}/impersonated_by/0`),
    );
    expect(causes(changes.filter(({ effect }) => effect === 'revoke'))).toEqual(
      all.map(() => `${USER1}/impersonated_by/0`),
    );
    expect(speakVia(grant, namingOf({ changes: [], access: changes }))).toBe('as User2, through ClientGroup');
    expect(losses([revoke])).toEqual(['Client1 no longer impersonates User1']);
    expect([grant.other, revoke.other]).toEqual([undefined, undefined]);
  });

  it('is told of a scope too', () => {
    const withScope = (state: State) => client({ metadata: metadataOf('WS') }, state);
    expect(spoken(accessOf(withScope(EX2), withScope(asUser2)))).toEqual([
      'grant Client1 Client1',
      'revoke Client1 Client1',
      'grant Client1 scope WS',
      'revoke Client1 scope WS',
    ]);
  });

  it('where there was none the new impersonation is the cause, on both lines', () => {
    const itself = edited(edited(EX2, 'user', USER1, { impersonated_by: [] }), 'group', CLIENT_GROUP, {
      methods: [METHOD],
    });
    const opened = edited(EX2, 'group', CLIENT_GROUP, { methods: [METHOD] });
    const of = (changes: readonly AccessChange[]) => changes.filter(({ audience }) => audience === 'Client1');
    const forth = of(accessOf(itself, opened));
    expect(spoken(forth)).toEqual(['grant Client1 Client1', 'revoke Client1 Client1']);
    expect(causes(forth)).toEqual([`${USER1}/impersonated_by/0`, `${USER1}/impersonated_by/0`]);
    expect(losses(forth.slice(1))).toEqual(['Client1 now impersonates User1']);
    const back = of(accessOf(opened, itself));
    expect(causes(back)).toEqual([`${USER1}/impersonated_by`, `${USER1}/impersonated_by/0`]);
    expect(losses(back.slice(1))).toEqual(['Client1 no longer impersonates User1']);
    const userGone = edited(without(itself, USER1), 'group', CLIENT_GROUP, { members: [] });
    expect(causes(of(accessOf(opened, userGone)))[0]).toBe(USER1);
  });
});

describe('the cause where every link is new', () => {
  it('is what opens the application, before the site and its methods', () => {
    expect(causes(accessOf(EMPTY_STATE, EX2))).toEqual([
      `${CLIENT1}/allowed_to/0`,
      `${SERVER1}/allowed_to/0`,
      `${SERVER2}/allowed_to/0`,
    ]);
    expect(causes(accessOf(EMPTY_STATE, EX1))).toEqual([`${CLIENT1}/allowed_to/0`]);
  });

  it('of a scope is its naming', () => {
    const grants = accessOf(EMPTY_STATE, client({ metadata: metadataOf('WS') }));
    expect(spoken(grants)).toEqual(['grant Client1 Client1', 'grant Client1 scope WS']);
    expect(causes(grants)).toEqual([`${CLIENT1}/allowed_to/0`, `${CLIENT1}/metadata/scope`]);
  });
});

describe('access from some addresses', () => {
  const ranged = (...client_ip_range: readonly string[]) => client({ client_ip_range });
  const froms = (before: State, after: State) =>
    accessOf(before, after)
      .filter(({ held }) => held.application === SERVER1)
      .map(({ effect, held, otherwise, cause }) => [effect, held.networks, otherwise?.networks, cause.place.pointer]);
  const at = '/client_ip_range';

  it('is less than access from anywhere, and access from fewer is lost', () => {
    const [wide, narrow] = [[['10.0.0.0/8']], [['10.1.0.0/16']]];
    expect(froms(EX2, ranged('10.0.0.0/8'))).toEqual([['revoke', undefined, wide, at]]);
    expect(froms(ranged('10.0.0.0/8'), EX2)).toEqual([['grant', undefined, wide, at]]);
    expect(froms(ranged('10.0.0.0/8'), ranged('10.1.0.0/16'))).toEqual([['revoke', wide, narrow, at]]);
    expect(froms(ranged('10.1.0.0/16'), ranged('10.0.0.0/8'))).toEqual([['grant', wide, narrow, at]]);
  });

  it('is gained and lost where neither range holds the other', () => {
    const [one, other] = [[['192.0.2.0/24']], [['2001:db8::/32']]];
    expect(froms(ranged('192.0.2.0/24'), ranged('2001:db8::/32'))).toEqual([
      ['grant', other, one, at],
      ['revoke', one, other, at],
    ]);
  });

  it('is the same in another order, and where a range is written that another one holds', () => {
    const before = ranged('192.0.2.0/24', '10.0.0.0/8');
    expect(froms(before, ranged('10.0.0.0/8', '192.0.2.0/24', '10.1.1.1'))).toEqual([]);
  });
});

describe('what is no change of access', () => {
  const rows: readonly (readonly [string, State])[] = [
    ['a secret', client({ secret: { env: 'OTHER' } })],
    ['a lifetime', client({ tokens: { access_ttl: '5m' } })],
    ['a name to show', client({ metadata: { ...metadataOf('Server1 Server2'), client_name: 'One' } })],
    ['an attribute', edited(EX2, 'user', USER1, { attributes: { mail: 'a@x' } })],
    ['how a scope is described', edited(EX2, 'scope', 'scope:WS', { descriptions: [{ key: 'en', value: 'Other' }] })],
    ['a protocol scope', client({ metadata: metadataOf('Server1 Server2 openid') })],
    ['the issuer', edited(EX2, 'server', 'server', { issuer: 'https://b.example' })],
    ['the order of the audiences', client({ metadata: metadataOf('Server2 Server1') })],
    ['a second way to the same', edited(EX2, 'application', SERVER2, { allowed_to: [{ to: GROUP1 }, { to: GROUP2 }] })],
    [
      'an application that nobody asks for',
      added(EX2, [[applicationAddress('Example', 'New'), { kind: 'application', client_id: 'New' }]]),
    ],
  ];

  it.each(rows)('%s', (_, after) => {
    expect(planOf(EX2, after).changes).not.toEqual([]);
    expect(accessOf(EX2, after)).toEqual([]);
    expect(accessOf(after, EX2)).toEqual([]);
  });

  it('an end that passes by itself: both sides are asked at the same instant', () => {
    const ending = edited(EX2, 'user', USER1, { expires: '2026-01-01' });
    const scope = edited(ending, 'group', GROUP1, { methods: [] });
    for (const now of [0, Date.parse('2025-12-31'), Date.parse('2026-01-01')]) {
      expect(planOf(ending, scope, now).access).toEqual([]);
    }
  });
});

describe('a grant tells through what', () => {
  const via = (before: State, after: State) =>
    accessOf(before, after).map((change) => speakVia(change, namingOf({ changes: [], access: [change] })));

  it('the user and the groups, from the inmost on', () => {
    const members: Link<typeof GROUP1>[] = [{ to: GROUP1 }];
    const nested = edited(EX2, 'group', GROUP2, { members });
    expect(via(edited(EX2, 'group', GROUP2, { members: [] }), nested)).toEqual(['as User1, through Group1 → Group2']);
  });

  it('the client itself where it impersonates nobody', () => {
    expect(via(edited(EX1, 'group', GROUP1, { methods: [] }), EX1)).toEqual(['as itself, through Group1']);
  });

  it('where both a membership and the opening are new, the one that the refusal named', () => {
    const before = edited(edited(EX2, 'group', GROUP2, { members: [] }), 'application', SERVER2, { allowed_to: [] });
    expect(causes(accessOf(before, EX2))).toEqual([`${SERVER2}/allowed_to/0`]);
  });

  it('and of an unlisted audience the refusal that its naming would have met', () => {
    const [grant] = accessOf(client({ metadata: metadataOf('Server1') }), EX2);
    expect(grant?.other).toMatchObject({
      code: 'SCOPE_NOT_ALLOWED',
      missing: { address: CLIENT1, pointer: '/metadata/scope' },
    });
    expect(grant?.other?.application).toBe(SERVER2);
  });

  it('counts itself as an audience like any other', () => {
    const before = edited(EX2, 'group', CLIENT_GROUP, { members: [] });
    expect(spoken(accessOf(before, EX2))).toEqual(['grant Client1 Client1']);
    expect(accessOf(before, EX2)[0]?.held.application).toBe(CLIENT1);
  });
});

describe('access that begins or ends later', () => {
  const group2 = (member: Omit<Link<UserAddress>, 'to'>) =>
    edited(EX2, 'group', GROUP2, { members: [{ to: USER1, ...member }] });
  const user = (edit: Partial<UserEntity>, state = EX2) => edited(state, 'user', USER1, edit);
  const closed = edited(EX2, 'group', GROUP2, { members: [] });
  const vias = (changes: readonly AccessChange[]) =>
    changes.map((change) => speakVia(change, namingOf({ changes: [], access: changes })));
  const spokenOf = (before: State, after: State) => {
    const changes = accessOf(before, after).filter(({ audience }) => audience === 'Server2');
    return changes.map(
      (change, at) => `${change.effect} ${(change.effect === 'grant' ? vias : losses)(changes)[at] as string}`,
    );
  };

  it('is gained at once as a plan tells it, with the day on which it begins', () => {
    expect(spokenOf(user({ not_before: '2027-01-01' }, closed), user({ not_before: '2027-01-01' }))).toEqual([
      'grant as User1, through Group2, from 2027-01-01',
    ]);
    const bounded = user({ not_before: '2027-01-01' }, group2({ expires: '2027-02-01' }));
    expect(spokenOf(closed, bounded)).toEqual(['grant as User1, through Group2, from 2027-01-01, until 2027-02-01']);
    expect(spokenOf(bounded, user({ not_before: '2027-01-01' }, closed))).toEqual([
      'revoke User1 leaves Group2, which would have begun on 2027-01-01',
    ]);
  });

  it('is the same plan before and after the day on which it begins', () => {
    const later = user({ not_before: '2027-01-01' });
    const at = (now: number) => planOf(edited(later, 'group', GROUP2, { members: [] }), later, now);
    const [early, late] = [at(0), at(Date.UTC(2027, 5, 1))];
    expect([early.access[0]?.from, late.access[0]?.from]).toEqual([Date.UTC(2027, 0, 1), undefined]);
    expect(late.digest).toBe(early.digest);
  });

  it('is gained where it begins earlier, and lost where it begins later', () => {
    const later = user({ not_before: '2027-01-01' });
    expect(spokenOf(later, EX2)).toEqual(['grant as User1, through Group2, at once (was from 2027-01-01)']);
    expect(spokenOf(later, user({ not_before: '2026-12-01' }))).toEqual([
      'grant as User1, through Group2, from 2026-12-01 (was from 2027-01-01)',
    ]);
    expect(spokenOf(EX2, later)).toEqual(['revoke USER_NOT_ACTIVE: User1 is not active until 2027-01-01']);
  });

  it('is gained where it ends later, and lost where it ends earlier, by the link that ends', () => {
    const [ends, longer] = [group2({ expires: '2027-01-31' }), group2({ expires: '2027-06-30' })];
    expect(spokenOf(ends, longer)).toEqual(['grant as User1, through Group2, until 2027-06-30 (was until 2027-01-31)']);
    expect(spokenOf(ends, EX2)).toEqual(['grant as User1, through Group2, without end (was until 2027-01-31)']);
    expect(spokenOf(EX2, ends)).toEqual(['revoke User1 leaves Group2 from 2027-01-31 on (was without end)']);
    expect(accessOf(EX2, ends)[0]?.cause).toMatchObject({
      place: { address: GROUP2, pointer: '/members/0' },
      ended: true,
    });
    const expires = edited(EX2, 'application', SERVER2, { expires: '2027-01-31' });
    expect(spokenOf(EX2, expires)).toEqual(['revoke Server2 expires, from 2027-01-31 on (was without end)']);
    expect(causes(accessOf(EX2, expires))).toEqual([`${SERVER2}/expires`]);
  });

  it('is lost and gained where it is at other times altogether', () => {
    const [early, late] = [user({ expires: '2027-01-01' }), user({ not_before: '2027-06-01' })];
    expect(spokenOf(early, late)).toEqual([
      'grant as User1, through Group2, from 2027-06-01 (was at once), without end (was until 2027-01-01)',
      'revoke USER_NOT_ACTIVE: User1 is not active until 2027-06-01',
    ]);
  });

  it('that begins earlier and ends earlier is told by the end alone where it is lost', () => {
    const [late, early] = [
      user({ not_before: '2027-06-01' }),
      user({ not_before: '2027-01-01', expires: '2027-08-01' }),
    ];
    expect(spokenOf(late, early)).toEqual([
      'grant as User1, through Group2, from 2027-01-01 (was from 2027-06-01), until 2027-08-01 (was without end)',
      'revoke USER_NOT_ACTIVE: User1 is not active from 2027-08-01 on (was without end)',
    ]);
  });

  it('is none that anybody has where no end is written otherwise', () => {
    const ends = group2({ expires: '2027-01-31' });
    expect(accessOf(ends, edited(ends, 'application', SERVER1, { tokens: { access_ttl: '5m' } }))).toEqual([]);
  });
});

it('access that a second value denies begins when that value goes, where it rests on another scope that is requested too', () => {
  const temps = groupAddress('Example', 'Temps');
  const asking = edited(EX2, 'application', CLIENT1, {
    metadata: { grant_types: ['client_credentials'], scope: 'Server1 WS' },
  });
  const member = added(asking, [[temps, { kind: 'group', members: [{ to: USER1, expires: '2027-01-31' }] }]]);
  const after = withPolicy(member, SERVER1, {
    items: [
      { scopes: ['WS'], name: 'role', value: 'text:x' },
      { scopes: ['WS'], group: temps, name: 'role', value: 'text:y' },
    ],
    single_value: ['role'],
    required: ['role'],
  });
  const [revoke, ...others] = accessOf(member, after).filter(({ audience }) => audience === 'Server1');
  expect(others).toEqual([]);
  expect(revoke).toMatchObject({ effect: 'revoke', otherwise: { from: Date.UTC(2027, 0, 31) } });
});
