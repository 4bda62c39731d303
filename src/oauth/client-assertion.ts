// Owns client authentication by a signed assertion (RFC 7521 4.2, RFC 7523 3, OpenID Connect Core 9): private_key_jwt and
// client_secret_jwt. Never fetches keys (ClientKeys) and never keeps what was used (GrantStore).

import {
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWK,
  type JWTPayload,
  jwtVerify,
} from 'jose';
import type { ApplicationAddress } from '../model/address.ts';
import { isWithin } from '../model/duration.ts';
import { ASSERTION_ALGORITHMS, type AssertionAlgorithm, type ClientMetadata } from '../model/entity.ts';
import { Failure } from '../model/failure.ts';
import type { Context } from './endpoint.ts';
import { families, urlOf } from './paths.ts';
import { issuerOf, type Snapshot } from './snapshot.ts';

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Seconds by which clocks may differ. */
const TOLERANCE = 60;
/** Seconds: an assertion is made for one request, and has to be remembered for as long as it lives. */
const LONGEST_LIFE = 86_400;

/** Media types that an assertion may have (RFC 7515 4.1.9); a token of another kind is none (rfc7523bis). */
const TYPES: ReadonlySet<string> = new Set(['jwt', 'client-authentication+jwt']);

/** Who an assertion says that it is of; undefined for what is no JWT. Proves nothing. */
export function claimedClient(assertion: string): string | undefined {
  try {
    const { sub } = decodeJwt(assertion);
    return typeof sub === 'string' ? sub : undefined;
  } catch {
    return undefined;
  }
}

/** The algorithms by which a client may sign: the one that it registered, or those of its method. */
function algorithmsOf(metadata: ClientMetadata, method: 'private_key_jwt' | 'client_secret_jwt'): AssertionAlgorithm[] {
  const ofMethod = ASSERTION_ALGORITHMS.filter((alg) => (alg === 'HS256') === (method === 'client_secret_jwt'));
  const registered = metadata.token_endpoint_auth_signing_alg;
  return registered === undefined ? ofMethod : ofMethod.filter((alg) => alg === registered);
}

/** Undefined when the client has proven who it is, and may not do so by this assertion again; else why not, for the log. */
export async function checkAssertion(
  assertion: string,
  client: ApplicationAddress,
  client_id: string,
  metadata: ClientMetadata,
  context: Context,
): Promise<string | undefined> {
  const method = metadata.token_endpoint_auth_method;
  if (method !== 'private_key_jwt' && method !== 'client_secret_jwt') return 'not the registered authentication method';
  let header: ReturnType<typeof decodeProtectedHeader>;
  try {
    header = decodeProtectedHeader(assertion);
  } catch {
    return 'the assertion is no JWT';
  }
  const { typ } = header;
  if (
    typ !== undefined &&
    !TYPES.has(
      String(typ)
        .toLowerCase()
        .replace(/^application\//, ''),
    )
  ) {
    return 'the assertion is a token of another type';
  }
  const algorithms = algorithmsOf(metadata, method);
  const verify = method === 'private_key_jwt' ? byKeys : byMac;
  const claims = await verify(assertion, algorithms, { client, client_id, metadata }, context);
  if (typeof claims === 'string') return claims;
  if (!isFor(claims.aud, client, context.snapshot)) return 'the audience of the assertion is not the issuer alone';
  const { jti, exp } = claims;
  if (typeof jti !== 'string' || jti === '' || jti.length > 256) return 'the assertion has no jti';
  if (exp === undefined || exp > context.now / 1000 + LONGEST_LIFE) return 'the assertion lives too long';
  const isFirst = await context.grants.useAssertion(client, jti, Math.ceil(exp) + TOLERANCE);
  return isFirst ? undefined : 'the assertion was used before';
}

/**
 * One string and nothing else: an assertion that another server might have been meant by is none (rfc7523bis 4). Where the
 * application allows it the token endpoint too, or a list of what is ours (RFC 7523 3, P:J-006).
 */
function isFor(aud: JWTPayload['aud'], client: ApplicationAddress, snapshot: Snapshot): boolean {
  const { index } = snapshot;
  const issuer = issuerOf(snapshot);
  if (aud === issuer) return true;
  if (index.application(client)?.assertion_audience !== 'token_endpoint') return false;
  const own = [issuer, ...families(index.server).map((family) => urlOf(issuer, family, 'token'))];
  const named = [aud ?? []].flat();
  return named.length > 0 && named.every((one) => own.includes(one));
}

interface Signer {
  readonly client: ApplicationAddress;
  readonly client_id: string;
  readonly metadata: ClientMetadata;
}

function rulesFor({ client_id }: Signer, algorithms: AssertionAlgorithm[], { now }: Context) {
  return {
    algorithms,
    issuer: client_id,
    subject: client_id,
    clockTolerance: TOLERANCE,
    currentDate: new Date(now),
    requiredClaims: ['exp'],
  };
}

async function byKeys(
  assertion: string,
  algorithms: AssertionAlgorithm[],
  signer: Signer,
  context: Context,
): Promise<JWTPayload | string> {
  const { jwks, jwks_uri } = signer.metadata;
  if (jwks_uri === undefined) {
    return verifyBy((jwks?.keys ?? []) as JWK[], assertion, rulesFor(signer, algorithms, context));
  }
  try {
    const { kid } = decodeProtectedHeader(assertion);
    const known = await context.clientKeys.fetch(jwks_uri);
    const isKnown = kid === undefined || known.some((key) => key.kid === kid);
    // A new key of the client: its address is asked again, now and then (P:J-013).
    const keys = isKnown ? known : await context.clientKeys.fetch(jwks_uri, kid);
    return await verifyBy(keys, assertion, rulesFor(signer, algorithms, context));
  } catch (thrown) {
    if (thrown instanceof Failure) return `the keys of the client cannot be had: ${thrown.message}`;
    throw thrown;
  }
}

async function verifyBy(
  keys: readonly JWK[],
  assertion: string,
  rules: ReturnType<typeof rulesFor>,
): Promise<JWTPayload | string> {
  if (keys.length === 0) return 'the client has no keys';
  try {
    const { payload } = await jwtVerify(assertion, createLocalJWKSet({ keys: [...keys] }), rules);
    return payload;
  } catch (thrown) {
    if (thrown instanceof errors.JWKSMultipleMatchingKeys) return tryEach(thrown, assertion, rules);
    return faultOf(thrown);
  }
}

/** Several keys fit an assertion that names none. */
async function tryEach(
  candidates: errors.JWKSMultipleMatchingKeys,
  assertion: string,
  rules: ReturnType<typeof rulesFor>,
): Promise<JWTPayload | string> {
  let fault = 'the client has no keys';
  for await (const key of candidates) {
    try {
      return (await jwtVerify(assertion, key, rules)).payload;
    } catch (thrown) {
      fault = faultOf(thrown);
    }
  }
  return fault;
}

/** By each of the client's secrets that counts at the moment. */
async function byMac(
  assertion: string,
  algorithms: AssertionAlgorithm[],
  signer: Signer,
  context: Context,
): Promise<JWTPayload | string> {
  const keys = (context.snapshot.macKeys.get(signer.client) ?? []).filter(({ period }) =>
    isWithin(period, context.now),
  );
  let fault = 'no secret is known for the client';
  for (const { key } of keys) {
    try {
      return (await jwtVerify(assertion, key, rulesFor(signer, algorithms, context))).payload;
    } catch (thrown) {
      fault = faultOf(thrown);
    }
  }
  return fault;
}

/** What jose found wrong; never what stands in the assertion. */
function faultOf(thrown: unknown): string {
  if (!(thrown instanceof errors.JOSEError)) throw thrown;
  return `the assertion is refused (${thrown.code})`;
}
