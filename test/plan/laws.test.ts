// The laws of a plan, over random States (DESIGN 8).

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexState } from '../../src/access/access-index.ts';
import { type Address, methodAddress, nameOf, siteOf } from '../../src/model/address.ts';
import { digestEntity, digestState } from '../../src/model/digest.ts';
import { followRenames, type Move } from '../../src/model/move.ts';
import { sameValue } from '../../src/model/same-value.ts';
import { createState, EMPTY_STATE, type State } from '../../src/model/state.ts';
import { diffAccess } from '../../src/plan/access-diff.ts';
import { comparedSides } from '../../src/plan/compared.ts';
import { applyChanges, compareChanges, diffStates, invertChanges } from '../../src/plan/diff.ts';
import { compareAccessChanges } from '../../src/plan/holding.ts';
import { planToJson } from '../../src/plan/json.ts';
import { makePlan, type PlanInput } from '../../src/plan/make-plan.ts';
import { renamesOf } from '../../src/plan/moves.ts';
import type { AccessChange, Change, StorePlan } from '../../src/plan/plan.ts';
import { renderReload } from '../../src/plan/reload.ts';
import { renderPlan } from '../../src/plan/text.ts';
import { editedStates, madeWhole } from '../model/edited-states.ts';
import { originsOf } from '../model/example-state.ts';
import { calledBy, type MovedPair, movedPairs } from '../model/moved-arbitrary.ts';
import { NOW, statePairs, states } from '../model/state-arbitrary.ts';
import { placesOf } from './make.ts';
import { naiveChanges, naiveSpans } from './naive-access.ts';
import { callersOf, seenFrom } from './seen-from.ts';

const RUNS = { numRuns: 200 };

function planOf(
  before: State,
  after: State,
  more: Partial<Pick<PlanInput, 'moves' | 'beforeDigests' | 'beforeIndex'>> = {},
): StorePlan {
  return makePlan({
    ...more,
    base: { kind: 'store', generation: 1, digest: digestState(before) },
    before,
    beforeOrigins: originsOf(before),
    after,
    afterOrigins: originsOf(after),
    now: NOW,
  });
}

function accessOf(before: State, after: State, moves: readonly Move[] = []): readonly AccessChange[] {
  const renames = renamesOf(before, after, moves);
  const changes = diffStates(before, after, renames);
  const all = diffAccess(comparedSides({ before, after, ...placesOf(before, after), changes, renames }), NOW);
  // Of users: user-access-laws.test.ts.
  return all.filter(({ users }) => users === undefined);
}

describe('the changes of a plan', () => {
  it('are none between a State and itself, nor a copy of it with other orders of keys', () => {
    fc.assert(
      fc.property(states, (state) => {
        expect(diffStates(state, state)).toEqual([]);
        const copy = new Map([...state].reverse().map(([address, entity]) => [address, reversed(entity)]));
        expect(diffStates(state, copy as unknown as State)).toEqual([]);
        expect(accessOf(state, copy as unknown as State)).toEqual([]);
      }),
      RUNS,
    );
  });

  it('applied to the one State give the other, digest and all', () => {
    fc.assert(
      fc.property(statePairs, ([before, after]) => {
        const result = applyChanges(before, diffStates(before, after));
        expect([...result]).toEqual([...after]);
        expect(digestState(result)).toBe(digestState(after));
      }),
      RUNS,
    );
  });

  it('inverted lead back, and inverted twice are themselves', () => {
    fc.assert(
      fc.property(statePairs, ([before, after]) => {
        const changes = diffStates(before, after);
        expect(digestState(applyChanges(after, invertChanges(changes)))).toBe(digestState(before));
        expect(invertChanges(changes)).toEqual(diffStates(after, before));
        expect(invertChanges(invertChanges(changes))).toEqual(changes);
      }),
      RUNS,
    );
  });

  it('name in an update each member that changed and none that did not', () => {
    fc.assert(
      fc.property(statePairs, ([before, after]) => {
        for (const change of diffStates(before, after)) {
          if (change.action !== 'update') continue;
          expect(change.paths.length).toBeGreaterThan(0);
          for (const path of change.paths) expect(sameValue(path.before, path.after)).toBe(false);
          expect(digestEntity(change.before)).not.toBe(digestEntity(change.after));
        }
      }),
      RUNS,
    );
  });

  it('stand in one total order, whatever the order of the entities was', () => {
    fc.assert(
      fc.property(statePairs, fc.infiniteStream(fc.nat()), ([before, after], numbers) => {
        const changes = diffStates(before, after);
        for (const [position, change] of changes.slice(1).entries()) {
          expect(compareChanges(changes[position] as typeof change, change)).toBeLessThan(0);
        }
        const shuffle = (state: State): State =>
          new Map(
            [...state]
              .map((entry) => [numbers.next().value, entry] as const)
              .sort(byNumber)
              .map(([, entry]) => entry),
          );
        expect(diffStates(shuffle(before), shuffle(after))).toEqual(changes);
      }),
      RUNS,
    );
  });

  it('with what is unchanged make up both States', () => {
    fc.assert(
      fc.property(statePairs, ([before, after]) => {
        const plan = planOf(before, after);
        const of = (action: string) => plan.changes.filter((change) => change.action === action).length;
        expect(plan.unchanged + of('update') + of('delete')).toBe(before.size);
        expect(plan.unchanged + of('update') + of('create')).toBe(after.size);
        expect(plan.resultDigest).toBe(digestState(after));
      }),
      RUNS,
    );
  });
});

describe('the access changes of a plan', () => {
  it('are what a naive reading of algorithm A finds, asked for each client, audience, scope and instant on both sides', () => {
    const granted = { audiences: 0, scopes: 0 };
    const changed = { scopes: 0, users: 0, later: 0, longer: 0 };
    fc.assert(
      fc.property(statePairs, ([before, after]) => {
        const has = naiveSpans(after, NOW);
        const scopes = [...has.keys()].filter((held) => held.includes(' scope:')).length;
        granted.scopes += scopes;
        granted.audiences += has.size - scopes;
        const access = accessOf(before, after);
        for (const ip of callersOf(before, after)) {
          expect(access.flatMap((change) => spoken(change, ip)).sort()).toEqual(
            naiveChanges(naiveSpans(before, NOW, undefined, ip), naiveSpans(after, NOW, undefined, ip)),
          );
        }
        changed.later += access.filter(({ from }) => from !== undefined).length;
        changed.longer += access.filter(({ otherwise }) => otherwise !== undefined).length;
        changed.scopes += access.filter(({ scope }) => scope !== undefined).length;
        changed.users += access.filter(({ other, cause }) => !other && cause.place.address.startsWith('user:')).length;
      }),
      { numRuns: 600 },
    );
    // The law is about something: States in which nobody reaches anything would fulfil it too.
    expect(granted.audiences).toBeGreaterThan(60);
    expect(granted.scopes).toBeGreaterThan(2);
    expect(changed.scopes).toBeGreaterThan(2);
    expect(changed.users).toBeGreaterThan(2);
    expect(changed.later).toBeGreaterThan(2);
    expect(changed.longer).toBeGreaterThan(2);
  });

  it('are the same backwards, a grant for a revoke', () => {
    fc.assert(
      fc.property(statePairs, ([before, after]) => {
        const pairs = (changes: readonly AccessChange[], effect: string) =>
          changes
            .filter((change) => change.effect === effect)
            .flatMap((change) => spoken(change).map((text) => text.slice(effect.length)));
        const forth = accessOf(before, after);
        const back = accessOf(after, before);
        expect(pairs(back, 'revoke')).toEqual(pairs(forth, 'grant'));
        expect(pairs(back, 'grant')).toEqual(pairs(forth, 'revoke'));
      }),
      RUNS,
    );
  });

  it('name as cause an entity that the plan changes, and stand in one total order', () => {
    fc.assert(
      fc.property(statePairs, ([before, after]) => {
        const changed = new Set(diffStates(before, after).map((change) => change.address));
        const access = accessOf(before, after);
        for (const { cause } of access) {
          expect(changed).toContain(cause.place.address);
          expect(cause.range).toBeDefined();
        }
        for (const [position, change] of access.slice(1).entries()) {
          expect(compareAccessChanges(access[position] as AccessChange, change)).toBeLessThan(0);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('are told in full from an empty State, and in none from it to itself', () => {
    fc.assert(
      fc.property(states, (state) => {
        const access = accessOf(EMPTY_STATE, state);
        expect(access.flatMap((change) => spoken(change)).sort()).toEqual(
          naiveChanges(new Map(), naiveSpans(state, NOW)),
        );
      }),
      RUNS,
    );
  });
});

/** The members that lead to other entities. */
const LINKS = ['/allowed_to', '/members', '/impersonated_by', '/policy', '/items', '/access_rules'];

describe('the changes of a plan with renames', () => {
  const changesOf = ({ before, after, moves }: MovedPair) => diffStates(before, after, renamesOf(before, after, moves));

  it('follow what the spec tells, and lead to the other State, digest and all, and back', () => {
    let chains = 0;
    fc.assert(
      fc.property(movedPairs, (pair) => {
        const { before, after, followed } = pair;
        const changes = changesOf(pair);
        const moved = changes.flatMap((change) => (change.action === 'move' ? [[change.from, change.address]] : []));
        expect(new Map(moved as [Address, Address][])).toEqual(followed);
        if (pair.moves.length > followed.size + 2) chains++;
        expect([...applyChanges(before, changes)]).toEqual([...after]);
        const inverse = invertChanges(changes);
        expect([...applyChanges(after, inverse)]).toEqual([...before]);
        expect(digestState(applyChanges(after, inverse))).toBe(digestState(before));
        expect(invertChanges(inverse)).toEqual(changes);
      }),
      RUNS,
    );
    expect(chains).toBeGreaterThan(15);
  });

  it('with what is unchanged make up both States, and are the same made from what is known of the first', () => {
    fc.assert(
      fc.property(movedPairs, ({ before, after, moves }) => {
        const beforeDigests = new Map([...before].map(([address, entity]) => [address, digestEntity(entity)]));
        const plan = planOf(before, after, { moves, beforeDigests });
        const of = (action: string) => plan.changes.filter((change) => change.action === action).length;
        expect(plan.unchanged + of('update') + of('delete') + of('move')).toBe(before.size);
        expect(plan.unchanged + of('update') + of('create') + of('move')).toBe(after.size);
        expect(plan.resultDigest).toBe(digestState(after));
        expect(plan).toEqual(planOf(before, after, { moves }));
        expect(plan).toEqual(planOf(before, after, { moves, beforeIndex: indexState(before) }));
      }),
      RUNS,
    );
  });

  it('tell no member of a rename that only follows another', () => {
    fc.assert(
      fc.property(movedPairs, ({ before, after, moves, followed }) => {
        const called = (address: Address) => followed.get(address) ?? address;
        const follow = (key: string, value: unknown) => {
          if (key === 'to' || key === 'group') return called(value as Address);
          return key === 'method' ? nameOf(called(methodAddress(String(value)))) : value;
        };
        const plain = (value: unknown) =>
          typeof value === 'string' ? called(value as Address) : JSON.parse(JSON.stringify(value), follow);
        for (const change of changesOf({ before, after, moves, followed })) {
          if (change.action !== 'move') continue;
          for (const { pointer, before: was, after: is } of change.paths) {
            if (!LINKS.includes(pointer)) continue;
            if (was === undefined || is === undefined) continue;
            expect(sameValue(plain(was), plain(is))).toBe(false);
          }
        }
      }),
      RUNS,
    );
  });
});

describe('the access changes of a plan with renames', () => {
  it('are what a naive reading finds on both sides, each in its own names, matched by the renames', () => {
    let renamed = 0;
    fc.assert(
      fc.property(movedPairs, ({ before, after, moves, followed }) => {
        // A scope by another name is another scope: clients ask for it by its name.
        const called = calledBy(followed);
        const access = accessOf(before, after, moves);
        expect(access.flatMap((change) => spoken(change)).sort()).toEqual(
          naiveChanges(naiveSpans(before, NOW, called), naiveSpans(after, NOW)),
        );
        const isNew = new Set<Address>(followed.values());
        renamed += access.filter(({ client, effect }) => isNew.has(client) && effect === 'revoke').length;
      }),
      { numRuns: 400 },
    );
    // The law is about something: who was renamed loses access too.
    expect(renamed).toBeGreaterThan(2);
  });

  it('name as cause an entity that the plan changes, and the place at which that side has what they name', () => {
    fc.assert(
      fc.property(movedPairs, ({ before, after, moves, followed }) => {
        const { access, changes } = planOf(before, after, { moves });
        const changed = new Set(changes.flatMap(namesOf));
        const back = new Map([...followed].map(([from, to]) => [to, from]));
        for (const { cause } of access) {
          const { address, pointer } = cause.place;
          expect(changed).toContain(address);
          const sides = [originsOf(after).get(address), originsOf(before).get(back.get(address) ?? address)];
          // Of a link its end, whichever entry it is on the other side; of an allow-list an item.
          const list = pointer.replace(/\/\d+$/, '');
          const within = Array.from({ length: 12 }, (_, at) => [`${list}/${at}`, `${list}/${at}/expires`]).flat();
          const places = [pointer, ...within].flatMap((one) => sides.map((origin) => origin?.(one)));
          expect(places).toContainEqual(cause.range);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('are none where everything is renamed and nothing else changed', () => {
    fc.assert(
      fc.property(movedPairs, ({ before, moves, followed }) => {
        const within = new Map(
          [...followed].filter(([from, to]) => siteOf(from) === siteOf(to) && !from.startsWith('scope:')),
        );
        const after = createState(
          [...before].map(([address, entity]) => [within.get(address) ?? address, followRenames(entity, within)]),
        );
        const plan = planOf(before, after, { moves });
        expect(plan.access).toEqual([]);
        for (const change of plan.changes) if (change.action === 'move') expect(change.paths).toEqual([]);
      }),
      RUNS,
    );
  });
});

describe('every rendering', () => {
  it('keeps a written hash out, by each way that leads out', () => {
    let written = 0;
    fc.assert(
      fc.property(statePairs, ([before, after]) => {
        const plan = planOf(before, after);
        if (JSON.stringify(plan.changes).includes('SENSITIVE')) written++;
        const places = { afterOrigins: originsOf(after), beforeOrigins: originsOf(before) };
        const outputs = [
          renderPlan(plan, places, { color: true }),
          renderPlan(plan, places, { color: false, full: true, groupBy: 'cause' }),
          renderReload(plan, places, { color: false }),
          JSON.stringify(planToJson(plan, places, { exit_code: 0, changes: true })),
        ];
        for (const output of outputs) expect(output).not.toMatch(/SENSITIVE|argon2id/);
      }),
      RUNS,
    );
    expect(written).toBeGreaterThan(15);
  });
});

/** In the words of the oracle. */
function spoken(change: AccessChange, ip?: string): readonly string[] {
  const { effect, client, client_id, held, audience, scope } = change;
  const user = held.chain.find(({ relation }) => relation === 'impersonates')?.to;
  const what = `${scope === undefined ? `${held.application} ${audience}` : `scope:${scope}`} as ${user ?? 'itself'}`;
  const seen = seenFrom(change, ip);
  return seen === undefined ? [] : [`${effect} ${client} ${client_id} ${what} ${seen}`];
}

/** What a change is about; of a rename both names. */
function namesOf(change: Change): readonly Address[] {
  return change.action === 'move' ? [change.address, change.from] : [change.address];
}

function byNumber(a: readonly [number, unknown], b: readonly [number, unknown]): number {
  return a[0] - b[0];
}

/** The value with the keys of all its objects in reverse, and a member that is undefined. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([key, member]) => [key, reversed(member)] as const);
  return { ...Object.fromEntries(members.reverse()), none: undefined };
}

it('the plan between two edits of one State is that between the same States made whole', () => {
  fc.assert(
    fc.property(editedStates, (chain) => {
      for (const [at, after] of chain.entries()) {
        const before = chain[at - 1] ?? after;
        expect(planOf(before, after)).toEqual(planOf(madeWhole(before), madeWhole(after)));
      }
    }),
    { numRuns: 30 },
  );
});
