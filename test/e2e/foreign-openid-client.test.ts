// openid-client, as its README shows it, against the real process.

import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NOBODY, PRIVATE_KEY, SECRET, type Served, serveForeign } from './foreign-spec.ts';
import { UserAgent, type View } from './user-agent.ts';

const REDIRECT_URI = `${NOBODY}/callback`;

describe('openid-client', () => {
  let served: Served;
  beforeAll(async () => {
    served = await serveForeign();
  });
  afterAll(() => served.stop());

  function discover(client_id: string, method?: client.ClientAuth): Promise<client.Configuration> {
    return client.discovery(new URL(served.issuer), client_id, undefined, method ?? client.ClientSecretBasic(SECRET), {
      execute: [client.allowInsecureRequests],
    });
  }

  /** Logs in and redeems the code, as the README does. */
  async function logIn(configuration: client.Configuration, scope: string, agent = new UserAgent({ until: NOBODY })) {
    const code_verifier = client.randomPKCECodeVerifier();
    const state = client.randomState();
    const nonce = client.randomNonce();
    const address = client.buildAuthorizationUrl(configuration, {
      redirect_uri: REDIRECT_URI,
      scope,
      code_challenge: await client.calculatePKCECodeChallenge(code_verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
    const view = await agent.through(address);
    const tokens = await client.authorizationCodeGrant(configuration, view.url, {
      pkceCodeVerifier: code_verifier,
      expectedState: state,
      expectedNonce: nonce,
      idTokenExpected: true,
    });
    return { tokens, agent, nonce };
  }

  it.each([
    ['client_secret_basic', 'web', client.ClientSecretBasic(SECRET)],
    ['client_secret_post', 'posting', client.ClientSecretPost(SECRET)],
    ['none', 'public', client.None()],
    ['client_secret_jwt', 'vouching', client.ClientSecretJwt(SECRET)],
    ['private_key_jwt', 'asserting', client.PrivateKeyJwt({ key: PRIVATE_KEY, kid: 'one' })],
  ] as const)(
    'logs in by code with PKCE, state and nonce, asks userinfo, refreshes and revokes (%s)',
    async (...row) => {
      const [, client_id, method] = row;
      const configuration = await discover(client_id, method);
      const { tokens } = await logIn(configuration, 'openid email');
      const claims = tokens.claims();
      expect(claims).toMatchObject({ iss: served.issuer, aud: client_id, sub: 'ada-0001' });
      expect(claims).not.toHaveProperty('email');
      const told = await client.fetchUserInfo(configuration, tokens.access_token, 'ada-0001');
      expect(told).toEqual({ sub: 'ada-0001', email: 'ada@example.com', email_verified: true });

      const first = tokens.refresh_token ?? '';
      const refreshed = await client.refreshTokenGrant(configuration, first);
      expect(refreshed.refresh_token).toBeTypeOf('string');
      expect(refreshed.refresh_token).not.toBe(first);
      expect(refreshed.claims()?.sub).toBe('ada-0001');

      await client.tokenRevocation(configuration, refreshed.refresh_token ?? '');
      await expect(client.refreshTokenGrant(configuration, refreshed.refresh_token ?? '')).rejects.toMatchObject({
        error: 'invalid_grant',
      });
      await expect(client.fetchUserInfo(configuration, refreshed.access_token, 'ada-0001')).rejects.toThrow();
    },
  );

  it('introspects what the user gave it, and sees that it is revoked', async () => {
    const configuration = await discover('web');
    const { tokens } = await logIn(configuration, 'openid notes');
    const active = await client.tokenIntrospection(configuration, tokens.access_token);
    expect(active).toMatchObject({ active: true, sub: 'ada-0001', username: 'ada', client_id: 'web' });
    await client.tokenRevocation(configuration, tokens.access_token);
    expect(await client.tokenIntrospection(configuration, tokens.access_token)).toEqual({ active: false });
  });

  it('takes the session of another application of the same server without a second login', async () => {
    const { agent } = await logIn(await discover('web'), 'openid');
    const configuration = await discover('posting', client.ClientSecretPost(SECRET));
    const address = client.buildAuthorizationUrl(configuration, { redirect_uri: REDIRECT_URI, scope: 'openid' });
    const view: View = await agent.open(address);
    expect((await client.authorizationCodeGrant(configuration, view.url)).claims()?.sub).toBe('ada-0001');
  });

  it('reads errors of the authorization and the token endpoint as such', async () => {
    const configuration = await discover('web');
    const address = client.buildAuthorizationUrl(configuration, {
      redirect_uri: REDIRECT_URI,
      scope: 'openid',
      prompt: 'none',
    });
    const { url } = await new UserAgent({ until: NOBODY }).open(address);
    await expect(client.authorizationCodeGrant(configuration, url)).rejects.toMatchObject({ error: 'login_required' });

    const forged = new URL(`${REDIRECT_URI}?code=nobody-issued-this-one&iss=${encodeURIComponent(served.issuer)}`);
    await expect(client.authorizationCodeGrant(configuration, forged)).rejects.toMatchObject({
      error: 'invalid_grant',
      status: 400,
    });
    const stranger = await discover('web', client.ClientSecretBasic('wrong'));
    await expect(client.clientCredentialsGrant(stranger)).rejects.toThrow(/WWW-Authenticate/);
  });

  it('builds the address of a logout that brings the browser back', async () => {
    const configuration = await discover('web');
    const { tokens, agent } = await logIn(configuration, 'openid');
    const address = client.buildEndSessionUrl(configuration, {
      id_token_hint: tokens.id_token ?? '',
      post_logout_redirect_uri: NOBODY,
      state: 'gone',
    });
    expect((await agent.open(address)).url.href).toBe(`${NOBODY}/?state=gone`);
    const again = client.buildAuthorizationUrl(configuration, {
      redirect_uri: REDIRECT_URI,
      scope: 'openid',
      prompt: 'none',
    });
    expect((await agent.open(again)).url.searchParams.get('error')).toBe('login_required');
  });
});
