// Owns a ConfigStore in memory for tests of the loop: the contract of plan/port.ts, and a way to make it fail.
// Never shares code with the real stores.

import type { Address } from '../../src/model/address.ts';
import { digestState } from '../../src/model/digest.ts';
import type { Entity } from '../../src/model/entity.ts';
import { Failure } from '../../src/model/failure.ts';
import { originFrom, type StoredOrigin } from '../../src/model/origin.ts';
import { secretsOf } from '../../src/model/settings.ts';
import { createState, EMPTY_STATE } from '../../src/model/state.ts';
import { type StoredVerifier, slotOf, verifierKey } from '../../src/model/verifier.ts';
import type { ApplyRequest, ConfigStore, Revision } from '../../src/plan/port.ts';

export interface MemoryStore extends ConfigStore {
  /** Every call of `apply` that wrote a revision. */
  readonly applied: ApplyRequest[];
  /** Runs before each `apply`, and may throw. */
  beforeApply: (() => void | Promise<void>) | undefined;
  /** Makes every verb throw this. */
  failure: Error | undefined;
  /** Records a revision as another writer would. */
  intrude(change?: (entities: Map<Address, Entity>) => void): void;
}

export function createMemoryStore(): MemoryStore {
  const entities = new Map<Address, Entity>();
  const origins = new Map<Address, StoredOrigin>();
  const since = new Map<Address, number>();
  const verifiers = new Map<string, StoredVerifier>();
  const revisions: Revision[] = [];
  const digest = () => digestState(createState(entities));
  const generation = () => revisions[0]?.generation ?? 0;

  function record(appliedAt: number, secrets: readonly Address[], of: Partial<ApplyRequest> = {}): Revision {
    const { commit, author } = of;
    const revision = { generation: generation() + 1, digest: digest(), appliedAt, commit, author, secrets };
    revisions.unshift(revision);
    return revision;
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
      change?.(entities);
      record(0, []);
    },
    async read() {
      if (store.failure !== undefined) throw store.failure;
      if (revisions.length === 0) return undefined;
      return {
        generation: generation(),
        digest: digest(),
        state: createState(entities),
        origins: new Map([...origins].map(([address, origin]) => [address, originFrom(origin)])),
        since: new Map(since),
      };
    },
    async apply(request) {
      await store.beforeApply?.();
      if (store.failure !== undefined) throw store.failure;
      const { plan } = request;
      const now = revisions.length === 0 ? digestState(EMPTY_STATE) : digest();
      if (plan.base.generation !== generation() || plan.base.digest !== now) {
        throw new Failure('stale_plan', 'The store moved on.');
      }
      const next = generation() + 1;
      for (const change of plan.changes) {
        if (change.action === 'delete') {
          for (const rows of [entities, since, origins]) rows.delete(change.address);
        } else {
          entities.set(change.address, change.after);
          if (change.action === 'create' || change.renews) since.set(change.address, next);
        }
      }
      for (const [address, origin] of request.origins) origins.set(address, origin);
      if (digest() !== plan.resultDigest) throw new Error('the plan promised another digest');
      for (const [key, verifier] of verifiers) if (!isDeclared(verifier)) verifiers.delete(key);
      const replaced = putAll(request.verifiers);
      const [newest] = revisions;
      if (plan.changes.length === 0 && replaced.length === 0 && newest !== undefined) return newest;
      store.applied.push(request);
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
  };
  return store;
}
