// who-can, what-can and token say what explain says: of random States every pair, and of a written one each form of answer.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/access/decide.ts';
import { tokenClaims } from '../../src/access/token-content.ts';
import { isYes } from '../../src/explain/asking.ts';
import { callingsOf } from '../../src/explain/callings.ts';
import { explain } from '../../src/explain/explain.ts';
import { showToken } from '../../src/explain/token.ts';
import { whatCan } from '../../src/explain/what-can.ts';
import { whoCan } from '../../src/explain/who-can.ts';
import { whoCanLines } from '../../src/explain/who-can-text.ts';
import {
  type ApplicationAddress,
  applicationAddress,
  type GroupAddress,
  groupAddress,
  type UserAddress,
  userAddress,
} from '../../src/model/address.ts';
import { entitiesOf, type State } from '../../src/model/state.ts';
import { loginStates } from '../access/login-states.ts';
import { added, CLIENT1, EX2, EX3, edited, SERVER1, USER1, withPolicy } from '../model/example-state.ts';
import { NOW } from '../model/state-arbitrary.ts';
import { declaredStates } from './declared-states.ts';
import { worldOf, worldOfText } from './state-world.ts';

const some: fc.Arbitrary<State> = fc.oneof(declaredStates, loginStates);
const GRANTS = ['client_credentials', 'password'];

function applicationsOf(state: State) {
  return [...entitiesOf(state, 'application')].map(
    ([address, entity]) => [address as ApplicationAddress, entity] as const,
  );
}

function usersOf(state: State): readonly UserAddress[] {
  return [...entitiesOf(state, 'user')].map(([address]) => address as UserAddress);
}

it('who-can lists a client, and with it a user, exactly where a request for it alone or for everything gives it', () => {
  let obtaining = 0;
  fc.assert(
    fc.property(some, fc.constantFrom(...GRANTS), (state, grant_type) => {
      const world = worldOf(state, NOW);
      for (const [audience, { client_id }] of applicationsOf(state)) {
        const told = whoCan(world, { audience }, { grant_type });
        for (const [client, { metadata }] of applicationsOf(state)) {
          if (metadata?.grant_types?.includes(grant_type) !== true) continue;
          const users = grant_type === 'client_credentials' ? [undefined] : usersOf(state);
          const can = users.filter((user) =>
            [[client_id], undefined].some((scope) => {
              const answer = decide(world.index, { client, grant_type, user, scope }, NOW);
              return answer.allowed && answer.audiences.includes(client_id);
            }),
          );
          const listed = told.clients.find((one) => one.client === client);
          obtaining += can.length;
          expect(listed === undefined ? [] : (listed.users ?? [undefined])).toEqual(can);
        }
      }
    }),
    { numRuns: 60, seed: 1 },
  );
  expect(obtaining).toBeGreaterThan(4);
});

it('explain counts the users of a grant as asking each of them does', () => {
  let passing = 0;
  fc.assert(
    fc.property(loginStates, (state) => {
      const world = worldOf(state, NOW);
      const open = { scope: undefined, user: undefined, method: undefined, ip: undefined };
      for (const [client, { metadata }] of applicationsOf(state)) {
        if (metadata?.grant_types?.includes('password') !== true) continue;
        const asked = { ...open, client, grant_type: 'password' };
        const [told] = explain(world, asked, callingsOf(state), { withEdits: false }).grants;
        if (told?.kind !== 'users') throw new Error('not told in counts');
        for (const { value, passed } of told.targets) {
          const can = usersOf(state).filter((user) => {
            const byName = { ...asked, user, scope: [value] };
            if (isYes(decide(world.index, byName, NOW), byName)) return true;
            const all = decide(world.index, { ...asked, user }, NOW);
            return all.allowed && (all.scopes.includes(value) || all.audiences.includes(value));
          });
          passing += can.length;
          expect(passed, value).toBe(can.length);
        }
      }
    }),
    { numRuns: 60, seed: 2 },
  );
  expect(passing).toBeGreaterThan(4);
});

it('a token says what the engine decides, and nothing that is signed', () => {
  fc.assert(
    fc.property(some, fc.constantFrom(...GRANTS), (state, grant_type) => {
      const world = worldOf(state, NOW, { generation: 7 });
      for (const [client] of applicationsOf(state)) {
        const user = grant_type === 'password' ? usersOf(state)[0] : undefined;
        const question = { client, grant_type, user, scope: undefined };
        const decided = decide(world.index, question, NOW);
        if (!decided.allowed) continue;
        const { told } = showToken(world, question, callingsOf(state));
        if (!told.allowed) throw new Error('refused');
        expect(told.claims).toMatchObject({ ...tokenClaims(decided), gen: 7, jti: '<random>' });
        expect(JSON.stringify(told)).not.toMatch(/eyJ[\w-]+\./);
      }
    }),
    { numRuns: 40, seed: 3 },
  );
});

describe('what-can of a group', () => {
  const world = worldOfText(
    `
server: { issuer: http://localhost:8080 }
methods: { cc: { type: client_credentials }, pw: { type: password } }
---
site: East
methods: [cc, pw]
applications:
  job: { methods: [cc], secret: { env: S }, impersonates: u, metadata: { grant_types: [client_credentials], scope: api } }
  portal: { methods: [pw], secret: { env: S }, allowed_to: [everyone], metadata: { grant_types: [password], scope: api } }
  club: { methods: [pw], secret: { env: S }, allowed_to: [outer], access_rules: { all: [{ method: pw }] }, metadata: { grant_types: [password] } }
  api: { methods: [cc, pw], allowed_to: [inner, spare] }
groups:
  outer: { members: [group:inner] }
  inner: { members: [u, v] }
  spare: { members: [v] }
users: { u: { methods: [cc, pw] }, v: { methods: [pw] } }
`,
    NOW,
  );
  const of = (group: GroupAddress) => {
    const told = whatCan(world, group, { ip: undefined }, callingsOf(world.index.state));
    if (told.kind !== 'group') throw new Error('no group');
    return told;
  };

  it('counts what rests on it alone: what another group gives as well is not lost', () => {
    const { lost, opens, within } = of(groupAddress('East', 'inner'));
    expect(within).toEqual([groupAddress('East', 'outer')]);
    expect(opens.map(({ application, group }) => [application, group])).toEqual([
      [applicationAddress('East', 'api'), groupAddress('East', 'inner')],
      [applicationAddress('East', 'club'), groupAddress('East', 'outer')],
    ]);
    expect(lost.access.map(({ client, audience }) => [client, audience])).toEqual([
      [applicationAddress('East', 'job'), 'api'],
    ]);
    // u and v may no longer log in to club, which is open to outer; v still reaches api through spare.
    expect(lost.logins).toBe(2);
    expect(lost.obtained).toBe(3);
  });

  it('an application that is open to it alone is open to nobody without it, whatever its rules say', () => {
    expect(of(groupAddress('East', 'outer')).lost).toMatchObject({ access: [], logins: 2, obtained: 2 });
    expect(of(groupAddress('East', 'everyone')).lost.logins).toBe(2);
    expect(of(groupAddress('East', 'spare')).lost).toMatchObject({ access: [], logins: 0, obtained: 0 });
  });

  it('of a user: who acts as it, and where it logs in', () => {
    const told = whatCan(world, userAddress('East', 'u'), { ip: undefined }, callingsOf(world.index.state));
    if (told.kind !== 'user') throw new Error('no user');
    expect(told.groups).toEqual([groupAddress('East', 'inner'), groupAddress('East', 'outer')]);
    expect(told.actors).toMatchObject([{ client_id: 'job', audiences: ['api'] }]);
    expect(told.logins).toMatchObject([
      { client_id: 'club', audiences: ['club'] },
      { client_id: 'portal', audiences: ['api', 'portal'] },
    ]);
  });
});

describe('who-can', () => {
  it('counts clients, not their grants', () => {
    const world = worldOf(EX3, NOW);
    const told = whoCan(world, { audience: SERVER1 }, {});
    expect(told.clients.length).toBeGreaterThan(1);
    const [heading] = whoCanLines(told, { world, naming: callingsOf(EX3), full: false });
    expect(heading?.text).toBe('Server1 may be had by 1 client');
  });

  it('tells of a scope when the access ends, not when a value does that comes with it', () => {
    const temps = groupAddress('Example', 'Temps');
    const state = withPolicy(
      added(EX2, [[temps, { kind: 'group', members: [{ to: USER1, expires: '2099-01-01' }] }]]),
      SERVER1,
      { items: [{ group: temps, name: 'temp', value: 'text:yes' }] },
    );
    const asking = edited(state, 'application', CLIENT1, {
      metadata: { grant_types: ['client_credentials'], scope: 'Server1 WS' },
    });
    const told = whoCan(worldOf(asking, NOW), { scope: 'WS' }, {});
    expect(told.clients).toMatchObject([{ client: CLIENT1, until: undefined }]);
  });
});
