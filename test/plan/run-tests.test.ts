import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexState } from '../../src/access/access-index.ts';
import { decide } from '../../src/access/decide.ts';
import type { Question } from '../../src/access/decision.ts';
import { tokenClaims } from '../../src/access/token-content.ts';
import { type AccessTest, requestOf } from '../../src/model/access-test.ts';
import { type Address, type ApplicationAddress, applicationAddress } from '../../src/model/address.ts';
import { PROTOCOL_SCOPES } from '../../src/model/entity.ts';
import { followRenames } from '../../src/model/move.ts';
import { createState, EMPTY_STATE, entitiesOf, type State } from '../../src/model/state.ts';
import { judgeTest, runTests } from '../../src/plan/run-tests.ts';
import {
  CLIENT1,
  EX1,
  EX2,
  edited,
  GROUP1,
  GROUP2,
  METHOD,
  SERVER1,
  SERVER2,
  SITE,
  USER1,
  without,
} from '../model/example-state.ts';
import { NOW, states } from '../model/state-arbitrary.ts';
import { ALLOW, deny, type Expectation, never, testOf, token, whoCan } from './access-tests.ts';
import { planOf } from './make.ts';

function run(state: State, test: AccessTest, before: State = EMPTY_STATE, now = 0) {
  const sides = {
    before: before.size === 0 ? undefined : indexState(before),
    nameBefore: <A extends Address>(address: A) => address,
    after: indexState(state),
  };
  const [result] = runTests([test], sides, now);
  if (result === undefined) throw new Error('a test has no result');
  return result;
}

/** The problems of a test on a State; none for one that passes. */
function problems(state: State, expectation: Expectation, scope: string | undefined, asked = {}, now = 0) {
  const { outcome, problems: told } = run(state, testOf(expectation, scope, asked), EMPTY_STATE, now);
  expect(outcome).toBe(told.length === 0 ? 'passed' : 'failed');
  return told;
}

/** Ex-2 in which User1 is in no Group2, and the client may ask for WS. */
const NARROW = edited(edited(EX2, 'group', GROUP2, { members: [] }), 'application', CLIENT1, {
  metadata: { grant_types: ['client_credentials'], scope: 'Server1 Server2 WS' },
});
const STRICT = edited(NARROW, 'application', CLIENT1, { audience_mode: 'strict' });

describe('a token that is expected', () => {
  it('passes when its claims are so, in any order, and others may be anything', () => {
    const claims = { aud: ['Client1', 'Server1'], scope: 'openid Server1', impersonates: 'Example/User1' };
    expect(problems(EX2, token(claims), 'Server1 openid')).toEqual([]);
    expect(problems(EX2, token({ sub: 'Client1', client_id: 'Client1' }, 3600), undefined)).toEqual([]);
  });

  it('an audience that is missing or too many fails it, with the reason of the one that is missing', () => {
    expect(problems(NARROW, token({ aud: ['Server1', 'Server2', 'Client1'] }), undefined)).toEqual([
      'aud: expected Server1, Server2, Client1; got Server1, Client1 (Server2: NOT_IN_ALLOWED_GROUP)',
    ]);
    expect(problems(EX2, token({ aud: ['Server1'] }), 'Server1')).toEqual([
      'aud: expected Server1; got Server1, Client1',
    ]);
  });

  it('a scope that is missing or too many fails it; an empty one is no scope', () => {
    expect(problems(NARROW, token({ scope: 'WS' }), undefined)).toEqual(['scope: expected WS; got Server1 WS']);
    expect(problems(NARROW, token({ scope: 'Server1 Server2' }), 'Server1 Server2')).toEqual([
      'scope: expected Server1 Server2; got Server1 (Server2: NOT_IN_ALLOWED_GROUP)',
    ]);
    expect(problems(EX1, token({ scope: '' }), undefined)).toEqual([]);
    expect(problems(EX1, token({ scope: 'WS' }), undefined)).toEqual(['scope: expected WS; got none']);
    expect(problems(EX2, token({ scope: '' }), 'Server1')).toEqual(['scope: expected none; got Server1']);
  });

  it('each other claim is compared whole, and each that differs is told', () => {
    expect(
      problems(EX1, token({ sub: 'Client2', client_id: 'Client2', impersonates: 'Example/User1' }), undefined),
    ).toEqual([
      'sub: expected Client2; got Client1',
      'client_id: expected Client2; got Client1',
      'impersonates: expected Example/User1; got none',
    ]);
  });

  it('a claim that no token has fails it', () => {
    expect(problems(EX1, token({ toString: 'x' }), undefined)).toHaveLength(1);
    expect(problems(EX1, token({ exp: 'x' }), undefined)).toEqual(['exp: expected x; got none']);
  });

  it('it lives as long as is expected, no longer and no shorter', () => {
    expect(problems(EX2, token({}, 900), undefined)).toEqual(['lifetime: expected 15m; got 1h']);
    const ending = edited(EX2, 'user', USER1, { expires: '1970-01-01T00:30:00Z' });
    expect(problems(ending, token({}, 1800), undefined)).toEqual([]);
  });

  it('none at all fails it, with the whole refusal', () => {
    expect(problems(EX2, token({ aud: ['Server1'] }), 'Server3')).toEqual([
      'expected a token; refused with SCOPE_NOT_ALLOWED: Server3',
    ]);
  });
});

describe('allow', () => {
  it('needs every scope that is named', () => {
    expect(problems(EX2, ALLOW, 'Server1 Server2')).toEqual([]);
    expect(problems(NARROW, ALLOW, 'Server1 WS openid')).toEqual([]);
    expect(problems(NARROW, ALLOW, 'Server1 Server2')).toEqual([
      'Server2: expected to be granted; it is not (Server2: NOT_IN_ALLOWED_GROUP)',
    ]);
  });

  it('a refusal fails it, with its description', () => {
    expect(problems(STRICT, ALLOW, 'Server1 Server2')).toEqual([
      'expected a token; refused with NO_AUDIENCE: Server2 NOT_IN_ALLOWED_GROUP',
    ]);
  });

  it('without a scope needs a token, whatever it is for', () => {
    expect(problems(NARROW, ALLOW, undefined)).toEqual([]);
    expect(problems(edited(EX2, 'application', CLIENT1, { enabled: false }), ALLOW, undefined)).toHaveLength(1);
  });

  it('the address that the request comes from counts where one is written', () => {
    const bound = edited(EX2, 'application', CLIENT1, { client_ip_range: ['192.168.1.0/24'] });
    expect(problems(bound, ALLOW, 'Server1')).toEqual([]);
    expect(problems(bound, ALLOW, 'Server1', { ip: '192.168.1.7' })).toEqual([]);
    expect(problems(bound, ALLOW, 'Server1', { ip: '10.0.0.1' })).toHaveLength(1);
    expect(problems(bound, deny('CLIENT_IP_NOT_ALLOWED'), 'Server1', { ip: '10.0.0.1' })).toEqual([]);
  });
});

describe('deny', () => {
  it('of something that is granted fails', () => {
    expect(problems(EX2, deny(), 'Server1')).toEqual(['Server1: expected to be refused; it is granted']);
    expect(problems(NARROW, deny(), 'WS')).toEqual(['WS: expected to be refused; it is granted']);
    expect(problems(EX1, deny(), undefined)).toEqual(['a token: expected to be refused; it is granted, for Client1']);
  });

  it('passes where the audience is left out, and where the whole request is refused', () => {
    expect(problems(NARROW, deny(), 'Server2')).toEqual([]);
    expect(problems(EX2, deny(), 'Server3')).toEqual([]);
  });

  it('of several needs each refused, to who asks for it alone too', () => {
    // The request as it is written is refused whole.
    const answer = decide(indexState(EX2), requestOf(testOf(ALLOW, 'Server1 Server3').assertion) as Question, 0);
    expect(answer.allowed).toBe(false);
    expect(problems(EX2, deny(), 'Server1 Server3')).toEqual(['Server1: expected to be refused; it is granted']);
    expect(problems(STRICT, deny(), 'Server1 Server2')).toEqual(['Server1: expected to be refused; it is granted']);
  });

  it('a reason is the code of the audience asked about, or that of the whole answer', () => {
    expect(problems(NARROW, deny('NOT_IN_ALLOWED_GROUP'), 'Server2')).toEqual([]);
    expect(problems(NARROW, deny('NO_AUDIENCE'), 'Server2')).toEqual([]);
    expect(problems(EX2, deny('SCOPE_NOT_ALLOWED'), 'Server3')).toEqual([]);
    expect(problems(EX1, deny('NO_IMPERSONATION'), 'WS')).toEqual([
      'WS: expected to be refused with NO_IMPERSONATION; it is with SCOPE_NOT_ALLOWED',
    ]);
  });

  it('the code of another audience is no reason', () => {
    // Beside Server2 the client itself is judged, and refused as disabled methods are.
    const other = edited(NARROW, 'application', CLIENT1, { allowed_to: [] });
    expect(problems(other, deny('NOT_IN_ALLOWED_GROUP'), 'Server2')).toEqual([]);
    const disabled = edited(other, 'application', SERVER2, { enabled: false });
    expect(problems(disabled, deny('NOT_IN_ALLOWED_GROUP'), 'Server2')).toEqual([
      'Server2: expected to be refused with NOT_IN_ALLOWED_GROUP; it is with APPLICATION_DISABLED, NO_AUDIENCE',
    ]);
  });

  it('without a scope the client itself is what is asked about', () => {
    const closed = edited(EX1, 'group', GROUP1, { methods: [] });
    expect(problems(closed, deny('NOT_IN_ALLOWED_GROUP'), undefined)).toEqual([
      'a token: expected to be refused with NOT_IN_ALLOWED_GROUP; it is with METHOD_NOT_ON_GROUP, NO_AUDIENCE',
    ]);
    expect(problems(closed, deny('METHOD_NOT_ON_GROUP'), undefined)).toEqual([]);
    expect(problems(EX2, deny('GRANT_NOT_ALLOWED'), undefined, { client: SERVER1 })).toEqual([]);
  });
});

describe('the State before', () => {
  const allow2 = testOf(ALLOW, 'Server2');

  it('says whether a test fails anew, failed already, or is mended', () => {
    expect(run(NARROW, allow2, EX2)).toMatchObject({ outcome: 'failed', before: 'passed' });
    expect(run(NARROW, allow2, NARROW)).toMatchObject({ outcome: 'failed', before: 'failed' });
    expect(run(EX2, allow2, NARROW)).toMatchObject({ outcome: 'passed', before: 'failed' });
  });

  it('has nothing to say where there is nothing, or not the client', () => {
    expect(run(EX2, allow2)).toMatchObject({ outcome: 'passed', before: 'absent' });
    expect(run(EX2, testOf(deny(), 'Server3'), without(EX2, CLIENT1))).toMatchObject({ before: 'absent' });
  });
});

describe('a request of a grant of a user', () => {
  const methods = [METHOD, 'password.1'];
  const login = edited(
    edited(edited(EX2, 'site', SITE, { methods }), 'user', USER1, { methods, sub: 'user-1' }),
    'application',
    CLIENT1,
    { methods, metadata: { grant_types: ['password'], scope: 'Server1 WS' } },
  );
  const asked = { grant_type: 'password', user: USER1 };

  it('gets the token of the user', () => {
    expect(problems(login, token({ sub: 'user-1', aud: ['Client1'], scope: 'WS' }), 'WS', asked)).toEqual([]);
    expect(problems(login, token({ sub: 'Client1' }), 'WS', asked)).toEqual(['sub: expected Client1; got user-1']);
    expect(problems(login, ALLOW, 'WS', asked)).toEqual([]);
  });

  it('counts the method of the login where one is written', () => {
    expect(problems(login, ALLOW, 'WS', { ...asked, method: 'password.1' })).toEqual([]);
    expect(problems(login, deny('METHOD_NOT_ON_APPLICATION'), 'WS', { ...asked, method: METHOD })).toEqual([]);
  });

  it('is refused for who is not let in, with the code of the client', () => {
    const closed = edited(login, 'application', CLIENT1, { allowed_to: [{ to: GROUP2 }] });
    const empty = edited(closed, 'group', GROUP2, { members: [] });
    expect(problems(empty, deny('NOT_IN_ALLOWED_GROUP'), undefined, asked)).toEqual([]);
    expect(problems(empty, ALLOW, undefined, asked)).toHaveLength(1);
  });

  it('is asked at the instant that it names', () => {
    const ending = edited(login, 'user', USER1, { expires: '1970-01-01T00:00:10Z' });
    expect(problems(ending, ALLOW, 'WS', { ...asked, time: 9_999 }, 20_000)).toEqual([]);
    expect(problems(ending, deny('USER_NOT_ACTIVE'), 'WS', { ...asked, time: 10_000 }, 0)).toEqual([]);
  });
});

it('an expected claim of a policy is compared whole; an empty list says that there is none', () => {
  expect(problems(EX2, token({ mail: [] }), undefined)).toEqual([]);
  expect(problems(EX2, token({ mail: ['a@example.com'] }), undefined)).toEqual([
    'mail: expected a@example.com; got none',
  ]);
});

describe('what is told of a failed test', () => {
  it('of what is granted, the links that give it', () => {
    const [problem] = judgeTest(testOf(deny(), 'Server1').assertion, indexState(EX2), 0);
    expect(problem?.chain.map(({ relation }) => relation)).toContain('open_to');
    expect(problem?.code).toBeUndefined();
  });

  it('of what is refused, the code, the links that are there and where the missing one should be', () => {
    const missing = { address: SERVER2, pointer: '/allowed_to' };
    for (const expectation of [ALLOW, token({ aud: ['Server2', 'Client1'] }), deny('SCOPE_NOT_ALLOWED')]) {
      const [problem] = judgeTest(testOf(expectation, 'Server2').assertion, indexState(NARROW), 0);
      expect(problem).toMatchObject({ code: 'NOT_IN_ALLOWED_GROUP', missing });
      expect(problem?.chain.map(({ relation }) => relation)).toContain('impersonates');
    }
    const [stranger] = judgeTest(testOf(ALLOW, 'Server3').assertion, indexState(EX2), 0);
    expect(stranger).toMatchObject({
      code: 'SCOPE_NOT_ALLOWED',
      chain: [],
      missing: { address: CLIENT1, pointer: '/metadata/scope' },
    });
  });
});

it('a test about everybody is new where its audience or its client is; an invariant never is', () => {
  const who = whoCan({ audience: SERVER2 }, { compare: 'exactly', names: [CLIENT1] });
  expect(run(EX2, who, EX2)).toMatchObject({ outcome: 'passed', before: 'passed' });
  expect(run(EX2, who, NARROW)).toMatchObject({ outcome: 'passed', before: 'failed' });
  expect(run(EX2, who, without(EX2, SERVER2))).toMatchObject({ before: 'absent' });
  const through = whoCan({ audience: SERVER2 }, { compare: 'exactly', names: [] }, { client: CLIENT1 });
  expect(run(EX2, through, without(EX2, CLIENT1))).toMatchObject({ before: 'absent' });
  const scope = whoCan({ scope: 'WS' }, { compare: 'exactly', names: [] });
  expect(run(EX2, scope, without(EX2, 'scope:WS'))).toMatchObject({ outcome: 'passed', before: 'absent' });
  expect(run(EX2, never({ audience: { is: SERVER2 } }), without(EX2, SERVER2))).toMatchObject({
    outcome: 'failed',
    before: 'passed',
  });
});

it('a plan runs them on what it leads to, with their places, and compares with what it begins with', () => {
  const test = testOf(ALLOW, 'Server2');
  const { tests } = planOf(EX2, NARROW, 0, [test, testOf(ALLOW, 'Server1')]);
  expect(tests).toEqual([
    {
      name: 'a test',
      range: test.range,
      outcome: 'failed',
      before: 'passed',
      problems: ['expected a token; refused with NO_AUDIENCE: Server2 NOT_IN_ALLOWED_GROUP'],
    },
    { name: 'a test', range: test.range, outcome: 'passed', before: 'passed', problems: [] },
  ]);
  expect(planOf(EX2, EX2, 0, [test]).tests).toMatchObject([{ outcome: 'passed', before: 'passed' }]);
  expect(planOf(EMPTY_STATE, EX2, 0, [test]).tests).toMatchObject([{ outcome: 'passed', before: 'absent' }]);
});

it('a client that is moved had its access before: it is no new one', () => {
  const moved = applicationAddress('Example', 'Renamed');
  const renames = new Map<Address, Address>([[CLIENT1, moved]]);
  const after = createState(
    [...EX2].map(([address, entity]) => [renames.get(address) ?? address, followRenames(entity, renames)]),
  );
  const test = testOf(ALLOW, undefined, { client: moved });
  const moves = [{ from: CLIENT1, to: moved, range: undefined }];
  const { tests, tokens } = planOf(EX2, after, 0, [test], moves);
  expect(tests).toMatchObject([{ outcome: 'passed', before: 'passed' }]);
  expect(tokens).toEqual([]);
});

/** Every client of a State, with what it might ask for. */
function asked(state: State): readonly { client: ApplicationAddress; values: readonly string[] }[] {
  const values = [...entitiesOf(state, 'application')].map(([, { client_id }]) => client_id);
  const scopes = [...entitiesOf(state, 'scope')].map(([address]) => address.slice('scope:'.length));
  return [...entitiesOf(state, 'application')].map(([address]) => ({
    client: address as ApplicationAddress,
    values: [...values, ...scopes, ...PROTOCOL_SCOPES],
  }));
}

describe('the laws of tests, over random States', () => {
  it('deny of what is granted fails, allow of what is not fails, and never do both pass or both fail', () => {
    let granted = 0;
    fc.assert(
      fc.property(states, (state) => {
        const index = indexState(state);
        for (const { client, values } of asked(state)) {
          for (const value of values) {
            const answer = decide(index, { grant_type: 'client_credentials', client, scope: [value] }, NOW);
            const has = answer.allowed && answer.scopes.includes(value);
            if (has) granted++;
            const passes = [ALLOW, deny()].map(
              (expectation) =>
                run(state, testOf(expectation, value, { client }), EMPTY_STATE, NOW).outcome === 'passed',
            );
            expect(passes).toEqual([has, !has]);
          }
        }
      }),
      { numRuns: 100 },
    );
    expect(granted).toBeGreaterThan(30);
  });

  it('deny of several passes only where deny of each of them does', () => {
    fc.assert(
      fc.property(states, fc.nat(), fc.nat(), (state, first, second) => {
        for (const { client, values } of asked(state)) {
          const pair = [values[first % values.length] ?? '', values[second % values.length] ?? ''];
          const passes = (scope: string) =>
            run(state, testOf(deny(), scope, { client }), EMPTY_STATE, NOW).outcome === 'passed';
          expect(passes(pair.join(' '))).toBe(pair.every(passes));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('a token passes against all of its own claims, and fails with any of them changed', () => {
    fc.assert(
      fc.property(states, (state) => {
        for (const { client } of asked(state)) {
          const answer = decide(indexState(state), { grant_type: 'client_credentials', client, scope: undefined }, NOW);
          const outcomeOf = (expectation: Expectation) =>
            run(state, testOf(expectation, undefined, { client }), EMPTY_STATE, NOW).outcome;
          if (!answer.allowed) continue;
          const claims = { ...tokenClaims(answer) };
          expect(outcomeOf(token(claims, answer.lifetime))).toBe('passed');
          expect(outcomeOf(token(claims, answer.lifetime + 1))).toBe('failed');
          for (const [claim, value] of Object.entries(claims)) {
            const other = Array.isArray(value) ? [...value, 'Another'] : `${value} Another`;
            expect(outcomeOf(token({ [claim]: other }))).toBe('failed');
          }
        }
      }),
      { numRuns: 100 },
    );
  });
});
