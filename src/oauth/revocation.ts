// Owns token revocation (RFC 7009, SEMANTICS U-44). Never answers 200 for a token that it knows and did not revoke.

import type { ApplicationAddress } from '../model/address.ts';
import { findAccessToken } from './access-token.ts';
import { type AuthenticatedClient, authenticateClient } from './client-authentication.ts';
import type { Context, Endpoint, Family } from './endpoint.ts';
import { describe, invalidRequest, NO_STORE, OAuthError } from './error.ts';
import { readForm } from './form.ts';
import { defineEndpoint } from './handling.ts';
import { ID_TOKEN_TYPES, verifyJwt } from './jwt.ts';
import { findRefreshToken } from './refresh-token.ts';

/** Answers `{}` also for a token that is unknown, expired or revoked already (RFC 7009 2.2). A hint is not read. */
export const revocationEndpoint: Endpoint = defineEndpoint('revocation', async (request, context, note) => {
  const form = readForm(request.form);
  const caller = await authenticateClient(request, form, context, note);
  const token = form.get('token');
  if (token === undefined) throw invalidRequest('TOKEN_PARAMETER_MISSING');

  const found = (await revocableAccessToken(token, context)) ?? (await revocableGrant(token, context));
  if (found === undefined) {
    if (await isIdToken(token, context)) {
      throw new OAuthError({ error: 'unsupported_token_type', description: describe('TOKEN_NOT_REVOCABLE') });
    }
    note({ outcome: 'unknown' });
  } else {
    note(found.noted);
    if (!mayRevoke(caller, found, request.family)) {
      throw new OAuthError({ error: 'unauthorized_client', description: describe('TOKEN_OF_ANOTHER_CLIENT') });
    }
    await found.revoke();
    note({ outcome: 'revoked' });
  }
  return { status: 200, headers: NO_STORE, body: {} };
});

interface Revocable {
  readonly client: ApplicationAddress;
  readonly audiences: readonly string[];
  readonly noted: { readonly [field: string]: unknown };
  readonly revoke: () => Promise<void>;
}

/** One access token, alone (N-60). */
async function revocableAccessToken(token: string, context: Context): Promise<Revocable | undefined> {
  const found = await findAccessToken(token, context);
  if (found === undefined) return undefined;
  const { id, client, client_id, user, audiences } = found.record;
  return { client, audiences, noted: { jti: id, token_client_id: client_id, user }, revoke: found.revoke };
}

/** A refresh token, also one that was used: with it goes all that came from its Grant (N-61, P:V-006). */
async function revocableGrant(token: string, context: Context): Promise<Revocable | undefined> {
  const found = await findRefreshToken(token, context);
  if (found === undefined) return undefined;
  const { id, client, client_id, user, audiences } = found.grant;
  const revoke = () => context.grants.endGrant(id);
  return { client, audiences, noted: { grant: id, token_client_id: client_id, user }, revoke };
}

/** One that counts and that nothing here can end: 200 would say that it had ended (RFC 7009 2.2.1, P:V-014). */
async function isIdToken(token: string, { snapshot, now }: Context): Promise<boolean> {
  const claims = await verifyJwt(token, ID_TOKEN_TYPES, snapshot, now);
  // An access token of the same type, which was revoked, names its client.
  return claims !== undefined && claims.client_id === undefined;
}

/**
 * The client that it was issued to; in the ubisecure family also an application that the token was issued for (U-44),
 * when it has proven who it is.
 */
function mayRevoke(caller: AuthenticatedClient, record: Revocable, family: Family): boolean {
  if (caller.address === record.client) return true;
  return family === 'ubisecure' && caller.method !== 'none' && record.audiences.includes(caller.client_id);
}
