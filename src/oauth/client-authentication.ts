// Owns client authentication (RFC 6749 2.3, SEMANTICS U-48): which client calls, or one refusal that is the same for an
// unknown client, a wrong secret and a disabled client. Never decides what the client may do.

import { REASONS } from '../access/reason.ts';
import { admitClient } from '../access/refusal.ts';
import type { ApplicationAddress } from '../model/address.ts';
import { isWithin } from '../model/duration.ts';
import type { ApplicationEntity, AuthenticationMethod } from '../model/entity.ts';
import { authenticatesWithCertificate } from '../model/settings.ts';
import { basicChallenge, bearerChallenge } from './challenge.ts';
import { checkAssertion, claimedClient } from './client-assertion.ts';
import { checkCertificate } from './client-certificate.ts';
import type { Context, EndpointRequest } from './endpoint.ts';
import { OAuthError } from './error.ts';
import type { Form } from './form.ts';
import type { Note } from './handling.ts';
import { type Credentials, type Presented, presentedCredentials } from './presented-credentials.ts';
import type { SecretVerifier } from './secret.ts';
import { issuerOf, type Snapshot } from './snapshot.ts';
import { admitAttempt, guessKeys } from './throttling.ts';

export interface AuthenticatedClient {
  readonly address: ApplicationAddress;
  readonly client_id: string;
  /** `none`: a public client, which only said who it is. */
  readonly method: AuthenticationMethod;
  /** Of a client with several secrets: which one it used, by its reference. */
  readonly secret?: string;
}

/** Why nobody was authenticated, for the log alone. */
type Fault =
  | 'no credentials'
  | 'malformed or unsupported credentials'
  | 'unknown client'
  | 'disabled client'
  | 'not the registered authentication method'
  | 'no secret is known for the client'
  | 'no secret of the client counts at this time'
  | 'wrong secret'
  | `${string}assertion${string}`
  | `client certificate: ${string}`;

/**
 * Answers the calling client. Throws OAuthError invalid_request for two ways at once, invalid_client when it is not
 * who it says, may not call from its address, or is off; Failure `busy` when password hashing is overloaded.
 */
export async function authenticateClient(
  request: EndpointRequest,
  form: Form,
  context: Context,
  note: Note,
): Promise<AuthenticatedClient> {
  const { snapshot } = context;
  const presented = presentedCredentials(request, form);
  const client_id = presentedClient(presented);
  const keys = guessKeys('client', client_id, request.ip);
  admitAttempt(context.throttle, keys, 'invalid_client');
  const found = await recognise(presented, context);
  // Of many that came at once all were let in: once enough of them have failed, the others are told no more.
  admitAttempt(context.throttle, keys, 'invalid_client');
  if (typeof found === 'string') {
    // Who presents nothing has guessed nothing.
    if (presented.by !== 'nothing') context.throttle.failed(keys);
    // Only one that exists: where id and secret were swapped, the other would be a secret in the log.
    if (client_id !== undefined && snapshot.index.client(client_id) !== undefined) note({ client_id });
    throw authenticationFailed(presented, snapshot, found);
  }
  const { address, method, secret } = found;
  if (presented.by !== 'nothing') context.throttle.succeeded(keys);
  note({
    client: address,
    client_id: found.client_id,
    authenticated_by: method,
    ...(secret === undefined ? {} : { secret }),
  });

  // Only now: who does not know the secret learns nothing of where it would be accepted.
  const refusal = admitClient(snapshot.index, found.address, request.ip, context.now);
  if (refusal !== undefined) {
    throw new OAuthError({
      error: 'invalid_client',
      status: 401,
      description: refusal.description,
      challenge: challengeFor(presented, snapshot),
      floor: true,
    });
  }
  return found;
}

/** The entity of who calls: authenticated against this very snapshot. */
export function applicationOf({ address }: AuthenticatedClient, { index }: Pick<Snapshot, 'index'>): ApplicationEntity {
  const application = index.application(address);
  if (application === undefined) throw new Error(`${address} was authenticated, and the snapshot does not hold it`);
  return application;
}

/** At once where nothing has to be computed for it: as for almost every request. */
type Found = AuthenticatedClient | Fault | Promise<AuthenticatedClient | Fault>;

function recognise(presented: Presented, context: Context): Found {
  switch (presented.by) {
    case 'header':
      return recogniseReadings(presented.readings, context);
    case 'body':
      return checkSecret(presented.credentials, 'client_secret_post', context);
    case 'assertion':
      return recogniseAssertion(presented, context);
    case 'unsupported':
      return 'malformed or unsupported credentials';
    case 'certificate':
      return recogniseCertificate(presented, context);
    case 'nothing':
      return findPublicClient(presented.client_id, context);
  }
}

async function recogniseReadings(
  readings: readonly Credentials[],
  context: Context,
): Promise<AuthenticatedClient | Fault> {
  let fault: Fault = 'malformed or unsupported credentials';
  for (const reading of readings) {
    // An empty secret may be left out (RFC 6749 2.3.1): Basic with none only says who it is, as some public clients do.
    const found =
      reading.secret === ''
        ? findPublicClient(reading.client_id, context)
        : await checkSecret(reading, 'client_secret_basic', context);
    if (typeof found !== 'string') return found;
    fault = found;
  }
  return fault;
}

/**
 * A client that does not exist, is off, registered another method or has no secret at this time is never hashed for: the
 * 25 ms floor hides it.
 */
function checkSecret(
  { client_id, secret }: Credentials,
  method: AuthenticationMethod,
  { snapshot, secrets, now }: Context,
): Found {
  const address = snapshot.index.client(client_id);
  if (address === undefined) return 'unknown client';
  if (admitClient(snapshot.index, address, undefined, now) !== undefined) return 'disabled client';
  // Registered none means both ways are open (U-48); a registered one is enforced (O-008), `none` too (O-015).
  const registered = snapshot.index.application(address)?.metadata?.token_endpoint_auth_method;
  if (registered !== undefined && registered !== method) return 'not the registered authentication method';
  const known = snapshot.verifiers.get(address) ?? [];
  if (known.length === 0) return 'no secret is known for the client';
  // By this request's clock and nothing kept: a secret ends, and the next begins, at its instant.
  const counting = known.filter(({ period }) => isWithin(period, now));
  if (counting.length === 0) return 'no secret of the client counts at this time';
  const tell = (used: SecretVerifier | undefined): AuthenticatedClient | Fault => {
    if (used === undefined) return 'wrong secret';
    // Who rotates wants to know which clients have moved, before the old secret ends.
    return { address, client_id, method, ...(known.length > 1 ? { secret: used.slot ?? 'hash' } : {}) };
  };
  const used = secrets.recognise(secret, counting);
  return used instanceof Promise ? used.then(tell) : tell(used);
}

async function recogniseAssertion(
  { client_id: named, assertion }: Extract<Presented, { by: 'assertion' }>,
  context: Context,
): Promise<AuthenticatedClient | Fault> {
  const { index } = context.snapshot;
  const client_id = claimedClient(assertion);
  const address = client_id === undefined ? undefined : index.client(client_id);
  if (client_id === undefined || address === undefined) return 'unknown client';
  if (named !== undefined && named !== client_id) return 'the client_id is not that of the assertion';
  if (admitClient(index, address, undefined, context.now) !== undefined) return 'disabled client';
  const metadata = index.application(address)?.metadata ?? {};
  const fault = await checkAssertion(assertion, address, client_id, metadata, context);
  if (fault !== undefined) return `client assertion: ${fault}`;
  return { address, client_id, method: metadata.token_endpoint_auth_method as AuthenticationMethod };
}

async function recogniseCertificate(
  { client_id, certificate }: Extract<Presented, { by: 'certificate' }>,
  context: Context,
): Promise<AuthenticatedClient | Fault> {
  const { index } = context.snapshot;
  const address = index.client(client_id);
  const application = address === undefined ? undefined : index.application(address);
  if (address === undefined || application === undefined) return 'unknown client';
  // A browser has one for its user: of a public client it says nothing.
  if (!authenticatesWithCertificate(application)) return findPublicClient(client_id, context);
  if (admitClient(index, address, undefined, context.now) !== undefined) return 'disabled client';
  const fault = await checkCertificate(certificate, application, context);
  if (fault !== undefined) return `client certificate: ${fault}`;
  return { address, client_id, method: application.metadata?.token_endpoint_auth_method as AuthenticationMethod };
}

function findPublicClient(
  client_id: string | undefined,
  { snapshot: { index }, now }: Context,
): AuthenticatedClient | Fault {
  const address = client_id === undefined ? undefined : index.client(client_id);
  if (client_id === undefined || address === undefined) return 'no credentials';
  const registered = index.application(address)?.metadata?.token_endpoint_auth_method;
  if (registered !== 'none') return 'no credentials';
  if (admitClient(index, address, undefined, now) !== undefined) return 'disabled client';
  return { address, client_id, method: 'none' };
}

function authenticationFailed(presented: Presented, snapshot: Snapshot, fault: Fault): OAuthError {
  return new OAuthError({
    error: 'invalid_client',
    status: 401,
    description: `CLIENT_AUTHENTICATION_FAILED: ${REASONS.CLIENT_AUTHENTICATION_FAILED}`,
    detail: fault,
    challenge: challengeFor(presented, snapshot),
    floor: true,
  });
}

/**
 * By how the client tried, never by why it failed: the scheme that it used (RFC 6749 5.2), Basic when it tried nothing that stands
 * in the request (RFC 9110 15.5.2), none for credentials in the body, where clients read the error from the JSON.
 */
function challengeFor(presented: Presented, snapshot: Snapshot): string | undefined {
  const realm = issuerOf(snapshot);
  if (presented.by === 'header' && presented.scheme === 'bearer') return bearerChallenge(realm);
  const isBasic = presented.by === 'header' || presented.by === 'certificate' || presented.by === 'nothing';
  return isBasic ? basicChallenge(realm) : undefined;
}

function presentedClient(presented: Presented): string | undefined {
  switch (presented.by) {
    case 'header':
      return presented.readings[0]?.client_id;
    case 'body':
      return presented.credentials.client_id;
    case 'assertion':
      return claimedClient(presented.assertion) ?? presented.client_id;
    default:
      return presented.client_id;
  }
}
