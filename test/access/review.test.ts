import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexState } from '../../src/access/access-index.ts';
import { reachClientCredentials, reviewClientCredentials } from '../../src/access/client-credentials.ts';
import { decide } from '../../src/access/decide.ts';
import type { AudienceAnswer, Decision, Refusal } from '../../src/access/decision.ts';
import type { Grant } from '../../src/access/granting.ts';
import type { ApplicationAddress } from '../../src/model/address.ts';
import { entitiesOf, type State } from '../../src/model/state.ts';
import {
  CLIENT_GROUP,
  CLIENT1,
  EX1,
  EX2,
  edited,
  GROUP1,
  GROUP2,
  METHOD1,
  SERVER1,
  SERVER2,
  SITE,
  USER1,
} from '../model/example-state.ts';
import { NOW, statePairs, states } from '../model/state-arbitrary.ts';
import { allowed, codeOf, refused } from './ask.ts';

const review = (state: State, grant: Grant, now = 0) => reviewClientCredentials(indexState(state), grant, now);
const issued: Grant = {
  client: CLIENT1,
  audiences: ['Server1', 'Server2', 'Client1'],
  scopes: ['oidc', 'Server1', 'Server2'],
};

describe('S:R-3 a token in use', () => {
  it('keeps what today still gives, in its own order', () => {
    const decision = allowed(review(EX2, issued));
    expect(decision).toMatchObject({ audiences: issued.audiences, scopes: issued.scopes, user: USER1 });
  });

  it.each([
    ['a membership', edited(EX2, 'group', GROUP1, { members: [] })],
    ['a group of the server', edited(EX2, 'application', SERVER1, { allowed_to: [] })],
    ['the method of the server', edited(EX2, 'application', SERVER1, { methods: [] })],
    ['the server itself', edited(EX2, 'application', SERVER1, { enabled: false })],
    [
      'the right to ask',
      edited(EX2, 'application', CLIENT1, { metadata: { grant_types: ['client_credentials'], scope: 'Server2' } }),
    ],
  ])('loses exactly the audience whose link is gone: %s', (_, state) => {
    const decision = allowed(review(state, issued));
    expect(decision.audiences).toEqual(['Server2', 'Client1']);
    expect(decision.scopes).toEqual(['oidc', 'Server2']);
  });

  it('never gains what it was not issued with', () => {
    const decision = allowed(review(EX2, { client: CLIENT1, audiences: ['Server2'], scopes: [] }));
    expect(decision.audiences).toEqual(['Server2']);
    expect(decision.scopes).toEqual([]);
  });

  it('vector V11 without the impersonation it is nothing at the servers', () => {
    const state = edited(EX2, 'user', USER1, { impersonated_by: undefined });
    const refusal = refused(review(state, issued));
    expect(refusal.code).toBe('NO_AUDIENCE');
    const reachable = edited(state, 'group', CLIENT_GROUP, { methods: ['client.credentials.1'] });
    expect(allowed(review(reachable, issued)).audiences).toEqual(['Client1']);
  });

  it('loses all with the client, its grant, its method or its user', () => {
    const gone: readonly (readonly [State, string])[] = [
      [edited(EX2, 'application', CLIENT1, { enabled: false }), 'CLIENT_AUTHENTICATION_FAILED'],
      [edited(EX2, 'application', CLIENT1, { metadata: { scope: 'Server1 Server2' } }), 'GRANT_NOT_ALLOWED'],
      [edited(EX2, 'method', METHOD1, { enabled: false }), 'METHOD_DISABLED'],
      [edited(EX2, 'site', SITE, { methods: [] }), 'METHOD_NOT_ON_SITE'],
      [edited(EX2, 'user', USER1, { enabled: false }), 'USER_NOT_ACTIVE'],
      [edited(EX2, 'user', USER1, { methods: [] }), 'METHOD_NOT_ON_USER'],
    ];
    for (const [state, code] of gone) expect(refused(review(state, issued)).code).toBe(code);
    expect(refused(review(edited(EX2, 'user', USER1, { expires: '1970-01-02' }), issued, 86_400_000)).code).toBe(
      'USER_NOT_ACTIVE',
    );
  });

  it('with no audience left it tells what each of them lacks', () => {
    const state = edited(EX2, 'group', GROUP2, { members: [] });
    const refusal = refused(review(state, { client: CLIENT1, audiences: ['Server2'], scopes: [] }));
    expect(refusal.description).toBe('NO_AUDIENCE: Server2 NOT_IN_ALLOWED_GROUP');
  });

  it('narrows also for a client that asks strictly', () => {
    const state = edited(edited(EX2, 'group', GROUP2, { members: [] }), 'application', CLIENT1, {
      audience_mode: 'strict',
    });
    expect(allowed(review(state, issued)).audiences).toEqual(['Server1', 'Client1']);
  });

  it('loses a catalogue scope that the client may no longer ask for', () => {
    const metadata = { grant_types: ['client_credentials'], scope: 'Server1 WS' };
    const grant: Grant = { client: CLIENT1, audiences: ['Server1'], scopes: ['WS', 'Server1'] };
    expect(allowed(review(edited(EX2, 'application', CLIENT1, { metadata }), grant)).scopes).toEqual(['WS', 'Server1']);
    expect(allowed(review(EX2, grant)).scopes).toEqual(['Server1']);
  });

  it('is as it was issued while the State is, and otherwise no more than before and no more than today', () => {
    let compared = 0;
    fc.assert(
      fc.property(statePairs, ([before, after]) => {
        const [first, second] = [indexState(before), indexState(after)];
        for (const client of clientsOf(before)) {
          const decision = decide(first, { grant_type: 'client_credentials', client, scope: undefined }, NOW);
          if (!decision.allowed) continue;
          const grant: Grant = decision;
          expect(reviewClientCredentials(first, grant, NOW)).toMatchObject({
            audiences: decision.audiences,
            scopes: decision.scopes,
          });
          const left = reviewClientCredentials(second, grant, NOW);
          const kept = left.allowed ? left.audiences : [];
          const today = granted(second, client);
          expect(decision.audiences).toEqual(expect.arrayContaining([...kept]));
          // What a policy says rests on all that the token is for, not on what somebody might ask for today.
          const isPlain = (audience: string) => {
            const address = second.client(audience);
            return address === undefined || second.application(address)?.policy === undefined;
          };
          const expected = decision.audiences.filter((audience) => today.has(audience));
          expect(kept.filter(isPlain)).toEqual(expected.filter(isPlain));
          compared++;
        }
      }),
      { numRuns: 300 },
    );
    expect(compared).toBeGreaterThan(30);
  });
});

describe('the reach of a client', () => {
  it('lists every audience it may name, in the order of its metadata, and itself last', () => {
    const reach = reachClientCredentials(indexState(EX2), CLIENT1, 0);
    expect(reach.map(({ audience }) => audience)).toEqual(['Server1', 'Server2', 'Client1']);
    expect(reach.map(({ application }) => application)).toEqual([SERVER1, SERVER2, CLIENT1]);
    expect(reachClientCredentials(indexState(EX1), CLIENT1, 0)).toMatchObject([{ audience: 'Client1', granted: true }]);
  });

  it('of a client that is not there is empty, of one that may not use the grant it is refused throughout', () => {
    expect(reachClientCredentials(indexState(EX2), 'application:Example/Nobody', 0)).toEqual([]);
    const reach = reachClientCredentials(indexState(edited(EX2, 'user', USER1, { methods: [] })), CLIENT1, 0);
    expect(reach).toHaveLength(3);
    for (const answer of reach) expect(answer).toMatchObject({ granted: false, code: 'METHOD_NOT_ON_USER' });
  });

  it('equals what decide answers to a request that names one audience alone, or to one for everything', () => {
    let grants = 0;
    let refusals = 0;
    fc.assert(
      fc.property(states, (state) => {
        const index = indexState(state);
        for (const client of clientsOf(state)) {
          for (const answer of reachClientCredentials(index, client, NOW)) {
            const question = { grant_type: 'client_credentials', client, scope: [answer.audience] };
            const [alone, all] = [question, { ...question, scope: undefined }].map((one) => decide(index, one, NOW));
            const given = [alone, all].flatMap((one) => (one?.allowed ? [one] : []));
            const giving = given.filter(({ audiences }) => audiences.includes(answer.audience));
            if (answer.granted) {
              grants++;
              // By a request for everything no longer than all of it: with less in the token a policy may say otherwise.
              const reasons = giving.flatMap((one) => one.reasons);
              const until = endOf(answer);
              const named = reasons.filter((reason) => endOf(reason) >= until).map((reason) => ({ ...reason, until }));
              expect(named).toContainEqual({ ...answer, until });
            } else {
              refusals++;
              expect(giving).toEqual([]);
              const refusal = refused(alone as Decision | Refusal);
              const told = refusal.code === 'NO_AUDIENCE' ? codeOf(refusal.reasons, answer.audience) : refusal.code;
              expect(told).toBe(answer.code);
              expect(refusal.missing).toEqual(answer.missing);
            }
          }
        }
      }),
      { numRuns: 500 },
    );
    expect(grants).toBeGreaterThan(30);
    expect(refusals).toBeGreaterThan(30);
  });

  it('with no server named gives together all that it gives one by one, but for what policies have to say', () => {
    fc.assert(
      fc.property(states, (state) => {
        const index = indexState(state);
        for (const client of clientsOf(state)) {
          const decision = decide(index, { grant_type: 'client_credentials', client, scope: ['oidc'] }, NOW);
          const together = decision.allowed ? decision.audiences : [];
          const reached = [...granted(index, client)];
          expect(reached).toEqual(expect.arrayContaining([...together]));
          const isPlain = (audience: string) => {
            const address = index.client(audience);
            return address !== undefined && index.application(address)?.policy === undefined;
          };
          if (together.length > 0) expect(together).toEqual(expect.arrayContaining(reached.filter(isPlain)));
        }
      }),
      { numRuns: 300 },
    );
  });
});

function clientsOf(state: State): ApplicationAddress[] {
  return [...entitiesOf(state, 'application')].map(([address]) => address as ApplicationAddress);
}

function endOf({ until }: AudienceAnswer): number {
  return until ?? Number.POSITIVE_INFINITY;
}

function granted(index: ReturnType<typeof indexState>, client: ApplicationAddress): Set<string> {
  return new Set(
    reachClientCredentials(index, client, NOW)
      .filter((answer) => answer.granted)
      .map((answer) => answer.audience),
  );
}
