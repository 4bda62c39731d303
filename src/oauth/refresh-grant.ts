// Owns the refresh token grant at the token endpoint (RFC 6749 6, RFC 9700 4.14.2, SEMANTICS N-30…N-33, U-51, A-20): whose token it
// is, that it is used once, and what is left of its Grant today. Never issues the first refresh token of a Grant.

import { isScopeOf } from '../access/access-index.ts';
import type { Decision } from '../access/decision.ts';
import { admitRequest } from '../access/user-grant.ts';
import type { ApplicationEntity } from '../model/entity.ts';
import { refreshSettings, scopeValues } from '../model/settings.ts';
import { applicationOf } from './client-authentication.ts';
import type { Answer } from './endpoint.ts';
import { describe, invalidGrant, invalidRequest, OAuthError, type RequestReason } from './error.ts';
import { type IssuedTokens, makeTokens, noteIssued, tokenAnswer } from './issue.ts';
import { hashOf, seal, unseal } from './opaque.ts';
import type { Grant } from './port.ts';
import { faultOfRefresh, findRefreshToken } from './refresh-token.ts';
import { refused } from './refused.ts';
import type { TokenRequest } from './token.ts';
import { reviewGranted } from './token-in-use.ts';

export async function grantByRefreshToken(request: TokenRequest): Promise<Answer> {
  const { client, form, context } = request;
  const { snapshot, now } = context;
  const text = form.get('refresh_token');
  if (text === undefined) throw invalidRequest('REFRESH_TOKEN_MISSING');
  const question = { client: client.address, grant_type: 'refresh_token', scope: undefined };
  const admitted = admitRequest(snapshot.index, question, now);
  if ('allowed' in admitted) throw refused(admitted);

  const found = await findRefreshToken(text, context);
  if (found === undefined) throw invalidGrant('REFRESH_TOKEN_INVALID', 'unknown');
  // RFC 6749 10.4. The token of another client is left alone: who found it cannot end it.
  if (found.grant.client !== client.address) throw invalidGrant('REFRESH_TOKEN_INVALID', 'issued to another client');
  const application = applicationOf(client, snapshot);
  const wrong = await faultOfRefresh(found, application, context);
  if (wrong !== undefined) throw wrong;
  // A request that the store cannot take as a repeated one is a reuse, whatever scope it asks for.
  if (found.rotated_at !== undefined && now >= found.rotated_at + graceOf(application)) {
    await context.grants.endGrant(found.grant.id);
    throw reused(found.grant, request);
  }
  return rotate(text, found.grant, decide(found.grant, request), application, request);
}

/** What today's access gives of what is asked for: never more than was granted (N-33). */
function decide(grant: Grant, { client, form, context }: TokenRequest): Decision {
  const { snapshot, now } = context;
  const asked = askedScopes(form.get('scope'), grant);
  const wider = asked.find((value) => !grant.scopes.includes(value));
  if (wider !== undefined) throw wrongScope('SCOPE_NOT_GRANTED', wider);
  const scopes = asked.length === 0 ? grant.scopes : grant.scopes.filter((value) => asked.includes(value));
  const allowList = snapshot.index.allowList(client.address);
  const isListed = (value: string) =>
    isScopeOf(allowList, value) || allowList.audiences.has(value) || value === client.client_id;
  const withdrawn = scopes.find((value) => !isListed(value));
  if (withdrawn !== undefined) throw wrongScope('SCOPE_WITHDRAWN', withdrawn);
  // The servers are named among the scopes that were granted; the client itself may always be asked.
  const audiences = grant.audiences.filter((audience) => audience === grant.client_id || scopes.includes(audience));
  const decision = reviewGranted({ client: client.address, audiences, scopes, grant }, snapshot, now, 'refresh_token');
  if (!decision.allowed) throw refused(decision);
  return decision;
}

/**
 * Clients repeat at each refresh what they asked the authorization endpoint for. offline_access that was ignored there is ignored
 * here too (OpenID Connect Core 11), unless nothing else is asked for.
 */
function askedScopes(scope: string | undefined, grant: Grant): readonly string[] {
  const named = scopeValues(scope);
  const asked = named.filter((value) => value !== 'offline_access' || grant.scopes.includes(value));
  return asked.length === 0 ? named : asked;
}

function wrongScope(code: RequestReason, value: string): OAuthError {
  return new OAuthError({ error: 'invalid_scope', description: describe(code, value) });
}

async function rotate(
  text: string,
  grant: Grant,
  decision: Decision,
  application: ApplicationEntity,
  request: TokenRequest,
): Promise<Answer> {
  const { context, note } = request;
  const { grants, random, now } = context;
  const idToken = decision.scopes.includes('openid');
  const tokens = await makeTokens(
    { decision, application, grant, accessToken: true, refreshToken: true, idToken },
    context,
  );
  const { refresh, access } = tokens;
  if (refresh === undefined) throw new Error('a refresh token was asked for and not made');
  const sealed = seal(refresh.text, text, random);
  const grace = graceOf(application);
  const outcome = await grants.rotateRefreshToken(hashOf(text), { ...refresh.kept, sealed }, access?.kept, {
    now,
    grace,
  });
  switch (outcome.kind) {
    case 'unknown':
      throw invalidGrant('REFRESH_TOKEN_INVALID', 'ended meanwhile');
    case 'reused':
      throw reused(grant, request);
    case 'repeated': {
      // The answer to the first use may have been lost: the same successor again, which only this token opens.
      const given: IssuedTokens = { ...tokens, refresh: { ...refresh, text: unseal(outcome.sealed, text) } };
      note({ repeated: true });
      noteIssued(given, grant, decision, context, note);
      return tokenAnswer(given, decision);
    }
    case 'rotated':
      noteIssued(tokens, grant, decision, context, note);
      return tokenAnswer(tokens, decision);
  }
}

/** Milliseconds. */
function graceOf(application: ApplicationEntity): number {
  return refreshSettings(application).grace * 1000;
}

/** Of a Grant that has been ended for it (RFC 9700 4.14.2). */
function reused({ id, user }: Grant, { note }: TokenRequest): OAuthError {
  note({ security: 'a refresh token was used again: its grant was revoked', grant: id, user });
  return invalidGrant('REFRESH_TOKEN_REUSED');
}
