// Owns what is told of a plan whose base is not what the store holds: who applied what since. Never writes.

import { digestState } from '../model/digest.ts';
import { Failure } from '../model/failure.ts';
import { EMPTY_STATE } from '../model/state.ts';
import type { StoreBase } from '../plan/plan.ts';
import { speakSince, TOLD_SINCE } from '../plan/since.ts';
import { revisionFrom } from './revision.ts';
import type { RevisionRow, WriteStatements } from './sql.ts';

/** Throws Failure `stale_plan` unless the newest revision is the plan's base. */
export function requireBase(
  { path, write }: { readonly path: string; readonly write: WriteStatements },
  base: StoreBase,
  newest: RevisionRow | undefined,
): void {
  if (base.kind !== 'store') {
    throw new Failure(
      'stale_plan',
      `The plan was made against something else than a store. Nothing was written. Plan against ${path} and apply that.`,
    );
  }
  const generation = newest?.generation ?? 0;
  const digest = newest?.digest ?? digestState(EMPTY_STATE);
  if (base.generation === generation && base.digest === digest) return;
  const found =
    base.generation === generation
      ? `the store ${path} is at another generation ${generation}: its digest is ${digest}, not ${base.digest}.`
      : `the store ${path} is at ${generation}.${speakSince(write.revisionsAfter.all(base.generation, TOLD_SINCE).map(revisionFrom), base.generation)}`;
  throw new Failure(
    'stale_plan',
    `The plan was made against generation ${base.generation}, ${found} Nothing was written. Plan again and apply that.`,
  );
}
