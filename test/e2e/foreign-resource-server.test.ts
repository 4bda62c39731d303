// What libraries for servers that receive tokens make of ours: jose, and express-oauth2-jwt-bearer in its strict mode (RFC 9068).

import { auth, requiredScopes } from 'express-oauth2-jwt-bearer';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NOBODY, SECRET, type Served, serveForeign } from './foreign-spec.ts';
import { UserAgent } from './user-agent.ts';
import { startWebApplication, type WebApplication } from './web-application.ts';

describe('a server that receives tokens', () => {
  let served: Served;
  let api: WebApplication;
  /** Of a user, for `api`, with and without the scope `notes`; of a user for the client alone; of a client for itself. */
  let tokens: { readonly full: string; readonly lesser: string; readonly own: string; readonly batch: string };
  let idToken: string;

  beforeAll(async () => {
    api = await startWebApplication();
    served = await serveForeign();
    const web = await configurationOf('web');
    const full = await logIn(web, 'openid api notes');
    tokens = {
      full: full.access_token,
      lesser: (await logIn(web, 'openid api')).access_token,
      own: (await logIn(web, 'openid web')).access_token,
      batch: (await client.clientCredentialsGrant(await configurationOf('batch'))).access_token,
    };
    idToken = full.id_token ?? '';
    const issuerBaseURL = served.issuer;
    api.app.get('/', auth({ issuerBaseURL, audience: 'api', strict: true }), ({ auth: found }, response) =>
      response.json({ ...found?.payload }),
    );
    api.app.get(
      '/notes',
      auth({ issuerBaseURL, audience: 'api', strict: true }),
      requiredScopes('notes'),
      (_, response) => response.json({}),
    );
    api.app.use((error, _request, response, _next) => response.status(error.status ?? 500).json({}));
  });

  afterAll(async () => {
    await served.stop();
    await api.stop();
  });

  function configurationOf(client_id: string): Promise<client.Configuration> {
    return client.discovery(new URL(served.issuer), client_id, SECRET, undefined, {
      execute: [client.allowInsecureRequests],
    });
  }

  async function logIn(configuration: client.Configuration, scope: string) {
    const asked = { redirect_uri: `${NOBODY}/callback`, scope };
    const view = await new UserAgent({ until: NOBODY }).through(client.buildAuthorizationUrl(configuration, asked));
    return client.authorizationCodeGrant(configuration, view.url);
  }

  function call(path: string, token: string): Promise<Response> {
    return fetch(`${api.origin}${path}`, { headers: { authorization: `Bearer ${token}` } });
  }

  function verify(token: string, audience: string) {
    const keys = createRemoteJWKSet(new URL(`${served.issuer}/jwks`));
    const requiredClaims = ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'];
    return jwtVerify(token, keys, { issuer: served.issuer, audience, typ: 'at+jwt', requiredClaims });
  }

  it('jose verifies an access token by RFC 9068, with all the claims that it asks for', async () => {
    const { payload } = await verify(tokens.full, 'api');
    expect(payload).toMatchObject({ sub: 'ada-0001', client_id: 'web', scope: 'openid api notes' });
    expect((await verify(tokens.batch, 'batch')).payload).toMatchObject({ sub: 'batch', client_id: 'batch' });
  });

  it('jose refuses one for another audience, and an ID token', async () => {
    await expect(verify(tokens.own, 'api')).rejects.toMatchObject({ claim: 'aud' });
    await expect(verify(idToken, 'web')).rejects.toMatchObject({ claim: 'typ' });
  });

  it('express-oauth2-jwt-bearer, strict, lets the access token of a user in', async () => {
    const response = await call('/', tokens.full);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ iss: served.issuer, sub: 'ada-0001', client_id: 'web' });
    expect(decodeProtectedHeader(tokens.full).typ).toBe('at+jwt');
  });

  it('express-oauth2-jwt-bearer, strict, refuses what is not for it', async () => {
    expect((await call('/', tokens.own)).status).toBe(401);
    expect((await call('/', tokens.batch)).status).toBe(401);
    expect((await call('/', idToken)).status).toBe(401);
    expect((await call('/', `${tokens.full.slice(0, -8)}AAAAAAAA`)).status).toBe(401);
  });

  it('express-oauth2-jwt-bearer reads the scope', async () => {
    expect((await call('/notes', tokens.full)).status).toBe(200);
    expect((await call('/notes', tokens.lesser)).status).toBe(403);
  });
});
