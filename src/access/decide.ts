// Owns the door to this folder: one function for a new token, one for a token in use, each the list of grants that
// exist. A new grant is a file of its own and a line here. Never holds a rule of a grant.

import type { AccessIndex } from './access-index.ts';
import { activityOf, untilOf } from './activity.ts';
import { decideClientCredentials } from './client-credentials.ts';
import type { Decision, Question, Refusal } from './decision.ts';
import { admitClient, refuse } from './refusal.ts';

/** The grant types that the server serves; what discovery publishes as grant_types_supported. */
export const GRANT_TYPES_SERVED: readonly string[] = ['client_credentials'];

/** Decides a token request of an authenticated client. `now` in milliseconds since the epoch. */
export function decide(index: AccessIndex, question: Question, now: number): Decision | Refusal {
  const refused = admitClient(index, question.client, question.ip, now);
  if (refused !== undefined) return refused;
  switch (question.grant_type) {
    case 'client_credentials':
      return decideClientCredentials(index, question, now);
    default:
      return refuse('unsupported_grant_type', 'GRANT_UNKNOWN', {
        until: untilOf(activityOf(index.application(question.client), now).end),
      });
  }
}
