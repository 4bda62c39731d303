// Owns how a Snapshot is put together: from a plan and resolved secrets, or from what the store holds.
// Never reads a store and never publishes.

import { indexState } from '../access/access-index.ts';
import type { Address } from '../model/address.ts';
import { entitiesOf, type State } from '../model/state.ts';
import type { StoredVerifier } from '../model/verifier.ts';
import type { SigningKey } from '../oauth/port.ts';
import type { SecretChecker, Verifier } from '../oauth/secret.ts';
import type { Snapshot } from '../oauth/snapshot.ts';
import { isEmptyPlan, type Plan } from '../plan/plan.ts';
import type { StoredConfiguration } from '../plan/port.ts';

/** The one slot of an application that has one secret. */
export const ONLY_SLOT = 'secret';

export interface PlannedSnapshot {
  readonly plan: Plan;
  /** What the plan was made against; undefined when nothing was ever applied. */
  readonly stored: StoredConfiguration | undefined;
  readonly state: State;
  /** Values of `{env}` and `{file}`, by application. */
  readonly values: ReadonlyMap<Address, string>;
  readonly keys: readonly SigningKey[];
  readonly checker: Pick<SecretChecker, 'keyed'>;
}

/** The snapshot that will be right once the plan is applied. */
export function snapshotAfter({ plan, stored, state, values, keys, checker }: PlannedSnapshot): Snapshot {
  const generation = isEmptyPlan(plan) ? plan.base.generation : plan.base.generation + 1;
  const verifiers = verifiersOf(state, (address) => {
    const value = values.get(address);
    return value === undefined ? undefined : checker.keyed(value);
  });
  return freeze({
    generation,
    digest: plan.resultDigest,
    state,
    index: indexState(state),
    since: sinceAfter(plan, stored?.since ?? new Map(), generation),
    verifiers,
    keys: newestFirst(keys),
  });
}

export interface StoredSnapshot {
  readonly stored: StoredConfiguration;
  readonly verifiers: readonly StoredVerifier[];
  /** Values for applications whose verifier is not stored yet: this process ended before it came to that. */
  readonly values: ReadonlyMap<Address, string>;
  readonly keys: readonly SigningKey[];
  readonly checker: Pick<SecretChecker, 'keyed'>;
}

/** The snapshot of what the store holds, secrets checked by their stored verifiers. */
export function snapshotOfStored({ stored, verifiers, values, keys, checker }: StoredSnapshot): Snapshot {
  const phcs = new Map(verifiers.map((verifier) => [verifier.address, verifier.phc]));
  const found = verifiersOf(stored.state, (address) => {
    const phc = phcs.get(address);
    if (phc !== undefined) return { kind: 'argon2id', phc };
    const value = values.get(address);
    return value === undefined ? undefined : checker.keyed(value);
  });
  return freeze({
    generation: stored.generation,
    digest: stored.digest,
    state: stored.state,
    index: indexState(stored.state),
    since: stored.since,
    verifiers: found,
    keys: newestFirst(keys),
  });
}

/** The same snapshot under the generation that a changed secret alone made. */
export function withGeneration(snapshot: Snapshot, generation: number): Snapshot {
  return freeze({ ...snapshot, generation });
}

/** For each entity the generation from which on its tokens count: a new or renewed one begins with this generation. */
function sinceAfter(
  plan: Plan,
  before: ReadonlyMap<Address, number>,
  generation: number,
): ReadonlyMap<Address, number> {
  const since = new Map(before);
  for (const change of plan.changes) {
    if (change.action === 'delete') since.delete(change.address);
    else if (change.action === 'create' || change.renews) since.set(change.address, generation);
  }
  return since;
}

function verifiersOf(
  state: State,
  find: (address: Address) => Verifier | undefined,
): ReadonlyMap<Address, readonly Verifier[]> {
  const verifiers = new Map<Address, readonly Verifier[]>();
  for (const [address, { secret }] of entitiesOf(state, 'application')) {
    if (secret === undefined) continue;
    const verifier: Verifier | undefined = 'hash' in secret ? { kind: 'argon2id', phc: secret.hash } : find(address);
    if (verifier !== undefined) verifiers.set(address, [verifier]);
  }
  return verifiers;
}

function newestFirst(keys: readonly SigningKey[]): readonly SigningKey[] {
  return [...keys].sort((a, b) => b.created_at - a.created_at);
}

function freeze(snapshot: Snapshot): Snapshot {
  return Object.freeze(snapshot);
}
