// Owns when a user has to be asked before a client acts (SEMANTICS N-25, X-21; OpenID Connect Core 3.1.2.4, 11; RFC 8252 8.6),
// and what is remembered of the answer. Never asks.

import { asksForConsent } from '../access/consent.ts';
import type { Decision } from '../access/decision.ts';
import type { AuthorizationRequest } from './authorization-request.ts';
import type { Context } from './endpoint.ts';
import type { Consent } from './port.ts';
import { isAssured } from './redirection.ts';
import { outlives } from './token-in-use.ts';

export interface ConsentNeed {
  readonly isNeeded: boolean;
  /** Whether offline_access may be granted without asking: the user allowed it before. */
  readonly allowsOffline: boolean;
}

/** `isSilent`: the user has seen no page of this request yet. */
export async function consentNeed(
  request: AuthorizationRequest,
  decision: Decision,
  isSilent: boolean,
  context: Context,
): Promise<ConsentNeed> {
  const { application } = request.target;
  const remembered = await rememberedScopes(decision, application.consent?.remember === true, context);
  const isRemembered = remembered !== undefined && decision.scopes.every((scope) => remembered.includes(scope));
  const isStranger =
    application.metadata?.token_endpoint_auth_method === 'none' && !isAssured(request.target.redirect_uri);
  return {
    isNeeded:
      request.prompt.has('consent') ||
      (asksForConsent(context.snapshot.index, request.target.client) && !isRemembered) ||
      // Nobody vouches for who gets the answer, so somebody has to have looked (RFC 8252 8.6, RFC 6749 10.2).
      (isStranger && isSilent),
    allowsOffline: isRemembered,
  };
}

async function rememberedScopes(
  { user, client }: Decision,
  remembers: boolean,
  { grants, snapshot }: Context,
): Promise<readonly string[] | undefined> {
  if (user === undefined || !remembers) return undefined;
  const kept = await grants.findConsent(user, client);
  return kept !== undefined && outlives(kept, user, snapshot) && outlives(kept, client, snapshot)
    ? kept.scopes
    : undefined;
}

/** Keeps what was allowed, with what was before, where the application has that remembered. */
export async function rememberConsent(
  request: AuthorizationRequest,
  decision: Decision,
  { snapshot, grants, now }: Context,
): Promise<void> {
  const { user, client, scopes } = decision;
  if (user === undefined || request.target.application.consent?.remember !== true) return;
  const before = await rememberedScopes(decision, true, { snapshot, grants } as Context);
  const consent: Consent = {
    user,
    client,
    scopes: [...new Set([...(before ?? []), ...scopes])],
    generation: snapshot.generation,
    granted_at: Math.floor(now / 1000),
  };
  await grants.keepConsent(consent);
}
