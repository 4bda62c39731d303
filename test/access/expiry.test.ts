import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexState } from '../../src/access/access-index.ts';
import {
  reachClientCredentials,
  reviewClientCredentials,
  scopesClientCredentials,
} from '../../src/access/client-credentials.ts';
import { decide } from '../../src/access/decide.ts';
import type { AudienceAnswer, Decision, Refusal } from '../../src/access/decision.ts';
import { admitClient } from '../../src/access/refusal.ts';
import { type Address, type ApplicationAddress, type GroupAddress, groupAddress } from '../../src/model/address.ts';
import type { Entity, GroupEntity, Link } from '../../src/model/entity.ts';
import { createState, entitiesOf, type State } from '../../src/model/state.ts';
import {
  added,
  CLIENT_GROUP,
  CLIENT1,
  EX1,
  EX2,
  edited,
  GROUP1,
  GROUP2,
  METHOD,
  SERVER1,
  SERVER2,
  USER1,
} from '../model/example-state.ts';
import { states } from '../model/state-arbitrary.ts';
import { naiveReach } from '../plan/naive-access.ts';
import { allowed, ask, codeOf, refused } from './ask.ts';
import { endingStates, instants } from './ending-states.ts';

const DAY = 86_400_000;
const DATE = '2027-01-31';
const END = Date.UTC(2027, 0, 31);

describe('DESIGN 1: a membership that ends', () => {
  const state = edited(EX2, 'group', GROUP2, { members: [{ to: USER1, expires: DATE }] });

  it('gives what it gave up to its end, and the answer says until when', () => {
    const decision = allowed(ask(state, 'Server1 Server2', { now: END - 1 }));
    expect(decision.audiences).toEqual(['Server1', 'Server2', 'Client1']);
    expect(decision.until).toBe(END);
    expect(decision.reasons.map(({ audience, until }) => [audience, until])).toEqual([
      ['Server1', undefined],
      ['Server2', END],
      ['Client1', undefined],
    ]);
  });

  it('from that instant on is no membership: the code is that of a missing one, the place its own', () => {
    const decision = allowed(ask(state, 'Server1 Server2', { now: END }));
    expect(decision.audiences).toEqual(['Server1', 'Client1']);
    expect(decision.until).toBeUndefined();
    expect(decision.reasons[1]).toMatchObject({
      code: 'NOT_IN_ALLOWED_GROUP',
      missing: { address: GROUP2, pointer: '/members/0' },
    });
    expect(refused(ask(state, 'Server2', { now: END }))).toMatchObject({
      error: 'invalid_scope',
      description: 'NO_AUDIENCE: Server2 NOT_IN_ALLOWED_GROUP',
      missing: { address: GROUP2, pointer: '/members/0' },
      until: undefined,
    });
  });

  it('does not cut the life of a token for other servers', () => {
    const now = END - 5000;
    expect(allowed(ask(state, 'Server1 Server2', { now })).lifetime).toBe(5);
    expect(allowed(ask(state, 'Server1', { now })).lifetime).toBe(3600);
  });

  it('S:R-3 is gone from a token in use, from one instant to the next', () => {
    const index = indexState(state);
    const grant = { client: CLIENT1, audiences: ['Server1', 'Server2', 'Client1'], scopes: ['Server1', 'Server2'] };
    expect(allowed(reviewClientCredentials(index, grant, END - 1))).toMatchObject({ ...grant, until: END });
    expect(allowed(reviewClientCredentials(index, grant, END))).toMatchObject({
      audiences: ['Server1', 'Client1'],
      scopes: ['Server1'],
      until: undefined,
    });
  });

  it('S:U-29 of a group in a group ends it for the members of the inner one', () => {
    const nested = edited(EX2, 'group', GROUP2, { members: [{ to: GROUP1, expires: DATE }] });
    expect(allowed(ask(nested, 'Server2', { now: END - 1 })).until).toBe(END);
    const refusal = refused(ask(nested, 'Server2', { now: END }));
    expect(refusal.missing).toEqual({ address: GROUP2, pointer: '/members/0' });
    expect(allowed(ask(nested, 'Server1', { now: END })).until).toBeUndefined();
  });

  it('S:U-26 in a group of another method is told as no membership once it has ended', () => {
    const other = edited(state, 'group', GROUP2, { methods: ['password.1'] });
    const before = refused(ask(other, 'Server2', { now: END - 1 }));
    expect(codeOf(before.reasons, 'Server2')).toBe('METHOD_NOT_ON_GROUP');
    expect(before.until).toBe(END);
    expect(codeOf(refused(ask(other, 'Server2', { now: END })).reasons, 'Server2')).toBe('NOT_IN_ALLOWED_GROUP');
  });

  it('a text that is no instant never opens', () => {
    const broken = edited(EX2, 'group', GROUP2, { members: [{ to: USER1, expires: 'next year' }] });
    expect(refused(ask(broken, 'Server2')).code).toBe('NO_AUDIENCE');
  });
});

describe('DESIGN 1: allowed_to that ends', () => {
  const state = edited(EX2, 'application', SERVER2, { allowed_to: [{ to: GROUP2, expires: DATE }] });

  it('closes the application to the group at the instant', () => {
    expect(allowed(ask(state, 'Server2', { now: END - 1 })).until).toBe(END);
    expect(refused(ask(state, 'Server2', { now: END }))).toMatchObject({
      description: 'NO_AUDIENCE: Server2 NOT_IN_ALLOWED_GROUP',
      missing: { address: SERVER2, pointer: '/allowed_to/0' },
    });
  });

  it('S:U-28 closes it to a client that acts as itself', () => {
    const alone = edited(EX1, 'application', CLIENT1, { allowed_to: [{ to: GROUP1, expires: DATE }] });
    expect(allowed(ask(alone, undefined, { now: END - 1 })).until).toBe(END);
    const refusal = refused(ask(alone, undefined, { now: END }));
    expect(refusal.missing).toEqual({ address: CLIENT1, pointer: '/allowed_to/0' });
  });

  it('of a chain of which more has ended the place is the link that ended first, from the user on', () => {
    const both = edited(state, 'group', GROUP2, { members: [{ to: GROUP1 }, { to: CLIENT_GROUP }] });
    const ended = edited(edited(both, 'group', GROUP1, { members: [{ to: USER1, expires: DATE }] }), 'group', GROUP2, {
      members: [{ to: GROUP1, expires: DATE }],
    });
    expect(refused(ask(ended, 'Server2', { now: END })).missing).toEqual({ address: GROUP1, pointer: '/members/0' });
    const earlier = edited(ended, 'application', SERVER2, { allowed_to: [{ to: GROUP2, expires: '2027-01-30' }] });
    expect(refused(ask(earlier, 'Server2', { now: END })).missing).toEqual({
      address: SERVER2,
      pointer: '/allowed_to/0',
    });
  });
});

describe('DESIGN 1: an impersonation that ends', () => {
  const state = edited(EX2, 'user', USER1, { impersonated_by: [{ to: CLIENT1, expires: DATE }] });

  it('ends all that the client has as that user', () => {
    expect(allowed(ask(state, 'Server1', { now: END - 1 })).until).toBe(END);
    expect(refused(ask(state, 'Server1', { now: END }))).toMatchObject({
      error: 'invalid_scope',
      code: 'NO_IMPERSONATION',
      missing: { address: USER1, pointer: '/impersonated_by/0' },
      until: undefined,
    });
    const reach = reachClientCredentials(indexState(state), CLIENT1, END);
    expect(reach.map(({ audience }) => [audience, codeOf(reach, audience)])).toEqual([
      ['Server1', 'NO_IMPERSONATION'],
      ['Server2', 'NO_IMPERSONATION'],
      ['Client1', 'METHOD_NOT_ON_GROUP'],
    ]);
  });

  it('leaves the client what it has as itself', () => {
    const open = edited(state, 'group', CLIENT_GROUP, { methods: [METHOD] });
    expect(allowed(ask(open, undefined, { now: END - 1 }))).toMatchObject({ user: USER1, until: END });
    expect(allowed(ask(open, undefined, { now: END }))).toMatchObject({
      audiences: ['Client1'],
      user: undefined,
      claims: {},
    });
  });

  it('does not hide one that has not ended, should a State hold two', () => {
    const second: Entity = { kind: 'user', sub: 'z', methods: [METHOD], impersonated_by: [{ to: CLIENT1 }] };
    for (const name of ['A', 'Z']) {
      const two = added(state, [[`user:Example/${name}`, second]]);
      expect(indexState(two).impersonates(CLIENT1)?.user).toBe(`user:Example/${name}`);
    }
  });
});

describe('DESIGN 1: an application that ends', () => {
  it('S:U-33 as a client is as one that is disabled', () => {
    const state = edited(EX2, 'application', CLIENT1, { expires: DATE });
    const index = indexState(state);
    expect(allowed(ask(state, 'Server1', { now: END - 1 })).until).toBe(END);
    expect(admitClient(index, CLIENT1, undefined, END - 1)).toBeUndefined();
    const refusal = refused(ask(state, 'Server1', { now: END }));
    expect(refusal).toMatchObject({
      error: 'invalid_client',
      code: 'CLIENT_AUTHENTICATION_FAILED',
      missing: { address: CLIENT1, pointer: '/expires' },
      until: undefined,
    });
    expect(admitClient(index, CLIENT1, undefined, END)).toEqual(refusal);
  });

  it('S:U-33 as an audience is dropped, and the others stay', () => {
    const state = edited(EX2, 'application', SERVER1, { expires: DATE });
    expect(allowed(ask(state, 'Server1 Server2', { now: END - 1 })).until).toBe(END);
    const decision = allowed(ask(state, 'Server1 Server2', { now: END }));
    expect(decision.audiences).toEqual(['Server2', 'Client1']);
    expect(decision.reasons[0]).toMatchObject({
      code: 'APPLICATION_DISABLED',
      missing: { address: SERVER1, pointer: '/expires' },
    });
  });

  it('that is disabled too is told as disabled: its end would mend nothing', () => {
    const state = edited(EX2, 'application', SERVER1, { expires: '2020-01-01', enabled: false });
    const refusal = refused(ask(state, 'Server1', { now: END }));
    expect(refusal.missing).toEqual({ address: SERVER1, pointer: '/enabled' });
  });
});

describe('DESIGN 4: until is the first end of all that was used', () => {
  it('client, user, impersonation, membership, server and its group alike', () => {
    const at = (day: number) => new Date(END + day * DAY).toISOString();
    const edits: readonly ((state: State, expires: string) => State)[] = [
      (state, expires) => edited(state, 'application', CLIENT1, { expires }),
      (state, expires) => edited(state, 'user', USER1, { expires }),
      (state, expires) => edited(state, 'user', USER1, { impersonated_by: [{ to: CLIENT1, expires }] }),
      (state, expires) => edited(state, 'group', GROUP1, { members: [{ to: USER1, expires }] }),
      (state, expires) => edited(state, 'application', SERVER1, { expires }),
      (state, expires) => edited(state, 'application', SERVER1, { allowed_to: [{ to: GROUP1, expires }] }),
      (state, expires) => edited(state, 'group', CLIENT_GROUP, { members: [{ to: USER1, expires }] }),
    ];
    for (const [first, one] of edits.entries()) {
      for (const [second, other] of edits.entries()) {
        if (first === second || [first, second].sort().join() === '4,5') continue;
        const kept = [first, second].sort().join() === '1,2' ? one(EX2, at(1)) : other(one(EX2, at(1)), at(2));
        expect(allowed(ask(kept, 'Server1', { now: END })).until).toBe(END + DAY);
      }
    }
  });

  it('of a refusal it is when the answer could be another', () => {
    const strict = edited(
      edited(edited(EX2, 'group', GROUP2, { members: [] }), 'application', CLIENT1, { audience_mode: 'strict' }),
      'application',
      SERVER1,
      { expires: DATE },
    );
    expect(refused(ask(strict, 'Server1 Server2', { now: 0 })).until).toBe(END);
    const ending = edited(EX2, 'application', CLIENT1, { expires: DATE });
    expect(refused(ask(ending, 'Server3')).until).toBe(END);
    expect(refused(ask(ending, undefined, { grant_type: 'password' })).until).toBe(END);
    const waiting = edited(ending, 'user', USER1, { not_before: '2026-12-01' });
    expect(refused(ask(waiting, 'Server1')).until).toBe(Date.UTC(2026, 11, 1));
  });

  it('S:U-50 the life of a token is never below zero and never over until', () => {
    const state = edited(EX2, 'group', GROUP1, { members: [{ to: USER1, expires: DATE }] });
    for (const left of [1, 999, 1000, 1999, 60_000]) {
      expect(allowed(ask(state, 'Server1', { now: END - left })).lifetime).toBe(Math.floor(left / 1000));
    }
  });
});

describe('of several chains the one that lasts longest is taken, then the shortest', () => {
  const groupsOf = (answers: readonly AudienceAnswer[]) =>
    answers[0]?.chain.filter(({ relation }) => relation === 'member_of').map(({ to }) => to);

  it('within a group: around a membership that ends', () => {
    const around = edited(EX2, 'group', GROUP2, { members: [{ to: GROUP1 }, { to: USER1, expires: DATE }] });
    const decision = allowed(ask(around, 'Server2'));
    expect(groupsOf(decision.reasons)).toEqual([GROUP1, GROUP2]);
    expect(decision.until).toBeUndefined();
    const both = edited(around, 'group', GROUP1, { members: [{ to: USER1, expires: '2026-06-01' }] });
    expect(groupsOf(allowed(ask(both, 'Server2')).reasons)).toEqual([GROUP2]);
    expect(allowed(ask(both, 'Server2')).until).toBe(END);
  });

  it('over the groups of an application: around one that ends, and straight rather than around', () => {
    const two = (first: Link<GroupAddress>, second: Link<GroupAddress>) =>
      edited(edited(EX2, 'group', GROUP1, { members: [{ to: CLIENT_GROUP }] }), 'application', SERVER2, {
        allowed_to: [first, second],
      });
    expect(groupsOf(allowed(ask(two({ to: GROUP1 }, { to: GROUP2 }), 'Server2')).reasons)).toEqual([GROUP2]);
    const ending = allowed(ask(two({ to: GROUP1 }, { to: GROUP2, expires: DATE }), 'Server2'));
    expect(groupsOf(ending.reasons)).toEqual([CLIENT_GROUP, GROUP1]);
    expect(ending.until).toBeUndefined();
  });

  it('in a dense net of groups, where there are more ways than could be tried', () => {
    const COUNT = 60;
    const at = (position: number): GroupAddress => groupAddress('Example', `N${String(position).padStart(3, '0')}`);
    const expires = (days: number) => new Date(END + days * DAY).toISOString();
    // Each group has all before it as members; only the way through every one of them lasts longest.
    const groups = Array.from({ length: COUNT }, (_, position): [GroupAddress, GroupEntity] => {
      const inner = Array.from({ length: position }, (_, before) => ({
        to: at(before),
        expires: expires(before === position - 1 ? COUNT : before),
      }));
      const user = { to: USER1, ...(position === 0 ? {} : { expires: expires(0) }) };
      return [at(position), { kind: 'group', members: [...inner, user] }];
    });
    const state = added(edited(EX2, 'application', SERVER2, { allowed_to: [{ to: at(COUNT - 1) }] }), groups);
    const decision = allowed(ask(state, 'Server2', { now: END }));
    expect(decision.until).toBe(END + COUNT * DAY);
    expect(groupsOf(decision.reasons)).toEqual(groups.map(([group]) => group));
  });

  it('a scope rests on the audience that lasts longest', () => {
    const metadata = { grant_types: ['client_credentials'], scope: 'Server1 Server2 WS' };
    const state = edited(edited(EX2, 'application', CLIENT1, { metadata }), 'group', GROUP1, {
      members: [{ to: USER1, expires: DATE }],
    });
    const held = (given: State) => {
      const index = indexState(given);
      return scopesClientCredentials(index, CLIENT1, reachClientCredentials(index, CLIENT1, 0));
    };
    expect(held(state)).toMatchObject([{ scope: 'WS', by: { audience: 'Server2', until: undefined } }]);
    const all = edited(state, 'user', USER1, { expires: '2026-12-31' });
    expect(held(all)).toMatchObject([{ scope: 'WS', by: { audience: 'Server1', until: Date.UTC(2026, 11, 31) } }]);
    expect(allowed(ask(state, 'WS Server2'))).toMatchObject({ scopes: ['WS', 'Server2'], until: undefined });
  });
});

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
    expect(granted).toBeGreaterThan(100);
    expect(ended).toBeGreaterThan(30);
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
            const lost = instantsOf(state).find((at) => at > now && !naiveReach(state, client, at).has(held));
            expect(answer.until).toBe(lost);
            if (lost !== undefined) bounded++;
            if (instantsOf(state).some((at) => at > now && (lost === undefined || at < lost))) around++;
          }
        }
      }),
      { numRuns: 400 },
    );
    expect(bounded).toBeGreaterThan(50);
    expect(around).toBeGreaterThan(50);
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
          for (const at of [now + (number % (last - now + 1)), last, ...instantsOf(state)]) {
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
    expect(bounded).toBeGreaterThan(50);
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
        const memberships = indexState(state).groupsOf(USER1);
        expect(new Map([...memberships].map(([group, { length }]) => [group, length]))).toEqual(shortest);
        for (const [group, membership] of memberships) {
          let member: Address | undefined = group;
          for (let on: typeof membership | undefined = membership; on !== undefined; on = on.from) {
            expect(on.link.step.to).toBe(member);
            const entity = state.get(on.link.group) as GroupEntity;
            const position = Number(on.link.step.at.pointer.split('/').at(-1));
            member = entity.members?.[position]?.to;
            expect(on.link.step.from).toBe(member);
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

/** All instants that the State writes, in order. */
function instantsOf(state: State): readonly number[] {
  const texts = JSON.stringify([...state]).matchAll(/"(?:expires|not_before)":"([^"]+)"/g);
  return [...new Set([...texts].map((match) => Date.parse(match[1] as string)))].sort((a, b) => a - b);
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
