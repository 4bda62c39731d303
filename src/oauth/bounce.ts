// Owns the way round of a form that another site sent: the same by GET, which brings the cookies that are SameSite=Lax
// (P:C-072). Never looks at what the form says.

import type { Answer } from './endpoint.ts';
import { describe, NO_STORE, OAuthError } from './error.ts';

/** Characters. Longer than what a browser or a proxy takes as a URL. */
const LONGEST_QUERY = 8000;

/** `query` is form-encoded. Throws 413 where it would be cut on the way. */
export function bounce(endpoint: string, query: string): Answer {
  if (query.length > LONGEST_QUERY) {
    throw new OAuthError({ error: 'invalid_request', status: 413, description: describe('BODY_TOO_LARGE') });
  }
  return { status: 303, headers: { ...NO_STORE, Location: `${endpoint}?${query}` }, body: undefined };
}
