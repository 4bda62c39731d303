// Owns which approvals were used up by what was rolled back: a line that stays in the spec does not approve a second time
// what somebody undid. Never judges a risk.

import { type Approval, formatApproval } from '../model/approval.ts';
import type { ConfigStore, Revision } from '../plan/port.ts';

export interface UndoneApproval {
  readonly approval: Approval;
  /** The last generation that it let pass. */
  readonly used: number;
  /** The generation of the rollback that undid that one. */
  readonly rollback: number;
}

/**
 * Those of the approvals whose last use a rollback undid. One that a later generation used again counts again, and so does one
 * whose rollback was undone itself, or resumed. `newest` is the store's generation.
 */
export async function undoneApprovals(
  store: Pick<ConfigStore, 'revisions' | 'resumed'>,
  approvals: readonly Approval[],
  newest: number,
): Promise<readonly UndoneApproval[]> {
  if (approvals.length === 0 || newest === 0) return [];
  const revisions = [...(await store.revisions(newest))].reverse();
  const resumed = new Set(await store.resumed());
  return approvals.flatMap((approval) => lastUndone(approval, revisions, resumed) ?? []);
}

/** `revisions` are all of them, the oldest first. */
function lastUndone(
  approval: Approval,
  revisions: readonly Revision[],
  resumed: ReadonlySet<number>,
): UndoneApproval | undefined {
  const text = formatApproval(approval);
  /** By generation: the use that its State rests on. */
  const uses = new Map<number, number>();
  let used: number | undefined;
  let rollback: number | undefined;
  for (const [position, { generation, approvals, rollbackTo, digest }] of revisions.entries()) {
    // A rollback to the State that was there undid nothing.
    const isBack = rollbackTo !== undefined && digest !== revisions[position - 1]?.digest && !resumed.has(generation);
    const use = approvals.includes(text) ? generation : uses.get(isBack ? rollbackTo : generation - 1);
    if (use !== undefined) uses.set(generation, use);
    if (use === generation) used = generation;
    if (use === used) rollback = undefined;
    else rollback ??= generation;
  }
  return used === undefined || rollback === undefined ? undefined : { approval, used, rollback };
}
