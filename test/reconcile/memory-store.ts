// Owns a ConfigStore in memory for tests of the loop: the contract of plan/port.ts, and a way to make it fail.
// Never shares code with the real stores.

import type { Address } from '../../src/model/address.ts';
import { digestEntity, digestState } from '../../src/model/digest.ts';
import type { Entity } from '../../src/model/entity.ts';
import { Failure } from '../../src/model/failure.ts';
import { originOfText } from '../../src/model/origin-text.ts';
import { secretsOf } from '../../src/model/settings.ts';
import { createState, EMPTY_STATE } from '../../src/model/state.ts';
import { type StoredVerifier, slotOf, verifierKey } from '../../src/model/verifier.ts';
import { applyInto, diffStates, invertChanges } from '../../src/plan/diff.ts';
import { type Change, isEmptyPlan } from '../../src/plan/plan.ts';
import type { ApplyRequest, ConfigStore, Revision, Undone, Usage } from '../../src/plan/port.ts';
import { summarize } from '../../src/plan/summary.ts';

export interface MemoryStore extends ConfigStore {
  /** Every call of `apply` that wrote a revision. */
  readonly applied: (ApplyRequest & { readonly origins: ReadonlyMap<Address, string> })[];
  /** Runs before each `apply`, and may throw. */
  beforeApply: (() => void | Promise<void>) | undefined;
  /** Makes every verb throw this. */
  failure: Error | undefined;
  /** Records a revision as another writer would. */
  intrude(change?: (entities: Map<Address, Entity>) => void): void;
  /** Changes entities as something that is not Charter would: no revision records it. */
  tamper(change: (entities: Map<Address, Entity>) => void): void;
  /** What `usage` answers. */
  readonly used: Map<Address, Usage>;
}

export function createMemoryStore(): MemoryStore {
  const entities = new Map<Address, Entity>();
  const origins = new Map<Address, string>();
  const since = new Map<Address, number>();
  const verifiers = new Map<string, StoredVerifier>();
  const revisions: Revision[] = [];
  /** Of each generation, the first one first. */
  const plans: (readonly Change[])[] = [];
  let undone: readonly Undone[] = [];
  let resumed: readonly number[] = [];
  /** Whether nothing else has written since an apply that checked all there is; undefined before there was one. */
  let isAlone: boolean | undefined;
  const digest = () => digestState(createState(entities));
  const recordedDigest = () => revisions[0]?.digest ?? digestState(EMPTY_STATE);
  const generation = () => revisions[0]?.generation ?? 0;

  function record(appliedAt: number, secrets: readonly Address[], of: Partial<ApplyRequest> = {}): Revision {
    const { commit, author, plan, approvals = [], standing, rollbackTo } = of;
    const { unchanged: _, ...numbers } = summarize(
      plan ?? { changes: [], access: [], released: [], permissions: [], unchanged: 0 },
    );
    const summary = plan?.drift === undefined ? numbers : { ...numbers, mended: plan.drift.changes.length };
    revisions.unshift({
      generation: generation() + 1,
      digest: digest(),
      appliedAt,
      commit,
      author,
      secrets,
      summary,
      approvals,
      standing,
      rollbackTo,
    });
    plans.push(plan?.changes ?? []);
    const [newest] = revisions;
    if (newest === undefined) throw new Error('a revision was recorded');
    return newest;
  }

  function isDeclared({ address, slot }: StoredVerifier): boolean {
    const entity = entities.get(address);
    return entity?.kind === 'application' && secretsOf(entity).some((secret) => slotOf(secret) === slot);
  }

  /** Answers whose verifiers were there before. */
  function putAll(given: readonly StoredVerifier[]): Address[] {
    const replaced = given.filter((verifier) => verifiers.has(verifierKey(verifier)));
    for (const verifier of given) verifiers.set(verifierKey(verifier), verifier);
    return [...new Set(replaced.map(({ address }) => address))];
  }

  const store: MemoryStore = {
    applied: [],
    beforeApply: undefined,
    failure: undefined,
    intrude(change) {
      const before = createState(entities);
      change?.(entities);
      record(0, []);
      plans[plans.length - 1] = diffStates(before, createState(entities));
    },
    tamper(change) {
      change(entities);
      isAlone &&= false;
    },
    used: new Map(),
    async read() {
      if (store.failure !== undefined) throw store.failure;
      if (revisions.length === 0) return undefined;
      const state = createState(entities);
      const found = digestState(state);
      return {
        generation: generation(),
        digest: recordedDigest(),
        state,
        digests: new Map([...state].map(([address, entity]) => [address, digestEntity(entity)])),
        drifted: found === recordedDigest() ? undefined : found,
        origins: new Map([...origins].map(([address, origin]) => [address, originOfText(() => origin)])),
        moves: [],
        since: new Map(since),
      };
    },
    async apply(request) {
      await store.beforeApply?.();
      if (store.failure !== undefined) throw store.failure;
      const { plan } = request;
      if (plan.base.generation !== generation() || plan.base.digest !== recordedDigest()) {
        throw new Failure('stale_plan', 'The store moved on.');
      }
      if (request.sequel === 'next') isAlone ??= digest() === recordedDigest();
      if (request.sequel === 'next' && isAlone !== true) throw new Failure('stale_plan', 'Something else wrote.');
      const next = generation() + 1;
      applyInto(entities, invertChanges(plan.drift?.changes ?? []));
      const known = new Map(since);
      for (const change of plan.changes) {
        if (change.action === 'delete') for (const rows of [since, origins]) rows.delete(change.address);
        if (change.action === 'move') for (const rows of [since, origins]) rows.delete(change.from);
      }
      for (const change of plan.changes) {
        if (change.action === 'create') since.set(change.address, next);
        if (change.action === 'update' && change.renews) since.set(change.address, next);
        if (change.action === 'move') {
          since.set(change.address, change.renews ? next : (known.get(change.from) ?? next));
          for (const [key, verifier] of [...verifiers]) {
            if (verifier.address !== change.from) continue;
            verifiers.delete(key);
            const moved = { ...verifier, address: change.address };
            verifiers.set(verifierKey(moved), moved);
          }
        }
      }
      applyInto(entities, plan.changes);
      const written = new Map(request.origins);
      for (const [address, origin] of written) origins.set(address, origin);
      if (digest() !== plan.resultDigest) throw new Error('the plan promised another digest');
      for (const [key, verifier] of verifiers) if (!isDeclared(verifier)) verifiers.delete(key);
      const replaced = putAll(request.verifiers);
      const [newest] = revisions;
      if (isEmptyPlan(plan) && replaced.length === 0 && newest !== undefined) return newest;
      store.applied.push({ ...request, origins: written });
      isAlone = true;
      if (plan.changes.length > 0) {
        resumed = [];
        const others = undone.filter(({ digest: of }) => of !== plan.base.digest && of !== plan.resultDigest);
        undone =
          request.rollbackTo === undefined
            ? []
            : [{ digest: plan.base.digest, generation: generation() + 1 }, ...others];
      }
      return record(request.appliedAt, replaced, request);
    },
    async verifiers() {
      if (store.failure !== undefined) throw store.failure;
      return [...verifiers.values()];
    },
    async replaceVerifiers(given, { appliedAt }) {
      if (store.failure !== undefined) throw store.failure;
      const replaced = putAll(given.filter(isDeclared));
      const [newest] = revisions;
      if (newest === undefined) throw new Error('nothing was ever applied');
      return replaced.length === 0 ? newest : record(appliedAt, replaced);
    },
    async revisions(limit) {
      if (store.failure !== undefined) throw store.failure;
      return revisions.slice(0, limit);
    },
    changesOf: async (asked) => plans[asked - 1],
    async usage(addresses) {
      return new Map([...store.used].filter(([address]) => addresses.includes(address)));
    },
    undone: async () => undone,
    async resume() {
      const was = undone;
      resumed = [...resumed, ...was.map((one) => one.generation)];
      undone = [];
      return was.length > 0;
    },
    resumed: async () => resumed,
  };
  return store;
}
