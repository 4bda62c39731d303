// Owns the token endpoint (RFC 6749 3.2, SEMANTICS algorithm A): who asks, what access decides, the token that says so.
// Never decides access.

import { decide, GRANT_TYPES_SERVED } from '../access/decide.ts';
import type { Decision, Refusal } from '../access/decision.ts';
import { scopeValues } from '../model/settings.ts';
import { issueAccessToken } from './access-token.ts';
import { authenticateClient } from './client-authentication.ts';
import type { Endpoint } from './endpoint.ts';
import { invalidRequest, NO_STORE, OAuthError } from './error.ts';
import { readForm } from './form.ts';
import { defineEndpoint } from './handling.ts';

/** Answers `{access_token, token_type, expires_in, scope?}`; never a refresh token for this grant (U-02, O-074). */
export const tokenEndpoint: Endpoint = defineEndpoint('token', async (request, context, note) => {
  const form = readForm(request.form);
  const grant_type = form.get('grant_type');
  if (grant_type === undefined) throw invalidRequest('GRANT_TYPE_MISSING');
  // A malformed form can hold a secret in any value: only what is known by name is logged.
  note({ grant_type: GRANT_TYPES_SERVED.includes(grant_type) ? grant_type : 'unknown' });
  const client = await authenticateClient(request, form, context, note);

  const asked = form.get('scope');
  const values = scopeValues(asked);
  const answer = decide(
    context.snapshot.index,
    { grant_type, client: client.address, scope: values.length === 0 ? undefined : values, ip: request.ip },
    context.now,
    GRANT_TYPES_SERVED,
  );
  if (!answer.allowed) throw refused(answer);

  const { text, format, record } = await issueAccessToken(answer, context);
  const { id, user, audiences, expires_at } = record;
  note({ outcome: 'issued', jti: id, format, user, audiences, scope: answer.scopes.join(' '), expires_at });
  return {
    status: 200,
    headers: NO_STORE,
    body: { access_token: text, token_type: 'Bearer', expires_in: answer.lifetime, ...scopeMember(answer, asked) },
  };
});

/** RFC 6749 5.1 lets it out only when it is identical to what was asked for; clients compare the text. */
function scopeMember({ scopes }: Decision, asked: string | undefined): { scope?: string } {
  const granted = scopes.join(' ');
  return granted === '' || granted === asked ? {} : { scope: granted };
}

/** The client is authenticated by now, so it may be told which link is missing. */
function refused({ error, description, missing }: Refusal): OAuthError {
  return new OAuthError({
    // RFC 6749 5.2: what a redirect would call access_denied.
    error: error === 'access_denied' ? 'invalid_grant' : error,
    description,
    detail: missing === undefined ? undefined : `missing at ${missing.address} ${missing.pointer}`,
  });
}
