// Owns the codes by which outputs for machines tell what a plan holds, and what each means. Those of a spec are in the
// catalogue of diagnostics. Never finds anything.

import type { RiskKind } from '../model/approval.ts';
import type { Rule } from '../spec/outputs/findings.ts';

const APPROVAL =
  'The plan shows the line that approves exactly these changes: put it into `approvals:`, or after --approve.';

const RISKS = {
  deletes: ['Many entities are deleted', `More of one kind leaves a site than server.safety lets pass. ${APPROVAL}`],
  emptied: ['Nothing of a kind is left', `A site, or the server, loses everything of a kind that it had. ${APPROVAL}`],
  issuer: ['The issuer changes', `Tokens, clients and resource servers know one issuer. ${APPROVAL}`],
  keys: ['Tokens are signed otherwise', `Who checks tokens may know only the kind of key of today. ${APPROVAL}`],
  'live-tokens': ['A client in use is deleted', `It holds tokens that are alive, and they end with it. ${APPROVAL}`],
  'older-commit': ['The spec is older than what is applied', `What was applied since would be undone. ${APPROVAL}`],
  protected: [
    'A protected application is deleted or gets another client_id',
    'No approval lifts that: apply the spec without `protected: true` first, then with this change.',
  ],
  restricted: ['New access to a restricted application', `It is marked to let nobody in unseen. ${APPROVAL}`],
} as const satisfies Record<RiskKind, readonly [summary: string, explanation: string]>;

export type PlanCode =
  | `risk.${RiskKind}`
  | 'test.failed'
  | 'access.granted'
  | 'access.revoked'
  | 'claim.released'
  | 'claim.withheld'
  | 'resource.opened'
  | 'resource.closed'
  | 'permission.granted'
  | 'permission.revoked'
  | 'store.drifted';

export const PLAN_CODES = {
  ...(Object.fromEntries(
    Object.entries(RISKS).map(([kind, [summary, explanation]]) => [
      `risk.${kind}`,
      { severity: 'error', summary, explanation },
    ]),
  ) as Record<`risk.${RiskKind}`, Rule>),
  'test.failed': {
    severity: 'error',
    summary: 'A test of access fails',
    explanation:
      'What the spec declares is not what its test expects: one of the two is wrong. Nothing is applied before.',
  },
  'store.drifted': {
    severity: 'warning',
    summary: 'The store is not what was applied',
    explanation: 'Something else than Charter wrote to the store. Applying the plan makes it what the spec declares.',
  },
  'access.granted': {
    severity: 'note',
    summary: 'A client gains access',
    explanation: 'With the change the client can get tokens that it could not get before.',
  },
  'access.revoked': {
    severity: 'note',
    summary: 'A client loses access',
    explanation: 'With the change the client can no longer get tokens that it could get before.',
  },
  'claim.released': {
    severity: 'note',
    summary: 'An application is told more, or something else, about users',
    explanation:
      'With the change the policy of the application releases a claim that it did not release, or another value of it.',
  },
  'claim.withheld': {
    severity: 'note',
    summary: 'An application is told less about users',
    explanation: 'With the change the policy of the application no longer releases a claim that it released.',
  },
  'resource.opened': {
    severity: 'note',
    summary: 'A client gets through to a resource',
    explanation: 'With the change the resource takes tokens that it did not take before.',
  },
  'resource.closed': {
    severity: 'note',
    summary: 'A client no longer gets through to a resource',
    explanation: 'With the change the resource no longer takes tokens that it took before.',
  },
  'permission.granted': {
    severity: 'note',
    summary: 'A client may do more',
    explanation: 'With the change the client may use functions, for users or as itself, that it could not use before.',
  },
  'permission.revoked': {
    severity: 'note',
    summary: 'A client may do less',
    explanation: 'With the change the client may no longer use functions that it could use before.',
  },
} as const satisfies Record<PlanCode, Rule>;
