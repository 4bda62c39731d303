// Owns handing a plan to the store with what belongs to it: origins, commit, time. Never plans.

import type { Address } from '../model/address.ts';
import { type Approval, formatApproval } from '../model/approval.ts';
import { differences } from '../model/differences.ts';
import type { Origins } from '../model/origin.ts';
import { textOf } from '../model/origin-text.ts';
import type { StoredVerifier } from '../model/verifier.ts';
import { isEmptyPlan, type StorePlan } from '../plan/plan.ts';
import type { ConfigStore, Revision } from '../plan/port.ts';
import type { CommitInfo } from './git.ts';
import type { Declared } from './load.ts';
import { directoriesOf } from './overlays.ts';
import type { Planned } from './plan-against.ts';

export interface ApplyPorts {
  readonly directories: readonly string[];
  readonly overlays?: readonly string[] | undefined;
  readonly store: Pick<ConfigStore, 'apply'>;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly commitOf: (directories: readonly string[]) => Promise<CommitInfo>;
}

export interface Application {
  readonly plan: StorePlan;
  readonly declared: Pick<Declared, 'state' | 'origins'>;
  readonly verifiers: readonly StoredVerifier[];
  /** Approvals that stand in the spec; undefined where none is at hand. */
  readonly standing: readonly Approval[] | undefined;
  /** Of a rollback: the generation whose State this is. */
  readonly rollbackTo?: number;
  /** Of who applies one plan after the other: what the plan was made against, and whether that was read. */
  readonly before?: Pick<Planned, 'stored' | 'isUnread'>;
}

/** Applies the plan in one transaction. Throws Failure `stale_plan` when the store moved on since it was made. */
export async function applyPlan(
  ports: ApplyPorts,
  { plan, declared, verifiers, standing, rollbackTo, before }: Application,
): Promise<Revision> {
  const sequel = before === undefined ? {} : { sequel: before.isUnread ? ('next' as const) : ('first' as const) };
  // Only a revision records a commit, and asking Git for it costs a process.
  const commit =
    isEmptyPlan(plan) && verifiers.length === 0
      ? {}
      : await ports.commitOf(directoriesOf(ports.directories, ports.overlays));
  const approvals = plan.risks.flatMap(({ approved }) => (approved === undefined ? [] : [formatApproval(approved)]));
  const rollback = rollbackTo === undefined ? {} : { rollbackTo };
  return ports.store.apply({
    plan,
    origins: originsSince(declared, before?.isUnread === true ? before.stored?.origins : undefined),
    verifiers,
    appliedAt: ports.clock(),
    approvals,
    standing: standing?.map(formatApproval),
    ...commit,
    ...rollback,
    ...sequel,
  });
}

/**
 * Where entities were written, but for those of which the same Origin was stored before: one that is made again is another. One by one,
 * as the store takes them: of all at once they would be many times what the State is.
 */
function* originsSince(
  { state, origins }: Pick<Declared, 'state' | 'origins'>,
  stored: Origins = new Map(),
): Generator<readonly [Address, string]> {
  for (const [address, , origin] of differences(stored, origins)) {
    const entity = state.get(address);
    if (origin !== undefined && entity !== undefined) yield [address, textOf(entity, origin)];
  }
}
