// Owns what is told of a spec only when it is planned: approvals that match no risk or count no more, moves that are
// not followed. Never stops anything.

import type { Approval } from '../model/approval.ts';
import { type Diagnostic, sortDiagnostics } from '../model/diagnostic.ts';
import type { State } from '../model/state.ts';
import { unusedApprovals } from '../plan/approving.ts';
import { misnamedMoves } from '../plan/misnamed.ts';
import { unknownMoves } from '../plan/moves.ts';
import type { Plan } from '../plan/plan.ts';
import { takenMoves } from '../plan/taken-moves.ts';
import { spentApproval, unusedApproval } from '../spec/approvals.ts';
import { takenMove, unknownMove } from '../spec/unknown-move.ts';
import { withoutWaived } from '../spec/waivers.ts';
import type { Declared } from './load.ts';
import type { SpentApproval } from './spent-approvals.ts';

/** Risks that only a store, or the history of what was applied to one, shows. */
const OF_A_STORE: readonly string[] = ['live-tokens', 'older-commit'];

/** The warnings that no waiver covers, sorted by place. `before` is what the plan begins with. */
export function planWarnings(
  plan: Pick<Plan, 'base' | 'risks' | 'changes' | 'unchanged'>,
  before: State,
  { state, approvals, moves, waivers }: Pick<Declared, 'state' | 'approvals' | 'moves' | 'waivers'>,
  spent: readonly SpentApproval[] = [],
): readonly Diagnostic[] {
  const guesses = misnamedMoves(plan, moves);
  const told = [
    ...spent.map(({ approval, ...use }) => spentApproval(approval, use)),
    ...approvalsOfNothing(plan, approvals).map(unusedApproval),
    // In an empty base everything is new, moved or not.
    ...(before.size === 0 ? [] : unknownMoves(before, moves).map((move) => unknownMove(move, guesses.get(move.to)))),
    ...[...takenMoves(plan.changes, state, moves).values()].map(({ move, ...why }) => takenMove(move, why)),
  ];
  return sortDiagnostics(withoutWaived(told, waivers));
}

/** The approvals that match no risk of the plan, where it is one that could show theirs. */
export function approvalsOfNothing(
  { base, risks }: Pick<Plan, 'base' | 'risks'>,
  approvals: readonly Approval[],
): readonly Approval[] {
  const judged = base.kind === 'store' ? approvals : approvals.filter(({ risk }) => !OF_A_STORE.includes(risk));
  return unusedApprovals(risks, judged);
}
