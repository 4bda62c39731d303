// Owns which keys, secrets and algorithms go together with the way in which a client authenticates (RFC 7523, RFC 7591),
// and which URLs of a client this server may call. Never judges a single key (bind-jwks.ts), and never fetches one.

import type { ApplicationEntity, ClientMetadata } from '../model/entity.ts';
import { isAllowedTarget } from '../model/outbound-target.ts';
import { algorithmsOf } from '../model/public-jwk.ts';
import { secretsWithin } from '../model/settings.ts';
import type { Tell } from './check-clients.ts';

/** `hasSecret`: one is written, a good one or not. */
export function checkKeys(application: ApplicationEntity, hasSecret: boolean, tell: Tell): void {
  const { metadata = {} } = application;
  const { jwks, jwks_uri, token_endpoint_auth_method: method } = metadata;
  if (jwks !== undefined && jwks_uri !== undefined) {
    tell(
      'jwks.two-places',
      '/metadata/jwks_uri',
      'the keys stand under jwks already',
      'Remove jwks or jwks_uri: the keys are in the spec, or where the client publishes them.',
    );
  }
  if (method === 'private_key_jwt' && jwks === undefined && jwks_uri === undefined) {
    tell(
      'client.no-key',
      '/metadata/token_endpoint_auth_method',
      'the client signs with a private key, and nothing says where its public key is',
      'Write jwks: { keys: [{ … }] } with the public key, or jwks_uri.',
    );
  }
  if (method === 'client_secret_jwt') checkMacSecret(application, hasSecret, tell);
  checkSigningAlg(metadata, tell);
}

function checkMacSecret(application: ApplicationEntity, hasSecret: boolean, tell: Tell): void {
  const placed = secretsWithin(application);
  const [first] = placed;
  if (first === undefined) {
    // Of one that is written and wrong the fault itself is told.
    if (hasSecret) return;
    tell(
      'client.no-mac-secret',
      '/metadata/token_endpoint_auth_method',
      'the secret is the key with which the client authenticates, and none is written',
      'Write secret: { env: NAME } at the application.',
    );
  } else if (placed.every(({ secret }) => 'hash' in secret)) {
    tell(
      'client.no-mac-secret',
      `${first.pointer}/hash`,
      'a hash cannot check a MAC: that needs the secret itself',
      'Write { env: NAME } or { file: PATH } instead, or take private_key_jwt.',
    );
  }
}

function checkSigningAlg(metadata: ClientMetadata, tell: Tell): void {
  const { token_endpoint_auth_signing_alg: alg, token_endpoint_auth_method: method, jwks } = metadata;
  if (alg === undefined) return;
  const pointer = '/metadata/token_endpoint_auth_signing_alg';
  const fitting = alg === 'HS256' ? 'client_secret_jwt' : 'private_key_jwt';
  if (method !== fitting) {
    const detail =
      method === 'client_secret_jwt' || method === 'private_key_jwt'
        ? `${alg} is no algorithm of ${method}`
        : `nothing is signed by ${method ?? 'a client without token_endpoint_auth_method'}`;
    tell('client.signing-alg', pointer, detail, `Write token_endpoint_auth_method: ${fitting}, or another algorithm.`);
    return;
  }
  const usable = (jwks?.keys ?? []).flatMap(algorithmsOf);
  if (usable.length === 0 || usable.includes(alg)) return;
  tell(
    'jwks.no-usable-key',
    pointer,
    `no key of jwks is for ${alg}`,
    `The keys are for ${[...new Set(usable)].join(', ')}: write one of these, or add a key for ${alg}.`,
  );
}

/** URLs that the server calls: https, or what `allow` of server.outbound names. */
export function checkCalled({ metadata = {} }: ApplicationEntity, allow: readonly string[], tell: Tell): void {
  for (const name of ['jwks_uri', 'backchannel_logout_uri'] as const) {
    const written = metadata[name];
    const url = written === undefined ? undefined : new URL(written);
    if (url === undefined || url.protocol === 'https:' || isAllowedTarget(url.hostname, allow)) continue;
    tell(
      'url.insecure',
      `/metadata/${name}`,
      `this server would call ${url.hostname} in clear text`,
      `Write an https URL, or name ${url.hostname} under server.outbound.allow.`,
    );
  }
}
