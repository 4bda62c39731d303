// Owns approvals as the command line gives them. Never matches one with a risk.

import { type Approval, parseApproval, RISK_KINDS } from '../model/approval.ts';
import { Failure } from '../model/failure.ts';
import { nearest } from '../spec/nearest.ts';

/** Throws Failure `usage` for a text that is no approval. */
export function readApprovals(texts: readonly string[] = []): readonly Approval[] {
  return texts.map((text) => {
    const approval = parseApproval(text);
    if (approval?.risk === 'protected') {
      throw new Failure(
        'usage',
        `${text}: what is protected cannot be approved away. Apply it without protected: true first, then remove it.`,
      );
    }
    if (approval !== undefined) return approval;
    const [kind = ''] = text.split(':');
    const near = (RISK_KINDS as readonly string[]).includes(kind) ? undefined : nearest(kind, RISK_KINDS);
    throw new Failure(
      'usage',
      `${JSON.stringify(text)} is no approval. Write it as the plan shows it, for example deletes:Example@0123456789abcdef.` +
        (near === undefined ? '' : ` Did you mean ${near}?`),
    );
  });
}
