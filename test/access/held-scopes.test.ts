import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexState } from '../../src/access/access-index.ts';
import { reachClientCredentials } from '../../src/access/client-credentials.ts';
import { decide } from '../../src/access/decide.ts';
import { heldScopes } from '../../src/access/held-scopes.ts';
import { reachForUser } from '../../src/access/user-grant.ts';
import { type ApplicationAddress, groupAddress } from '../../src/model/address.ts';
import { entitiesOf, type State } from '../../src/model/state.ts';
import { added, CLIENT1, EX2, EX3, edited, GROUP1, USER1, withPolicy } from '../model/example-state.ts';
import { states } from '../model/state-arbitrary.ts';
import { ask, logIn } from './ask.ts';

const NOW = Date.parse('2026-06-14');
const DATE = '2027-01-31';
const END = Date.parse(DATE);

/** What a client can have by client_credentials. */
function held(state: State, client: ApplicationAddress = CLIENT1, now = 0) {
  const index = indexState(state);
  const asked = { client, user: undefined, grants: ['client_credentials'] };
  return heldScopes(index, asked, reachClientCredentials(index, client, now), now);
}

/** What User1 can let it have. */
function heldByUser(state: State) {
  const index = indexState(state);
  const asked = { client: CLIENT1, user: USER1, grant_type: 'authorization_code' };
  return heldScopes(index, { ...asked, grants: [asked.grant_type] }, reachForUser(index, asked, 0), 0);
}

describe('the scopes of a client', () => {
  const asking = (scope: string) =>
    edited(EX2, 'application', CLIENT1, { metadata: { grant_types: ['client_credentials'], scope } });

  it('are those of its list that the catalogue has, each once, with the place of the naming and an audience', () => {
    expect(held(asking('Server2 WS openid WS stranger')).scopes).toMatchObject([
      {
        scope: 'WS',
        asks: {
          relation: 'may_ask_for',
          from: CLIENT1,
          to: 'scope:WS',
          at: { address: CLIENT1, pointer: '/metadata/scope' },
        },
        by: { granted: true, audience: 'Server2' },
      },
    ]);
  });

  it('are none where no audience is reached', () => {
    expect(held(edited(asking('Server2 WS'), 'user', USER1, { methods: [] })).scopes).toEqual([]);
    expect(held(EX2, 'application:Example/Nobody').scopes).toEqual([]);
  });

  it('rest on the audience that lasts longest', () => {
    const metadata = { grant_types: ['client_credentials'], scope: 'Server1 Server2 WS' };
    const state = edited(edited(EX2, 'application', CLIENT1, { metadata }), 'group', GROUP1, {
      members: [{ to: USER1, expires: DATE }],
    });
    expect(held(state).scopes).toMatchObject([{ scope: 'WS', by: { audience: 'Server2', until: undefined } }]);
    const all = edited(state, 'user', USER1, { expires: '2026-12-31' });
    expect(held(all).scopes).toMatchObject([
      { scope: 'WS', by: { audience: 'Server1', until: Date.UTC(2026, 11, 31) } },
    ]);
    expect(ask(state, 'WS Server2')).toMatchObject({ allowed: true, scopes: ['WS', 'Server2'], until: undefined });
  });

  it('S:U-61 are none that break the policy of every audience by being asked for, alone and with everything', () => {
    const policy = {
      items: [
        { name: 'n', value: 'text:x' },
        { name: 'n', value: 'text:y', scopes: ['WS'] },
      ],
      single_value: ['n'],
    };
    const alone = withPolicy(asking('WS'), CLIENT1, policy);
    expect(ask(alone, 'Client1').allowed).toBe(true);
    expect(held(alone)).toMatchObject({ scopes: [] });
    const users = withPolicy(EX3, CLIENT1, policy);
    expect(logIn(users, 'Client1').allowed).toBe(true);
    expect(heldByUser(users)).toMatchObject({ scopes: [] });
    expect(heldByUser(EX3).scopes).toMatchObject([{ scope: 'WS' }]);
    // Another audience of the token carries it.
    expect(held(withPolicy(asking('Server2 WS'), CLIENT1, policy)).scopes).toMatchObject([
      { scope: 'WS', by: { audience: 'Server2' } },
    ]);
  });

  it('S:U-61 may be had from when a policy holds again, and until what it rests on goes', () => {
    const other = groupAddress('Example', 'Other');
    const ending = added(asking('WS'), [[other, { kind: 'group', members: [{ to: USER1, expires: DATE }] }]]);
    const item = { name: 'n', value: 'text:y', scopes: ['WS'], group: other };
    const broken = { items: [{ name: 'n', value: 'text:x' }, item], single_value: ['n'] };
    expect(held(withPolicy(ending, CLIENT1, broken))).toMatchObject({ scopes: [], until: END });
    expect(held(withPolicy(ending, CLIENT1, broken), CLIENT1, END).scopes).toMatchObject([{ scope: 'WS' }]);
    const needed = { items: [item], required: ['n'] };
    expect(held(withPolicy(ending, CLIENT1, needed)).scopes).toMatchObject([{ scope: 'WS', by: { until: END } }]);
    expect(held(withPolicy(ending, CLIENT1, needed), CLIENT1, END).scopes).toEqual([]);
  });

  it('are what decide gives to a request for one alone or for everything', () => {
    let given = 0;
    let refusals = 0;
    fc.assert(
      fc.property(states, (state) => {
        const index = indexState(state);
        for (const client of clientsOf(state)) {
          const scopes = held(state, client, NOW).scopes.map(({ scope }) => scope);
          const answers = [['WS'], undefined].map((scope) =>
            decide(index, { grant_type: 'client_credentials', client, scope }, NOW),
          );
          const isGiven = answers.some((answer) => answer.allowed && answer.scopes.includes('WS'));
          expect(isGiven).toBe(scopes.includes('WS'));
          if (isGiven) given++;
          else if (index.allowList(client).scopes.includes('WS')) refusals++;
        }
      }),
      { numRuns: 2000 },
    );
    expect(given).toBeGreaterThan(1);
    expect(refusals).toBeGreaterThan(5);
  });
});

function clientsOf(state: State): ApplicationAddress[] {
  return [...entitiesOf(state, 'application')].map(([address]) => address as ApplicationAddress);
}
