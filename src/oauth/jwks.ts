// Owns the published form of the signing keys (RFC 7517). Never lets a private member out.

import type { JWK } from 'jose';
import type { Snapshot } from './snapshot.ts';

/** The public members of RSA, EC and OKP keys; whatever else a JWK holds is private or not for others (RFC 7518 6). */
const PUBLIC_MEMBERS = ['kty', 'crv', 'x', 'y', 'n', 'e'] as const;

/** The public half of a key, by naming what may leave rather than what may not. */
export function publicPart(jwk: JWK): JWK {
  return Object.fromEntries(
    PUBLIC_MEMBERS.flatMap((member) => (jwk[member] === undefined ? [] : [[member, jwk[member]]])),
  ) as unknown as JWK;
}

/** The JWK Set of keys, as jwks_uri serves it: each with kid, use and alg. */
export function publicKeys({ keys }: Pick<Snapshot, 'keys'>): { readonly keys: readonly JWK[] } {
  return { keys: keys.map(({ kid, alg, jwk }) => ({ ...publicPart(jwk), kid, use: 'sig', alg })) };
}
