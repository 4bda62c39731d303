// Owns client authentication by the certificate of the connection (RFC 8705 2): tls_client_auth, where an authority vouches for
// the name in it, and self_signed_tls_client_auth, where the client's keys hold it. Never fetches keys (ClientKeys) and never
// validates a chain (certificate.ts).

import { factsOf, hasStrongKey } from '../model/certificate.ts';
import { certificateOfClient } from '../model/certificate-name.ts';
import type { ApplicationEntity } from '../model/entity.ts';
import { Failure } from '../model/failure.ts';
import { certificateOfKey, type Jwk } from '../model/public-jwk.ts';
import { isNamed, type PresentedCertificate } from './certificate.ts';
import type { Context } from './endpoint.ts';

/** Undefined when the certificate is that of the client; else why not, for the log. */
export async function checkCertificate(
  presented: PresentedCertificate,
  application: ApplicationEntity,
  context: Context,
): Promise<string | undefined> {
  if (application.metadata?.token_endpoint_auth_method === 'self_signed_tls_client_auth') {
    return checkOwn(presented, application, context);
  }
  const meant = certificateOfClient(application);
  const { certificate_authority: authority } = application;
  if (meant === undefined || authority === undefined) return 'nothing says which one is that of the client';
  const names = await context.certificates.check(presented, authority, context.snapshot, context.now);
  if (typeof names === 'string') return names;
  return isNamed(names, meant) ? undefined : 'it is that of somebody else';
}

/** One that nobody vouches for: it is that of a key of the client, to the last byte. */
async function checkOwn(
  { leaf }: PresentedCertificate,
  { metadata = {} }: ApplicationEntity,
  { clientKeys, now }: Context,
): Promise<string | undefined> {
  const { start, end } = factsOf(leaf);
  if (now < start || now > end) return 'it does not count now';
  if (!hasStrongKey(leaf)) return 'its key is too weak';
  const isAmong = (keys: readonly Jwk[]) => keys.some((key) => certificateOfKey(key)?.raw.equals(leaf.raw) === true);
  const { jwks, jwks_uri } = metadata;
  if (jwks_uri === undefined) return isAmong(jwks?.keys ?? []) ? undefined : 'it is of no key of the client';
  try {
    if (isAmong((await clientKeys.fetch(jwks_uri)) as readonly Jwk[])) return undefined;
    // A new one of the client: its address is asked again, now and then.
    const newer = await clientKeys.fetch(jwks_uri, NO_KID);
    return isAmong(newer as readonly Jwk[]) ? undefined : 'it is of no key of the client';
  } catch (thrown) {
    if (thrown instanceof Failure) return `the keys of the client cannot be had: ${thrown.message}`;
    throw thrown;
  }
}

/** The kid of no key: a certificate does not say which it is of. */
const NO_KID = '';
