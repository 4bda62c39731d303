// Rows A-02… of SEMANTICS: how users let applications act in the system that is replaced, over HTTP. Its own paths
// and envelopes come with its profile.

import { describe, expect, it } from 'vitest';
import {
  Browser,
  claimsOf,
  codeRequest,
  introspect,
  json,
  obtainCode,
  obtainTokens,
  post,
  refresh,
  tokenRequest,
  userinfo,
} from './browser.ts';
import { withLegacyGrants } from './spec.ts';
import { type Edit, load, serve, serveForAll, warningsOf } from './world.ts';

const world = await serveForAll(withLegacyGrants);

describe('the flows of an application', () => {
  it('S:A-02 a user lets a client act on the user’s behalf: an access token for calls', async () => {
    const { access_token } = await obtainTokens(world, 'web', { scope: 'api' });
    expect(await introspect(world, access_token, 'api')).toMatchObject({
      active: true,
      username: 'ada',
      client_id: 'web',
    });
  });

  it('S:A-03 openid gives an ID token, further scopes add claims about the user', async () => {
    const { id_token, access_token } = await obtainTokens(world, 'web', { scope: 'openid email profile' });
    expect(claimsOf(id_token)).toMatchObject({ sub: 'ada-0001', aud: 'web' });
    const told = await json(userinfo(world, access_token));
    expect(told).toMatchObject({ sub: 'ada-0001', email: 'ada@example.com', name: 'Ada Lovelace' });
    const { access_token: less } = await obtainTokens(world, 'web', { scope: 'openid' });
    expect(await json(userinfo(world, less))).toEqual({ sub: 'ada-0001' });
  });

  it('S:A-04 who is not logged in logs in and comes back to the request', async () => {
    const browser = new Browser(world);
    const { parameters } = codeRequest('web', { state: 'where I was' });
    const login = await browser.authorize(parameters);
    expect(login.form?.id).toBe('login');
    expect((await browser.login(login)).answer).toMatchObject({ code: expect.any(String), state: 'where I was' });
  });

  it('S:A-05 the code is exchanged by a form with client_id and client_secret in it', async () => {
    const browser = new Browser(world);
    const { parameters, verifier } = codeRequest('web');
    const { answer } = await browser.through(await browser.authorize(parameters));
    const response = await world.fetch('/token', {
      method: 'POST',
      body: new URLSearchParams({
        client_id: 'web',
        client_secret: 'correct-horse-battery-staple-0123456789',
        grant_type: 'authorization_code',
        code: answer.code ?? '',
        redirect_uri: 'https://web.example/callback',
        code_verifier: verifier,
      }),
    });
    expect([response.status, (await response.json()).token_type]).toEqual([200, 'Bearer']);
  });

  it('S:A-05 who may not use the application is told access_denied', async () => {
    const closed = await serve(({ site }) => {
      site.applications.web.allowed_to = ['Archivists'];
    });
    const browser = new Browser(closed);
    const denied = await browser.through(await browser.authorize(codeRequest('web').parameters), 'bob');
    expect(denied.answer).toMatchObject({ error: 'access_denied', state: 'a state' });
    expect(denied.answer.error_description).toMatch(/^NOT_IN_ALLOWED_GROUP/);
    const allowed = new Browser(closed);
    expect((await allowed.through(await allowed.authorize(codeRequest('web').parameters))).answer.code).toBeDefined();
  });

  it('S:A-06 a flow that the application does not have is refused', async () => {
    const browser = new Browser(world);
    const { parameters } = codeRequest('web', { response_type: 'token', code_challenge: undefined });
    expect((await browser.authorize(parameters)).answer).toMatchObject({ error: 'unauthorized_client' });
    const grant = await tokenRequest(world, 'web', { grant_type: 'client_credentials' });
    expect((await grant.json()).error).toBe('unauthorized_client');
    const off = await serve();
    const unserved = await new Browser(off).authorize(parameters);
    expect(unserved.answer).toMatchObject({ error: 'unsupported_response_type' });
  });

  it('S:A-07 the authorization code flow passes a login on to another application, without a second one', async () => {
    const browser = new Browser(world);
    const first = await obtainTokens(world, 'web', {}, browser);
    const second = await obtainTokens(world, 'other', {}, browser);
    expect(claimsOf(second.id_token).auth_time).toBe(claimsOf(first.id_token).auth_time);
    expect(claimsOf(second.id_token).sid).toBe(claimsOf(first.id_token).sid);
  });

  it('S:A-08 implicit gives an ID token, for which openid and a nonce are needed, or a token, by fragment', async () => {
    const request = {
      client_id: 'implicit',
      redirect_uri: 'https://implicit.example/callback',
      response_type: 'id_token',
      scope: 'openid email',
      nonce: 'a nonce',
      state: 'a state',
    };
    const browser = new Browser(world);
    const done = await browser.through(await browser.authorize(request));
    expect(done.location?.search).toBe('');
    expect(done.answer.access_token).toBeUndefined();
    // Without an access token userinfo is out of reach: the claims stand in the ID token.
    expect(claimsOf(done.answer.id_token ?? '')).toMatchObject({
      nonce: 'a nonce',
      aud: 'implicit',
      email: 'ada@example.com',
    });
    const { nonce: _, ...without } = request;
    expect((await browser.authorize(without)).answer.error).toBe('invalid_request');
    expect((await browser.authorize({ ...request, scope: 'email' })).answer.error).toBe('invalid_request');
    const token = await browser.authorize({ ...request, response_type: 'token' });
    expect(token.answer).toMatchObject({ token_type: 'Bearer', access_token: expect.any(String) });
  });

  it('S:A-09 by client credentials an application acts as itself', async () => {
    const { access_token } = await json(tokenRequest(world, 'batch', { grant_type: 'client_credentials' }));
    expect(claimsOf(access_token)).toMatchObject({ sub: 'batch', client_id: 'batch' });
  });
});

describe('what is evaluated at use', () => {
  it('S:A-14, R-3 a user who loses an audience loses it for tokens that are there already, and gets it back with it', async () => {
    const own = await serve();
    const { access_token } = await obtainTokens(own, 'web', { scope: 'archive' });
    expect((await introspect(own, access_token, 'archive')).active).toBe(true);
    await own.apply(({ site }) => {
      site.groups.Archivists.members = ['bob'];
    });
    expect(await introspect(own, access_token, 'archive')).toEqual({ active: false });
    await own.apply(({ site }) => {
      site.groups.Archivists.members = ['ada', 'bob'];
    });
    expect((await introspect(own, access_token, 'archive')).active).toBe(true);
  });

  it('S:A-20, vector V28 a refresh token that needs a live session is refused once the user has logged out', async () => {
    const own = await serve(({ site }) => {
      site.applications.web.tokens = { refresh: { require_live_session: true } };
    });
    const browser = new Browser(own);
    const tokens = await obtainTokens(own, 'web', { scope: 'openid offline_access', prompt: 'consent' }, browser);
    const again = await json(refresh(own, 'web', tokens.refresh_token));
    await browser.go(`/logout?${new URLSearchParams({ id_token_hint: tokens.id_token })}`);
    const refused = await refresh(own, 'web', again.refresh_token);
    expect([refused.status, (await refused.json()).error]).toEqual([400, 'invalid_grant']);
  });

  it('S:A-20 a session that has run out is none', async () => {
    const own = await serve(({ server, site }) => {
      server.server.sessions = { ttl: '2h' };
      site.applications.web.tokens = { refresh: { require_live_session: true } };
    });
    const tokens = await obtainTokens(own, 'web');
    own.advance(3600);
    const again = await json(refresh(own, 'web', tokens.refresh_token));
    own.advance(3601);
    expect((await json(refresh(own, 'web', again.refresh_token))).error).toBe('invalid_grant');
  });
});

describe('S:A-22 a client without a secret', () => {
  it('S:A-22 says so by token_endpoint_auth_method none, and uses the code flow without one', async () => {
    const without: Edit = ({ site }) => {
      delete site.applications.web.secret;
    };
    expect(warningsOf(await load(without))).toContain('client.no-secret');
    const unsaid = await serve(without);
    const { form: refused } = await obtainCode(unsaid, 'web');
    expect((await post(unsaid, '/token', { ...refused, client_id: 'web' })).status).toBe(401);
    const own = await serve(({ site }) => {
      delete site.applications.web.secret;
      site.applications.web.metadata.token_endpoint_auth_method = 'none';
    });
    const { form } = await obtainCode(own, 'web');
    // Nothing but the proof key stands for it, and a secret that nobody has is refused.
    expect((await post(own, '/token', form, { as: 'web' })).status).toBe(401);
    expect((await post(own, '/token', { ...form, client_id: 'web' })).status).toBe(200);
  });
});
