// Owns the process of npm oidc-provider that Charter is measured against, set up to do its nearest to what Charter does: everything
// in memory, JWTs by ES256 for one resource server and opaque tokens for another, its own pages of login and consent. Prints its
// port. Never measures.
//
//   node bench/peer.mjs SECRET

import { generateKeyPairSync } from 'node:crypto';
import Provider from 'oidc-provider';

const [, , client_secret] = process.argv;

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const method = {
  client_secret,
  token_endpoint_auth_method: 'client_secret_post',
  id_token_signed_response_alg: 'ES256',
};
const machine = { ...method, grant_types: ['client_credentials'], response_types: [], redirect_uris: [] };

const provider = new Provider('http://127.0.0.1:8080', {
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: 'signing' }] },
  cookies: { keys: ['cookies-of-the-benchmark'] },
  clients: [
    { client_id: 'Client1', ...machine },
    { client_id: 'Server1', ...machine },
    {
      client_id: 'Web',
      ...method,
      grant_types: ['authorization_code'],
      redirect_uris: ['https://web.example.com/callback'],
    },
  ],
  scopes: ['openid', 'Server1', 'Server2'],
  features: {
    devInteractions: { enabled: true },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_ctx, resource) => ({
        scope: 'Server1 Server2',
        audience: resource,
        accessTokenTTL: 3600,
        accessTokenFormat: resource.endsWith(':jwt') ? 'jwt' : 'opaque',
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
  ttl: { ClientCredentials: 3600, Session: 3600, Interaction: 600, Grant: 3600, IdToken: 600, AccessToken: 3600 },
});
const server = provider.listen(0, '127.0.0.1', () => console.log(server.address().port));
