// Owns the proof key for code exchange (RFC 7636): who has to use it, what a challenge may look like, and whether a verifier
// fits one. Never reads a request.

import { hash, timingSafeEqual } from 'node:crypto';
import type { ClientMetadata } from '../model/entity.ts';
import type { Family } from './endpoint.ts';
import type { AuthorizationCode } from './port.ts';

type Challenge = NonNullable<AuthorizationCode['code_challenge']>;

/** SHA-256 in base64url without padding (RFC 7636 4.2). */
const S256_CHALLENGE = /^[A-Za-z0-9_-]{43}$/;
/** 43 to 128 unreserved characters (RFC 7636 4.1). */
const VERIFIER = /^[A-Za-z0-9\-._~]{43,128}$/;

/**
 * A public client always (RFC 9700 2.1.1), and a confidential one that says so. One that says nothing may do without in OpenID
 * Connect, whose nonce binds the code as well, and on the paths of a replaced system, whose clients know no PKCE. `asked` are the
 * values of the scope parameter.
 */
export function needsChallenge(metadata: ClientMetadata, asked: readonly string[], family: Family): boolean {
  const { token_endpoint_auth_method, code_challenge_method } = metadata;
  if (token_endpoint_auth_method === 'none') return true;
  if (code_challenge_method !== undefined) return code_challenge_method !== 'none';
  return family === 'base' && !asked.includes('openid');
}

export function isChallenge(method: Challenge['method'], value: string): boolean {
  return (method === 'S256' ? S256_CHALLENGE : VERIFIER).test(value);
}

/** Whether the verifier is the one of the challenge. Without a challenge there must be none: it was taken out (RFC 9700 4.8.2). */
export function fitsChallenge(challenge: Challenge | undefined, verifier: string | undefined): boolean {
  if (challenge === undefined || verifier === undefined) return challenge === undefined && verifier === undefined;
  if (!VERIFIER.test(verifier)) return false;
  const computed = challenge.method === 'S256' ? s256(verifier) : verifier;
  return (
    computed.length === challenge.value.length && timingSafeEqual(Buffer.from(computed), Buffer.from(challenge.value))
  );
}

function s256(verifier: string): string {
  return hash('sha256', verifier, 'base64url');
}
