// Owns the grant types that Charter decides, by their registered names, and which methods serve them. Never says which of
// them an endpoint serves.

import type { MethodType } from './entity.ts';

/** The grants by which a user lets a client act on the user's behalf (SEMANTICS algorithm B). */
export const GRANT_TYPES_WITH_USER: readonly string[] = ['authorization_code', 'implicit', 'password', 'refresh_token'];

/** All of them. By client_credentials a client acts as itself, or as the user that it impersonates (algorithm A). */
export const GRANT_TYPES: readonly string[] = ['client_credentials', ...GRANT_TYPES_WITH_USER];

/** Whether a method of a type serves a grant: a user logs in by any but a client's own, and sends a password by one of that type. */
export function methodServes(type: MethodType, grant_type: string): boolean {
  if (grant_type === 'client_credentials' || grant_type === 'password') return type === grant_type;
  return type !== 'client_credentials';
}
