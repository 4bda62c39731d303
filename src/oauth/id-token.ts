// Owns ID tokens (OpenID Connect Core 2): what they say, and how they are signed. Never decides who the user is.

import { hash } from 'node:crypto';
import type { Decision } from '../access/decision.ts';
import type { ApplicationEntity, SigningAlgorithm } from '../model/entity.ts';
import { authenticationMethods } from './authentication-context.ts';
import type { Context } from './endpoint.ts';
import { signJwt } from './jwt.ts';
import type { Grant } from './port.ts';
import { signingKey } from './signing-keys.ts';
import { issuerOf } from './snapshot.ts';
import { toldClaims } from './user-claims.ts';

export interface IdTokenParts {
  readonly decision: Decision;
  readonly grant: Pick<Grant, 'auth_time' | 'acr' | 'session' | 'method'>;
  /** Of the authorization request; a refreshed ID token has none (Core 12.2). */
  readonly nonce: string | undefined;
  /** The access token beside it. */
  readonly accessToken: string | undefined;
}

/** RS256 is what every client knows (Core 15.1). */
export const DEFAULT_ID_TOKEN_ALG: SigningAlgorithm = 'RS256';

/** Signed by the client's algorithm. Without an access token beside it, all that the scopes tell stands in it (Core 5.4). */
export async function makeIdToken(
  parts: IdTokenParts,
  application: ApplicationEntity,
  context: Context,
): Promise<string> {
  const { snapshot, now, signer } = context;
  const { decision, grant, nonce, accessToken } = parts;
  const alg = application.metadata?.id_token_signed_response_alg ?? DEFAULT_ID_TOKEN_ALG;
  const issued_at = Math.floor(now / 1000);
  const claims = {
    ...toldInIdToken(decision, application, accessToken === undefined, context),
    iss: issuerOf(snapshot),
    sub: decision.subject,
    aud: application.client_id,
    exp: issued_at + decision.lifetime,
    iat: issued_at,
    auth_time: grant.auth_time,
    ...(nonce === undefined ? {} : { nonce }),
    ...(grant.acr === undefined ? {} : { acr: grant.acr }),
    amr: authenticationMethods(snapshot, grant.method),
    ...(grant.session === undefined ? {} : { sid: grant.session }),
    ...(accessToken === undefined ? {} : { at_hash: leftHalf(accessToken, alg) }),
  };
  return signJwt(claims, signingKey(snapshot.keys, alg, now), 'JWT', signer);
}

function toldInIdToken(
  decision: Decision,
  application: ApplicationEntity,
  isAlone: boolean,
  { snapshot }: Context,
): Record<string, unknown> {
  const told = toldClaims(decision, snapshot);
  const listed = application.tokens?.id_token_claims ?? [];
  return Object.fromEntries(Object.entries(told).filter(([name]) => isAlone || listed.includes(name)));
}

/** The left half of the hash of the algorithm, base64url (Core 3.1.3.6). Of Ed25519 it is SHA-512's. */
function leftHalf(text: string, alg: SigningAlgorithm): string {
  const whole = hash(alg === 'EdDSA' ? 'sha512' : 'sha256', text, 'buffer');
  return whole.subarray(0, whole.length / 2).toString('base64url');
}
