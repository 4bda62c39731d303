// Owns what an operator has a running server do, and how it answers. Never decides whether a plan may pass.

import type { OperatorVerbs } from '../../http/operator-app.ts';
import { parseApproval } from '../../model/approval.ts';
import type { Reconciler } from '../../reconcile/loop.ts';
import { openApprovals, problemLines } from './status-body.ts';

/** The answer to `POST /approve`. */
export interface ApproveBody {
  readonly outcome: 'applied' | 'held' | 'refused' | 'nothing-held' | 'no-such-risk' | 'invalid';
  /** Of `applied`: what is served now. */
  readonly generation?: number;
  /** What is still to be approved. */
  readonly open?: readonly string[];
  /** Of `refused`: what stops the plan beside its risks, a line each. */
  readonly problems?: readonly string[];
}

/** `store` names the store in what is suggested (storeOption). */
export function operatorVerbs(
  reconciler: Pick<Reconciler, 'approve' | 'reload'>,
  status: () => object,
  store: string,
): OperatorVerbs {
  return {
    async approve(text): Promise<ApproveBody> {
      const approval = parseApproval(text);
      if (approval === undefined) return { outcome: 'invalid' };
      const answer = await reconciler.approve(approval);
      switch (answer.outcome) {
        case 'applied':
          return answer;
        case 'held':
        case 'no-such-risk':
          return { outcome: answer.outcome, open: openApprovals(answer.open) };
        case 'refused':
          return { outcome: 'refused', problems: problemLines(answer.refusal, store) };
        case 'nothing-held':
          return { outcome: 'nothing-held' };
      }
    },
    async reload() {
      await reconciler.reload();
      return status();
    },
  };
}
