// simple-oauth2, as its README shows it, against the real process. It knows no PKCE, and reads every answer as JSON, that of the
// revocation too.

import { AuthorizationCode, ClientCredentials } from 'simple-oauth2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { introspected } from './foreign-introspection.ts';
import { NOBODY, SECRET, type Served, serveForeign } from './foreign-spec.ts';
import { UserAgent } from './user-agent.ts';

const redirect_uri = `${NOBODY}/callback`;

describe('simple-oauth2', () => {
  let served: Served;
  beforeAll(async () => {
    served = await serveForeign();
  });
  afterAll(() => served.stop());

  function settings(id: string) {
    const { origin, pathname } = new URL(served.issuer);
    return {
      client: { id, secret: SECRET },
      auth: { tokenHost: origin, tokenPath: `${pathname}/token`, revokePath: `${pathname}/revoke` },
    };
  }

  async function logIn(id = 'plain', options: object = {}) {
    const base = settings(id);
    const authorizePath = base.auth.tokenPath.replace('/token', '/authorize');
    const client = new AuthorizationCode({ ...base, auth: { ...base.auth, authorizePath }, ...options });
    const address = client.authorizeURL({ redirect_uri, scope: 'api notes', state: 'of this login' });
    const { url } = await new UserAgent({ until: NOBODY }).through(address);
    expect(url.searchParams.get('state')).toBe('of this login');
    const code = url.searchParams.get('code') ?? '';
    return { client, accessToken: await client.getToken({ code, redirect_uri, scope: 'api notes' }) };
  }

  const isActive = async (token: unknown) => (await introspected(served, String(token))).active;

  it.each(['strict', 'loose'] as const)('gets tokens by code (%s encoding of the secret)', async (mode) => {
    const { accessToken } = await logIn('plain', { options: { credentialsEncodingMode: mode } });
    const { token } = accessToken;
    expect(token).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
    expect(accessToken.expired()).toBe(false);
    expect(await isActive(token.access_token)).toBe(true);
  });

  it('refreshes, also after the token was kept as text, and narrows the scope', async () => {
    const { client, accessToken } = await logIn();
    const kept = client.createToken(JSON.parse(JSON.stringify(accessToken)));
    const refreshed = await kept.refresh({ scope: 'api' });
    expect(refreshed.token.refresh_token).not.toBe(accessToken.token.refresh_token);
    expect((await introspected(served, String(refreshed.token.access_token))).scope).toBe('api');
  });

  it('revokeAll ends both tokens', async () => {
    const { accessToken } = await logIn();
    await accessToken.revokeAll();
    expect(await isActive(accessToken.token.access_token)).toBe(false);
    await expect(accessToken.refresh()).rejects.toMatchObject({
      output: { statusCode: 400 },
      data: { payload: { error: 'invalid_grant' } },
    });
    // What is revoked already is no error either.
    await accessToken.revokeAll();
  });

  it('gets a token for itself by client credentials', async () => {
    const { token } = await new ClientCredentials(settings('batch')).getToken({ scope: 'notes' });
    expect(token.token_type).toBe('Bearer');
    expect(token).not.toHaveProperty('refresh_token');
  });

  it('reads a refusal with its status', async () => {
    const wrong = { ...settings('batch'), client: { id: 'batch', secret: 'wrong' } };
    await expect(new ClientCredentials(wrong).getToken({})).rejects.toMatchObject({
      output: { statusCode: 401 },
      data: { payload: { error: 'invalid_client' } },
    });
  });
});
