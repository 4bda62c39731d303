import { describe, expect, it } from 'vitest';
import {
  type Address,
  applicationAddress,
  type GroupAddress,
  groupAddress,
  userAddress,
} from '../../src/model/address.ts';
import type { ApplicationEntity, Entity } from '../../src/model/entity.ts';
import type { State } from '../../src/model/state.ts';
import { ownersOf, withUsage } from '../../src/plan/impact.ts';
import type { Usage } from '../../src/plan/port.ts';
import {
  added,
  CLIENT1,
  EX2,
  edited,
  GROUP1,
  GROUP2,
  METHOD1,
  SERVER1,
  SERVER2,
  USER1,
  without,
} from '../model/example-state.ts';
import { planOf } from './make.ts';

const client = (edit: Partial<Record<keyof ApplicationEntity, unknown>>, state = EX2) =>
  edited(state, 'application', CLIENT1, edit as Partial<ApplicationEntity>);
/** `ends` or `loses` of each, by name. */
const impact = (before: State, after: State) =>
  planOf(before, after).impact.map(({ address, ends }) => `${ends ? 'ends' : 'loses'} ${address}`);

describe('the tokens of a client or user', () => {
  const off = { enabled: false };
  const rows: readonly (readonly [what: string, State, State, readonly string[]])[] = [
    ['end when it is deleted', EX2, without(EX2, USER1), [`loses ${CLIENT1}`, `ends ${USER1}`]],
    ['end when it is disabled', EX2, client(off), [`ends ${CLIENT1}`]],
    ['end when it is enabled again: those of before stay dead', client(off), EX2, [`ends ${CLIENT1}`]],
    ['end with another client_id', EX2, client({ client_id: 'other' }), [`ends ${CLIENT1}`]],
    [
      'end when they are to be bound to an address, and none is known of them',
      client({ metadata: { grant_types: ['authorization_code'] } }),
      client({ metadata: { grant_types: ['authorization_code'] }, bind_token_ip: true }),
      [`ends ${CLIENT1}`],
    ],
    ['go on of a client without users, which binds nothing', EX2, client({ bind_token_ip: true }), []],
    ['go on when they are bound no more', client({ bind_token_ip: true }), EX2, []],
    ['end with another sub', EX2, edited(EX2, 'user', USER1, { sub: 'other' }), [`ends ${USER1}`]],
    ['lose access with a membership', EX2, edited(EX2, 'group', GROUP2, { members: [] }), [`loses ${CLIENT1}`]],
    ['lose access with a method', EX2, edited(EX2, 'method', METHOD1, off), [`loses ${CLIENT1}`]],
    ['go on when only access is gained', edited(EX2, 'group', GROUP2, { members: [] }), EX2, []],
    ['go on beside another secret', EX2, client({ secret: { env: 'OTHER' } }), []],
    ['are not there of what is new', without(EX2, SERVER1), EX2, []],
    ['are none of a group', EX2, without(EX2, GROUP1), [`loses ${CLIENT1}`]],
  ];
  it.each(rows)('%s', (_, before, after, told) => {
    expect(impact(before, after)).toEqual(told);
  });
});

describe('how long a JWT goes on offline', () => {
  const seconds = (before: State, after: State) =>
    planOf(before, after).impact.map(({ address, offlineSeconds }) => [address, offlineSeconds]);

  it('is the lifetime that it was issued with, not the one that comes', () => {
    const before = client({ tokens: { access_ttl: '5m' } });
    expect(seconds(before, client({ enabled: false, tokens: { access_ttl: '1h' } }))).toEqual([[CLIENT1, 300]]);
  });

  it('is nothing where tokens are opaque, or there is no client to issue one', () => {
    expect(seconds(client({ tokens: { format: 'opaque' } }), without(EX2, CLIENT1))).toContainEqual([
      CLIENT1,
      undefined,
    ]);
    expect(seconds(EX2, without(EX2, SERVER1))).toContainEqual([SERVER1, undefined]);
    expect(seconds(client({ tokens: { access_ttl: '0s' } }), without(EX2, CLIENT1))).toContainEqual([
      CLIENT1,
      undefined,
    ]);
  });

  it('is of a user the longest of its clients', () => {
    const second = applicationAddress('Example', 'Client2');
    const [one] = [EX2.get(CLIENT1) as ApplicationEntity];
    const two = added(EX2, [[second, { ...one, client_id: 'Client2', tokens: { access_ttl: '10m' } } as Entity]]);
    const before = edited(client({ tokens: { access_ttl: '2m' } }, two), 'user', USER1, {
      impersonated_by: [{ to: CLIENT1 }, { to: second }],
    });
    expect(seconds(before, edited(before, 'user', USER1, { enabled: false }))).toContainEqual([USER1, 600]);
  });

  it('is of a user who logs in the longest of the clients that let the user in', () => {
    const signIn = (name: string, access_ttl: string, group: GroupAddress): readonly [Address, Entity] => [
      applicationAddress('Example', name),
      {
        kind: 'application',
        client_id: name,
        allowed_to: [{ to: group }],
        metadata: { grant_types: ['authorization_code'] },
        tokens: { access_ttl },
      },
    ];
    const before = added(edited(EX2, 'user', USER1, { impersonated_by: [] }), [
      signIn('desk', '20m', GROUP1),
      signIn('kiosk', '10m', GROUP1),
      signIn('vault', '50m', groupAddress('Example', 'Nobody')),
    ]);
    expect(seconds(before, edited(before, 'user', USER1, { sub: 'other' }))).toEqual([[USER1, 1200]]);
  });
});

describe('what is renamed', () => {
  const to = applicationAddress('Example', 'Batch');
  const user = userAddress('Example', 'Robot');
  const entity = EX2.get(CLIENT1) as ApplicationEntity;
  const moved = (edit: Partial<Record<keyof ApplicationEntity, unknown>>, state = EX2) =>
    edited(added(without(state, CLIENT1), [[to, { ...entity, ...edit } as Entity]]), 'user', USER1, {
      impersonated_by: [{ to }],
    });
  const plan = (after: State, before = EX2) => planOf(before, after, 0, [], [{ from: CLIENT1, to, range: undefined }]);

  it('keeps its tokens', () => {
    expect(plan(moved({})).impact).toEqual([]);
  });

  it('is told by its new name, with the lifetime that it had, when it loses access or its tokens', () => {
    const before = client({ tokens: { access_ttl: '5m' } });
    const lesser = edited(moved({}), 'group', GROUP2, { members: [] });
    expect(plan(lesser, before).impact).toMatchObject([{ address: to, ends: false, offlineSeconds: 300 }]);
    expect(plan(moved({ client_id: 'batch' }), before).impact).toMatchObject([
      { address: to, ends: true, offlineSeconds: 300 },
    ]);
  });

  it('is counted in the store by its former name', () => {
    const made = plan(edited(moved({}), 'group', GROUP2, { members: [] }));
    expect([...ownersOf(made)]).toEqual([[to, CLIENT1]]);
    const known: Usage = { liveTokens: 4, families: 3, users: 2, sessions: 0, lastUsed: 7 };
    const usage = new Map<Address, Usage>([
      [CLIENT1, known],
      [user, { liveTokens: 9, families: 9, users: 9, sessions: 9, lastUsed: 9 }],
    ]);
    expect(withUsage(made, usage).impact).toMatchObject([{ address: to, ...known }]);
  });
});

describe('with what the store knows', () => {
  const NONE: Usage = { liveTokens: 0, families: 0, users: 0, sessions: 0, lastUsed: undefined };

  it('every one has a number, and a deleted client with live tokens is a risk among the others', () => {
    const plan = planOf(EX2, without(EX2, SERVER2, 'scope:WS', USER1));
    expect(plan.impact.map(({ liveTokens }) => liveTokens)).toEqual([undefined, undefined, undefined]);
    const used = withUsage(plan, new Map([[SERVER2, { ...NONE, liveTokens: 1 }]]));
    expect(used.impact.map(({ address, liveTokens }) => [address, liveTokens])).toEqual([
      [CLIENT1, 0],
      [SERVER2, 1],
      [USER1, 0],
    ]);
    expect(used.impact.map(({ families, users, sessions }) => [families, users, sessions])).toEqual([
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(used.risks.map(({ kind, subject }) => `${kind}:${subject}`)).toEqual([
      'emptied:Example',
      'emptied:server',
      'live-tokens:Example/Server2',
    ]);
  });
});
