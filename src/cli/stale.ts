// Owns what is said to who comes second: a store that moved on while a spec was read. The transaction itself rechecks
// (plan/port.ts). Never applies.

import { Failure } from '../model/failure.ts';
import type { StoreBase } from '../plan/plan.ts';
import type { ConfigStore, Revision } from '../plan/port.ts';

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
  const others = since.filter((one, position) => one.digest !== (since[position + 1] ?? begun)?.digest);
  if (others.length === 0) return;
  throw new Failure(
    'stale_plan',
    `Another apply came first: the store was at generation ${generation} when this one began, and is at ${base.generation}. ` +
      'Nothing was written. Look at the plan again and apply that.',
  );
}
