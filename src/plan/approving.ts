// Owns what approves a risk (DESIGN 3). Never judges what is one (risks.ts), and never refuses anything: who applies does.

import type { Approval } from '../model/approval.ts';
import type { Risk } from './plan.ts';

/** The risks with the approvals that match them. */
export function approve(risks: readonly Risk[], approvals: readonly Approval[]): readonly Risk[] {
  return risks.map((one) => {
    const approved = one.approvable ? approvals.find((approval) => matches(approval, one)) : undefined;
    return approved === undefined ? one : { ...one, approved };
  });
}

/** The risks that stop a plan. */
export function unapproved(risks: readonly Risk[]): readonly Risk[] {
  return risks.filter(({ approved }) => approved === undefined);
}

/** The approvals that match no risk. */
export function unusedApprovals(risks: readonly Risk[], approvals: readonly Approval[]): readonly Approval[] {
  return approvals.filter((approval) => !risks.some((one) => one.approvable && matches(approval, one)));
}

/** What approves a risk. */
export function approvalOf({ kind, subject, digest }: Risk): Approval {
  return { risk: kind, subject, digest };
}

function matches(approval: Approval, { kind, subject, digest }: Risk): boolean {
  return approval.risk === kind && approval.subject === subject && approval.digest === digest;
}
