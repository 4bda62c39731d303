// Owns reading an ID token that comes back as a hint (OpenID Connect Core 3.1.2.1, RP-Initiated Logout 2). Expired ones count,
// foreign ones never do.

import { ID_TOKEN_TYPES, verifyJwt } from './jwt.ts';
import type { Snapshot } from './snapshot.ts';

export interface IdTokenHint {
  readonly sub: string;
  /** The client that it was issued to. */
  readonly client_id: string;
  readonly sid: string | undefined;
}

/** Undefined for everything that is no ID token of this issuer. */
export async function readIdTokenHint(text: string, snapshot: Snapshot): Promise<IdTokenHint | undefined> {
  const claims = await verifyJwt(text, ID_TOKEN_TYPES, snapshot, undefined);
  if (claims === undefined) return undefined;
  const { sub, aud, sid, gen } = claims;
  // An access token may have the same type: it has a generation, and a list of audiences.
  if (typeof sub !== 'string' || typeof aud !== 'string' || gen !== undefined) return undefined;
  return { sub, client_id: aud, sid: typeof sid === 'string' ? sid : undefined };
}
