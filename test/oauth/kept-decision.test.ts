// Decisions that are kept: what is given out again is what would be decided now, or it is not given out.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AccessIndex, indexState } from '../../src/access/access-index.ts';
import { reviewClientCredentials } from '../../src/access/client-credentials.ts';
import { decide } from '../../src/access/decide.ts';
import type { Decision, Refusal } from '../../src/access/decision.ts';
import { decideForUser, reviewForUser } from '../../src/access/user-grant.ts';
import type { ApplicationAddress, UserAddress } from '../../src/model/address.ts';
import type { ApplicationEntity } from '../../src/model/entity.ts';
import { createState, entitiesOf, type State } from '../../src/model/state.ts';
import { decideLoggedIn } from '../../src/oauth/authorize.ts';
import { keepDecisions } from '../../src/oauth/kept-decision.ts';
import { tokenEndpoint } from '../../src/oauth/token.ts';
import { reviewGranted } from '../../src/oauth/token-in-use.ts';
import { endingStates, instants } from '../access/ending-states.ts';
import { loginStates } from '../access/login-states.ts';
import { CLIENT1, edited } from '../model/example-state.ts';
import { states } from '../model/state-arbitrary.ts';
import { instantsAfter } from '../model/written-instants.ts';
import { AUTHORIZED, ask, contextOf, NOW, tokenRequest } from './fixture.ts';

const question = (client: ApplicationAddress, scope?: readonly string[]) => ({
  grant_type: 'client_credentials',
  client,
  scope,
});

/** Asks by a table that is the test's own, and counts how often it had to decide. */
function keeper() {
  const once = keepDecisions((decision) => decision.scopes.join(' '));
  let decided = 0;
  const askOnce = (name: string, index: AccessIndex, now: number, answer: () => Decision | Refusal) => {
    const found = once(index, name, now, () => {
      decided++;
      return answer();
    });
    return 'decision' in found ? found.decision : found;
  };
  return { askOnce, decided: () => decided };
}

describe('a kept decision', () => {
  it('is at every instant what is decided then, of new tokens and of those in use', () => {
    let asked = 0;
    const { askOnce, decided } = keeper();
    const law = fc.property(
      fc.oneof({ weight: 3, arbitrary: endingStates }, states),
      fc.array(instants, { minLength: 1, maxLength: 4 }),
      (state, some) => {
        const index = indexState(state);
        // In any order: clocks are set back. And around each instant at which anything begins or ends.
        const times = [...some, ...some.flatMap((at) => instantsAfter(state, at).flatMap((one) => [one - 1, one]))];
        for (const client of clientsOf(state)) {
          for (const scope of [undefined, [...index.allowList(client).audiences.keys()].slice(0, 1), ['WS']]) {
            for (const now of [...times, ...times]) {
              const answer = decide(index, question(client, scope), now);
              asked++;
              expect(askOnce(`${client} ${scope}`, index, now, () => answer)).toEqual(answer);
              if (!answer.allowed) continue;
              const granted = { client, audiences: answer.audiences, scopes: answer.scopes };
              const name = `review ${client} ${answer.audiences} ${answer.scopes}`;
              for (const at of times) {
                const review = reviewClientCredentials(index, granted, at);
                asked++;
                expect(askOnce(name, index, at, () => review)).toEqual(review);
              }
            }
          }
        }
      },
    );
    fc.assert(law, { numRuns: 120 });
    // Many were given out again.
    expect(decided()).toBeLessThan(asked * 0.9);
  });

  it('is at every instant what is decided then for a user who has logged in, and of what the user let the client do', () => {
    let [granted, refused] = [0, 0];
    const { askOnce, decided } = keeper();
    const law = fc.property(
      fc.oneof({ weight: 3, arbitrary: loginStates }, states),
      fc.constantFrom('password.1', 'password.2'),
      fc.constantFrom(undefined, '10.1.2.3', '192.0.2.7'),
      (state, method, ip) => {
        const index = indexState(state);
        const written = instantsAfter(state, NOW - 40 * 86_400_000);
        const times = [NOW, ...written.flatMap((at) => [at - 1, at])];
        for (const client of clientsOf(state)) {
          for (const user of usersOf(state)) {
            for (const scope of [undefined, ['openid', ...index.allowList(client).audiences.keys()], ['WS']]) {
              const as = { client, user, method, grant_type: 'authorization_code', ip };
              for (const now of [...times, ...times.toReversed()]) {
                const answer = decideForUser(index, { ...as, scope }, now);
                expect(askOnce(`${client} ${user} ${scope}`, index, now, () => answer)).toEqual(answer);
                if (answer.allowed) granted++;
                else refused++;
                if (!answer.allowed) continue;
                const { audiences, scopes } = answer;
                const review = reviewForUser(index, { ...as, audiences, scopes, bound_ip: ip }, now);
                if (review.allowed) granted++;
                else refused++;
                expect(askOnce(`review ${client} ${user} ${audiences} ${scopes}`, index, now, () => review)).toEqual(
                  review,
                );
              }
            }
          }
        }
      },
    );
    fc.assert(law, { numRuns: 80 });
    expect(granted).toBeGreaterThan(1000);
    expect(decided() - refused).toBeLessThan(granted * 0.9);
  });

  it('is of one index: another generation is decided anew, and the first one still has its own', () => {
    const { askOnce, decided } = keeper();
    const open = indexState(AUTHORIZED);
    const shut = indexState(edited(AUTHORIZED, 'application', CLIENT1, { enabled: false }));
    const at = (index: AccessIndex) => askOnce('same', index, NOW, () => decide(index, question(CLIENT1), NOW)).allowed;
    expect([at(open), at(shut), at(open), at(shut)]).toEqual([true, false, true, false]);
    // A refusal is kept by nobody.
    expect(decided()).toBe(3);
  });

  it('does not count before it was decided', () => {
    const { askOnce, decided } = keeper();
    const index = indexState(AUTHORIZED);
    for (const now of [NOW, NOW, NOW - 1, NOW])
      askOnce('same', index, now, () => decide(index, question(CLIENT1), now));
    expect(decided()).toBe(2);
  });

  it('is one of so many: those asked for longest ago are let go', () => {
    const { askOnce, decided } = keeper();
    const index = indexState(AUTHORIZED);
    const ask = (name: string) => askOnce(name, index, NOW, () => decide(index, question(CLIENT1), NOW));
    for (let number = 0; number < 10_001; number++) ask(`question ${number}`);
    expect(decided()).toBe(10_001);
    ask('question 10000');
    expect(decided()).toBe(10_001);
    ask('question 0');
    expect(decided()).toBe(10_002);
  });

  it('is of no question that is as long as somebody likes', () => {
    const { askOnce, decided } = keeper();
    const index = indexState(AUTHORIZED);
    for (const name of ['x'.repeat(1000), 'x'.repeat(1000), 'x'.repeat(1001), 'x'.repeat(1001)]) {
      askOnce(name, index, NOW, () => decide(index, question(CLIENT1), NOW));
    }
    expect(decided()).toBe(3);
  });
});

describe('what is left of a token', () => {
  it('is not mistaken for that of another one whose names read alike', () => {
    // A client_id may hold a space; names of audiences and scopes are one another's.
    const state = edited(AUTHORIZED, 'application', CLIENT1, { client_id: 'Server1 Server2' });
    const snapshot = { index: indexState(state) };
    const lists = [['Server1', 'Server2'], ['Server1 Server2'], ['Server2'], ['Server1'], []];
    for (const audiences of lists) {
      for (const scopes of lists) {
        const granted = { client: CLIENT1, audiences, scopes };
        for (const _ of [1, 2]) {
          expect(reviewGranted(granted, snapshot, NOW)).toEqual(reviewClientCredentials(snapshot.index, granted, NOW));
        }
      }
    }
  });
});

describe('what a user lets a client do', () => {
  it('is not mistaken for what another question is answered: not by user, method, address, grant or scope', () => {
    const grants = ['authorization_code', 'password'];
    const addresses = [undefined, '10.1.2.3', '192.0.2.7', undefined];
    const law = fc.property(loginStates, fc.boolean(), (state, bind_token_ip) => {
      const index = indexState(withApplications(state, { bind_token_ip }));
      for (const client of clientsOf(state)) {
        const all = [...index.allowList(client).audiences.keys(), 'openid', 'WS'];
        for (const [user, method, ip, grant_type, scopes] of combined(
          ...([usersOf(state), ['password.1', 'password.2'], addresses, grants] as const),
          [undefined, all, all.toReversed(), ...all.map((one) => [one])],
        )) {
          const question = { client, user, method, grant_type, ip, scope: scopes };
          const answer = decideForUser(index, question, NOW);
          expect(decideLoggedIn(index, question, NOW)).toEqual(answer);
          const granted = { client, audiences: scopes ?? [], scopes: scopes ?? [] };
          const grant = { user, method, grant_type, bound_ip: ip };
          const review = reviewForUser(index, { ...granted, ...grant }, NOW);
          expect(reviewGranted({ ...granted, grant }, { index }, NOW)).toEqual(review);
        }
      }
    });
    fc.assert(law, { numRuns: 15 });
  });
});

describe('the token endpoint, asked the same again', () => {
  const ranged = createState(edited(AUTHORIZED, 'application', CLIENT1, { client_ip_range: ['198.51.100.0/24'] }));

  it('lets in from where the client may call, and from nowhere else, whoever asked before', async () => {
    const context = contextOf(ranged);
    const from = async (ip: string) => (await ask(tokenEndpoint, tokenRequest('Server1', { ip }), context)).status;
    expect([await from('198.51.100.7'), await from('203.0.113.9'), await from('198.51.100.7')]).toEqual([
      200, 401, 200,
    ]);
  });

  it('gives each scope its own answer', async () => {
    const context = contextOf(AUTHORIZED);
    const audiences = async (scope?: string) => {
      const { body } = await ask(tokenEndpoint, tokenRequest(scope), context);
      const claims = JSON.parse(Buffer.from(String(body.access_token).split('.')[1] ?? '', 'base64url').toString());
      return claims.aud.join(' ');
    };
    const asked = ['Server1', 'Server2', 'Server1 Server2', undefined];
    const first = [];
    for (const scope of asked) first.push(await audiences(scope));
    const again = [];
    for (const scope of asked) again.push(await audiences(scope));
    expect(first.slice(0, 2)).toEqual(['Server1 Client1', 'Server2 Client1']);
    expect(again).toEqual(first);
  });
});

function clientsOf(state: State): ApplicationAddress[] {
  return [...entitiesOf(state, 'application')].map(([address]) => address as ApplicationAddress);
}

function usersOf(state: State): UserAddress[] {
  return [...entitiesOf(state, 'user')].map(([address]) => address as UserAddress);
}

function withApplications(state: State, members: Partial<ApplicationEntity>): State {
  return createState(
    [...state].map(([address, one]) => [address, one.kind === 'application' ? { ...one, ...members } : one]),
  );
}

/** Each of the first with each of the second, and so on. */
function combined<A, B, C, D, E>(
  ...[as, bs, cs, ds, es]: readonly [readonly A[], readonly B[], readonly C[], readonly D[], readonly E[]]
): (readonly [A, B, C, D, E])[] {
  return as.flatMap((a) =>
    bs.flatMap((b) => cs.flatMap((c) => ds.flatMap((d) => es.map((e) => [a, b, c, d, e] as const)))),
  );
}
