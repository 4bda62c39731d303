// Owns approvals as the command line gives them: how they are read, and what is said of those that approve nothing.
// Never judges a risk.

import { APPROVAL_DIGEST_DIGITS, type Approval, formatApproval, parseApproval, RISK_KINDS } from '../model/approval.ts';
import { Failure } from '../model/failure.ts';
import { approvalOf } from '../plan/approving.ts';
import type { Note } from '../plan/notes.ts';
import type { Plan } from '../plan/plan.ts';
import { approvalsOfNothing } from '../reconcile/plan-warnings.ts';
import { escapeControls } from '../spec/frame-line.ts';
import { nearest } from '../spec/nearest.ts';
import type { Terminal } from './terminal.ts';

/** Throws Failure `usage` for a text that is no approval. */
export function readApprovals(texts: readonly string[] = []): readonly Approval[] {
  return texts.map((text) => {
    const approval = parseApproval(text);
    if (approval === undefined) throw new Failure('usage', noApproval(text));
    if (approval.risk !== 'protected') return approval;
    throw new Failure(
      'usage',
      `${escapeControls(text)}: what is protected cannot be approved away. Apply it without protected: true first, then do this.`,
    );
  });
}

/** As one looks; a person is to copy theirs from the plan. */
const FORM = `deletes:Example@${'0123456789abcdef'.slice(0, APPROVAL_DIGEST_DIGITS)}`;

function noApproval(text: string): string {
  if (text === '') return `An approval is empty: is a variable not set? Copy it from the plan: ${FORM}`;
  const quoted = JSON.stringify(escapeControls(text));
  const [kind = '', ...others] = text.split(':');
  if (others.length > 0 && !(RISK_KINDS as readonly string[]).includes(kind)) {
    const near = nearest(kind, RISK_KINDS);
    const meant = near === undefined ? '' : ` Did you mean ${escapeControls([near, ...others].join(':'))}?`;
    return `${quoted} is no approval: there is no risk ${JSON.stringify(escapeControls(kind))}.${meant} The kinds are ${RISK_KINDS.join(', ')}.`;
  }
  if (others.length > 0 && !text.includes('@')) {
    return (
      `${quoted} is no approval: it does not say by its digest which changes it is about. ` +
      `Copy it whole from the plan: ${FORM}`
    );
  }
  return `${quoted} is no approval. Copy it from the plan: ${FORM}`;
}

/**
 * Says which of the approvals that were given match no risk of the plan: who gave one believes that it counts. Answers it
 * for the outputs.
 */
export function tellUnusedApprovals(
  plan: Pick<Plan, 'base' | 'risks'>,
  given: readonly Approval[],
  terminal: Terminal,
): readonly Note[] {
  return approvalsOfNothing(plan, given).map((approval) => {
    const { risk: kind, subject } = approval;
    const other = plan.risks.find((one) => one.kind === kind && one.subject === subject);
    const say = (quote: (name: string) => string): string => {
      const why =
        other === undefined
          ? 'the plan has no such risk.'
          : `it is about other changes than those of this plan, which are ${quote(formatApproval(approvalOf(other)))}.`;
      return `--approve ${quote(formatApproval(approval))} approves nothing: ${why}`;
    };
    terminal.err(`warning: ${say(escapeControls)}\n`);
    return { isCaution: false, say };
  });
}
