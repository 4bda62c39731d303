// Owns the signed form of our own JWTs: made with a key of the snapshot, checked against the keys of the snapshot.
// Never knows what the claims mean.

import { createPublicKey, type KeyObject } from 'node:crypto';
import { errors, type JWTHeaderParameters, type JWTPayload, jwtVerify } from 'jose';
import { SIGNING_ALGORITHMS } from '../model/entity.ts';
import { type BoundedCache, boundedCache } from './bounded-cache.ts';
import { publicPart } from './jwks.ts';
import { hashOf } from './opaque.ts';
import type { Signer, SigningKey } from './port.ts';
import { issuerOf, type Snapshot } from './snapshot.ts';

/** Signs claims in the order in which they stand. All but the signature is determined by the arguments. */
export function signJwt(
  claims: Readonly<Record<string, unknown>>,
  key: SigningKey,
  typ: string,
  signer: Signer,
): Promise<string> {
  return signPayload(JSON.stringify(claims), key, typ, signer);
}

/** The same of claims that are JSON already. */
export async function signPayload(claims: string, key: SigningKey, typ: string, signer: Signer): Promise<string> {
  const input = `${protectedHeader(key, typ)}.${Buffer.from(claims).toString('base64url')}`;
  const signature = await signer.sign(key, input);
  return `${input}.${Buffer.from(signature).toString('base64url')}`;
}

/** Encoded once for each key and typ: it is the same on every token. */
const headers = new WeakMap<SigningKey, Map<string, string>>();

function protectedHeader(key: SigningKey, typ: string): string {
  const known = headers.get(key) ?? new Map<string, string>();
  headers.set(key, known);
  const header =
    known.get(typ) ?? Buffer.from(JSON.stringify({ alg: key.alg, typ, kid: key.kid })).toString('base64url');
  known.set(typ, header);
  return header;
}

/** The types of access tokens, in both forms that they are issued with (settings.ts), whatever the settings are by now. */
export const ACCESS_TOKEN_TYPES: ReadonlySet<string> = new Set(['at+jwt', 'JWT']);
export const ID_TOKEN_TYPES: ReadonlySet<string> = new Set(['JWT']);

/**
 * The claims of a JWT that this issuer signed as one of these types; undefined for any other text, and for one that has
 * expired by `now` (milliseconds since the epoch; undefined takes expired ones too).
 * The algorithm is that of the key, never the header's choice (RFC 8725 3.1).
 */
export async function verifyJwt(
  text: string,
  types: ReadonlySet<string>,
  snapshot: Snapshot,
  now: number | undefined,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const { keys, seen } = verificationOf(snapshot.keys);
  const hash = hashOf(text);
  const known = seen.get(hash);
  if (known !== undefined) return isGood(known, types, snapshot, now) ? known.payload : undefined;
  if (!JWT_SHAPE.test(text) || !text.split('.').every(isCanonical)) return undefined;
  const findKey = ({ kid, alg, typ }: JWTHeaderParameters): KeyObject => {
    const found = kid === undefined ? undefined : keys.get(kid);
    if (found === undefined || found.alg !== alg || typ === undefined || !types.has(typ)) {
      throw new errors.JWKSNoMatchingKey();
    }
    return found.key;
  };
  try {
    const { payload, protectedHeader } = await jwtVerify(text, findKey, {
      issuer: issuerOf(snapshot),
      algorithms: [...SIGNING_ALGORITHMS],
      requiredClaims: ['exp'],
      currentDate: new Date(now ?? 0),
    });
    // What begins later is asked about anew each time: we issue none.
    if (payload.nbf === undefined) seen.set(hash, { payload, typ: protectedHeader.typ ?? '' });
    return payload;
  } catch (thrown) {
    if (thrown instanceof errors.JOSEError) return undefined;
    throw thrown;
  }
}

const JWT_SHAPE = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/** Whether no other text decodes to the same bytes (RFC 4648 3.5): a token has one text. */
function isCanonical(part: string): boolean {
  return Buffer.from(part, 'base64url').toString('base64url') === part;
}

/** A JWT whose signature was found right. */
interface Verified {
  readonly payload: JWTPayload;
  readonly typ: string;
}

/** All that is asked of a JWT beside its signature. */
function isGood(
  { payload, typ }: Verified,
  types: ReadonlySet<string>,
  snapshot: Snapshot,
  now: number | undefined,
): boolean {
  const isOver = now !== undefined && (payload.exp ?? 0) <= Math.floor(now / 1000);
  return types.has(typ) && payload.iss === issuerOf(snapshot) && !isOver;
}

/** JWTs whose signatures are remembered: who calls an API sends the same one again and again. */
const SEEN = 5000;

interface Verification {
  readonly keys: ReadonlyMap<string, { readonly alg: string; readonly key: KeyObject }>;
  /** By the hash of the text, so that no token is kept. */
  readonly seen: BoundedCache<Verified>;
}

/** Made once for each snapshot's list of keys: with a key goes what it signed. */
const made = new WeakMap<readonly SigningKey[], Verification>();

function verificationOf(list: readonly SigningKey[]): Verification {
  const known = made.get(list);
  if (known !== undefined) return known;
  const keys = new Map(
    list.map(({ kid, alg, jwk }) => [kid, { alg, key: createPublicKey({ key: publicPart(jwk), format: 'jwk' }) }]),
  );
  const fresh = { keys, seen: boundedCache<Verified>(SEEN) };
  made.set(list, fresh);
  return fresh;
}
