// Owns the signed form of our own JWTs: made with a key of the snapshot, checked against the keys of the snapshot.
// Never knows what the claims mean.

import { createPublicKey, type KeyObject } from 'node:crypto';
import { errors, type JWTHeaderParameters, jwtVerify } from 'jose';
import { SIGNING_ALGORITHMS } from '../model/entity.ts';
import { publicPart } from './jwks.ts';
import type { Signer, SigningKey } from './port.ts';
import { issuerOf, type Snapshot } from './snapshot.ts';

/** Signs claims in the order in which they stand. All but the signature is determined by the arguments. */
export async function signJwt(
  claims: Readonly<Record<string, unknown>>,
  key: SigningKey,
  typ: string,
  signer: Signer,
): Promise<string> {
  const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
  const input = `${protectedHeader(key, typ)}.${payload}`;
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
  const keys = verificationKeys(snapshot.keys);
  const findKey = ({ kid, alg, typ }: JWTHeaderParameters): KeyObject => {
    const found = kid === undefined ? undefined : keys.get(kid);
    if (found === undefined || found.alg !== alg || typ === undefined || !types.has(typ)) {
      throw new errors.JWKSNoMatchingKey();
    }
    return found.key;
  };
  try {
    const { payload } = await jwtVerify(text, findKey, {
      issuer: issuerOf(snapshot),
      algorithms: [...SIGNING_ALGORITHMS],
      requiredClaims: ['exp'],
      currentDate: new Date(now ?? 0),
    });
    return payload;
  } catch (thrown) {
    if (thrown instanceof errors.JOSEError) return undefined;
    throw thrown;
  }
}

type VerificationKeys = ReadonlyMap<string, { readonly alg: string; readonly key: KeyObject }>;

/** Imported once for each snapshot's list of keys. */
const imported = new WeakMap<readonly SigningKey[], VerificationKeys>();

function verificationKeys(keys: readonly SigningKey[]): VerificationKeys {
  const known = imported.get(keys);
  if (known !== undefined) return known;
  const fresh = new Map(
    keys.map(({ kid, alg, jwk }) => [kid, { alg, key: createPublicKey({ key: publicPart(jwk), format: 'jwk' }) }]),
  );
  imported.set(keys, fresh);
  return fresh;
}
