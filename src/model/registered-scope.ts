// Owns which scopes mean something without an entry in the catalogue. Never who may ask for one.

import { PROTOCOL_SCOPES, STANDARD_SCOPES } from './entity.ts';

/** Those of the protocols, which are always legal, and those of OpenID Connect, which a client lists. */
export const REGISTERED_SCOPES: readonly string[] = [...PROTOCOL_SCOPES, ...STANDARD_SCOPES];

export function isRegisteredScope(value: string): boolean {
  return REGISTERED_SCOPES.includes(value);
}

const standardScopes: ReadonlySet<string> = new Set(STANDARD_SCOPES);

/** Whether a scope is one of OpenID Connect that a client lists: given by name, without an entry in the catalogue. */
export function isStandardScope(value: string): boolean {
  return standardScopes.has(value);
}
