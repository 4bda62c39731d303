// Owns the proof key for code exchange (RFC 7636): what a challenge may look like, and whether a verifier fits one.
// Never decides who has to use it.

import { createHash, timingSafeEqual } from 'node:crypto';
import type { AuthorizationCode } from './port.ts';

type Challenge = NonNullable<AuthorizationCode['code_challenge']>;

/** SHA-256 in base64url without padding (RFC 7636 4.2). */
const S256_CHALLENGE = /^[A-Za-z0-9_-]{43}$/;
/** 43 to 128 unreserved characters (RFC 7636 4.1). */
const VERIFIER = /^[A-Za-z0-9\-._~]{43,128}$/;

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
  return createHash('sha256').update(verifier, 'ascii').digest('base64url');
}
