// @badgateway/oauth2-client, as its README shows it, against the real process.

import { generateCodeVerifier, OAuth2Client, OAuth2Fetch } from '@badgateway/oauth2-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NOBODY, SECRET, type Served, serveForeign } from './foreign-spec.ts';
import { UserAgent } from './user-agent.ts';

const redirectUri = `${NOBODY}/callback`;

describe('@badgateway/oauth2-client', () => {
  let served: Served;
  beforeAll(async () => {
    served = await serveForeign();
  });
  afterAll(() => served.stop());

  function clientOf(clientId: string, settings: object = { clientSecret: SECRET }): OAuth2Client {
    const { origin, pathname } = new URL(served.issuer);
    // The document of RFC 8414, which stands in front of the path of the issuer.
    const discoveryEndpoint = `${origin}/.well-known/oauth-authorization-server${pathname}`;
    return new OAuth2Client({ server: served.issuer, clientId, discoveryEndpoint, ...settings });
  }

  async function logIn(client: OAuth2Client, scope = ['api', 'notes']) {
    const codeVerifier = await generateCodeVerifier();
    const asked = { redirectUri, state: 'of this login', codeVerifier };
    const address = await client.authorizationCode.getAuthorizeUri({ ...asked, scope });
    const { url } = await new UserAgent({ until: NOBODY }).through(address);
    return client.authorizationCode.getTokenFromCodeRedirect(url, asked);
  }

  it.each([
    ['the secret by Basic, as discovery says', 'web', { clientSecret: SECRET }],
    ['by its loose Basic', 'web', { clientSecret: SECRET, authenticationMethod: 'client_secret_basic_interop' }],
    ['the secret in the body', 'posting', { clientSecret: SECRET, authenticationMethod: 'client_secret_post' }],
    ['no secret', 'public', {}],
  ])('gets tokens by code with PKCE, refreshes and revokes (%s)', async (_, clientId, settings) => {
    const client = clientOf(clientId, settings);
    const token = await logIn(client);
    expect(token.expiresAt).toBeGreaterThan(Date.now());
    const refreshed = await client.refreshToken(token);
    expect(refreshed.accessToken).not.toBe(token.accessToken);
    expect(refreshed.refreshToken).not.toBe(token.refreshToken);
    await client.revoke(refreshed, 'refresh_token');
    await expect(client.refreshToken(refreshed)).rejects.toMatchObject({ oauth2Code: 'invalid_grant', httpCode: 400 });
  });

  it('introspects its own token, and sees that it was revoked', async () => {
    const client = clientOf('web');
    const token = await logIn(client, ['openid', 'notes']);
    expect(token.idToken).toBeTypeOf('string');
    expect(await client.introspect(token)).toMatchObject({ active: true, sub: 'ada-0001', username: 'ada' });
    await client.revoke(token);
    expect(await client.introspect(token)).toEqual({ active: false });
  });

  it('gets a token for itself by client credentials', async () => {
    const token = await clientOf('batch').clientCredentials({ scope: ['notes'] });
    expect(token.refreshToken).toBeNull();
    await expect(clientOf('batch').clientCredentials({ scope: ['profile'] })).rejects.toMatchObject({
      oauth2Code: 'invalid_scope',
    });
  });

  it('its wrapper around fetch brings the token along', async () => {
    const client = clientOf('web');
    const wrapper = new OAuth2Fetch({
      client,
      scheduleRefresh: false,
      getNewToken: () => logIn(client, ['openid', 'email']),
    });
    const response = await wrapper.fetch(`${served.issuer}/userinfo`);
    expect(await response.json()).toMatchObject({ sub: 'ada-0001', email: 'ada@example.com' });
    // A token that is over is replaced by its refresh token, unasked.
    await wrapper.refreshToken();
    expect((await wrapper.fetch(`${served.issuer}/userinfo`)).status).toBe(200);
  });
});
