// Owns logout tokens (OpenID Connect Back-Channel Logout 2.4): what they say, and how they are signed. Never sends one.

import type { ApplicationEntity } from '../model/entity.ts';
import type { Context } from './endpoint.ts';
import { DEFAULT_ID_TOKEN_ALG } from './id-token.ts';
import { signJwt } from './jwt.ts';
import { newIdentifier } from './opaque.ts';
import type { Session } from './port.ts';
import { signingKey } from './signing-keys.ts';
import { issuerOf } from './snapshot.ts';

/** Seconds: it is sent at once, and a few times again (2.5). */
const LIFETIME = 120;

/** Signed as the client's ID tokens are. Undefined where its user is not there any more: nobody would know who is meant. */
export async function makeLogoutToken(
  application: ApplicationEntity,
  { sid, user }: Pick<Session, 'sid' | 'user'>,
  { snapshot, now, random, signer }: Pick<Context, 'snapshot' | 'now' | 'random' | 'signer'>,
): Promise<string | undefined> {
  const sub = snapshot.index.user(user)?.sub;
  if (sub === undefined) return undefined;
  const iat = Math.floor(now / 1000);
  const claims = {
    iss: issuerOf(snapshot),
    sub,
    aud: application.client_id,
    iat,
    exp: iat + LIFETIME,
    jti: newIdentifier(random),
    sid,
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
  };
  const alg = application.metadata?.id_token_signed_response_alg ?? DEFAULT_ID_TOKEN_ALG;
  return signJwt(claims, signingKey(snapshot.keys, alg, now), 'logout+jwt', signer);
}
