// Owns what is said of a text that should be an approval and is none. Never knows which risks a plan has.

import { APPROVAL_DIGEST_DIGITS, parseApproval, RISK_KINDS } from '../model/approval.ts';
import { plainOrQuoted } from './edit-text.ts';
import { nearest } from './nearest.ts';

interface ApprovalFault {
  readonly detail: string;
  readonly help: string;
  /** What to write instead, where that is beyond doubt. */
  readonly text?: string;
}

/** The one risk that no approval lifts (DESIGN 3). */
const NEVER = 'protected';
const KINDS = RISK_KINDS.filter((kind) => kind !== NEVER);
const FORM = 'Write the line that charter plan prints for the risk, such as deletes:Example@0123456789abcdef.';

/** Undefined for an approval. */
export function approvalFault(text: string): ApprovalFault | undefined {
  const colon = text.indexOf(':');
  const [kind, rest] = [colon < 0 ? text : text.slice(0, colon), text.slice(colon + 1)];
  if (kind === NEVER) {
    return {
      detail: 'the deletion of what is protected cannot be approved: it takes two applies',
      help: 'Remove the line. Apply the application without protected: true first, then do this.',
    };
  }
  if (parseApproval(text) !== undefined) return undefined;
  if (colon < 0) return { detail: `${JSON.stringify(text)} is no approval`, help: FORM };
  const known = KINDS.some((one) => one === kind);
  const near = known ? undefined : nearest(kind, KINDS);
  const meant = near === undefined ? undefined : `${near}:${rest}`;
  if (!known) {
    return {
      detail: `no risk is called ${JSON.stringify(kind)}`,
      help: `${near === undefined ? '' : `Did you mean "${near}"? `}The risks are ${KINDS.join(', ')}.`,
      ...(meant === undefined || parseApproval(meant) === undefined ? {} : { text: plainOrQuoted(meant) }),
    };
  }
  return {
    detail: `behind ${kind}: its subject, @ and ${APPROVAL_DIGEST_DIGITS} hex digits in lower case are expected`,
    help: FORM,
  };
}
