// Owns what is said to who comes second: a store that moved on while a spec was read, or since a plan was saved. The
// transaction itself rechecks (plan/port.ts). Never applies.

import { Failure } from '../model/failure.ts';
import type { StoreBase } from '../plan/plan.ts';
import type { ConfigStore, Revision } from '../plan/port.ts';
import { speakSince, TOLD_SINCE } from '../plan/since.ts';

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

/** A saved plan whose base is not what the store holds: who applied what since, and what can be done. */
export async function staleSavedPlan(
  store: Pick<ConfigStore, 'revisions'>,
  base: StoreBase,
  path: string,
): Promise<Failure> {
  const newest = await store.revisions(TOLD_SINCE);
  const current = newest[0]?.generation ?? 0;
  const since = speakSince(newest, base.generation);
  const other = current < base.generation ? ' It is another store, or an older copy of it.' : '';
  return new Failure(
    'stale_plan',
    `${path} is stale: generation ${base.generation} was planned, ${current} is current.${since}${other} Nothing was written. ` +
      `Plan again and apply that, or let it be checked whether it would still do the same: charter apply ${path} --rebase`,
  );
}
