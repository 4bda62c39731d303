// Owns the discovery document (RFC 8414, OpenID Connect Discovery 1.0), generated from what is served: nothing is in it
// that is not so. Never routes.

import { nameOf } from '../model/address.ts';
import {
  ASSERTION_ALGORITHMS,
  AUTHENTICATION_METHODS,
  type AuthenticationMethod,
  SIGNING_ALGORITHMS,
} from '../model/entity.ts';
import { REGISTERED_SCOPES } from '../model/registered-scope.ts';
import { STANDARD_CLAIMS } from '../model/standard-claims.ts';
import { entitiesOf } from '../model/state.ts';
import { ACR_VALUES } from './authentication-context.ts';
import { advertisedFamily, PATHS } from './paths.ts';
import { servedBy } from './served-grants.ts';
import { issuerOf, type Snapshot } from './snapshot.ts';
import { USERINFO_CLAIMS } from './ubisecure.ts';

/** Those that somebody here could use: by certificates only where one is believed. */
function authenticationMethods({ state, index: { server } }: Snapshot): readonly AuthenticationMethod[] {
  const isIssued = Object.keys(server?.certificates?.authorities ?? {}).length > 0;
  const isOwn = [...entitiesOf(state, 'application')].some(
    ([, { metadata }]) => metadata?.token_endpoint_auth_method === 'self_signed_tls_client_auth',
  );
  return AUTHENTICATION_METHODS.filter((method) => {
    if (method === 'tls_client_auth') return isIssued;
    return method !== 'self_signed_tls_client_auth' || isIssued || isOwn;
  });
}

const ID_TOKEN_CLAIMS = ['sub', 'iss', 'aud', 'exp', 'iat', 'auth_time', 'nonce', 'acr', 'amr', 'sid', 'at_hash'];

/** The document, the same at every well-known address. Members without a value are left out (RFC 8414 3.2). */
export function serverMetadata(snapshot: Snapshot): Readonly<Record<string, unknown>> {
  const issuer = issuerOf(snapshot);
  const family = advertisedFamily(snapshot.index.server);
  const paths = PATHS[family];
  const { grantTypes, responseTypes } = servedBy(snapshot);
  const methods = authenticationMethods(snapshot);
  const catalogue = [...entitiesOf(snapshot.state, 'scope')].map(([address]) => nameOf(address));
  const takesPlain = [...entitiesOf(snapshot.state, 'application')].some(
    ([, { metadata }]) => metadata?.code_challenge_method === 'plain',
  );
  return withoutEmpty({
    issuer,
    authorization_endpoint: issuer + paths.authorization,
    token_endpoint: issuer + paths.token,
    introspection_endpoint: issuer + paths.introspection,
    revocation_endpoint: issuer + paths.revocation,
    userinfo_endpoint: issuer + paths.userinfo,
    end_session_endpoint: issuer + paths.logout,
    jwks_uri: issuer + paths.jwks,
    scopes_supported: [...new Set([...REGISTERED_SCOPES, ...catalogue])],
    response_types_supported: responseTypes,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    grant_types_supported: grantTypes,
    code_challenge_methods_supported: takesPlain ? ['S256', 'plain'] : ['S256'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: SIGNING_ALGORITHMS.filter((alg) =>
      snapshot.keys.some((key) => key.alg === alg),
    ),
    acr_values_supported: ACR_VALUES,
    prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
    token_endpoint_auth_methods_supported: methods,
    token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    // Public clients have no use for introspection (RFC 7662 4).
    introspection_endpoint_auth_methods_supported: methods.filter((method) => method !== 'none'),
    introspection_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    revocation_endpoint_auth_methods_supported: methods,
    revocation_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    claims_supported: [
      ...new Set([...ID_TOKEN_CLAIMS, ...STANDARD_CLAIMS, ...(family === 'ubisecure' ? USERINFO_CLAIMS : [])]),
    ],
    // RFC 9207 3.
    authorization_response_iss_parameter_supported: true,
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
    // The default of request_uri is true (OpenID Connect Discovery 1.0 section 3).
    claims_parameter_supported: false,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
  });
}

function withoutEmpty(document: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(document).filter(([, value]) => !(Array.isArray(value) && value.length === 0)),
  );
}
