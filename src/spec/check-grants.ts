// Owns what the standards ask of the grants with a user: redirect URIs, response types, PKCE, and the grants that are
// better left off. Never about client_credentials (check-clients.ts), and never about one value (redirect-uri.ts).

import type { ApplicationEntity, ClientMetadata } from '../model/entity.ts';
import type { Tell } from './check-clients.ts';

const REDIRECT_GRANTS: readonly string[] = ['authorization_code', 'implicit'];

export function checkUserGrants({ metadata }: ApplicationEntity, tell: Tell): void {
  const grants = metadata?.grant_types ?? [];
  const redirecting = grants.filter((grant) => REDIRECT_GRANTS.includes(grant));
  // Only what is written counts: an empty list is no redirect URI either.
  if (redirecting.length > 0 && (metadata?.redirect_uris ?? []).length === 0) {
    tell(
      'client.no-redirect-uri',
      '/metadata/grant_types',
      `${redirecting.join(' and ')} ${redirecting.length === 1 ? 'sends its' : 'send their'} answer to a redirect URI, and none is registered`,
      'Write, for example:\n  redirect_uris: [https://app.example.com/callback]',
    );
  }
  grants.forEach((grant, position) => {
    const pointer = `/metadata/grant_types/${position}`;
    if (grant === 'implicit') {
      tell(
        'implicit-enabled',
        pointer,
        'tokens travel in addresses, and who knows the client_id can be the client',
        'Use authorization_code with PKCE instead.',
      );
    }
    if (grant === 'password') {
      tell(
        'password-enabled',
        pointer,
        'people give their password to the client',
        'Use authorization_code instead; waive this where stored credentials are exchanged once.',
      );
    }
  });
  if (metadata !== undefined) {
    checkResponseTypes(metadata, tell);
    checkChallenge(metadata, tell);
  }
}

/** P:G-004: each half of a grant needs the other. */
function checkResponseTypes({ response_types, grant_types = [] }: ClientMetadata, tell: Tell): void {
  response_types?.forEach((type, position) => {
    const grant = type === 'code' ? 'authorization_code' : 'implicit';
    if (grant_types.includes(grant)) return;
    tell(
      'client.response-types',
      `/metadata/response_types/${position}`,
      `${type} needs the grant ${grant}, which grant_types does not have`,
      `Add ${grant} to grant_types, or remove ${type}.`,
    );
  });
  if (response_types === undefined || !grant_types.includes('authorization_code') || response_types.includes('code'))
    return;
  tell(
    'client.response-types',
    '/metadata/response_types',
    'grant_types has authorization_code, and response_types lacks code, with which it begins',
    'Add code to response_types, or remove response_types: it then follows from the grants.',
  );
}

/** RFC 9700 2.1.1: a confidential client is protected by PKCE where that is required of it. */
function checkChallenge(metadata: ClientMetadata, tell: Tell): void {
  const { grant_types = [], code_challenge_method, token_endpoint_auth_method } = metadata;
  if (!grant_types.includes('authorization_code')) return;
  if (code_challenge_method === 'plain') {
    tell(
      'pkce-off',
      '/metadata/code_challenge_method',
      'with plain the verifier itself is in the request that it should protect',
      'Write S256.',
    );
  } else if (code_challenge_method === 'none') {
    if (token_endpoint_auth_method === 'none') {
      tell(
        'pkce-none',
        '/metadata/code_challenge_method',
        'a public client has nothing but PKCE to protect its codes',
        'Remove code_challenge_method, or write S256.',
      );
      return;
    }
    tell(
      'pkce-off',
      '/metadata/code_challenge_method',
      'with none the client may leave PKCE out wherever it likes',
      'Write S256, where the client can.',
    );
  } else if (code_challenge_method === undefined && token_endpoint_auth_method !== 'none') {
    tell(
      'pkce-off',
      '/metadata/grant_types',
      'nothing requires PKCE of this confidential client where it asks with openid',
      'Write code_challenge_method: S256 beside grant_types.',
    );
  }
}
