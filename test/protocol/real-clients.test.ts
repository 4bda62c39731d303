// What clients in use insist on, beside what the standards say: measured with eighteen of them. Each point of the list has its
// number in a test's name. What needs a library is in test/e2e/foreign-*.

import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { ASSERTION_TYPE } from '../../src/oauth/client-assertion.ts';
import { listen, listenSecurely } from '../outbound/called.ts';
import {
  Browser,
  basicAuth,
  claimsOf,
  codeRequest,
  headerOf,
  introspect,
  json,
  obtainCode,
  obtainTokens,
  post,
  userinfo,
} from './browser.ts';
import { type Documents, SECRET, withLegacyGrants } from './spec.ts';
import { errorsOf, load, serve, serveForAll, type World } from './world.ts';

/** As java.net sends it. */
const JAVA = { accept: 'text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2' };

const world = await serveForAll(({ site }: Documents) => {
  withLegacyGrants({ site } as Documents);
  site.applications.plainly = { ...site.applications.web, tokens: { typ: 'JWT' } };
  site.applications.plainly.metadata = {
    ...site.applications.web.metadata,
    redirect_uris: ['https://plainly.example/callback'],
    scope: 'api openid',
  };
  site.applications.elliptic = structuredClone(site.applications.web);
  Object.assign(site.applications.elliptic.metadata, {
    redirect_uris: ['https://elliptic.example/callback'],
    id_token_signed_response_alg: 'ES256',
  });
  site.applications.proxy = { ...structuredClone(site.applications.web), tokens: { id_token_claims: ['email'] } };
  site.applications.proxy.metadata.redirect_uris = ['https://proxy.example/callback'];
  site.applications.body = structuredClone(site.applications.web);
  Object.assign(site.applications.body.metadata, {
    redirect_uris: ['https://body.example/callback'],
    token_endpoint_auth_method: 'client_secret_post',
  });
});

/** The status of an answer that has to be JSON, and its members. */
async function jsonOf(response: Response): Promise<{ status: number; body: Record<string, unknown> }> {
  expect(response.headers.get('content-type')).toMatch(/^application\/json(;|$)/);
  return { status: response.status, body: JSON.parse(await response.text()) };
}

describe('machine endpoints', () => {
  it('real clients 1: answer JSON with the real status to who would rather have HTML', async () => {
    const { access_token } = await obtainTokens(world, 'web', { scope: 'openid' });
    const asWeb = { as: 'web', headers: JAVA };
    const get = (path: string, headers: object = {}) => world.fetch(path, { headers: { ...JAVA, ...headers } });

    const batch = { as: 'batch', headers: JAVA };
    expect((await jsonOf(await post(world, '/token', { grant_type: 'client_credentials' }, batch))).status).toBe(200);
    expect(await jsonOf(await post(world, '/token', { grant_type: 'no' }, asWeb))).toMatchObject({
      status: 400,
      body: { error: 'unsupported_grant_type' },
    });
    const wrong = { as: 'web', secret: 'wrong', headers: JAVA };
    for (const path of ['/token', '/introspect', '/revoke']) {
      const refused = await post(world, path, { grant_type: 'client_credentials', token: 'x' }, wrong);
      expect(refused.headers.get('www-authenticate')).toMatch(/^Basic /);
      expect(await jsonOf(refused)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
      expect((await jsonOf(await post(world, path, {}, asWeb))).status).toBe(400);
    }
    expect((await jsonOf(await post(world, '/introspect', { token: access_token }, asWeb))).body.active).toBe(true);
    expect((await jsonOf(await get('/userinfo', { authorization: `Bearer ${access_token}` }))).status).toBe(200);
    const stranger = await get('/userinfo', { authorization: 'Bearer nobody' });
    expect(stranger.headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_token"/);
    expect((await jsonOf(stranger)).status).toBe(401);
    expect((await jsonOf(await get('/jwks'))).body).toHaveProperty('keys');
    expect((await jsonOf(await get('/.well-known/openid-configuration'))).status).toBe(200);
    expect((await jsonOf(await post(world, '/revoke', { token: access_token }, asWeb))).status).toBe(200);
    expect((await jsonOf(await get('/token'))).status).toBe(405);
  });

  it('real clients 2: revocation answers a JSON object, also for what nobody knows', async () => {
    const { access_token, refresh_token } = await obtainTokens(world);
    for (const token of [access_token, refresh_token, refresh_token, 'never-issued']) {
      expect(await jsonOf(await post(world, '/revoke', { token }, { as: 'web' }))).toEqual({ status: 200, body: {} });
    }
  });

  it('real clients 3: every introspection answer has sub, and of a user the name that was typed in', async () => {
    const { access_token, refresh_token } = await obtainTokens(world);
    expect(await introspect(world, access_token)).toMatchObject({ sub: 'ada-0001', username: 'ada' });
    expect(await introspect(world, refresh_token)).toMatchObject({ sub: 'ada-0001', username: 'ada' });
    const own = await json(post(world, '/token', { grant_type: 'client_credentials' }, { as: 'batch' }));
    const answer = await introspect(world, own.access_token, 'batch');
    expect(answer).toMatchObject({ active: true, sub: 'batch' });
    expect(answer).not.toHaveProperty('username');
  });
});

describe('tokens', () => {
  it('real clients 4: an access token is at+jwt, and JWT for who cannot read that', async () => {
    expect(headerOf((await obtainTokens(world)).access_token).typ).toBe('at+jwt');
    const { access_token } = await obtainTokens(world, 'plainly', { scope: 'openid' });
    expect(headerOf(access_token).typ).toBe('JWT');
    expect((await userinfo(world, access_token)).status).toBe(200);
    expect((await introspect(world, access_token, 'plainly')).active).toBe(true);
  });

  it('real clients 5: an ID token is RS256 unless the client asks for another; other keys stand beside it', async () => {
    const { access_token, id_token } = await obtainTokens(world);
    expect(headerOf(id_token).alg).toBe('RS256');
    expect(headerOf(access_token).alg).toBe('ES256');
    expect(headerOf((await obtainTokens(world, 'elliptic')).id_token).alg).toBe('ES256');
    const { keys } = await json(world.fetch('/jwks'));
    expect(keys.map(({ alg }: { alg: string }) => alg).sort()).toEqual(['ES256', 'EdDSA', 'RS256']);
    expect(keys.map(({ kid }: { kid: string }) => kid)).toContain(headerOf(id_token).kid);
    for (const key of keys) expect(key).not.toHaveProperty('d');
  });

  it('real clients 9: expires_in is a number, token_type is there, and scope in any case where a user is behind it', async () => {
    const exact = await obtainTokens(world, 'web', { scope: 'openid api' });
    expect(exact).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: 'openid api' });
    // Servers that joined, another text of the same, servers that the user may not reach, and nothing asked at all.
    const told = async (scope: string | undefined, username = 'ada') => {
      const answer = await obtainTokens(world, 'web', { scope }, new Browser(world), username);
      expect(answer).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
      return answer.scope.split(' ').sort().join(' ');
    };
    expect(await told('openid')).toBe('api archive openid');
    expect(await told('api  openid')).toBe('api openid');
    expect(await told('openid api archive', 'bob')).toBe('api openid');
    expect(await told(undefined, 'bob')).toBe('api drafts notes');
    const own = await json(post(world, '/token', { grant_type: 'client_credentials' }, { as: 'batch' }));
    expect(own).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: 'notes' });
  });

  it('real clients 10: userinfo alone tells the email, unless the application has it in the ID token', async () => {
    const scope = 'openid email profile';
    const usual = await obtainTokens(world, 'web', { scope });
    expect(claimsOf(usual.id_token)).not.toHaveProperty('email');
    expect(await json(userinfo(world, usual.access_token))).toMatchObject({ email: 'ada@example.com' });
    const listed = claimsOf((await obtainTokens(world, 'proxy', { scope })).id_token);
    expect(listed.email).toBe('ada@example.com');
    // What is not listed stays out, and what was not asked for too.
    expect(listed).not.toHaveProperty('name');
    expect(claimsOf((await obtainTokens(world, 'proxy', { scope: 'openid' })).id_token)).not.toHaveProperty('email');
  });
});

describe('requests', () => {
  it('real clients 6: who finds out how to authenticate by a first 401 loses neither the code nor the way in', async () => {
    // More often than wrong guesses are let through.
    for (let logins = 0; logins < 12; logins += 1) {
      const { form } = await obtainCode(world, 'body');
      const first = await post(world, '/token', form, { as: 'body' });
      expect([first.status, (await json(first)).error]).toEqual([401, 'invalid_client']);
      const second = await post(world, '/token', { ...form, client_id: 'body', client_secret: SECRET });
      expect(second.status).toBe(200);
    }
  });

  it('real clients 7: spellings that mean the same are taken', async () => {
    const form = { grant_type: 'client_credentials' };
    const authorization = basicAuth('batch', SECRET);
    const ask = (fields: object, headers: Record<string, string> = {}) =>
      post(world, '/token', { ...form, ...fields }, { headers: { authorization, ...headers } });
    expect((await ask({}, { authorization: authorization.replace('Basic', 'basic') })).status).toBe(200);
    const charset = 'application/x-www-form-urlencoded;charset=UTF-8';
    expect((await ask({}, { 'content-type': charset })).status).toBe(200);
    expect((await ask({}, { 'content-type': charset.toUpperCase() })).status).toBe(200);
    expect((await ask({ client_id: 'batch' })).status).toBe(200);
    expect((await ask({ audience: 'https://elsewhere.example', foo: 'bar' })).status).toBe(200);
    expect((await json(ask({}))).scope).toBe('notes');
    const { parameters } = codeRequest('web', { audience: 'x', access_type: 'offline', scope: 'openid' });
    const { answer } = await new Browser(world).through(await new Browser(world).authorize(parameters));
    expect(answer.error).toBeUndefined();
  });

  it('real clients 8: the issuer is one text everywhere, to the last slash, and found at both addresses', async () => {
    const issuer = 'https://as.example/tenant';
    const tenant = await serve(undefined, { issuer });
    const names = ['openid-configuration', 'oauth-authorization-server'];
    for (const name of names) {
      const below = await jsonOf(await tenant.fetch(`${issuer}/.well-known/${name}`));
      const inserted = await jsonOf(await tenant.fetch(`https://as.example/.well-known/${name}/tenant`));
      expect([below.status, inserted.status]).toEqual([200, 200]);
      expect(inserted.body).toEqual(below.body);
      expect(below.body.issuer).toBe(issuer);
    }
    const { parameters } = codeRequest('web');
    const browser = new Browser(tenant);
    expect((await browser.through(await browser.authorize(parameters))).answer.iss).toBe(issuer);
    const { access_token, id_token } = await obtainTokens(tenant, 'web', {}, browser);
    expect([claimsOf(id_token).iss, claimsOf(access_token).iss]).toEqual([issuer, issuer]);
    expect((await introspect(tenant, access_token)).iss).toBe(issuer);
    // With a slash at the end it would be another issuer to half of them.
    expect(errorsOf(await load(() => undefined, `${issuer}/`))).toEqual(['issuer.invalid']);
  });

  it('real clients 12: implicit is possible for one client, and for no other', async () => {
    const ask = (client_id: string) =>
      new Browser(world).authorize(
        codeRequest(client_id, {
          response_type: 'id_token',
          response_mode: 'form_post',
          code_challenge: undefined,
          code_challenge_method: undefined,
        }).parameters,
      );
    const browser = new Browser(world);
    const login = await browser.authorize(
      codeRequest('implicit', { response_type: 'id_token', response_mode: 'form_post' }).parameters,
    );
    const done = await browser.through(login);
    expect(done.form?.action).toBe('https://implicit.example/callback');
    expect(Object.keys(done.answer).sort()).toEqual(['id_token', 'iss', 'state']);
    expect(claimsOf(done.answer.id_token ?? '')).toMatchObject({ aud: 'implicit', nonce: 'a nonce', sub: 'ada-0001' });
    expect((await ask('web')).answer.error).toBe('unauthorized_client');
    const without = await serve();
    const { parameters } = codeRequest('web', { response_type: 'id_token', response_mode: 'form_post' });
    expect((await new Browser(without).authorize(parameters)).answer.error).toBe('unsupported_response_type');
  });
});

describe('what the server calls', () => {
  /** Logs in and out; the ID token of the login. */
  async function logInAndOut(at: World): Promise<string> {
    const { id_token, browser } = await obtainTokens(at);
    const { status } = await browser.go(`${at.issuer}/logout?${new URLSearchParams({ id_token_hint: id_token })}`);
    expect(status).toBe(200);
    return id_token;
  }

  const reasons = ({ records }: World) => records.flatMap(({ reason }) => (typeof reason === 'string' ? [reason] : []));

  it('real clients 11: sid is in both tokens, and a client on loopback is told of a logout where that is allowed', async () => {
    const called = await listen((response) => response.end());
    const uri = `http://127.0.0.1:${called.port}/logout`;
    const at = await serve(({ server, site }) => {
      server.server.outbound = { allow: ['127.0.0.1'] };
      site.applications.web.metadata.backchannel_logout_uri = uri;
    });
    const id_token = await logInAndOut(at);
    expect(called.requests.map(({ method, url }) => `${method} ${url}`)).toEqual(['POST /logout']);
    const logout_token = new URLSearchParams(called.requests[0]?.body).get('logout_token') ?? '';
    expect(claimsOf(id_token).sid).toMatch(/^.{16,}$/);
    expect(claimsOf(logout_token)).toMatchObject({ sid: claimsOf(id_token).sid, sub: 'ada-0001', aud: 'web' });
  });

  it('real clients 11: where it is not allowed the guard refuses, and says what would permit it', async () => {
    const edit = ({ site }: Documents) => {
      site.applications.web.metadata.backchannel_logout_uri = 'http://127.0.0.1:9/logout';
    };
    // In the clear it is not even loaded.
    expect(errorsOf(await load(edit))).toEqual(['url.insecure']);
    const called = await listenSecurely((response) => response.end());
    const at = await serve(({ site }) => {
      site.applications.web.metadata.backchannel_logout_uri = `https://127.0.0.1:${called.port}/logout`;
    });
    await logInAndOut(at);
    expect(called.requests).toEqual([]);
    expect(reasons(at).join()).toContain('server.outbound.allow would permit it, by "127.0.0.1"');
  });

  it('real clients 11: the keys of a client on loopback are fetched where that is allowed, and only there', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }] });
    const called = await listen((response) => response.setHeader('content-type', 'application/json').end(keys));
    const secure = await listenSecurely((response) => response.end(keys));
    const using = (jwks_uri: string, allow: readonly string[]) => (documents: Documents) => {
      if (allow.length > 0) documents.server.server.outbound = { allow };
      const { batch } = documents.site.applications;
      delete batch.secret;
      Object.assign(batch.metadata, { token_endpoint_auth_method: 'private_key_jwt', jwks_uri });
    };
    const ask = async (at: World) => {
      const assertion = await new SignJWT({ jti: 'used once' })
        .setProtectedHeader({ alg: 'ES256', kid: 'one' })
        .setIssuer('batch')
        .setSubject('batch')
        .setAudience(at.issuer)
        .setIssuedAt()
        .setExpirationTime('1m')
        .sign(privateKey);
      const proof = { client_assertion_type: ASSERTION_TYPE, client_assertion: assertion };
      return post(at, '/token', { grant_type: 'client_credentials', ...proof });
    };
    const allowed = await serve(using(`http://127.0.0.1:${called.port}/keys`, ['127.0.0.1']));
    expect((await ask(allowed)).status).toBe(200);
    const guarded = await serve(using(`https://127.0.0.1:${secure.port}/keys`, []));
    const refused = await ask(guarded);
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(await json(refused)).not.toHaveProperty('access_token');
    expect(secure.requests).toEqual([]);
    expect(reasons(guarded).join()).toContain('server.outbound.allow would permit it');
  });
});
