import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexState } from '../../src/access/access-index.ts';
import { clientsWho, usersWho } from '../../src/access/reach.ts';
import { coverageOf } from '../../src/explain/coverage.ts';
import { linksOf } from '../../src/explain/spec-links.ts';
import type { AccessTest } from '../../src/model/access-test.ts';
import { type Address, type ApplicationAddress, siteOf, type UserAddress } from '../../src/model/address.ts';
import type { ApplicationEntity, Entity } from '../../src/model/entity.ts';
import { createState, entitiesOf, type State } from '../../src/model/state.ts';
import { judgeTest } from '../../src/plan/run-tests.ts';
import { CLIENT1, EX2, edited, GROUP1, GROUP2, SERVER1, SERVER2, USER1 } from '../model/example-state.ts';
import { NOW, states } from '../model/state-arbitrary.ts';
import { ALLOW, deny, never, testOf, token, whoCan } from '../plan/access-tests.ts';

const pointers = (steps: readonly { readonly at: { readonly address: Address; readonly pointer: string } }[]) =>
  steps.map(({ at }) => `${at.address}${at.pointer}`);

describe('the links of a State', () => {
  it('are those of every list that gives access, each at its place', () => {
    expect(pointers(linksOf(EX2, 0))).toEqual([
      'application:Example/Client1/methods/0',
      'application:Example/Client1/allowed_to/0',
      'application:Example/Client1/metadata/scope/0',
      'application:Example/Client1/metadata/scope/1',
      'application:Example/Server1/methods/0',
      'application:Example/Server1/allowed_to/0',
      'application:Example/Server2/methods/0',
      'application:Example/Server2/allowed_to/0',
      'group:Example/ClientGroup/members/0',
      'group:Example/Group1/methods/0',
      'group:Example/Group1/members/0',
      'group:Example/Group2/methods/0',
      'group:Example/Group2/members/0',
      'site:Example/methods/0',
      'user:Example/User1/methods/0',
      'user:Example/User1/impersonated_by/0',
    ]);
  });

  it('say which entities they link, the member first', () => {
    const twice = edited(EX2, 'group', GROUP2, { members: [{ to: GROUP1 }, { to: USER1 }] });
    const members = linksOf(twice, 0).filter(({ at }) => at.address === GROUP2 && at.pointer.startsWith('/members'));
    expect(members).toMatchObject([
      { relation: 'member_of', from: GROUP1, to: GROUP2 },
      { relation: 'member_of', from: USER1, to: GROUP2 },
    ]);
    expect(linksOf(EX2, 0).at(-1)).toMatchObject({ relation: 'impersonates', from: CLIENT1, to: USER1 });
  });

  it('without those that have ended, and without scopes of the protocols, which no client lacks', () => {
    const ended = edited(EX2, 'group', GROUP2, { members: [{ to: USER1, expires: '1970-01-01T00:00:01Z' }] });
    const count = (now: number) => pointers(linksOf(ended, now)).filter((one) => one.includes('Group2/members')).length;
    expect([count(999), count(1000)]).toEqual([1, 0]);
    const asking = edited(EX2, 'application', CLIENT1, { metadata: { scope: 'openid WS Server1' } });
    const asked = linksOf(asking, 0).filter(({ relation }) => relation === 'may_ask_for');
    expect(asked.map(({ to, at }) => [to, at.pointer])).toEqual([
      ['scope:WS', '/metadata/scope/1'],
      [SERVER1, '/metadata/scope/2'],
    ]);
  });
});

describe('coverage', () => {
  const uncovered = (state: State, ...tests: readonly AccessTest[]) => pointers(coverageOf(state, tests, 0).uncovered);

  it('is none without tests', () => {
    const all = linksOf(EX2, 0);
    expect(coverageOf(EX2, [], 0)).toEqual({ links: all.length, covered: 0, uncovered: all });
  });

  it('a link that some test misses is covered', () => {
    expect(uncovered(EX2, testOf(ALLOW, 'Server1'))).not.toContain('group:Example/Group1/members/0');
    expect(uncovered(EX2, testOf(ALLOW, 'Server1'))).toContain('application:Example/Server2/allowed_to/0');
    expect(uncovered(EX2, whoCan({ audience: SERVER1 }, { compare: 'includes', names: [CLIENT1] }))).not.toContain(
      'application:Example/Server1/allowed_to/0',
    );
  });

  it('of two ways neither is missed: User1 is in Group2 twice', () => {
    const twice = edited(EX2, 'group', GROUP2, { members: [{ to: GROUP1 }, { to: USER1 }] });
    const whole = token({ aud: ['Server1', 'Server2', 'Client1'] });
    // Nor is a method of a group that counts without one as well.
    expect(uncovered(twice, testOf(whole, undefined))).toEqual([
      'group:Example/Group1/methods/0',
      'group:Example/Group2/methods/0',
      'group:Example/Group2/members/0',
      'group:Example/Group2/members/1',
    ]);
  });

  it('a test that fails already misses nothing', () => {
    const fails = testOf(deny(), 'Server1');
    expect(coverageOf(EX2, [fails], 0).covered).toBe(0);
  });

  it('an invariant misses the method whose removal opens a group', () => {
    // Group2 lists a method that no user has: nobody gets in by it, until it lists none.
    const closed = edited(
      edited(EX2, 'group', GROUP2, { methods: ['password.1'], members: [{ to: USER1 }] }),
      'application',
      SERVER1,
      { allowed_to: [] },
    );
    expect(uncovered(closed, never({ audience: { is: SERVER2 } }))).not.toContain('group:Example/Group2/methods/0');
    expect(uncovered(closed, never({ audience: { is: SERVER1 } }))).toContain('group:Example/Group2/methods/0');
  });

  it('an invariant of any client watches every one', () => {
    const impersonates = 'user:Example/User1/impersonated_by/0';
    const off = edited(edited(EX2, 'user', USER1, { enabled: false }), 'application', CLIENT1, {
      allowed_to: [{ to: GROUP2 }],
    });
    // Without the user who is off, the client would act as itself.
    expect(uncovered(off, never({}))).not.toContain(impersonates);
    expect(uncovered(off, never({ site: 'Elsewhere' }))).toContain(impersonates);
  });
});

/** Each State with one item less in one of its lists, by the pointer of the item. */
function* lessened(state: State): Generator<readonly [pointer: string, State]> {
  const replaced = (address: Address, entity: Entity) =>
    createState([...state].map(([at, one]) => [at, at === address ? entity : one]));
  const known = new Set([...entitiesOf(state, 'application')].map(([, { client_id }]) => client_id));
  for (const [address, entity] of state) {
    for (const key of ['methods', 'allowed_to', 'members', 'impersonated_by']) {
      const list: readonly { readonly expires?: string }[] = (entity as never)[key] ?? [];
      for (const [position, item] of list.entries()) {
        if (item.expires !== undefined && Date.parse(item.expires) <= NOW) continue;
        const rest = list.filter((_, at) => at !== position);
        yield [`${address}/${key}/${position}`, replaced(address, { ...entity, [key]: rest } as Entity)];
      }
    }
    if (entity.kind !== 'application') continue;
    const { metadata = {} } = entity;
    const isKnown = (value: string) => known.has(value) || state.has(`scope:${value}`);
    const scopes = (metadata.scope ?? '').split(' ').filter((value) => value !== '');
    for (const [position, value] of scopes.entries()) {
      if (!isKnown(value)) continue;
      const scope = scopes.filter((_, at) => at !== position).join(' ');
      yield [
        `${address}/metadata/scope/${position}`,
        replaced(address, { ...entity, metadata: { ...metadata, scope } }),
      ];
    }
    for (const [position, value] of (metadata.aud ?? []).entries()) {
      if (!isKnown(value)) continue;
      const aud = (metadata.aud ?? []).filter((_, at) => at !== position);
      yield [`${address}/metadata/aud/${position}`, replaced(address, { ...entity, metadata: { ...metadata, aud } })];
    }
  }
}

/** Some clients of users among those that act as themselves. */
function withUserGrants(state: State, picks: readonly number[]): State {
  const applications = [...entitiesOf(state, 'application')].map(([address]) => address);
  const chosen = new Set(picks.map((pick) => applications[pick % Math.max(1, applications.length)]));
  return createState(
    [...state].map(([address, entity]) => {
      if (entity.kind === 'site') return [address, { ...entity, methods: [...(entity.methods ?? []), 'password.1'] }];
      if (entity.kind !== 'application' || !chosen.has(address)) return [address, entity];
      const metadata = { ...entity.metadata, grant_types: ['password', 'client_credentials'] };
      const application: ApplicationEntity = {
        ...entity,
        metadata,
        methods: [...new Set([...(entity.methods ?? []), 'password.1'])],
      };
      return [address, application];
    }),
  );
}

/** Tests of a State, most of which pass: what is so is what they expect. */
function testsOf(state: State, picks: readonly number[]): readonly AccessTest[] {
  const index = indexState(state);
  const clients = [...entitiesOf(state, 'application')].map(([address]) => address as ApplicationAddress);
  const users = [...entitiesOf(state, 'user')].map(([address]) => address as UserAddress);
  const [first] = clients;
  if (first === undefined) return [];
  const of = <T>(list: readonly T[], pick: number): T | undefined => list[pick % Math.max(1, list.length)];
  const held = clients.flatMap((audience) =>
    clientsWho(index, { audience }, {}, NOW).map((way) => ({ audience, way })),
  );
  return picks.flatMap((pick): readonly AccessTest[] => {
    const client = of(clients, pick) ?? first;
    const audience = of(clients, Math.floor(pick / 7)) ?? first;
    const scope = index.application(audience)?.client_id;
    const user = of(users, Math.floor(pick / 3));
    const one = of(held, Math.floor(pick / 6));
    const ways = clientsWho(index, { audience: one?.audience ?? audience }, {}, NOW);
    switch (pick % 6) {
      case 0:
        return [testOf(deny(), scope, { client })];
      case 1:
        return [testOf(deny(), scope, { client, grant_type: 'password', user })];
      case 2:
        return [
          whoCan({ audience: one?.audience ?? audience }, { compare: 'exactly', names: ways.map((way) => way.client) }),
        ];
      case 4: {
        // Of users through a client: those who can.
        const through = of(
          clients.filter((one) => index.application(one)?.metadata?.grant_types?.includes('password')),
          pick,
        );
        if (through === undefined) return [];
        const can = usersWho(index, through, { audience }, {}, NOW).flatMap((way) => way.user ?? []);
        return [whoCan({ audience }, { compare: 'exactly', names: can }, { client: through })];
      }
      case 3:
        return [never({ site: siteOf(client), audience: { is: audience } }), never({ user })];
      default: {
        if (one === undefined) return [];
        const { grant_type, user: asks } = one.way;
        const value = index.application(one.audience)?.client_id;
        return [testOf(ALLOW, value, { client: one.way.client, grant_type, user: asks })];
      }
    }
  });
}

it('the uncovered links are those without which, one at a time, every test still passes that passed', () => {
  let missed = 0;
  fc.assert(
    fc.property(
      states,
      fc.array(fc.nat(5000), { minLength: 1, maxLength: 6 }),
      fc.array(fc.nat(20), { maxLength: 2 }),
      (base, picks, ofUsers) => {
        const state = withUserGrants(base, ofUsers);
        const tests = testsOf(state, picks);
        const fails = (one: State) => {
          const index = indexState(one);
          return tests.filter((test) => judgeTest(test.assertion, index, NOW).length > 0);
        };
        const failing = fails(state);
        const expected = [...lessened(state)].flatMap(([pointer, less]) =>
          fails(less).some((test) => !failing.includes(test)) ? [] : [pointer],
        );
        const coverage = coverageOf(state, tests, NOW);
        expect([...pointers(coverage.uncovered)].sort()).toEqual([...expected].sort());
        expect(coverage.links - coverage.covered).toBe(expected.length);
        missed += coverage.covered;
      },
    ),
    { numRuns: 25 },
  );
  expect(missed).toBeGreaterThan(8);
});
