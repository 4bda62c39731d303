// Owns token revocation (RFC 7009, SEMANTICS U-44). Never answers 200 for a token that it knows and did not revoke.

import { findAccessToken } from './access-token.ts';
import { type AuthenticatedClient, authenticateClient } from './client-authentication.ts';
import type { Endpoint, Family } from './endpoint.ts';
import { describe, invalidRequest, NO_STORE, OAuthError } from './error.ts';
import { readForm } from './form.ts';
import { defineEndpoint } from './handling.ts';
import type { AccessTokenRecord } from './port.ts';

/** Answers `{}` also for a token that is unknown, expired or revoked already (RFC 7009 2.2). A hint is not read. */
export const revocationEndpoint: Endpoint = defineEndpoint('revocation', async (request, context, note) => {
  const form = readForm(request.form);
  const caller = await authenticateClient(request, form, context, note);
  const token = form.get('token');
  if (token === undefined) throw invalidRequest('TOKEN_PARAMETER_MISSING');

  const found = await findAccessToken(token, context);
  if (found === undefined) {
    note({ outcome: 'unknown' });
  } else {
    const { record } = found;
    note({ jti: record.id, token_client_id: record.client_id, user: record.user });
    if (!mayRevoke(caller, record, request.family)) {
      throw new OAuthError({ error: 'unauthorized_client', description: describe('TOKEN_OF_ANOTHER_CLIENT') });
    }
    await found.revoke();
    note({ outcome: 'revoked' });
  }
  return { status: 200, headers: NO_STORE, body: {} };
});

/**
 * The client that it was issued to; in the ubisecure family also an application that the token was issued for (U-44),
 * when it has proven who it is.
 */
function mayRevoke(caller: AuthenticatedClient, record: AccessTokenRecord, family: Family): boolean {
  if (caller.address === record.client) return true;
  return family === 'ubisecure' && caller.method !== 'none' && record.audiences.includes(caller.client_id);
}
