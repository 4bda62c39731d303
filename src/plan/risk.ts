// Owns how one risk is made and what it is made of. Never decides what is one (risks.ts does).

import { APPROVAL_DIGEST_DIGITS, type RiskKind } from '../model/approval.ts';
import { digestValue } from '../model/digest.ts';
import type { State } from '../model/state.ts';
import type { AccessChange, Change, PermissionChange, Risk } from './plan.ts';

export interface Judged {
  readonly before: State;
  readonly after: State;
  readonly changes: readonly Change[];
  readonly access: readonly AccessChange[];
  readonly permissions: readonly PermissionChange[];
}

/** The subject of what is of no site. */
export const NO_SITE = 'server';

/** One that is not approved yet. `content` is what an approval is bound to: any value of JSON. */
export function risk(kind: RiskKind, subject: string, content: unknown, told: Pick<Risk, 'summary' | 'items'>): Risk {
  const digest = digestValue([kind, subject, content]).slice('sha256:'.length).slice(0, APPROVAL_DIGEST_DIGITS);
  return { kind, subject, digest, ...told, approvable: true, approved: undefined };
}
