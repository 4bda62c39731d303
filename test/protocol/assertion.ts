// Owns clients that prove who they are by a signed assertion (RFC 7523): their keys, what they register, what they send.
// Never sends it.

import { randomUUID } from 'node:crypto';
import { publicPart } from '../../src/oauth/jwks.ts';
import type { SigningKey } from '../../src/oauth/port.ts';
import { macced, signedBy } from './signed-jwt.ts';
import { SECRET, type Spec } from './spec.ts';
import type { World } from './world.ts';

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** What a client publishes of its key. */
export function publicJwk({ kid, jwk }: Pick<SigningKey, 'kid' | 'jwk'>): Spec {
  return { ...publicPart(jwk), kid };
}

/** An application that may use client_credentials, and authenticates by what `metadata` says. */
export function machine(metadata: Spec, more: Spec = {}): Spec {
  return {
    methods: ['client.credentials.1'],
    allowed_to: ['Batch'],
    metadata: { grant_types: ['client_credentials'], scope: 'notes', ...metadata },
    ...more,
  };
}

/** The claims of a good assertion of a client, with these in the place of others; undefined leaves one out. */
export function assertionClaims(world: World, client_id: string, change: Spec = {}): Spec {
  const now = Math.floor(world.now() / 1000);
  const { issuer } = world;
  return { iss: client_id, sub: client_id, aud: issuer, iat: now, exp: now + 60, jti: randomUUID(), ...change };
}

/** The parameters that carry an assertion. */
export function carried(client_assertion: string): Record<string, string> {
  return { client_assertion_type: ASSERTION_TYPE, client_assertion };
}

/** By a private key: of private_key_jwt. */
export async function signedAssertion(
  world: World,
  client_id: string,
  key: Pick<SigningKey, 'kid' | 'alg' | 'jwk'>,
  change: Spec = {},
  header: Spec = {},
): Promise<Record<string, string>> {
  return carried(await signedBy(key, assertionClaims(world, client_id, change), header));
}

/** By the secret: of client_secret_jwt. */
export function maccedAssertion(
  world: World,
  client_id: string,
  change: Spec = {},
  { secret = SECRET, header = {} }: { secret?: string; header?: Spec } = {},
): Record<string, string> {
  return carried(macced(secret, assertionClaims(world, client_id, change), header));
}
