// What a store held once is what was applied to it, and the way back leads there.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../src/model/address.ts';
import { digestState } from '../../src/model/digest.ts';
import type { Entity } from '../../src/model/entity.ts';
import type { Move } from '../../src/model/move.ts';
import { createState, EMPTY_STATE, type State } from '../../src/model/state.ts';
import { isEmptyPlan } from '../../src/plan/plan.ts';
import { applyPlan } from '../../src/reconcile/apply.ts';
import { movesBack, movesForth, readRecorded, stateAt, stateOf } from '../../src/reconcile/history.ts';
import { planAgainst, type Target } from '../../src/reconcile/plan-against.ts';
import { movedPairs } from '../model/moved-arbitrary.ts';
import { createMemoryStore, type MemoryStore } from './memory-store.ts';

const NOW = Date.UTC(2026, 5, 15);

function targetOf(state: State, moves: readonly Move[] = []): Target {
  return { state, origins: new Map(), moves, tests: [], approvals: [], waivers: [] };
}

/** Plans and applies, whatever is risked. Answers the generation that the store is at then. */
async function apply(store: MemoryStore, target: Target, rollbackTo?: number): Promise<number> {
  const { plan } = await planAgainst(store, target, { now: NOW });
  const ports = { directories: [], store, clock: () => NOW, commitOf: async () => ({}) };
  const rollback = rollbackTo === undefined ? {} : { rollbackTo };
  const { generation } = await applyPlan(ports, {
    plan,
    declared: target,
    verifiers: [],
    standing: undefined,
    ...rollback,
  });
  return generation;
}

async function rollBack(store: MemoryStore, to: number): Promise<void> {
  const [newest] = await store.revisions(1);
  const moves = await movesBack(store, { from: newest?.generation ?? 0, to });
  await apply(store, targetOf(await stateAt(store, to), moves), to);
}

/** A store belongs to one issuer. */
function ofOneIssuer(state: State): State {
  const server: readonly [Address, Entity] = ['server', { kind: 'server', issuer: 'http://localhost:8080' }];
  return createState([...new Map([...state, server])]);
}

const users = (...names: string[]): State =>
  createState([
    ['server', { kind: 'server', issuer: 'http://localhost:8080' }],
    ['site:A', { kind: 'site' }],
    ...names.map((name): [Address, Entity] => [`user:A/${name}`, { kind: 'user', sub: `sub of ${name}` }]),
  ]);

const moved = (from: string, to: string): Move => ({ from: `user:A/${from}`, to: `user:A/${to}`, range: undefined });

describe('laws', () => {
  it('stateAt is what was applied, of every generation, through renames, drift and rollbacks', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(movedPairs, { minLength: 1, maxLength: 3 }), fc.nat(), async (pairs, pick) => {
        const store = createMemoryStore();
        const applied: State[] = [EMPTY_STATE];
        const steps = pairs.flatMap(({ before, after, moves }) => [targetOf(before), targetOf(after, moves)]);
        for (const { state, moves } of steps) {
          const target = targetOf(ofOneIssuer(state), moves);
          if ((await apply(store, target)) === applied.length) applied.push(target.state);
        }
        store.tamper((entities) => entities.delete([...entities.keys()].at(-1) ?? 'server'));
        const to = 1 + (pick % (applied.length - 1));
        const before = applied.length - 1;
        await rollBack(store, to);
        applied.push(applied[to] as State);
        for (const [generation, state] of applied.entries()) {
          expect(digestState(await stateAt(store, generation))).toBe(digestState(state));
        }
        const [newest] = await store.revisions(1);
        expect(newest).toMatchObject({
          generation: before + 1,
          digest: digestState(applied[to] as State),
          rollbackTo: to,
        });
        expect((await readRecorded(store))?.drift).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });

  it('the renames of one generation lead back as they led forth', async () => {
    await fc.assert(
      fc.asyncProperty(movedPairs, async ({ before, after, moves }) => {
        const store = createMemoryStore();
        const first = await apply(store, targetOf(ofOneIssuer(before)));
        const second = await apply(store, targetOf(ofOneIssuer(after), moves));
        if (second === first) return;
        const forth = await movesForth(store, second);
        const back = await movesBack(store, { from: second, to: first });
        const turned = forth.map(({ from, to }) => `${to} ${from}`).sort();
        expect(back.map(({ from, to }) => `${from} ${to}`).sort()).toEqual(turned);
        const plan = await planAgainst(store, targetOf(ofOneIssuer(before), back), { now: NOW });
        const followed = plan.plan.changes.flatMap((change) => (change.action === 'move' ? [change.address] : []));
        expect(followed.sort()).toEqual(forth.map(({ from }) => from).sort());
      }),
      { numRuns: 60 },
    );
  });
});

describe('the way back through renames', () => {
  /** Applies States one after the other, each with its renames, and answers the moves that lead to the first. */
  async function backFrom(...steps: readonly (readonly [State, ...Move[]])[]): Promise<string[]> {
    const store = createMemoryStore();
    for (const [state, ...moves] of steps) await apply(store, targetOf(state, moves));
    const moves = await movesBack(store, { from: steps.length, to: 1 });
    return moves.map(({ from, to }) => `${from} ${to}`).sort();
  }

  it('is one step, however many there were', async () => {
    const steps = [[users('a')], [users('b'), moved('a', 'b')], [users('c'), moved('b', 'c')]] as const;
    expect(await backFrom(...steps)).toEqual(['user:A/c user:A/a']);
  });

  it('is that of the entity, not of its name: a name that another took leads to what that one was called', async () => {
    const taken = [
      [users('a', 'c')],
      [users('b', 'c'), moved('a', 'b')],
      [users('c')],
      [users('b'), moved('c', 'b')],
    ] as const;
    expect(await backFrom(...taken)).toEqual(['user:A/b user:A/c']);
  });

  it('is none for what was made since under a name that was moved once', async () => {
    const made = [[users('a')], [users('b'), moved('a', 'b')], [users()], [users('b')]] as const;
    expect(await backFrom(...made)).toEqual([]);
    const beside = [
      [users('a')],
      [users('b'), moved('a', 'b')],
      [users('c'), moved('b', 'c')],
      [users('b', 'c')],
    ] as const;
    expect(await backFrom(...beside)).toEqual(['user:A/c user:A/a']);
  });

  it('is none where a name was taken back', async () => {
    const there = [[users('a')], [users('b'), moved('a', 'b')], [users('a'), moved('b', 'a')]] as const;
    expect(await backFrom(...there)).toEqual([]);
  });
});

describe('what the history does not have', () => {
  it('a generation that was never is a failure that says so', async () => {
    const store = createMemoryStore();
    await apply(store, targetOf(users('a')));
    const failure = { code: 'generation_unknown', message: expect.stringContaining('no generation 2') };
    await expect(stateAt(store, 2)).rejects.toMatchObject(failure);
    await expect(movesBack(store, { from: 2, to: 1 })).rejects.toMatchObject(failure);
  });

  it('a history that does not lead to what a revision recorded is not gone back to', async () => {
    const store = createMemoryStore();
    await apply(store, targetOf(users('a')));
    const revision = { generation: 1, digest: digestState(users('b')) };
    await expect(stateOf(store, revision)).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringMatching(/does not lead to what generation 1 recorded .* Restore it from a backup/),
    });
    expect(digestState(await stateOf(store, { ...revision, digest: digestState(users('a')) }))).toBe(
      digestState(users('a')),
    );
  });

  it('a history that cannot tell what was drifted from is a failure too, and nothing is taken for drift', async () => {
    const store = createMemoryStore();
    await apply(store, targetOf(users('a')));
    store.tamper((entities) => entities.delete('user:A/a'));
    const damaged = { ...store, changesOf: async () => [] };
    await expect(readRecorded(damaged)).rejects.toMatchObject({ code: 'store_unavailable' });
  });
});

describe('the newest generation as it was recorded', () => {
  it('is without what something else wrote, which is told as drift', async () => {
    const store = createMemoryStore();
    await apply(store, targetOf(users('a', 'b')));
    store.tamper((entities) => {
      entities.delete('user:A/a');
      entities.set('user:A/c', { kind: 'user', sub: 'c' });
    });
    const found = await store.read();
    const since = new Map([...(found?.since ?? [])].filter(([address]) => address !== 'user:A/a'));
    const recorded = await readRecorded({ ...store, read: async () => found && { ...found, since } });
    expect(digestState(recorded?.stored.state ?? EMPTY_STATE)).toBe(digestState(users('a', 'b')));
    expect(recorded?.drift?.changes.map(({ action, address }) => `${action} ${address}`)).toEqual([
      'delete user:A/a',
      'create user:A/c',
    ]);
    // Nobody knows since when the tokens of what was deleted count: from what is applied next on.
    expect(recorded?.stored.since.get('user:A/a')).toBe(2);
    expect(recorded?.stored.since.get('user:A/b')).toBe(1);
    expect(recorded?.stored.since.has('user:A/c')).toBe(false);
  });

  it('is nothing where nothing was ever applied', async () => {
    expect(await readRecorded(createMemoryStore())).toBeUndefined();
  });

  it('a plan of drift alone is not empty, and leads to what was recorded', async () => {
    const store = createMemoryStore();
    await apply(store, targetOf(users('a')));
    store.tamper((entities) => entities.delete('user:A/a'));
    const { plan } = await planAgainst(store, targetOf(users('a')), { now: NOW });
    expect([isEmptyPlan(plan), plan.changes, plan.resultDigest]).toEqual([false, [], digestState(users('a'))]);
    expect(await apply(store, targetOf(users('a')))).toBe(2);
    expect(digestState((await store.read())?.state ?? EMPTY_STATE)).toBe(digestState(users('a')));
  });
});
