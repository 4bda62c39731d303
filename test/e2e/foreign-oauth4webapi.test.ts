// oauth4webapi, which checks every answer as strictly as the standards are written, against the real process.

import * as oauth from 'oauth4webapi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NOBODY, SECRET, type Served, serveForeign } from './foreign-spec.ts';
import { UserAgent } from './user-agent.ts';

const insecure = { [oauth.allowInsecureRequests]: true };
const redirect_uri = `${NOBODY}/callback`;

describe('oauth4webapi', () => {
  let served: Served;
  let as: oauth.AuthorizationServer;
  beforeAll(async () => {
    served = await serveForeign();
    const issuer = new URL(served.issuer);
    as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
  });
  afterAll(() => served.stop());

  async function logIn(client: oauth.Client, method: oauth.ClientAuth, scope: string) {
    const verifier = oauth.generateRandomCodeVerifier();
    const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
    const address = new URL(as.authorization_endpoint ?? '');
    address.search = new URLSearchParams({
      client_id: client.client_id,
      redirect_uri,
      response_type: 'code',
      scope,
      state,
      nonce,
      max_age: '600',
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }).toString();
    const { url } = await new UserAgent({ until: NOBODY }).through(address);
    // Refuses an answer without the issuer (RFC 9207), as it is announced.
    const parameters = oauth.validateAuthResponse(as, client, url, state);
    const response = await oauth.authorizationCodeGrantRequest(
      as,
      client,
      method,
      parameters,
      redirect_uri,
      verifier,
      insecure,
    );
    const options = { expectedNonce: nonce, requireIdToken: true, maxAge: 600 };
    const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, options);
    // The signature is not looked at where TLS vouches for the answer; here it is.
    await oauth.validateApplicationLevelSignature(as, response, insecure);
    return tokens;
  }

  it.each([
    ['Basic', { client_id: 'web' }, oauth.ClientSecretBasic(SECRET)],
    ['post', { client_id: 'posting' }, oauth.ClientSecretPost(SECRET)],
    ['none', { client_id: 'public' }, oauth.None()],
    ['ES256', { client_id: 'elliptic', id_token_signed_response_alg: 'ES256' }, oauth.ClientSecretBasic(SECRET)],
  ] as const)(
    'logs in with PKCE, state, nonce, iss, max_age and the signature of the ID token (%s)',
    async (...row) => {
      const [, client, method] = row;
      const tokens = await logIn(client, method, 'openid profile');
      const claims = oauth.getValidatedIdTokenClaims(tokens);
      expect(claims?.sub).toBe('ada-0001');
      expect(claims?.auth_time).toBeTypeOf('number');
      const asked = await oauth.userInfoRequest(as, client, tokens.access_token, insecure);
      const told = await oauth.processUserInfoResponse(as, client, 'ada-0001', asked);
      expect(told).toMatchObject({ sub: 'ada-0001', name: 'Ada Lovelace' });
    },
  );

  it('refreshes, introspects and revokes', async () => {
    const client = { client_id: 'web' };
    const method = oauth.ClientSecretBasic(SECRET);
    const tokens = await logIn(client, method, 'openid notes');
    const renewal = await oauth.refreshTokenGrantRequest(as, client, method, tokens.refresh_token ?? '', insecure);
    const renewed = await oauth.processRefreshTokenResponse(as, client, renewal);
    expect(renewed.token_type).toBe('bearer');
    const ask = async () => {
      const response = await oauth.introspectionRequest(as, client, method, renewed.access_token, insecure);
      return oauth.processIntrospectionResponse(as, client, response);
    };
    expect(await ask()).toMatchObject({ active: true, sub: 'ada-0001' });
    const revoked = await oauth.revocationRequest(as, client, method, renewed.refresh_token ?? '', insecure);
    await oauth.processRevocationResponse(revoked);
    expect(await ask()).toMatchObject({ active: false });
  });

  it('validates the access token of a user for the server that it is meant for', async () => {
    const { access_token } = await logIn({ client_id: 'web' }, oauth.ClientSecretBasic(SECRET), 'openid api');
    const request = new Request('http://api.test/', { headers: { authorization: `Bearer ${access_token}` } });
    const claims = await oauth.validateJwtAccessToken(as, request, 'api', insecure);
    expect(claims).toMatchObject({ sub: 'ada-0001', client_id: 'web' });
    await expect(oauth.validateJwtAccessToken(as, request.clone(), 'batch', insecure)).rejects.toThrow();
  });
});
