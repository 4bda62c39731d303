// Owns what an access token says of the decision that gave it: all claims but iss, iat, exp, jti and gen, which belong
// to the issuing. The token endpoint, the tests of a spec and the plan's token diff all take it from here. Never signs.

import type { Decision } from './decision.ts';

export interface TokenClaims {
  readonly sub: string;
  readonly aud: readonly string[];
  readonly client_id: string;
  /** Values with spaces between; absent where there are none. */
  readonly scope?: string;
  /** `Site/Name` of the user as whom the client acts. */
  readonly impersonates?: string;
}

/** By the names of RFC 9068 2.2, and the private claims. */
export function tokenClaims({ subject, audiences, client_id, scopes, claims }: Decision): TokenClaims {
  return {
    sub: subject,
    aud: audiences,
    client_id,
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
    ...claims,
  };
}
