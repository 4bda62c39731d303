// Owns the door to this folder: one function for a new token, one for a token in use, each the list of grants that
// exist. A new grant is a file of its own and a line here. Never holds a rule of a grant.

import { GRANT_TYPES_WITH_USER } from '../model/grant-type.ts';
import type { AccessIndex } from './access-index.ts';
import { activityOf, untilOf } from './activity.ts';
import { decideClientCredentials } from './client-credentials.ts';
import type { Decision, Question, Refusal } from './decision.ts';
import { admitClient, refuse } from './refusal.ts';
import { decideForUser } from './user-grant.ts';

/** Decides a request of an authenticated client by one of the grants. `now` in milliseconds since the epoch. */
export function decide(index: AccessIndex, question: Question, now: number): Decision | Refusal {
  const refused = admitClient(index, question.client, question.ip, now);
  if (refused !== undefined) return refused;
  const { grant_type } = question;
  if (grant_type === 'client_credentials') return decideClientCredentials(index, question, now);
  if (GRANT_TYPES_WITH_USER.includes(grant_type)) return decideForUser(index, question, now);
  return refuse('unsupported_grant_type', 'GRANT_UNKNOWN', {
    until: untilOf(activityOf(index.application(question.client), now).end),
  });
}
