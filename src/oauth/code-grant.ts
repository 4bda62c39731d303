// Owns the authorization code grant at the token endpoint (RFC 6749 4.1.3, RFC 7636 4.6, SEMANTICS N-21): whose code it is, that
// it is used once, and what it gives. Never issues a code.

import { admitRequest } from '../access/user-grant.ts';
import { refreshSettings, scopeValues } from '../model/settings.ts';
import { applicationOf } from './client-authentication.ts';
import type { Answer } from './endpoint.ts';
import { invalidGrant, invalidRequest } from './error.ts';
import { makeTokens, newGrant, noteIssued, rowsOf, tokenAnswer } from './issue.ts';
import { hashOf, TEXT_SHAPE } from './opaque.ts';
import { fitsChallenge, needsChallenge } from './pkce.ts';
import type { AuthorizationCode, FoundCode } from './port.ts';
import { isRegistered } from './redirection.ts';
import { refused } from './refused.ts';
import type { TokenRequest } from './token.ts';
import { orphanedBy, reviewGranted } from './token-in-use.ts';

export async function grantByCode(request: TokenRequest): Promise<Answer> {
  const { client, form, asked, context } = request;
  const { snapshot, grants, now } = context;
  const text = form.get('code');
  if (text === undefined) throw invalidRequest('CODE_MISSING');
  const question = { client: client.address, grant_type: 'authorization_code', scope: undefined };
  const admitted = admitRequest(snapshot.index, question, now);
  if ('allowed' in admitted) throw refused(admitted);

  const hash = hashOf(text);
  const code = TEXT_SHAPE.test(text) ? await grants.findCode(hash) : undefined;
  if (code === undefined) throw invalidGrant('CODE_INVALID', 'unknown');
  const wrong = faultOfCode(code, request);
  if (wrong !== undefined) throw invalidGrant('CODE_INVALID', wrong);
  const { metadata = {} } = applicationOf(client, snapshot);
  // RFC 6749 4.1.3: what was sent there has to be said again. Where none was, one that is said is at least the client's.
  const redirect_uri = form.get('redirect_uri');
  const isSame =
    code.redirect_uri === undefined
      ? redirect_uri === undefined || isRegistered(metadata, redirect_uri, now)
      : code.redirect_uri === redirect_uri;
  if (!isSame) throw invalidGrant('CODE_REDIRECT_URI_MISMATCH');
  if (!fitsChallenge(code.code_challenge, form.get('code_verifier'))) throw invalidGrant('CODE_VERIFIER_MISMATCH');
  // OAuth 2.1 4.1.3: one that was issued before a challenge was required of its client is protected by nothing.
  const isBare =
    code.code_challenge === undefined && needsChallenge(metadata, scopeValues(code.requested_scope), asked.family);
  if (isBare) throw invalidGrant('CODE_VERIFIER_MISMATCH', 'issued without a challenge');
  return redeem(hash, code, request);
}

/** Why a code is none for this client; for the log. */
function faultOfCode(code: FoundCode, { client, context }: TokenRequest): string | undefined {
  if (code.client !== client.address) return 'issued to another client';
  // One that was redeemed is judged by the store, however old it is: what came from it may live on (RFC 6749 4.1.2).
  if (code.redeemed !== true && context.now >= code.expires_at * 1000) return 'expired';
  return orphanedBy(code, context.snapshot);
}

async function redeem(hash: string, code: AuthorizationCode, { client, context, note }: TokenRequest): Promise<Answer> {
  const { snapshot, grants, now } = context;
  const application = applicationOf(client, snapshot);
  const { audiences, scopes, user, method, nonce, bound_ip } = code;
  // What was decided at the authorization endpoint, as far as it still holds.
  const approved = { user, method, bound_ip, grant_type: 'authorization_code' };
  const decision = reviewGranted({ client: client.address, audiences, scopes, grant: approved }, snapshot, now);
  if (!decision.allowed) throw refused(decision);

  const refreshToken = refreshSettings(application).enabled;
  // As the user allowed it: what is lost today may be back tomorrow, and it is never more (RFC 9700 4.14.2).
  const beginning = {
    ...approved,
    grant_type: 'authorization_code',
    login: code,
    allowed: { audiences, scopes },
  } as const;
  const grant = newGrant(decision, beginning, refreshToken, application, context);
  const idToken = decision.scopes.includes('openid');
  const tokens = await makeTokens(
    { decision, application, grant, accessToken: true, refreshToken, idToken, nonce },
    context,
  );
  const outcome = await grants.redeemCode(hash, rowsOf(tokens, grant));
  if (outcome !== 'redeemed') {
    // By now it is clear that it was this client's, with its verifier: somebody has copied it.
    if (outcome === 'replayed') note({ security: 'a code was replayed: its grant was revoked' });
    throw invalidGrant('CODE_INVALID', outcome);
  }
  noteIssued(tokens, grant, decision, context, note);
  return tokenAnswer(tokens, decision);
}
