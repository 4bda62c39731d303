// Owns what an access token says of the decision that gave it: all claims but iss, iat, exp, jti and gen, which belong
// to the issuing. The token endpoint, the tests of a spec and the plan's token diff all take it from here. Never signs.

import type { Decision, Permission } from './decision.ts';

export interface TokenClaims {
  readonly sub: string;
  readonly aud: readonly string[];
  readonly client_id: string;
  /** Values with spaces between; absent where there are none. */
  readonly scope?: string;
  /** Absent where the client has no permission scope. */
  readonly permissions?: readonly Permission[];
  /** What a policy releases, and `impersonates`. */
  readonly [name: string]: string | readonly string[] | readonly Permission[] | undefined;
}

/** By the names of RFC 9068 2.2, and the private claims behind them. */
export function tokenClaims({ subject, audiences, client_id, scopes, permissions, claims }: Decision): TokenClaims {
  const own = {
    sub: subject,
    aud: audiences,
    client_id,
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
    ...(permissions === undefined ? {} : { permissions }),
  };
  // Last, and again first: no value of a policy takes the place of what the token is.
  return { ...own, ...claims, ...own };
}
