// Owns the discovery document (RFC 8414, OpenID Connect Discovery 1.0), generated from what is served: nothing is in it
// that is not so. Never routes.

import { GRANT_TYPES_SERVED } from '../access/decide.ts';
import { nameOf } from '../model/address.ts';
import { PROTOCOL_SCOPES } from '../model/entity.ts';
import { entitiesOf } from '../model/state.ts';
import { advertisedFamily, PATHS } from './paths.ts';
import { issuerOf, type Snapshot } from './snapshot.ts';
import { USERINFO_CLAIMS } from './ubisecure.ts';

const SECRET_METHODS = ['client_secret_basic', 'client_secret_post'] as const;

/** The document, the same at every well-known address. Members without a value are left out (RFC 8414 3.2). */
export function serverMetadata(snapshot: Snapshot): Readonly<Record<string, unknown>> {
  const issuer = issuerOf(snapshot);
  const family = advertisedFamily(snapshot.index.server);
  const paths = PATHS[family];
  const catalogue = [...entitiesOf(snapshot.state, 'scope')].map(([address]) => nameOf(address));
  return withoutEmpty({
    issuer,
    // Required by both standards, though no client of this version has a redirect_uri to be answered at.
    authorization_endpoint: issuer + paths.authorization,
    token_endpoint: issuer + paths.token,
    introspection_endpoint: issuer + paths.introspection,
    revocation_endpoint: issuer + paths.revocation,
    userinfo_endpoint: issuer + paths.userinfo,
    jwks_uri: issuer + paths.jwks,
    scopes_supported: [...PROTOCOL_SCOPES, ...catalogue],
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: GRANT_TYPES_SERVED,
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [...new Set(snapshot.keys.map(({ alg }) => alg))],
    token_endpoint_auth_methods_supported: SECRET_METHODS,
    introspection_endpoint_auth_methods_supported: SECRET_METHODS,
    revocation_endpoint_auth_methods_supported: [...SECRET_METHODS, 'none'],
    claims_supported: family === 'ubisecure' ? USERINFO_CLAIMS : [],
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
