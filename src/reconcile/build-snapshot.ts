// Owns how a Snapshot is put together: from a plan and resolved secrets, or from what the store holds.
// Never reads a store and never publishes.

import { createSecretKey } from 'node:crypto';
import { indexState } from '../access/access-index.ts';
import type { Address } from '../model/address.ts';
import { periodOf } from '../model/duration.ts';
import { editTable } from '../model/edited-table.ts';
import type { AppliedMove } from '../model/move.ts';
import { selecting } from '../model/selection.ts';
import { authenticatesWithMac, secretsOf, secretsWithin } from '../model/settings.ts';
import type { State } from '../model/state.ts';
import { type StoredVerifier, slotOf, verifierKey } from '../model/verifier.ts';
import type { SigningKey } from '../oauth/port.ts';
import { type SecretChecker, type SecretVerifier, storedForm, type Verifier } from '../oauth/secret.ts';
import type { MacKey, Snapshot } from '../oauth/snapshot.ts';
import { changedAddresses } from '../plan/diff.ts';
import { isEmptyPlan, type StorePlan } from '../plan/plan.ts';
import type { StoredConfiguration } from '../plan/port.ts';
import type { Weighed } from './precedence.ts';
import type { SecretValues } from './secrets.ts';

export interface PlannedSnapshot {
  readonly plan: StorePlan;
  /** What the plan was made against; undefined when nothing was ever applied. */
  readonly stored: StoredConfiguration | undefined;
  /** What is served until then. */
  readonly serving: Pick<Snapshot, 'digest' | 'index' | 'verifiers'> | undefined;
  readonly state: State;
  /** Those that count, and what counts in the place of others. */
  readonly weighed: Weighed;
  readonly keys: readonly SigningKey[];
  readonly checker: Pick<SecretChecker, 'keyed'>;
}

/** The snapshot that will be right once the plan is applied. */
export function snapshotAfter({ plan, stored, serving, state, weighed, keys, checker }: PlannedSnapshot): Snapshot {
  const generation = isEmptyPlan(plan) ? plan.base.generation : plan.base.generation + 1;
  // The previous ones plus the plan's changes (DESIGN 5), where what is served is what the plan begins with.
  const before = serving?.digest === plan.base.digest ? serving : undefined;
  const changed = changedAddresses(plan.changes);
  const find: FindVerifier = (address, slot) => weighedVerifier(weighed, address, slot, checker);
  const verifiers =
    before !== undefined && weighedFor.get(before.verifiers) === weighed
      ? editTable(before.verifiers, new Map(changed.map((address) => [address, verifiersAt(state, address, find)])))
      : verifiersOf(state, find);
  weighedFor.set(verifiers, weighed);
  return freeze({
    generation,
    digest: plan.resultDigest,
    state,
    index: before?.index.next(state, changed) ?? indexState(state),
    moves: [...(stored?.moves ?? []), ...movesIn(plan, generation)],
    since: sinceAfter(plan, stored?.since ?? new Map(), generation),
    verifiers,
    macKeys: macKeysOf(state, weighed.values),
    keys: newestFirst(keys),
  });
}

/** By table of verifiers, what was weighed when it was made. */
const weighedFor = new WeakMap<Snapshot['verifiers'], Weighed>();

/** What checks a secret of which this process has a value. */
function weighedVerifier(
  { values, instead }: Weighed,
  address: Address,
  slot: string,
  checker: Pick<SecretChecker, 'keyed'>,
): Verifier | undefined {
  const phc = instead.get(verifierKey({ address, slot }));
  if (phc !== undefined) return storedForm(phc);
  const value = values.get(address)?.get(slot);
  return value === undefined ? undefined : checker.keyed(value);
}

export interface StoredSnapshot {
  readonly stored: StoredConfiguration;
  readonly verifiers: readonly StoredVerifier[];
  /** Those that this process resolved and that count: they come before what is stored. */
  readonly values: SecretValues;
  readonly keys: readonly SigningKey[];
  readonly checker: Pick<SecretChecker, 'keyed'>;
}

/** The snapshot of what the store holds; secrets whose values are not at hand are checked by their stored verifiers. */
export function snapshotOfStored({ stored, verifiers, values, keys, checker }: StoredSnapshot): Snapshot {
  const phcs = new Map(verifiers.map((verifier) => [verifierKey(verifier), verifier.phc]));
  const found = verifiersOf(stored.state, (address, slot) => {
    // What is there now decides: a verifier may be of a value that was replaced while nothing served.
    const value = values.get(address)?.get(slot);
    if (value !== undefined) return checker.keyed(value);
    const phc = phcs.get(verifierKey({ address, slot }));
    return phc === undefined ? undefined : storedForm(phc);
  });
  return freeze({
    generation: stored.generation,
    digest: stored.digest,
    state: stored.state,
    index: indexState(stored.state),
    moves: stored.moves,
    since: stored.since,
    verifiers: found,
    macKeys: macKeysOf(stored.state, values),
    keys: newestFirst(keys),
  });
}

/** The same snapshot under the generation that a changed secret alone made. */
export function withGeneration(snapshot: Snapshot, generation: number): Snapshot {
  return freeze({ ...snapshot, generation });
}

/** The same snapshot with the keys that the store has now; the snapshot itself where it has these. */
export function withKeys(snapshot: Snapshot, keys: readonly SigningKey[]): Snapshot {
  return snapshot.keys === keys ? snapshot : freeze({ ...snapshot, keys });
}

/**
 * The same snapshot with what counts now in the place of what checked its secrets before; the snapshot itself where that says
 * nothing new.
 */
export function withValues(snapshot: Snapshot, weighed: Weighed, checker: Pick<SecretChecker, 'keyed'>): Snapshot {
  let isNew = false;
  let isWhole = true;
  const verifiers = verifiersOf(snapshot.state, (address, slot) => {
    const known = snapshot.verifiers.get(address)?.find((verifier) => verifier.slot === slot);
    const found = weighedVerifier(weighed, address, slot, checker);
    if (found === undefined && known !== undefined) isWhole = false;
    if (found === undefined || (known !== undefined && isSameVerifier(found, known))) return known;
    isNew = true;
    return found;
  });
  if (isWhole) weighedFor.set(isNew ? verifiers : snapshot.verifiers, weighed);
  if (!isNew) return snapshot;
  const macKeys = macKeysOf(snapshot.state, weighed.values, snapshot.macKeys, weighed.instead);
  return freeze({ ...snapshot, verifiers, macKeys });
}

function isSameVerifier(a: Verifier, b: Verifier): boolean {
  if (a.kind === 'keyed') return b.kind === 'keyed' && Buffer.from(a.mac).equals(b.mac);
  if (a.kind === 'sha256') return b.kind === 'sha256' && Buffer.from(a.digest).equals(b.digest);
  return b.kind === 'argon2id' && a.phc === b.phc;
}

function movesIn({ changes }: StorePlan, generation: number): readonly AppliedMove[] {
  return changes.flatMap((change) =>
    change.action === 'move' ? [{ generation, from: change.from, to: change.address }] : [],
  );
}

/** For each entity the generation from which on its tokens count: a new or renewed one begins with this generation. */
function sinceAfter(
  plan: StorePlan,
  before: ReadonlyMap<Address, number>,
  generation: number,
): ReadonlyMap<Address, number> {
  if (!plan.changes.some((change) => change.action !== 'update' || change.renews)) return before;
  const since = new Map(before);
  for (const change of plan.changes) {
    if (change.action === 'delete') since.delete(change.address);
    else if (change.action === 'create' || change.renews) since.set(change.address, generation);
    else if (change.action === 'move') since.set(change.address, before.get(change.from) ?? generation);
    if (change.action === 'move') since.delete(change.from);
  }
  return since;
}

type FindVerifier = (address: Address, slot: string) => Verifier | undefined;

/** By address, the verifiers of what has any. */
function verifiersOf(state: State, find: FindVerifier): Snapshot['verifiers'] {
  const verifiers = new Map<Address, readonly SecretVerifier[]>();
  for (const address of state.keys()) {
    const known = verifiersAt(state, address, find);
    if (known !== undefined) verifiers.set(address, known);
  }
  return verifiers;
}

/** Each secret with its period; one that nobody can check, as its value was not asked for, is left out. */
function verifiersAt(state: State, address: Address, find: FindVerifier): readonly SecretVerifier[] | undefined {
  const entity = state.get(address);
  const known: SecretVerifier[] = [];
  for (const { secret } of entity === undefined ? [] : secretsWithin(entity)) {
    const slot = slotOf(secret);
    // A written hash is Argon2id's, whatever it says: what is stored for a generated secret is nobody's to write.
    const written: Verifier | undefined = 'hash' in secret ? { kind: 'argon2id', phc: secret.hash } : undefined;
    const verifier = slot === undefined ? written : find(address, slot);
    if (verifier !== undefined) known.push({ ...verifier, slot, period: periodOf(secret) });
  }
  return known.length === 0 ? undefined : known;
}

const signingWithSecret = selecting(['application'], authenticatesWithMac);

/**
 * The secrets of clients of client_secret_jwt as keys: by their values, else those that were known before. Of one that is stored
 * `instead` nobody here has the value, and no MAC can be checked.
 */
function macKeysOf(
  state: State,
  values: SecretValues,
  before: Snapshot['macKeys'] = new Map(),
  instead: Weighed['instead'] = new Map(),
): ReadonlyMap<Address, readonly MacKey[]> {
  const keys = new Map<Address, readonly MacKey[]>();
  for (const [address, application] of signingWithSecret(state)) {
    const known = secretsOf(application).flatMap((secret): readonly MacKey[] => {
      const slot = slotOf(secret);
      if (slot === undefined) return [];
      const period = periodOf(secret);
      const value = values.get(address)?.get(slot);
      if (value !== undefined) return [{ key: createSecretKey(value, 'utf8'), period, slot }];
      const kept = before.get(address)?.find((one) => one.slot === slot);
      return kept === undefined || instead.has(verifierKey({ address, slot })) ? [] : [{ ...kept, period }];
    });
    if (known.length > 0) keys.set(address, known);
  }
  return keys;
}

function newestFirst(keys: readonly SigningKey[]): readonly SigningKey[] {
  return [...keys].sort((a, b) => b.created_at - a.created_at);
}

function freeze(snapshot: Snapshot): Snapshot {
  return Object.freeze(snapshot);
}
