// The laws of what ends, over random States and instants.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexState } from '../../src/access/access-index.ts';
import { reachClientCredentials, reviewClientCredentials } from '../../src/access/client-credentials.ts';
import { decide } from '../../src/access/decide.ts';
import type { AudienceAnswer, Decision, Refusal } from '../../src/access/decision.ts';
import { type Membership, membershipStep } from '../../src/access/membership.ts';
import { type Address, type ApplicationAddress, everyoneOf, groupAddress } from '../../src/model/address.ts';
import type { Entity, GroupEntity } from '../../src/model/entity.ts';
import { createState, entitiesOf, type State } from '../../src/model/state.ts';
import { EX2, USER1 } from '../model/example-state.ts';
import { states } from '../model/state-arbitrary.ts';
import { instantsAfter } from '../model/written-instants.ts';
import { naiveReach } from '../plan/naive-access.ts';
import { endingStates, instants } from './ending-states.ts';

const DAY = 86_400_000;

describe('the laws of what ends', () => {
  it('an answer at any instant is that of a State in which what has ended is not written', () => {
    let ended = 0;
    let granted = 0;
    fc.assert(
      fc.property(fc.oneof({ weight: 3, arbitrary: endingStates }, states), instants, (state, now) => {
        const rest = withoutEnded(state, now);
        const [whole, bare] = [indexState(state), indexState(rest)];
        const later = now + 2 * DAY;
        const bareLater = indexState(withoutEnded(state, later));
        for (const client of clientsOf(state)) {
          for (const scope of [
            undefined,
            ['WS'],
            ...[...whole.allowList(client).audiences.keys()].map((one) => [one]),
          ]) {
            const question = { grant_type: 'client_credentials', client, scope };
            const answer = decide(whole, question, now);
            expect(placeless(answer)).toEqual(placeless(decide(bare, question, now)));
            if (answer.allowed) granted++;
            if (placeOf(answer) !== placeOf(decide(bare, question, now))) ended++;
            if (!answer.allowed) continue;
            const grant = { ...answer, client };
            expect(placeless(reviewClientCredentials(whole, grant, later))).toEqual(
              placeless(reviewClientCredentials(bareLater, grant, later)),
            );
          }
          expect(reachClientCredentials(whole, client, now).map(placelessOne)).toEqual(
            reachClientCredentials(bare, client, now).map(placelessOne),
          );
        }
      }),
      { numRuns: 300 },
    );
    expect(granted).toBeGreaterThan(30);
    expect(ended).toBeGreaterThan(8);
  });

  it('until is the first instant at which an audience, or the user, that the answer has is no longer had', () => {
    let bounded = 0;
    let around = 0;
    fc.assert(
      fc.property(endingStates, instants, (state, now) => {
        const index = indexState(state);
        for (const client of clientsOf(state)) {
          for (const answer of reachClientCredentials(index, client, now)) {
            if (!answer.granted) continue;
            const held = `${answer.application} ${answer.audience} as ${userOf(answer)}`;
            const lost = instantsAfter(state, now).find((at) => !naiveReach(state, client, at).has(held));
            expect(answer.until).toBe(lost);
            if (lost !== undefined) bounded++;
            if (instantsAfter(state, now).some((at) => lost === undefined || at < lost)) around++;
          }
        }
      }),
      { numRuns: 400 },
    );
    expect(bounded).toBeGreaterThan(12);
    expect(around).toBeGreaterThan(12);
  });

  it('up to until nothing that an answer has is lost, and a refusal stays as it is; at until something is', () => {
    let bounded = 0;
    fc.assert(
      fc.property(endingStates, instants, fc.nat(), (state, now, number) => {
        const index = indexState(state);
        for (const client of clientsOf(state)) {
          const question = { grant_type: 'client_credentials', client, scope: undefined };
          const answer = decide(index, question, now);
          const { until } = answer;
          const last = until === undefined ? now + 100 * DAY : until - 1;
          for (const at of [now + (number % (last - now + 1)), last, ...instantsAfter(state, now)]) {
            if (at < now || at > last) continue;
            const later = decide(index, question, at);
            if (answer.allowed) expect(heldBy(later)).toEqual(heldBy(answer));
            else expect(later).toEqual(answer);
          }
          if (until === undefined) continue;
          if (answer.allowed) {
            expect(answer.lifetime).toBeGreaterThanOrEqual(0);
            expect(now + answer.lifetime * 1000).toBeLessThanOrEqual(until);
          }
          bounded++;
          if (answer.allowed) expect(heldBy(decide(index, question, until))).not.toEqual(heldBy(answer));
        }
      }),
      { numRuns: 300 },
    );
    expect(bounded).toBeGreaterThan(12);
  });

  it('the chain of a membership is written link for link, and of memberships without end the shortest', () => {
    const nested = fc.array(fc.array(fc.nat({ max: 7 }), { maxLength: 5 }), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(nested, (lists) => {
        const at = (position: number) => groupAddress('Example', `N${position}`);
        const entities = lists.map((list, position): [Address, Entity] => {
          const members = [...new Set(list)].map((to) => ({ to: to === position ? USER1 : at(to) }));
          return [at(position), { kind: 'group', members }];
        });
        const state = createState([...EX2, ...entities]);
        const shortest = lengths(state);
        const memberships = new Map(indexState(state).groupsOf(USER1));
        // Nobody writes that a user is in the built-in group, of which no other is a member here.
        const builtIn = memberships.get(everyoneOf('Example'));
        expect(builtIn).toMatchObject({ member: USER1, from: undefined, end: Number.POSITIVE_INFINITY, length: 1 });
        expect(membershipStep(builtIn as Membership).at).toEqual({ address: USER1, pointer: '' });
        memberships.delete(everyoneOf('Example'));
        expect(new Map([...memberships].map(([group, { length }]) => [group, length]))).toEqual(shortest);
        for (const [group, membership] of memberships) {
          let member: Address | undefined = group;
          for (let on: typeof membership | undefined = membership; on !== undefined; on = on.from) {
            const step = membershipStep(on);
            expect(step.to).toBe(member);
            const entity = state.get(step.at.address) as GroupEntity;
            const position = Number(step.at.pointer.split('/').at(-1));
            member = entity.members?.[position]?.to;
            expect(step.from).toBe(member);
          }
          expect(member).toBe(USER1);
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** By rounds: how many links each group is away from the user. */
function lengths(state: State): Map<Address, number> {
  const found = new Map<Address, number>();
  let edge = new Set<Address>([USER1]);
  for (let length = 1; edge.size > 0; length++) {
    const next = new Set<Address>();
    for (const [address, { members }] of entitiesOf(state, 'group')) {
      if (!found.has(address) && (members ?? []).some(({ to }) => edge.has(to))) next.add(address);
    }
    for (const address of next) found.set(address, length);
    edge = next;
  }
  return found;
}

function withoutEnded(state: State, now: number): State {
  const holds = ({ expires }: { readonly expires?: string }) => expires === undefined || now < Date.parse(expires);
  return createState(
    [...state].map(([address, entity]): [Address, Entity] => {
      switch (entity.kind) {
        case 'group':
          return [address, { ...entity, members: (entity.members ?? []).filter(holds) }];
        case 'user':
          return [address, { ...entity, impersonated_by: (entity.impersonated_by ?? []).filter(holds) }];
        case 'application': {
          const open = { ...entity, allowed_to: (entity.allowed_to ?? []).filter(holds) };
          const { expires, ...endless } = open;
          return [address, holds(entity) ? open : { ...endless, enabled: false }];
        }
        default:
          return [address, entity];
      }
    }),
  );
}

function clientsOf(state: State): ApplicationAddress[] {
  return [...entitiesOf(state, 'application')].map(([address]) => address as ApplicationAddress);
}

function userOf({ chain }: AudienceAnswer): string {
  return chain.find(({ relation }) => relation === 'impersonates')?.to ?? 'itself';
}

/** What an answer gives, and by which chains. */
function heldBy(answer: Decision | Refusal): unknown {
  if (!answer.allowed) return undefined;
  const { audiences, scopes, user } = answer;
  return { audiences, scopes, user, chains: answer.reasons.filter(({ granted }) => granted) };
}

/** Without places: a link stands elsewhere in a list from which others were taken. */
function placeless(answer: Decision | Refusal): unknown {
  const reasons = answer.reasons.map(placelessOne);
  return answer.allowed ? { ...answer, reasons } : { ...answer, reasons, missing: undefined };
}

function placelessOne(answer: AudienceAnswer): unknown {
  return {
    ...answer,
    missing: undefined,
    chain: answer.chain.map(({ relation, from, to }) => ({ relation, from, to })),
  };
}

function placeOf(answer: Decision | Refusal): string {
  return JSON.stringify(answer.reasons.map((one) => (one.granted ? null : one.missing)));
}
