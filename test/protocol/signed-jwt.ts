// Owns JWTs that tests write themselves: with the server's own key, with a stranger's, with none. Never judges one.

import { createHmac } from 'node:crypto';
import { importJWK, type JWK, SignJWT } from 'jose';
import type { SigningAlgorithm } from '../../src/model/entity.ts';
import { generateSigningKeys } from '../../src/oauth/keys.ts';
import type { SigningKey } from '../../src/oauth/port.ts';
import type { World } from './world.ts';

type Members = Readonly<Record<string, unknown>>;

/** Signed by a key of the server: what it would have said itself. */
export function signedByServer(world: World, claims: Members, header: Members = {}): Promise<string> {
  return signedBy(serverKey(world, 'ES256'), claims, { typ: 'at+jwt', ...header });
}

export function serverKey(world: World, alg: SigningAlgorithm): SigningKey {
  const key = world.snapshot().keys.find((one) => one.alg === alg);
  if (key === undefined) throw new Error(`the server has no key for ${alg}`);
  return key;
}

/** `header` replaces members of the protected header, `alg` and `kid` too. */
export async function signedBy(
  { kid, alg, jwk }: { readonly kid: string; readonly alg: string; readonly jwk: JWK },
  claims: Members,
  header: Members = {},
): Promise<string> {
  const key = await importJWK(jwk, alg);
  return new SignJWT(claims).setProtectedHeader({ alg, kid, ...header }).sign(key);
}

/** A key that the server does not know. */
export async function strangersKey(alg: SigningAlgorithm = 'ES256'): Promise<SigningKey> {
  const [key] = await generateSigningKeys(0, { algorithms: [alg] });
  if (key === undefined) throw new Error('no key was made');
  return key;
}

export function unsigned(claims: Members, header: Members = {}): string {
  return `${encoded({ alg: 'none', ...header })}.${encoded(claims)}.`;
}

/** HS256 with any bytes as its key, such as those of a public key (RFC 8725 2.1). */
export function macced(key: string | Buffer, claims: Members, header: Members = {}): string {
  const input = `${encoded({ alg: 'HS256', ...header })}.${encoded(claims)}`;
  return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
}

/** The same token with other claims under the signature that it has. */
export function withClaims(jwt: string, change: Members): string {
  const [header = '', payload = '', signature = ''] = jwt.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  return `${header}.${encoded({ ...claims, ...change })}.${signature}`;
}

function encoded(members: Members): string {
  return Buffer.from(JSON.stringify(members)).toString('base64url');
}
