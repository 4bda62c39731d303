// Owns the token endpoint (RFC 6749 3.2): who asks, and by which grant. What is special about a grant has a file of its own.
// Never decides access.

import { REASONS } from '../access/reason.ts';
import { argusTokenAnswer } from './argus.ts';
import { type AuthenticatedClient, authenticateClient } from './client-authentication.ts';
import { grantClientCredentials } from './client-credentials-grant.ts';
import { grantByCode } from './code-grant.ts';
import type { Answer, Context, Endpoint, EndpointRequest } from './endpoint.ts';
import { invalidRequest, OAuthError } from './error.ts';
import { type Form, readForm } from './form.ts';
import { defineEndpoint, type Note } from './handling.ts';
import { grantByPassword } from './password-grant.ts';
import { grantByRefreshToken } from './refresh-grant.ts';
import { servedBy } from './served-grants.ts';

/** A request of an authenticated client. */
export interface TokenRequest {
  readonly client: AuthenticatedClient;
  readonly form: Form;
  readonly asked: EndpointRequest;
  readonly context: Context;
  readonly note: Note;
}

/** By `grant_type`. implicit has none here: its tokens come from the authorization endpoint. */
const GRANTS: ReadonlyMap<string, (request: TokenRequest) => Promise<Answer>> = new Map([
  ['client_credentials', grantClientCredentials],
  ['authorization_code', grantByCode],
  ['refresh_token', grantByRefreshToken],
  ['password', grantByPassword],
]);

/** Answers `{access_token, token_type, expires_in, scope?, refresh_token?, id_token?}`. */
export const tokenEndpoint: Endpoint = defineEndpoint('token', async (asked, context, note) => {
  const form = readForm(asked.form);
  const grant_type = form.get('grant_type');
  if (grant_type === undefined) throw invalidRequest('GRANT_TYPE_MISSING');
  const grant = servedBy(context.snapshot).grantTypes.includes(grant_type) ? GRANTS.get(grant_type) : undefined;
  // A malformed form can hold a secret in any value: only what is known by name is logged.
  note({ grant_type: grant === undefined ? 'unknown' : grant_type });
  // First of all (PROTOCOL.md, decision 3): a failed authentication uses nothing up.
  const client = await authenticateClient(asked, form, context, note);
  if (grant === undefined) {
    throw new OAuthError({ error: 'unsupported_grant_type', description: `GRANT_UNKNOWN: ${REASONS.GRANT_UNKNOWN}` });
  }
  const answer = await grant({ client, form, asked, context, note });
  return asked.family === 'argus' ? argusTokenAnswer(answer) : answer;
});
