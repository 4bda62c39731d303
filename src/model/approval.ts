// Owns the names of risks and how an approval of one is written. Never judges a risk (plan/risks.ts does).

import type { SourceRange } from './origin.ts';

export const RISK_KINDS = [
  'deletes',
  'emptied',
  'issuer',
  'keys',
  'live-tokens',
  'older-commit',
  'protected',
  'restricted',
] as const;

export type RiskKind = (typeof RISK_KINDS)[number];

/** What a risk's digest is cut to: 16 hex digits of a SHA-256. */
export const APPROVAL_DIGEST_DIGITS = 16;

/** Consent to one risk: to what it is, where, and to exactly the changes that its digest stands for. */
export interface Approval {
  readonly risk: RiskKind;
  /** A site, `Site/Name`, or what else the risk names. */
  readonly subject: string;
  readonly digest: string;
  /** Of an entry of `approvals:` where it is written. */
  readonly range?: SourceRange;
}

const PATTERN = new RegExp(`^([a-z-]+):(.+)@([0-9a-f]{${APPROVAL_DIGEST_DIGITS}})$`);

/** Reads `deletes:Example@0123456789abcdef`; undefined when it is no approval, or one of a risk that does not exist. */
export function parseApproval(text: string): Approval | undefined {
  const [, risk, subject, digest] = PATTERN.exec(text) ?? [];
  if (subject === undefined || digest === undefined || !isRiskKind(risk)) return undefined;
  return { risk, subject, digest };
}

export function formatApproval({ risk, subject, digest }: Approval): string {
  return `${risk}:${subject}@${digest}`;
}

function isRiskKind(text: string | undefined): text is RiskKind {
  return (RISK_KINDS as readonly (string | undefined)[]).includes(text);
}
