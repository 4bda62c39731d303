// Owns what is said to who comes second: a store that moved on while a spec was read, or since a plan was saved. The
// transaction itself rechecks (plan/port.ts). Never applies.

import type { Address } from '../model/address.ts';
import { digestState } from '../model/digest.ts';
import { Failure } from '../model/failure.ts';
import { EMPTY_STATE } from '../model/state.ts';
import type { StoreBase } from '../plan/plan.ts';
import type { ConfigStore, Revision } from '../plan/port.ts';
import { speakSince, TOLD_SINCE } from '../plan/since.ts';
import { escapeControls } from '../spec/frame-line.ts';
import { qualifiedNames } from './names.ts';

/**
 * Throws Failure `stale_plan` when another State was applied between `begun`, the newest revision when the command began, and
 * the base of its plan. Secrets that were recorded meanwhile are no other State.
 */
export async function refuseOvertaken(
  store: Pick<ConfigStore, 'revisions'>,
  begun: Revision | undefined,
  base: StoreBase,
): Promise<void> {
  const generation = begun?.generation ?? 0;
  if (base.generation === generation) return;
  const since = (await store.revisions(base.generation - generation)).filter((one) => one.generation > generation);
  if (since.every((one, position) => one.digest === (since[position + 1] ?? begun)?.digest)) return;
  throw new Failure(
    'stale_plan',
    `Another apply came first: the store was at generation ${generation} when this one began, and is at ${base.generation}.` +
      `${speakSince(since, generation)} Nothing was written. Look at the plan again and apply that.`,
  );
}

/** A plan that was saved, as far as it is told why it is stale. */
export interface StalePlan {
  /** What it is called in a sentence. */
  readonly name: string;
  /** As the command line gave it. */
  readonly path: string;
  readonly base: StoreBase;
  /** The digest of the State that it leads to. */
  readonly resultDigest: string;
}

/** Whether the store ever was what a plan begins with: then it moved on since, and is no other one. */
export async function hadBase(
  store: Pick<ConfigStore, 'revisions'>,
  { generation, digest }: StoreBase,
): Promise<boolean> {
  if (generation === 0) return digest === digestState(EMPTY_STATE);
  const [newest] = await store.revisions(1);
  if (newest === undefined || newest.generation < generation) return false;
  const since = await store.revisions(newest.generation - generation + 1);
  return since.some((one) => one.generation === generation && one.digest === digest);
}

/** A saved plan whose base is not what the store holds: who applied what since, and what can be done. */
export async function staleSavedPlan(
  store: Pick<ConfigStore, 'revisions'>,
  { name, path, base, resultDigest }: StalePlan,
): Promise<Failure> {
  const newest = await store.revisions(TOLD_SINCE);
  const [current] = newest;
  const generation = current?.generation ?? 0;
  const done =
    current?.digest === resultDigest
      ? ' What it leads to is what the store holds: it may have been applied already.'
      : '';
  const isThatStore = await hadBase(store, base);
  const why = isThatStore
    ? `${name} is stale: generation ${base.generation} was planned, ${generation} is current.${speakSince(newest, base.generation)}`
    : `${name} is of another store, or of this one before it was restored: it was planned against generation ` +
      `${base.generation} (${base.digest}), which this store never was; it ` +
      `${current === undefined ? 'is empty' : `is at generation ${generation} (${current.digest})`}. Look at --store.`;
  const again = isThatStore
    ? `, or let it be checked whether it would still do the same: charter apply ${path} --rebase`
    : '.';
  return new Failure('stale_plan', `${why}${done} Nothing was written. Plan again and apply that${again}`);
}

/** A saved plan that would do something else by now. `changed` are the entities of it that are not what it found. */
export async function otherThanReviewed(
  store: Pick<ConfigStore, 'revisions'>,
  { name, base }: Pick<StalePlan, 'name' | 'base'>,
  changed: readonly Address[],
): Promise<Failure> {
  const since = speakSince(await store.revisions(TOLD_SINCE), base.generation);
  const why =
    changed.length > 0
      ? `${qualifiedNames(changed)} ${changed.length === 1 ? 'is not what it was' : 'are not what they were'} when the plan was made`
      : since === ''
        ? 'access that it tells of has begun or ended since it was made'
        : 'access that it tells of rests on what changed since, or has begun or ended with time';
  return new Failure(
    'stale_plan',
    `What ${name} would do now is not what was reviewed: ${escapeControls(why)}.${since} Nothing was written. Plan again ` +
      'and apply that.',
  );
}
