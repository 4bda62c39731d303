// Owns whether a client asks its users for consent at all (SEMANTICS N-25, X-21). Never asks, and never what was remembered.

import type { ApplicationAddress } from '../model/address.ts';
import type { AccessIndex } from './access-index.ts';

/** Where nothing is written: a client that may have scopes of the catalogue. */
export function asksForConsent(index: AccessIndex, client: ApplicationAddress): boolean {
  return index.application(client)?.consent?.required ?? index.allowList(client).scopes.length > 0;
}
