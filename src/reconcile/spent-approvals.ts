// Owns which approvals are used up: a line that stays in the spec approves what it was reviewed with, once, and not what
// comes back some day. Never judges a risk.

import { type Approval, formatApproval } from '../model/approval.ts';
import type { ConfigStore, Revision } from '../plan/port.ts';

export interface SpentApproval {
  readonly approval: Approval;
  /** The last generation that it let pass. */
  readonly used: number;
  /** The generation of the first rollback that undid that one; undefined when none did. */
  readonly rollback: number | undefined;
}

/**
 * Those of the approvals that let a generation pass already, and stood in the spec ever since: one that was removed and lands
 * again was reviewed again. Whoever resumes what was rolled back means the approvals too. `newest` is the store's generation.
 */
export async function spentApprovals(
  store: Pick<ConfigStore, 'revisions' | 'resumed'>,
  approvals: readonly Approval[],
  newest: number,
): Promise<readonly SpentApproval[]> {
  if (approvals.length === 0 || newest === 0) return [];
  const revisions = await store.revisions(newest);
  const resumed = new Set(await store.resumed());
  return approvals.flatMap((approval) => useOf(approval, revisions, resumed) ?? []);
}

/** Whether it stands in a spec: what was given by hand, and saved with a plan, lands nowhere anew. */
function isLine({ range }: Approval): boolean {
  return range !== undefined;
}

/** `revisions` are all of them, the newest first. */
function useOf(
  approval: Approval,
  revisions: readonly Revision[],
  resumed: ReadonlySet<number>,
): SpentApproval | undefined {
  const text = formatApproval(approval);
  let used: number | undefined;
  for (const { generation, approvals, standing } of revisions) {
    if (isLine(approval) && standing !== undefined && !standing.includes(text)) break;
    if (!approvals.includes(text)) continue;
    used = generation;
    break;
  }
  if (used === undefined) return undefined;
  const since = used;
  // A rollback to the State that was there undid nothing.
  const back = revisions.filter(({ generation, rollbackTo, digest }, position) => {
    return generation > since && (rollbackTo ?? since) < since && digest !== revisions[position + 1]?.digest;
  });
  const left = back.filter(({ generation }) => !resumed.has(generation));
  if (back.length > 0 && left.length === 0) return undefined;
  return { approval, used, rollback: left.at(-1)?.generation };
}
