// Owns token introspection (RFC 7662, SEMANTICS U-43): what a resource server is told of a token that it was shown.
// Never tells of a token that was not issued for the caller.

import type { Decision } from '../access/decision.ts';
import { methodAttributes } from '../access/method-attributes.ts';
import { findAccessToken } from './access-token.ts';
import { basicChallenge } from './challenge.ts';
import { type AuthenticatedClient, applicationOf, authenticateClient } from './client-authentication.ts';
import type { Answer, Context, Endpoint } from './endpoint.ts';
import { invalidRequest, NO_STORE, OAuthError } from './error.ts';
import { readForm } from './form.ts';
import { defineEndpoint } from './handling.ts';
import type { Grant, RefreshToken } from './port.ts';
import { endOfToken, faultOfRefresh, findRefreshToken } from './refresh-token.ts';
import { issuerOf } from './snapshot.ts';
import {
  type Alive,
  boundTold,
  type Dead,
  expiresFor,
  permissionsTold,
  releasedTo,
  reviewGranted,
  useToken,
} from './token-in-use.ts';
import { introspectionAnswer, sessionIndex } from './ubisecure.ts';
import { usernameOf } from './user-lookup.ts';

/** Answers `{"active":false}` and nothing else whatever the reason is (RFC 7662 2.2): the log has the reason. */
export const introspectionEndpoint: Endpoint = defineEndpoint('introspection', async (request, context, note) => {
  const form = readForm(request.form);
  const caller = await authenticateClient(request, form, context, note);
  if (caller.method === 'none') {
    // Anybody can be a public client: it could try tokens until one is alive (RFC 7662 4).
    throw new OAuthError({
      error: 'invalid_client',
      status: 401,
      description: 'CLIENT_IS_PUBLIC: A public client cannot introspect tokens',
      challenge: basicChallenge(issuerOf(context.snapshot)),
      floor: true,
    });
  }
  const token = form.get('token');
  if (token === undefined) throw invalidRequest('TOKEN_PARAMETER_MISSING');

  const used = await useFor(caller.client_id, token, context);
  const refresh = used.alive ? undefined : await refreshTokenOf(caller, token, context);
  if (refresh !== undefined) {
    note({ outcome: 'active', grant: refresh.grant.id, token_client_id: refresh.grant.client_id });
    return answer(refreshAnswer(refresh, context));
  }
  if (!used.alive) {
    note({ outcome: 'inactive', why: used.why });
    return answer({ active: false });
  }
  note({ outcome: 'active', jti: used.record.id, token_client_id: used.record.client_id });
  const told =
    request.family === 'ubisecure'
      ? introspectionAnswer(used, caller.client_id, {
          issuer: issuerOf(context.snapshot),
          method: methodAttributes(context.snapshot.index, used.decision),
          now: Math.floor(context.now / 1000),
          session_index: sessionIndex(context.random),
        })
      : standardAnswer(used, caller.client_id, issuerOf(context.snapshot));
  // Last: no value of a policy takes its place.
  return answer({ ...told, ...boundTold(used, context.snapshot) });
});

/** The token as the caller may see it. A hint is not read: a token is found by its own form (I-005). */
async function useFor(caller: string, text: string, context: Context): Promise<Alive | Dead> {
  const found = await findAccessToken(text, context);
  if (found === undefined) return { alive: false, why: 'unknown, expired or revoked' };
  const used = useToken(found, context.snapshot, context.now);
  if (used.alive && !used.decision.audiences.includes(caller)) {
    return { alive: false, why: 'the caller is no audience of the token' };
  }
  return used;
}

/** RFC 7662 2.2. What the token has no more is left out of `scope` and `aud`. */
function standardAnswer(used: Alive, caller: string, issuer: string): Record<string, unknown> {
  const { record, decision } = used;
  return {
    active: true,
    ...(decision.scopes.length === 0 ? {} : { scope: decision.scopes.join(' ') }),
    client_id: record.client_id,
    token_type: 'Bearer',
    exp: expiresFor(used, caller),
    iat: record.issued_at,
    sub: record.subject,
    aud: decision.audiences,
    iss: issuer,
    jti: record.id,
    ...(used.grant?.user === undefined ? {} : { username: usernameOf(used.grant.user) }),
    ...releasedTo(used, caller),
    ...permissionsTold(decision),
  };
}

type UsableRefresh = {
  readonly record: RefreshToken;
  readonly grant: Grant;
  readonly decision: Decision;
  readonly end: number;
};

/** A refresh token that its own client could use now (U-43, P:I-005): nobody else has a use for one. */
async function refreshTokenOf(
  caller: AuthenticatedClient,
  text: string,
  context: Context,
): Promise<UsableRefresh | undefined> {
  const found = await findRefreshToken(text, context);
  if (found === undefined || found.rotated_at !== undefined || found.grant.client !== caller.address) return undefined;
  const { record, grant } = found;
  const application = applicationOf(caller, context.snapshot);
  if ((await faultOfRefresh(found, application, context)) !== undefined) return undefined;
  const end = endOfToken(record, grant, application);
  const decision = reviewGranted({ ...grant, grant }, context.snapshot, context.now, 'refresh_token');
  return decision.allowed ? { record, grant, decision, end } : undefined;
}

/** Without token_type: that is of access tokens (RFC 7662 2.2). */
function refreshAnswer(
  { record, grant, decision, end }: UsableRefresh,
  { snapshot }: Context,
): Record<string, unknown> {
  return {
    active: true,
    ...(decision.scopes.length === 0 ? {} : { scope: decision.scopes.join(' ') }),
    client_id: grant.client_id,
    exp: end,
    iat: record.issued_at,
    sub: grant.subject,
    aud: grant.client_id,
    iss: issuerOf(snapshot),
    ...(grant.user === undefined ? {} : { username: usernameOf(grant.user) }),
  };
}

function answer(body: Record<string, unknown>): Answer {
  return { status: 200, headers: NO_STORE, body };
}
