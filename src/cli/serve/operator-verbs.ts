// Owns what an operator has a running server do, and how it answers. Never decides whether a plan may pass.

import type { OperatorVerbs } from '../../http/operator-app.ts';
import { parseApproval } from '../../model/approval.ts';
import type { LogoutNotices, Signer } from '../../oauth/port.ts';
import { tellClients } from '../../oauth/session-end.ts';
import type { Snapshot } from '../../oauth/snapshot.ts';
import type { Reconciler } from '../../reconcile/reconciler.ts';
import type { SqliteStore } from '../../store/sqlite.ts';
import { listIssued, revokeIssued, USUAL_LIMIT } from '../issued.ts';
import { readStanding } from '../token-owners.ts';
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

/** What was issued stands in the store; who is told that it ended hears it from the server. */
export interface IssuedParts {
  readonly store: SqliteStore;
  readonly current: () => Snapshot | undefined;
  readonly signer: Signer;
  readonly logoutNotices: LogoutNotices;
  readonly random: (bytes: number) => Uint8Array;
  readonly log: (event: { readonly event: string; readonly [field: string]: unknown }) => void;
}

/** `store` names the store in what is suggested (storeOption). */
export function operatorVerbs(
  reconciler: Pick<Reconciler, 'approve' | 'reload'>,
  status: () => object,
  store: string,
  issued: IssuedParts,
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
    async tokens({ limit = USUAL_LIMIT, ...named }) {
      const standing = issued.current() ?? (await readStanding(issued.store));
      return listIssued({ ...named, limit }, { standing, grants: issued.store, now: Date.now() });
    },
    async revokeTokens(asked) {
      const snapshot = issued.current();
      const { log, signer, logoutNotices, random } = issued;
      const body = await revokeIssued(asked, {
        standing: snapshot ?? (await readStanding(issued.store)),
        grants: issued.store,
        lists: `charter tokens list${store}`,
        // Until it serves something it has no name by which a client would know it.
        ...(snapshot && {
          tell: (stays) => tellClients(stays, { snapshot, signer, logoutNotices, random, log, now: Date.now() }),
        }),
      });
      const { of, ended, ids } = body;
      log({ event: 'tokens_revoked', ...of, ...ended, ids, generation: snapshot?.generation });
      return body;
    },
  };
}
