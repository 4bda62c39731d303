// Owns the warning about tokens that would be bound to a user's address where no user is (SEMANTICS A-19). Never about addresses.

import { GRANT_TYPES_WITH_USER } from '../model/grant-type.ts';
import type { Bound } from './bind.ts';
import type { Tell } from './check-effects.ts';
import { bound } from './entities.ts';
import { SharedPlaces } from './shared-places.ts';

const POINTER = '/bind_token_ip';

export function checkTokenIp(all: Bound, tell: Tell): void {
  const shared = new SharedPlaces(all, tell);
  for (const [address, { bind_token_ip, metadata }] of bound(all, 'application')) {
    if (bind_token_ip !== true) continue;
    if (metadata?.grant_types?.some(letsUsersIn)) shared.works(address, POINTER);
    else {
      const detail = 'no user lets this application act by any of its grants, so there is no browser to bind to';
      shared.fails('token-ip.no-effect', address, POINTER, detail, 'Remove it, or list a grant with a user.');
    }
  }
  shared.end();
}

/** A refresh goes on with what another grant began. */
function letsUsersIn(grant: string): boolean {
  return grant !== 'refresh_token' && GRANT_TYPES_WITH_USER.includes(grant);
}
