// Owns what a JWK (RFC 7517) of a client can check, and whether it is one that never leaves its owner. Never checks a
// signature, and never puts a member's value into words.

import { createPublicKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { readCertificate } from './certificate.ts';
import type { AssertionAlgorithm } from './entity.ts';

/** Members of a JWK by their registered names. */
export interface Jwk {
  readonly [member: string]: unknown;
}

/** Of private RSA, EC and OKP keys, and of symmetric ones (RFC 7518 6.2.2, 6.3.2, 6.4; RFC 8037 2). */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] as const;

/** The first member that makes the key a secret; undefined of a public key. */
export function privateMember(jwk: Jwk): string | undefined {
  return PRIVATE_MEMBERS.find((name) => Object.hasOwn(jwk, name));
}

/** RFC 7518 3.3 and 3.5. */
const FEWEST_RSA_BITS = 2048;

/** The algorithms whose signatures the key can check, where it is public and what it says of itself lets it; none otherwise. */
export function algorithmsOf(jwk: Jwk): readonly AssertionAlgorithm[] {
  const { use, key_ops, alg } = jwk;
  if (privateMember(jwk) !== undefined || (use !== undefined && use !== 'sig')) return [];
  if (Array.isArray(key_ops) && !key_ops.includes('verify')) return [];
  const key = importKey(jwk);
  const fitting = key === undefined ? [] : fittingOf(key);
  return alg === undefined ? fitting : fitting.filter((one) => one === alg);
}

/** The certificate of the key, the first of its x5c (RFC 7517 4.7); undefined where it has none, or one of another key. */
export function certificateOfKey(jwk: Jwk): X509Certificate | undefined {
  const [first]: unknown[] = Array.isArray(jwk.x5c) ? jwk.x5c : [];
  if (typeof first !== 'string' || !/^[A-Za-z0-9+/]+={0,2}$/.test(first)) return undefined;
  const certificate = readCertificate(Buffer.from(first, 'base64'));
  const key = importKey(jwk);
  return certificate !== undefined && key?.equals(certificate.publicKey) === true ? certificate : undefined;
}

function importKey(jwk: Jwk): KeyObject | undefined {
  try {
    return createPublicKey({ key: { ...jwk }, format: 'jwk' });
  } catch {
    // A point off its curve, a member that lacks or is no base64url: whatever it is, it checks nothing.
    return undefined;
  }
}

function fittingOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): readonly AssertionAlgorithm[] {
  if (asymmetricKeyType === 'ed25519') return ['EdDSA'];
  if (asymmetricKeyType === 'ec') return asymmetricKeyDetails?.namedCurve === 'prime256v1' ? ['ES256'] : [];
  if (asymmetricKeyType !== 'rsa') return [];
  return (asymmetricKeyDetails?.modulusLength ?? 0) >= FEWEST_RSA_BITS ? ['RS256', 'PS256'] : [];
}
