// Owns how a refusal of access is told at the token endpoint (RFC 6749 5.2). Never decides one.

import type { Refusal } from '../access/decision.ts';
import { OAuthError } from './error.ts';

/** The client is authenticated by now, so it may be told which link is missing. */
export function refused({ error, description, missing }: Refusal): OAuthError {
  return new OAuthError({
    // RFC 6749 5.2: what a redirect would call access_denied.
    error: error === 'access_denied' ? 'invalid_grant' : error,
    description,
    detail: missing === undefined ? undefined : `missing at ${missing.address} ${missing.pointer}`,
  });
}
