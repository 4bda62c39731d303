// Owns what a store held once: the State of a generation, made again from the plans that were applied. Never writes.

import type { Address } from '../model/address.ts';
import { digestState } from '../model/digest.ts';
import type { Entity } from '../model/entity.ts';
import { Failure } from '../model/failure.ts';
import type { Move } from '../model/move.ts';
import { createState, type State } from '../model/state.ts';
import { applyInto, diffStates } from '../plan/diff.ts';
import type { Drift } from '../plan/plan.ts';
import type { ConfigStore, Revision, StoredConfiguration } from '../plan/port.ts';

/** The revision that made a generation. Throws Failure `generation_unknown` when the store has no such generation. */
export async function revisionOf(store: Pick<ConfigStore, 'revisions'>, generation: number): Promise<Revision> {
  const [newest] = await store.revisions(1);
  const found =
    newest === undefined || generation < 1 || generation > newest.generation
      ? undefined
      : (await store.revisions(newest.generation - generation + 1)).find((one) => one.generation === generation);
  if (found !== undefined) return found;
  throw new Failure(
    'generation_unknown',
    newest === undefined
      ? 'Nothing was ever applied to the store.'
      : `The store has no generation ${generation}: it has ${newest.generation === 1 ? '1 alone' : `1 to ${newest.generation}`}. charter history lists them.`,
  );
}

/** The State that a generation had. Throws Failure `generation_unknown` when the store has no such generation. */
export async function stateAt(store: Pick<ConfigStore, 'changesOf'>, generation: number): Promise<State> {
  const entities = new Map<Address, Entity>();
  for (let at = 1; at <= generation; at += 1) {
    applyInto(entities, (await store.changesOf(at)) ?? unknownGeneration(at));
  }
  return createState(entities);
}

/**
 * The State that a revision recorded. Throws Failures `generation_unknown`, and `store_unavailable` when what the store
 * remembers does not lead to it.
 */
export async function stateOf(
  store: Pick<ConfigStore, 'changesOf'>,
  { generation, digest: recorded }: Pick<Revision, 'generation' | 'digest'>,
): Promise<State> {
  const state = await stateAt(store, generation);
  const digest = digestState(state);
  if (digest === recorded) return state;
  throw new Failure(
    'store_unavailable',
    `The history of the store was changed by something else than Charter: it does not lead to what generation ${generation} ` +
      `recorded (${digest} instead of ${recorded}). Restore it from a backup, or name another generation.`,
  );
}

/** The renames that one generation made. */
export async function movesForth(store: Pick<ConfigStore, 'changesOf'>, generation: number): Promise<readonly Move[]> {
  return ((await store.changesOf(generation)) ?? []).flatMap((change) =>
    change.action === 'move' ? [{ from: change.from, to: change.address, range: undefined }] : [],
  );
}

/**
 * The renames that lead back from one generation to an older one: of each entity that was there then under another name, from
 * what it is called now. A name that was given to another entity meanwhile leads to none of the earlier ones.
 * Throws Failure `generation_unknown`.
 */
export async function movesBack(
  store: Pick<ConfigStore, 'changesOf'>,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<readonly Move[]> {
  /** By what an entity is called now, what it was called; undefined where it was not there. The others kept their name. */
  const names = new Map<Address, Address | undefined>();
  for (let at = from; at > to; at -= 1) {
    const earlier = new Map<Address, Address | undefined>();
    for (const change of (await store.changesOf(at)) ?? unknownGeneration(at)) {
      if (change.action === 'move') earlier.set(change.address, change.from);
      if (change.action === 'create') earlier.set(change.address, undefined);
    }
    const others = new Set(names.values());
    // All of one generation at once: none of its renames follows another.
    for (const [now, name] of names) if (name !== undefined && earlier.has(name)) names.set(now, earlier.get(name));
    for (const [name, before] of earlier) if (!names.has(name) && !others.has(name)) names.set(name, before);
  }
  return [...names].flatMap(([now, then]) =>
    then === undefined || then === now ? [] : [{ from: now, to: then, range: undefined }],
  );
}

function unknownGeneration(generation: number): never {
  throw new Failure(
    'generation_unknown',
    `The store has no generation ${generation}. charter history lists those that it has.`,
  );
}

/** Of what something else deleted nobody knows since when its tokens count: from what is applied next on. */
function sinceOf(state: State, { since, generation }: StoredConfiguration): ReadonlyMap<Address, number> {
  return new Map([...state.keys()].map((address) => [address, since.get(address) ?? generation + 1]));
}

/** The newest generation as it was applied. */
export interface Recorded {
  readonly stored: StoredConfiguration;
  /** What something else wrote over it. */
  readonly drift: Drift | undefined;
}

/**
 * The newest generation as its revisions recorded it: what something else wrote into the rows is no part of it, and told
 * as drift. Undefined when nothing was ever applied.
 */
export async function readRecorded(store: Pick<ConfigStore, 'read' | 'changesOf'>): Promise<Recorded | undefined> {
  const found = await store.read();
  if (found?.drifted === undefined) return found === undefined ? undefined : { stored: found, drift: undefined };
  const state = await stateAt(store, found.generation);
  const digest = digestState(state);
  if (digest !== found.digest) {
    throw new Failure(
      'store_unavailable',
      `The store was changed by something else than Charter, and its history does not lead to what generation ` +
        `${found.generation} recorded (${digest} instead of ${found.digest}). Restore it from a backup.`,
    );
  }
  const changes = diffStates(state, found.state);
  return {
    stored: { ...found, state, digests: new Map(), since: sinceOf(state, found), drifted: undefined },
    drift: { recorded: found.digest, found: found.drifted, changes },
  };
}
