// Owns signing keys: how new ones are made and how one signs. Never keeps them (KeyStore) and never chooses one.

import { createPrivateKey, generateKeyPair, type KeyObject, sign } from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from '../model/entity.ts';
import type { Signer, SigningKey } from './port.ts';

/** Seconds: what tokens live at least, as far as it is known when a key is made (`longest_ttl`). */
const SHORTEST_DUTY = 3600;

/**
 * A new key for each of the algorithms, made on the thread pool. `now` and `active_from`, which is now where it is not given, in
 * milliseconds since the epoch.
 */
export async function generateSigningKeys(
  now: number,
  {
    algorithms = SIGNING_ALGORITHMS,
    active_from = now,
  }: { algorithms?: readonly SigningAlgorithm[]; active_from?: number } = {},
): Promise<SigningKey[]> {
  return Promise.all(
    algorithms.map(async (alg) => {
      const { kid, jwk } = await generateNameable(alg);
      return { kid, alg, jwk, created_at: now, active_from, longest_ttl: SHORTEST_DUTY };
    }),
  );
}

/** A key whose kid may stand in a command line: one that begins with a dash would be an option there. */
async function generateNameable(alg: SigningAlgorithm): Promise<Pick<SigningKey, 'kid' | 'jwk'>> {
  for (;;) {
    const jwk = (await generatePrivateKey(alg)).export({ format: 'jwk' }) as JWK;
    // RFC 7638: the same key has the same kid wherever it is computed.
    const kid = await calculateJwkThumbprint(jwk);
    if (!kid.startsWith('-')) return { kid, jwk };
  }
}

function generatePrivateKey(alg: SigningAlgorithm): Promise<KeyObject> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, _public: KeyObject, privateKey: KeyObject) =>
      error ? reject(error) : resolve(privateKey);
    switch (alg) {
      case 'ES256':
        return generateKeyPair('ec', { namedCurve: 'P-256' }, done);
      case 'RS256':
        return generateKeyPair('rsa', { modulusLength: 2048 }, done);
      case 'EdDSA':
        return generateKeyPair('ed25519', {}, done);
    }
  });
}

/** Signs with node:crypto. Keys are imported once, and forgotten with the list that had them; `keys` are imported at once. */
export function signerOf(keys: readonly SigningKey[] = []): Signer {
  const imported = new WeakMap<SigningKey, KeyObject>();
  const importKey = (key: SigningKey): KeyObject => {
    const known = imported.get(key) ?? createPrivateKey({ key: key.jwk, format: 'jwk' });
    imported.set(key, known);
    return known;
  };
  for (const key of keys) importKey(key);
  return { sign: (key, input) => signWith(importKey(key), key.alg, Buffer.from(input, 'ascii')) };
}

function signWith(key: KeyObject, alg: SigningAlgorithm, data: Buffer): Uint8Array | Promise<Uint8Array> {
  switch (alg) {
    case 'ES256':
      // A bare KeyObject: the form that names a dsaEncoding costs twice as much on newer Nodes.
      return joseSignature(sign('sha256', data, key));
    case 'EdDSA':
      return sign(null, data, key);
    case 'RS256':
      // Ten times as dear as the others: worth the way to the thread pool.
      return new Promise((resolve, reject) => {
        sign('sha256', data, key, (error, signature) => (error ? reject(error) : resolve(signature)));
      });
  }
}

const P256_BYTES = 32;

/** r‖s of an ASN.1 `SEQUENCE { INTEGER r, INTEGER s }` on P-256, whose lengths all fit in one octet (RFC 7518 3.4). */
function joseSignature(der: Uint8Array): Uint8Array {
  const signature = new Uint8Array(2 * P256_BYTES);
  let start = 2;
  for (const end of [P256_BYTES, 2 * P256_BYTES]) {
    const length = der[start + 1] ?? 0;
    const integer = der.subarray(start + 2, start + 2 + length);
    // A leading zero only keeps the sign; a short integer is padded on the left.
    const digits = integer.subarray(Math.max(0, integer.length - P256_BYTES));
    signature.set(digits, end - digits.length);
    start += 2 + length;
  }
  return signature;
}
