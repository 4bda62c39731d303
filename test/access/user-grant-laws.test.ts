// The laws of grants with a user, over random States, questions and instants.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexState } from '../../src/access/access-index.ts';
import { decide } from '../../src/access/decide.ts';
import type { Decision, Question, Refusal } from '../../src/access/decision.ts';
import { clientsWho, type Target, usersWho } from '../../src/access/reach.ts';
import { reachForUser, reviewForUser, type UserGrant } from '../../src/access/user-grant.ts';
import type { ApplicationAddress, ResourceAddress, UserAddress } from '../../src/model/address.ts';
import { GRANT_TYPES_WITH_USER } from '../../src/model/grant-type.ts';
import { entitiesOf, type State } from '../../src/model/state.ts';
import { NOW, statePairs, states } from '../model/state-arbitrary.ts';
import { loginStates } from './login-states.ts';
import type { NaiveAttributes } from './naive-policy.ts';
import { type NaiveAnswer, type NaiveQuestion, naiveUserGrant } from './naive-user-grant.ts';

const DAY = 86_400_000;
const instants = fc.constantFrom(NOW - DAY, NOW - 1, NOW, NOW + 1, NOW + 1000, NOW + DAY, NOW + 20 * DAY);
const VALUES = ['openid', 'WS', 'East.a', 'East.b', 'East.c', 'West.a', 'West.b', 'a', 'b', 'shared', 'stranger'];

const allStates = fc.oneof(states, { weight: 2, arbitrary: loginStates });

/** How a user asks; mostly as people do. */
const circumstances = fc.record({
  method: fc.constantFrom(undefined, undefined, 'password.1', 'password.1', 'password.2', 'cc.1', 'gone'),
  ip: fc.constantFrom(undefined, undefined, '10.1.2.3', '192.168.0.9', '172.16.0.1'),
  consented: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, fc.subarray(VALUES)),
  picks: fc.array(fc.nat({ max: 30 }), { maxLength: 4 }),
});

type Circumstances = typeof circumstances extends fc.Arbitrary<infer T> ? T : never;

/** With the values of each name in the order of the alphabet. */
function unordered(answer: NaiveAnswer): unknown {
  if (!answer.allowed) return answer;
  const sorted = (released: NaiveAttributes) =>
    Object.fromEntries(
      Object.entries(released).map(([name, value]) => [name, typeof value === 'string' ? value : [...value].sort()]),
    );
  const attributes = Object.fromEntries(Object.entries(answer.attributes).map(([at, one]) => [at, sorted(one)]));
  return { ...answer, attributes, claims: sorted(answer.claims) };
}

describe('the laws of grants with a user', () => {
  it('decide answers what a naive reading of algorithm B does: audiences, scopes, method, values and codes', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(allStates, instants, circumstances, (state, now, asked) => {
        for (const question of questionsOf(state, asked)) {
          const expected = naiveUserGrant(state, question, now);
          const answer = decide(indexState(state), question, now);
          const told = summaryOf(answer);
          // The order of values, that of the items that give them longest, is no matter of the oracle.
          expect(unordered(told)).toEqual(
            unordered(told.allowed || told.code === 'NO_AUDIENCE' ? expected : { ...expected, codes: told.codes }),
          );
          count(seen, expected.allowed ? 'allowed' : expected.code);
          if (expected.allowed) for (const code of Object.values(expected.codes)) count(seen, code);
          if (expected.allowed && Object.keys(expected.claims).length > 0) count(seen, 'claims');
          if (expected.allowed && expected.audiences.length > 1) count(seen, 'servers');
          if (expected.allowed && (expected.permissions?.length ?? 0) > 0) count(seen, 'permissions');
        }
      }),
      { numRuns: 250 },
    );
    for (const code of ['permissions', 'ROLE_MISSING', 'CUSTOMER_NOT_COVERED']) {
      expect([code, (seen.get(code) ?? 0) > 4]).toEqual([code, true]);
    }
    for (const code of ['allowed', 'claims', 'servers', 'POLICY_NOT_MET', 'ACCESS_RULE_NOT_MET', 'NO_AUDIENCE']) {
      expect([code, (seen.get(code) ?? 0) > 4]).toEqual([code, true]);
    }
    for (const code of ['METHOD_DISABLED', 'METHOD_NOT_ON_SITE', 'METHOD_NOT_ON_USER', 'METHOD_NOT_ON_GROUP']) {
      expect([code, (seen.get(code) ?? 0) > 0]).toEqual([code, true]);
    }
  });

  it('a refusal names a place in the State, or beside it, wherever a spec could mend it', () => {
    fc.assert(
      fc.property(allStates, instants, circumstances, (state, now, asked) => {
        for (const question of questionsOf(state, asked)) {
          const answer = decide(indexState(state), question, now);
          if (answer.allowed) continue;
          expect(answer.missing, answer.description).toBeDefined();
          expect(answer.missing?.address).not.toMatch(/\/everyone$/);
        }
      }),
      { numRuns: 80 },
    );
  });

  it('R-3 a review is what was granted, cut down to what today gives: never more', () => {
    let [same, less, none] = [0, 0, 0];
    fc.assert(
      fc.property(
        fc.oneof(statePairs, { weight: 2, arbitrary: fc.tuple(loginStates, loginStates) }),
        circumstances,
        instants,
        (pair, asked, later) => {
          const [before, after] = pair;
          const [first, second] = [indexState(before), indexState(after)];
          for (const question of questionsOf(before, { ...asked, ip: undefined })) {
            const issued = decide(first, question, NOW);
            if (!issued.allowed || issued.user === undefined) continue;
            const { audiences, scopes, method } = issued;
            // Whichever client binds has an address of what it was given.
            const bound_ip = '192.0.2.7';
            const grant: UserGrant = { ...question, user: issued.user, audiences, scopes, method, bound_ip };
            expect(reviewForUser(first, grant, NOW)).toMatchObject({ allowed: true, audiences, scopes, method });
            const left = reviewForUser(second, grant, later);
            // What a request for exactly the granted scope is given today, where nothing takes the place of a server.
            const today = decide(second, { ...question, method, scope: scopes, consented: scopes }, later);
            const kept = left.allowed ? left.audiences : [];
            expect(audiences).toEqual(expect.arrayContaining([...kept]));
            if (left.allowed) expect(scopes).toEqual(expect.arrayContaining([...left.scopes]));
            if (today.allowed && scopes.length > 0) {
              expect(kept).toEqual(audiences.filter((one) => today.audiences.includes(one)));
            }
            if (kept.length === 0) none++;
            else if (kept.length < audiences.length) less++;
            else same++;
          }
        },
      ),
      { numRuns: 250 },
    );
    expect([same > 20, less > 2, none > 20]).toEqual([true, true, true]);
  });

  it('until: before it the answer stays as it is, places and values included', () => {
    let bounded = 0;
    fc.assert(
      fc.property(allStates, instants, circumstances, fc.nat(), (state, now, asked, number) => {
        const index = indexState(state);
        for (const question of questionsOf(state, asked)) {
          const answer = decide(index, question, now);
          const last = answer.until === undefined ? now + 100 * DAY : answer.until - 1;
          expect(last).toBeGreaterThanOrEqual(now);
          for (const at of [now + (number % (last - now + 1)), last, NOW, NOW + 1000, NOW + DAY]) {
            if (at < now || at > last) continue;
            const then = decide(index, question, at);
            if (!answer.allowed) expect(then).toEqual(answer);
            // A second value that `single_value` denied may go before: then more is given, or as much by another method from
            // anywhere, and nothing is lost.
            else if (audiencesOf(then).length > answer.audiences.length || methodOf(then) !== answer.method) {
              expect(audiencesOf(then)).toEqual(expect.arrayContaining([...answer.audiences]));
            } else expect(heldBy(then)).toEqual(heldBy(answer));
          }
          if (answer.until === undefined) continue;
          bounded++;
          if (!answer.allowed) continue;
          expect(now + answer.lifetime * 1000).toBeLessThanOrEqual(answer.until);
          expect(heldBy(decide(index, question, answer.until))).not.toEqual(heldBy(answer));
        }
      }),
      { numRuns: 150 },
    );
    expect(bounded).toBeGreaterThan(12);
  });

  it('the reach of a user is what decide gives to a request for each audience alone, or for none', () => {
    let granted = 0;
    fc.assert(
      fc.property(allStates, instants, (state, now) => {
        const index = indexState(state);
        for (const [client, user, grant_type] of everybody(state)) {
          const reach = reachForUser(index, { client, user, grant_type }, now);
          const given = (scope: string[] | undefined) => {
            const answer = decide(index, { client, user, grant_type, scope }, now);
            return answer.allowed ? answer.audiences : [];
          };
          const expected = [
            ...index.allowList(client).audiences.keys(),
            index.application(client)?.client_id ?? '',
          ].filter((audience) => given([audience]).includes(audience) || given(undefined).includes(audience));
          expect(reach.filter((one) => one.granted).map(({ audience }) => audience)).toEqual(expected);
          granted += expected.length;
        }
      }),
      { numRuns: 80 },
    );
    expect(granted).toBeGreaterThan(12);
  });

  it('who can obtain something is everybody of whom decide says so', () => {
    let found = 0;
    fc.assert(
      fc.property(allStates, instants, fc.constantFrom(undefined, '10.0.0.1', '172.16.0.1'), (state, now, ip) => {
        const index = indexState(state);
        const targets: Exclude<Target, { readonly resource: ResourceAddress }>[] = [
          ...clientsOf(state).map((audience) => ({ audience })),
          ...[...entitiesOf(state, 'scope')].map(([scope]) => ({ scope: scope.slice('scope:'.length) })),
        ];
        const gives = (question: Question, target: Target) => {
          const answer = decide(index, question, now);
          if (!answer.allowed) return false;
          if (target.scope !== undefined) return answer.scopes.includes(target.scope);
          return answer.reasons.some(({ granted, application }) => granted && application === target.audience);
        };
        for (const target of targets) {
          const value = target.scope ?? index.application(target.audience)?.client_id ?? '';
          const can = (client: ApplicationAddress, grant_type: string, user: UserAddress | undefined) =>
            [[value], undefined].some((scope) => gives({ client, grant_type, user, scope, ip }, target));
          const ways: string[] = [];
          for (const client of clientsOf(state)) {
            const grants = (index.application(client)?.metadata?.grant_types ?? []).filter(
              (one) => one !== 'refresh_token',
            );
            const users: string[] = [];
            for (const user of usersOf(state)) {
              const grant = grants.find((one) => one !== 'client_credentials' && can(client, one, user));
              if (grant !== undefined) users.push(`${user} ${grant}`);
            }
            const told = usersWho(index, client, target, { ip }, now);
            expect(told.map(({ user, grant_type }) => `${user} ${grant_type}`)).toEqual(users);
            for (const grant of grants) {
              const all = grant === 'client_credentials' ? [undefined] : usersOf(state);
              const user = all.find((one) => can(client, grant, one));
              if (all.some((one) => can(client, grant, one))) ways.push(`${client} ${grant} ${user}`);
            }
          }
          const told = clientsWho(index, target, { ip }, now);
          expect(told.map(({ client, grant_type, user }) => `${client} ${grant_type} ${user}`)).toEqual(ways);
          found += ways.length;
        }
      }),
      { numRuns: 30 },
    );
    expect(found).toBeGreaterThan(12);
  });
});

/** Every client and user by one grant each; the scope is made of what the client could name, and of anything. */
function questionsOf(state: State, asked: Circumstances): readonly (Question & NaiveQuestion)[] {
  const { ip, consented, picks } = asked;
  return everybody(state).flatMap(([client, user, grant_type], number) => {
    const entity = [...entitiesOf(state, 'application')].find(([address]) => address === client)?.[1];
    const listed = [...(entity?.metadata?.aud ?? []), ...(entity?.metadata?.scope ?? '').split(' ')].filter(Boolean);
    const values = [...listed, ...listed, 'openid', entity?.client_id ?? '', ...(number % 9 === 0 ? VALUES : [])];
    const scope = picks.map((pick) => values[(pick + number) % values.length] as string);
    const kept = consented === undefined ? undefined : [...consented, ...listed.slice(number % 2)];
    const question = { client, user, grant_type, method: asked.method, ip, consented: kept, scope };
    return [
      question,
      { ...question, method: 'password.1', ip: undefined, scope: undefined },
      { ...question, ip: undefined, method: undefined },
    ];
  });
}

function everybody(state: State): readonly (readonly [ApplicationAddress, UserAddress, string])[] {
  const clients = [...entitiesOf(state, 'application')];
  // Of those that no user can let act a few are enough.
  const asking = clients.filter(([, { metadata }], position) => position % 4 === 0 || metadata?.grant_types);
  return asking.flatMap(([client, { metadata }], position) => {
    const grants = metadata?.grant_types?.filter((grant) => GRANT_TYPES_WITH_USER.includes(grant)) ?? [];
    return usersOf(state).map((user, number) => {
      const grant = grants[(position + number) % (grants.length || 1)] ?? 'implicit';
      return [client as ApplicationAddress, user, grant] as const;
    });
  });
}

function clientsOf(state: State): readonly ApplicationAddress[] {
  return [...entitiesOf(state, 'application')].map(([address]) => address as ApplicationAddress);
}

function usersOf(state: State): readonly UserAddress[] {
  return [...entitiesOf(state, 'user')].map(([address]) => address as UserAddress);
}

function summaryOf(answer: Decision | Refusal): NaiveAnswer {
  const codes = Object.fromEntries(answer.reasons.map((one) => [one.audience, one.granted ? 'granted' : one.code]));
  if (!answer.allowed) return { allowed: false, error: answer.error, code: answer.code, codes };
  const { audiences, scopes, method, claims } = answer;
  const permissions = answer.permissions?.map((one) => `${one.function} ${one.customer ?? ''}`);
  const attributes = Object.fromEntries(
    answer.reasons.flatMap((one) => (one.granted && one.attributes ? [[one.audience, one.attributes]] : [])),
  );
  return { allowed: true, audiences, scopes, method, attributes, permissions, claims, codes };
}

function audiencesOf(answer: Decision | Refusal): readonly string[] {
  return answer.allowed ? answer.audiences : [];
}

function methodOf(answer: Decision | Refusal): string | undefined {
  return answer.allowed ? answer.method : undefined;
}

/** What an answer gives, by which chains, and which values. */
function heldBy(answer: Decision | Refusal): unknown {
  if (!answer.allowed) return undefined;
  const { audiences, scopes, user, method, claims, permissions } = answer;
  const chains = answer.reasons.filter(({ granted }) => granted).map(({ audience, chain }) => ({ audience, chain }));
  return { audiences, scopes, user, method, claims, permissions, chains };
}

function count(seen: Map<string, number>, code: string): void {
  seen.set(code, (seen.get(code) ?? 0) + 1);
}
