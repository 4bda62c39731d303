import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexState } from '../../src/access/access-index.ts';
import { decide } from '../../src/access/decide.ts';
import type { AccessTest, Invariant } from '../../src/model/access-test.ts';
import {
  type ApplicationAddress,
  methodAddress,
  siteOf,
  type UserAddress,
  userAddress,
} from '../../src/model/address.ts';
import type { ApplicationEntity } from '../../src/model/entity.ts';
import { GRANT_TYPES } from '../../src/model/grant-type.ts';
import { createState, entitiesOf, type State } from '../../src/model/state.ts';
import { judgeTest } from '../../src/plan/run-tests.ts';
import {
  added,
  CLIENT_GROUP,
  CLIENT1,
  EX2,
  edited,
  GROUP2,
  SERVER1,
  SERVER2,
  SITE,
  USER1,
} from '../model/example-state.ts';
import { NOW, states } from '../model/state-arbitrary.ts';
import { instantsAfter } from '../model/written-instants.ts';
import { never, whoCan } from './access-tests.ts';

const PASSWORD = 'password.1';
const PORTAL: ApplicationAddress = 'application:Example/Portal';
const USER2 = userAddress('Example', 'User2');

/** Ex-2, and a public client through which two users log in: User1 of ClientGroup, and User2 of Group2 alone. */
const WITH_USERS = added(
  edited(
    edited(
      edited(edited(EX2, 'site', SITE, { methods: ['client.credentials.1', PASSWORD] }), 'group', GROUP2, {
        methods: [],
        members: [{ to: USER1 }, { to: USER2 }],
      }),
      'application',
      SERVER2,
      { methods: ['client.credentials.1', PASSWORD] },
    ),
    'user',
    USER1,
    { methods: ['client.credentials.1', PASSWORD] },
  ),
  [
    [
      PORTAL,
      {
        kind: 'application',
        client_id: 'Portal',
        methods: [PASSWORD],
        allowed_to: [{ to: 'group:Example/everyone' }],
        metadata: {
          grant_types: ['authorization_code', 'refresh_token'],
          token_endpoint_auth_method: 'none',
          scope: 'Server2 WS',
        },
      },
    ],
    [USER2, { kind: 'user', sub: 'Example/User2', methods: [PASSWORD] }],
  ],
);

const told = (state: State, test: AccessTest, now = 0) =>
  judgeTest(test.assertion, indexState(state), now).map(({ text }) => text);

describe('who_can', () => {
  const server2 = { audience: SERVER2 };

  it('exactly: all who can, by any grant, and nobody else', () => {
    expect(told(WITH_USERS, whoCan(server2, { compare: 'exactly', names: [PORTAL, CLIENT1] }))).toEqual([]);
    expect(told(WITH_USERS, whoCan(server2, { compare: 'exactly', names: [CLIENT1] }))).toEqual([
      'Example/Portal can, by authorization_code for Example/User1, and is not listed',
    ]);
    expect(told(WITH_USERS, whoCan(server2, { compare: 'exactly', names: [] }))).toEqual([
      'Example/Client1 can, by client_credentials as Example/User1, and is not listed',
      'Example/Portal can, by authorization_code for Example/User1, and is not listed',
    ]);
    expect(told(WITH_USERS, whoCan({ audience: SERVER1 }, { compare: 'exactly', names: [CLIENT1, PORTAL] }))).toEqual([
      'Example/Portal cannot, and is listed: no user lets it',
    ]);
  });

  it('includes: those, and perhaps others; with the reason of each who cannot', () => {
    expect(told(WITH_USERS, whoCan(server2, { compare: 'includes', names: [CLIENT1] }))).toEqual([]);
    const closed = edited(WITH_USERS, 'group', GROUP2, { members: [] });
    expect(told(closed, whoCan(server2, { compare: 'includes', names: [CLIENT1, SERVER1] }))).toEqual([
      'Example/Client1 cannot, and is listed: NOT_IN_ALLOWED_GROUP, NO_AUDIENCE',
      'Example/Server1 cannot, and is listed: Example/Server1 has no grant type',
    ]);
  });

  it('excludes: none of those', () => {
    expect(told(WITH_USERS, whoCan(server2, { compare: 'excludes', names: [SERVER1] }))).toEqual([]);
    expect(told(WITH_USERS, whoCan(server2, { compare: 'excludes', names: [SERVER1, CLIENT1] }))).toEqual([
      'Example/Client1 can, by client_credentials as Example/User1, and is listed under excludes',
    ]);
  });

  it('by one grant alone', () => {
    const by = (grant_type: string, ...names: ApplicationAddress[]) =>
      told(WITH_USERS, whoCan(server2, { compare: 'exactly', names }, { grant_type }));
    expect(by('client_credentials', CLIENT1)).toEqual([]);
    expect(by('authorization_code', PORTAL)).toEqual([]);
    expect(by('password')).toEqual([]);
    expect(by('password', PORTAL)).toEqual([
      'Example/Portal cannot, and is listed: Example/Portal has not the grant type password',
    ]);
  });

  it('of a client: its users', () => {
    const through = (client: ApplicationAddress, ...names: UserAddress[]) =>
      told(WITH_USERS, whoCan(server2, { compare: 'exactly', names }, { client }));
    expect(through(PORTAL, USER1, USER2)).toEqual([]);
    expect(through(PORTAL, USER1)).toEqual(['Example/User2 can, by authorization_code, and is not listed']);
    expect(through(CLIENT1)).toEqual([]);
    expect(through(CLIENT1, USER1)).toEqual([
      'Example/User1 cannot, and is listed: Example/Client1 has no grant type of a user',
    ]);
    const alone = edited(WITH_USERS, 'group', GROUP2, { members: [{ to: USER1 }] });
    expect(told(alone, whoCan(server2, { compare: 'includes', names: [USER2] }, { client: PORTAL }))).toEqual([
      'Example/User2 cannot, and is listed: NOT_IN_ALLOWED_GROUP, NO_AUDIENCE',
    ]);
  });

  it('of a scope of the catalogue', () => {
    expect(told(WITH_USERS, whoCan({ scope: 'WS' }, { compare: 'exactly', names: [PORTAL] }))).toEqual([]);
    expect(told(EX2, whoCan({ scope: 'WS' }, { compare: 'exactly', names: [] }))).toEqual([]);
  });

  it('from an address, and at an instant of its own', () => {
    const bound = edited(WITH_USERS, 'application', CLIENT1, { client_ip_range: ['10.0.0.0/8'] });
    const from = (ip: string) => told(bound, whoCan(server2, { compare: 'includes', names: [CLIENT1] }, { ip })).length;
    expect([from('10.1.2.3'), from('192.168.0.1')]).toEqual([0, 1]);
    const ending = edited(WITH_USERS, 'group', CLIENT_GROUP, { members: [] });
    const temporary = edited(ending, 'application', CLIENT1, { expires: '1970-01-01T00:00:10Z' });
    const at = (time: number | undefined, now: number) =>
      told(temporary, whoCan(server2, { compare: 'includes', names: [CLIENT1] }, { time }), now).length;
    expect([at(undefined, 0), at(undefined, 10_000), at(0, 10_000), at(10_000, 0)]).toEqual([0, 1, 0, 1]);
  });

  it('tells the links by which somebody can who should not', () => {
    const [problem] = judgeTest(
      whoCan(server2, { compare: 'exactly', names: [PORTAL] }).assertion,
      indexState(WITH_USERS),
      0,
    );
    expect(problem?.chain.map(({ relation }) => relation)).toEqual(
      expect.arrayContaining(['may_ask_for', 'impersonates', 'member_of', 'open_to']),
    );
  });
});

describe('never', () => {
  const failing = (said: Partial<Invariant>, state = WITH_USERS) => told(state, never(said));

  it('of nothing but any token', () => {
    expect(failing({})).toEqual([
      'Example/Portal may obtain a token, by authorization_code for Example/User1',
      'Example/Client1 may obtain a token, by client_credentials as Example/User1',
    ]);
    expect(failing({ site: 'Elsewhere' })).toEqual([]);
  });

  it('at any instant to come, and says from when on', () => {
    const later = edited(WITH_USERS, 'user', USER1, { not_before: '2026-12-24' });
    expect(failing({ client: { is: PORTAL }, user: USER1, audience: { is: SERVER2 } }, later)).toEqual([
      'Example/Portal may obtain Server2, by authorization_code for Example/User1, from 2026-12-24 on',
    ]);
    const over = edited(later, 'user', USER1, { expires: '2026-12-24' });
    expect(failing({ client: { is: PORTAL }, user: USER1, audience: { is: SERVER2 } }, over)).toEqual([]);
  });

  it('of clients of a type, a site, by name or by what fits it', () => {
    const portal = ['Example/Portal may obtain Server2, by authorization_code for Example/User1'];
    const audience = { is: SERVER2 };
    expect(failing({ client_type: 'public', audience })).toEqual(portal);
    expect(failing({ client_type: 'confidential', audience })).toHaveLength(1);
    expect(failing({ client: { is: PORTAL }, audience })).toEqual(portal);
    expect(failing({ client: { like: 'Port*' }, audience })).toEqual(portal);
    expect(failing({ client: { like: '*ple/P*' }, audience })).toEqual(portal);
    expect(failing({ client: { like: 'port*' }, audience })).toEqual([]);
    expect(failing({ site: 'Example', audience })).toHaveLength(2);
  });

  it('of an audience, by name or by what fits it, and of a scope', () => {
    expect(failing({ client: { is: CLIENT1 }, audience: { like: 'Server*' } })).toHaveLength(1);
    expect(failing({ client: { is: PORTAL }, audience: { is: SERVER1 } })).toEqual([]);
    const ws = ['Example/Portal may obtain WS, by authorization_code for Example/User1'];
    expect(failing({ scope: 'WS' })).toEqual(ws);
    expect(failing({ scope: 'W*' })).toEqual(ws);
    expect(failing({ scope: 'w*' })).toEqual([]);
    // A value of the scope of a token is an audience too.
    expect(failing({ client_type: 'public', scope: 'Server*' })).toHaveLength(1);
    expect(failing({ client_type: 'public', scope: 'openid' })).toHaveLength(1);
  });

  it('of both together in one token', () => {
    expect(failing({ scope: 'WS', audience: { is: SERVER2 } })).toEqual([
      'Example/Portal may obtain Server2 with WS, by authorization_code for Example/User1',
    ]);
    expect(failing({ scope: 'WS', audience: { is: SERVER1 } })).toEqual([]);
  });

  it('by a grant, and for a user', () => {
    const audience = { is: SERVER2 };
    expect(failing({ grant_type: 'client_credentials', audience })).toHaveLength(1);
    expect(failing({ grant_type: 'refresh_token', audience })).toEqual([
      'Example/Portal may obtain Server2, by refresh_token for Example/User1',
    ]);
    expect(failing({ grant_type: 'password', audience })).toEqual([]);
    expect(failing({ user: USER2, audience })).toEqual([
      'Example/Portal may obtain Server2, by authorization_code for Example/User2',
    ]);
    // By client_credentials no user lets the client act, not even the one that it impersonates.
    expect(failing({ user: USER1, client: { is: CLIENT1 } })).toEqual([]);
  });

  it('tells of several clients the one with the shortest way first, and of many only how many more', () => {
    const many = Array.from({ length: 7 }, (_, at): [ApplicationAddress, ApplicationEntity] => [
      `application:Example/Other${at}`,
      {
        kind: 'application',
        client_id: `Other${at}`,
        methods: ['client.credentials.1'],
        allowed_to: [{ to: 'group:Example/Group1' }],
        metadata: { grant_types: ['client_credentials'] },
      },
    ]);
    const problems = judgeTest(never({}).assertion, indexState(added(EX2, many)), 0);
    expect(problems.map(({ text }) => text)).toEqual([
      ...[0, 1, 2, 3, 4].map((at) => `Example/Other${at} may obtain a token, by client_credentials`),
      '… and 3 more clients',
    ]);
    expect(problems[0]?.chain.length).toBeGreaterThan(0);
  });
});

/** Some clients of users among those that act as themselves. */
function withUserGrants(state: State, picks: readonly number[]): State {
  const applications = [...entitiesOf(state, 'application')].map(([address]) => address);
  const chosen = new Set(picks.map((pick) => applications[pick % Math.max(1, applications.length)]));
  return createState(
    [...state, [methodAddress(PASSWORD), { kind: 'method', type: 'password' }] as const].map(([address, entity]) => {
      if (entity.kind === 'site') return [address, { ...entity, methods: [...(entity.methods ?? []), PASSWORD] }];
      if (entity.kind !== 'application' || !chosen.has(address)) return [address, entity];
      const metadata = { ...entity.metadata, grant_types: ['password', 'authorization_code'] };
      return [address, { ...entity, metadata, methods: [...new Set([...(entity.methods ?? []), PASSWORD])] }];
    }),
  );
}

it('over random States: an invariant holds where no question for one value, or for all, is answered with it', () => {
  let violated = 0;
  fc.assert(
    fc.property(states, fc.array(fc.nat(20), { maxLength: 3 }), fc.nat(500), (base, ofUsers, pick) => {
      const state = withUserGrants(base, ofUsers);
      const index = indexState(state);
      const applications = [...entitiesOf(state, 'application')];
      const users = [undefined, ...[...entitiesOf(state, 'user')].map(([address]) => address as UserAddress)];
      const [target] = applications[pick % Math.max(1, applications.length)] ?? [];
      if (target === undefined) return;
      const said: Partial<Invariant> = {
        audience: { is: target as ApplicationAddress },
        ...(pick % 3 === 0 ? { client_type: 'public' } : {}),
        ...(pick % 5 === 0 ? { site: 'East' } : {}),
        ...(pick % 7 === 0 ? { grant_type: 'password' } : {}),
        ...(pick % 4 === 0 && users[1] !== undefined ? { user: users[1] } : {}),
      };
      const value = index.application(target as ApplicationAddress)?.client_id ?? '';
      const instants = [NOW, ...instantsAfter(state, NOW)];
      const expected = applications.filter(([address, { metadata }]) => {
        const isPublic = metadata?.token_endpoint_auth_method === 'none';
        if (said.client_type === 'public' && !isPublic) return false;
        if (said.site !== undefined && siteOf(address) !== said.site) return false;
        return GRANT_TYPES.some((grant_type) =>
          users.some((user) => {
            if (said.grant_type !== undefined && grant_type !== said.grant_type) return false;
            if (said.user !== undefined && user !== said.user) return false;
            if (grant_type === 'client_credentials' && user !== undefined) return false;
            return [[value], undefined].some((scope) => {
              const question = { client: address as ApplicationAddress, grant_type, user, scope };
              return instants.some((at) => {
                const answer = decide(index, question, at);
                return answer.allowed && answer.audiences.includes(value);
              });
            });
          }),
        );
      });
      const problems = judgeTest(never(said).assertion, index, NOW);
      expect(problems.length).toBe(Math.min(expected.length, 6));
      violated += expected.length;
    }),
    { numRuns: 100 },
  );
  expect(violated).toBeGreaterThan(1);
});
