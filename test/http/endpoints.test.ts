import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../../src/oauth/snapshot.ts';
import { EX2, edited, SERVER1 } from '../model/example-state.ts';
import { exampleAt, FORM, GRANT, ISSUER, SECRET, serve, snapshotOf, TOKEN } from './serving.ts';

const BASIC = `Basic ${Buffer.from(`Client1:${SECRET}`).toString('base64')}`;
const SERVER1_BASIC = `Basic ${Buffer.from(`Server1:${SECRET}`).toString('base64')}`;
const PATHS = ['/token', '/introspect', '/revoke', '/oauth2/token', '/oauth2/introspection', '/oauth2/revocation'];

async function tokenFrom(app: ReturnType<typeof serve>, scope = 'Client1 Server1'): Promise<string> {
  const payload = `grant_type=client_credentials&scope=${encodeURIComponent(scope)}&client_id=Client1&client_secret=${SECRET}`;
  const response = await app.inject({ method: 'POST', url: TOKEN, headers: FORM, payload });
  return response.json<{ access_token: string }>().access_token;
}

describe('the token endpoint over HTTP', () => {
  it('S:U-03 answers the literal request with a token', async () => {
    const response = await serve().inject({ method: 'POST', url: TOKEN, headers: FORM, payload: GRANT });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
    expect(response.headers['content-type']).toMatch(/^application\/json/);
  });

  it('P:O-054 forbids caching of successes and errors, and content sniffing', async () => {
    const app = serve();
    for (const payload of [GRANT, GRANT.replace(SECRET, 'wrong'), '']) {
      const { headers } = await app.inject({ method: 'POST', url: TOKEN, headers: FORM, payload });
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        pragma: 'no-cache',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      });
    }
  });

  it('P:O-004 P:I-003 reads no credentials and no parameters from the query', async () => {
    const app = serve();
    const inQuery = await app.inject({
      method: 'POST',
      url: `${TOKEN}?client_id=Client1&client_secret=${SECRET}`,
      headers: FORM,
      payload: 'grant_type=client_credentials',
    });
    expect(inQuery.statusCode).toBe(401);
    expect(inQuery.json()).toMatchObject({ error: 'invalid_client' });
    const everything = await app.inject({ method: 'POST', url: `${TOKEN}?${GRANT}` });
    expect(everything.statusCode).toBe(400);
    expect(everything.json()).toMatchObject({ error: 'invalid_request' });
  });

  it('P:O-060 P:V-001 P:I-003 refuses every method but POST, by 405 and JSON', async () => {
    const app = serve();
    for (const path of PATHS) {
      for (const method of ['GET', 'PUT', 'DELETE', 'PATCH'] as const) {
        const response = await app.inject({
          method,
          url: `/uas${path}?${GRANT}&token=x`,
          headers: { accept: 'text/html' },
        });
        expect([path, method, response.statusCode]).toEqual([path, method, 405]);
        expect(response.headers.allow).toBe('POST');
        expect(response.json()).toMatchObject({ error: 'invalid_request' });
      }
      const head = await app.inject({ method: 'HEAD', url: `/uas${path}` });
      expect([head.statusCode, head.body]).toEqual([405, '']);
    }
  });

  it('P:O-060 refuses another method before it looks at the body', async () => {
    const headers = { 'content-type': 'application/json' };
    const response = await serve().inject({ method: 'PUT', url: TOKEN, headers, payload: '{}' });
    expect(response.statusCode).toBe(405);
  });

  it('P:S-027 answers OPTIONS without opening the token endpoint to other origins', async () => {
    const headers = { origin: 'https://app.test', 'access-control-request-method': 'POST' };
    const response = await serve().inject({ method: 'OPTIONS', url: TOKEN, headers });
    expect([response.statusCode, response.headers.allow]).toEqual([204, 'POST, OPTIONS']);
    expect(Object.keys(response.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('P:O-058 sees a parameter that is sent twice', async () => {
    const app = serve();
    for (const repeated of ['grant_type=client_credentials', 'client_id=Client1']) {
      const response = await app.inject({ method: 'POST', url: TOKEN, headers: FORM, payload: `${GRANT}&${repeated}` });
      expect([response.statusCode, response.json()]).toEqual([
        400,
        expect.objectContaining({ error: 'invalid_request' }),
      ]);
    }
  });

  it('notes to whom a token was issued and as which user, and nothing of who got none', async () => {
    const noted: unknown[] = [];
    const app = serve({ now: () => 1_767_225_600_250, noteUse: (...use) => void noted.push(use) });
    await tokenFrom(app);
    for (const payload of [GRANT.replace(SECRET, 'wrong'), GRANT.replace('scope=oidc', 'scope=unknown'), '']) {
      const response = await app.inject({ method: 'POST', url: TOKEN, headers: FORM, payload });
      expect(response.statusCode).not.toBe(200);
    }
    expect(noted).toEqual([['application:Example/Client1', 'user:Example/User1', 1_767_225_600_250]]);
  });

  it('answers in JSON whatever Accept says, errors too', async () => {
    const app = serve();
    const accept = 'text/html, image/gif, image/jpeg, *; q=.2';
    for (const payload of [GRANT, 'grant_type=client_credentials']) {
      const response = await app.inject({ method: 'POST', url: TOKEN, headers: { ...FORM, accept }, payload });
      expect(response.headers['content-type']).toMatch(/^application\/json/);
    }
  });
});

describe('introspection, revocation and userinfo over HTTP', () => {
  it('P:I-014 introspection answers JSON that is not stored', async () => {
    const app = serve();
    const token = await tokenFrom(app);
    const headers = { ...FORM, authorization: SERVER1_BASIC };
    const response = await app.inject({
      method: 'POST',
      url: '/uas/oauth2/introspection',
      headers,
      payload: `token=${token}`,
    });
    expect(response.json()).toMatchObject({ active: true, aud: ['Server1'] });
    expect(response.headers['cache-control']).toBe('no-store');
  });

  it('S:U-44 revocation answers {} as JSON, and the token is dead', async () => {
    const app = serve();
    const token = await tokenFrom(app);
    const headers = { ...FORM, authorization: BASIC };
    const revoked = await app.inject({
      method: 'POST',
      url: '/uas/oauth2/revocation',
      headers,
      payload: `token=${token}`,
    });
    expect([revoked.statusCode, revoked.body]).toEqual([200, '{}']);
    const after = await app.inject({ url: '/uas/oauth2/userinfo', headers: { authorization: `Bearer ${token}` } });
    expect(after.statusCode).toBe(401);
  });

  it('S:U-40 userinfo serves GET and POST, HEAD as GET', async () => {
    const app = serve();
    const headers = { authorization: `Bearer ${await tokenFrom(app)}` };
    for (const method of ['GET', 'POST'] as const) {
      const response = await app.inject({ method, url: '/uas/oauth2/userinfo', headers });
      expect(response.json()).toMatchObject({ azp: 'Client1' });
    }
    const head = await app.inject({ method: 'HEAD', url: '/uas/oauth2/userinfo', headers });
    expect([head.statusCode, head.body]).toEqual([200, '']);
    const put = await app.inject({ method: 'PUT', url: '/uas/oauth2/userinfo', headers });
    expect([put.statusCode, put.headers.allow]).toEqual([405, 'GET, HEAD, POST']);
  });

  it('P:B-002 userinfo takes the token from a form', async () => {
    const app = serve();
    const payload = `access_token=${await tokenFrom(app)}`;
    const response = await app.inject({ method: 'POST', url: '/uas/oauth2/userinfo', headers: FORM, payload });
    expect(response.statusCode).toBe(200);
  });

  it('P:B-003 userinfo never takes the token from the query', async () => {
    const app = serve();
    const token = await tokenFrom(app);
    for (const method of ['GET', 'POST'] as const) {
      const response = await app.inject({ method, url: `/uas/oauth2/userinfo?access_token=${token}` });
      expect(response.statusCode).toBe(401);
      expect(response.headers['www-authenticate']).not.toContain('error=');
    }
  });
});

describe('requests of browsers of other origins', () => {
  const origin = 'https://app.test';

  it('S:U-45 P:C-049 are answered at introspection of the ubisecure family and at userinfo, without credentials', async () => {
    const app = serve();
    for (const [path, methods] of [
      ['/uas/oauth2/introspection', 'POST'],
      ['/uas/oauth2/userinfo', 'GET, HEAD, POST'],
      ['/uas/userinfo', 'GET, HEAD, POST'],
    ] as const) {
      const asked = {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      };
      const preflight = await app.inject({ method: 'OPTIONS', url: path, headers: asked });
      expect(preflight.statusCode).toBe(204);
      expect(preflight.headers).toMatchObject({
        'access-control-allow-origin': '*',
        'access-control-allow-methods': methods,
        'access-control-allow-headers': 'Authorization, Content-Type',
      });
      const refused = await app.inject({ method: 'POST', url: path, headers: { ...FORM, origin }, payload: 'a=b' });
      expect(refused.statusCode).toBe(401);
      const large = await app.inject({
        method: 'POST',
        url: path,
        headers: { ...FORM, origin },
        payload: 'a'.repeat(70_000),
      });
      expect(large.statusCode).toBe(413);
      for (const { headers } of [preflight, refused, large]) {
        expect(headers['access-control-allow-origin']).toBe('*');
        expect(headers['access-control-allow-credentials']).toBeUndefined();
      }
      expect(refused.headers['access-control-expose-headers']).toBe('WWW-Authenticate, Retry-After');
    }
  });

  it('P:V-016 P:S-026 P:S-027 are not answered anywhere else', async () => {
    const app = serve();
    for (const path of [
      '/introspect',
      '/revoke',
      '/token',
      '/oauth2/revocation',
      '/oauth2/token',
      '/authorize',
      '/oauth2/authorization',
    ]) {
      for (const method of ['OPTIONS', 'POST'] as const) {
        const response = await app.inject({ method, url: `/uas${path}`, headers: { ...FORM, origin }, payload: 'a=b' });
        expect(Object.keys(response.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
      }
    }
  });
});

describe('the snapshot of a request', () => {
  it('is one: it is read once, and the whole answer is of its generation', async () => {
    const with2 = snapshotOf(EX2, 1);
    const without2 = snapshotOf(edited(EX2, 'application', SERVER1, { enabled: false }), 2);
    const answers: Snapshot[] = [with2, without2];
    let reads = 0;
    const app = serve({ current: () => answers[reads++] });
    const payload = GRANT.replace('scope=oidc', 'scope=Server1');
    const first = await app.inject({ method: 'POST', url: TOKEN, headers: FORM, payload });
    expect([first.statusCode, reads]).toEqual([200, 1]);
    const second = await app.inject({ method: 'POST', url: TOKEN, headers: FORM, payload });
    expect([second.statusCode, reads]).toEqual([400, 2]);
  });

  it('decides which families are there: others are 404, also to other methods and bodies', async () => {
    let snapshot = snapshotOf(exampleAt(ISSUER, []));
    const app = serve({ current: () => snapshot, issuer: ISSUER });
    const ask = (url: string) => app.inject({ method: 'POST', url, headers: FORM, payload: GRANT });
    expect((await ask('/uas/token')).statusCode).toBe(200);
    const missing = await ask(TOKEN);
    expect([missing.statusCode, missing.json()]).toEqual([404, { error: 'not_found' }]);
    expect(missing.headers['cache-control']).toBe('no-store');
    const json = await app.inject({
      method: 'POST',
      url: TOKEN,
      headers: { 'content-type': 'application/json' },
      payload: '{}',
    });
    expect([json.statusCode, (await app.inject({ url: TOKEN })).statusCode]).toEqual([404, 404]);
    expect((await app.inject({ url: '/uas/oauth2/metadata.json' })).statusCode).toBe(404);

    snapshot = snapshotOf(EX2, 2);
    expect((await ask(TOKEN)).statusCode).toBe(200);
  });

  it('is missing before the first: 503 with Retry-After, as JSON', async () => {
    const app = serve({ current: () => undefined });
    for (const [method, url] of [
      ['POST', TOKEN],
      ['GET', '/uas/.well-known/openid-configuration'],
      ['GET', '/uas/jwks'],
    ] as const) {
      const response = await app.inject({ method, url });
      expect([response.statusCode, response.headers['retry-after']]).toEqual([503, '1']);
      expect(response.json()).toMatchObject({ error: 'temporarily_unavailable' });
      expect(response.headers['cache-control']).toBe('no-store');
    }
  });
});

describe('the paths of an issuer', () => {
  it.each([
    ['https://as.test', '/oauth2/token'],
    ['https://as.test/', '//oauth2/token'],
    ['https://as.test/a/b', '/a/b/oauth2/token'],
    ['https://as.test/with%20space', '/with%20space/oauth2/token'],
    ['https://as.test/tenant:1', '/tenant:1/oauth2/token'],
    ['https://as.test/%C3%BC', '/%C3%BC/oauth2/token'],
  ])('%s has its token endpoint at %s', async (issuer, url) => {
    const app = serve({ snapshot: snapshotOf(exampleAt(issuer)) });
    expect((await app.inject({ method: 'POST', url, headers: FORM, payload: GRANT })).statusCode).toBe(200);
    expect((await app.inject({ method: 'POST', url: `${url}/`, headers: FORM, payload: GRANT })).statusCode).toBe(404);
  });

  it('cannot hold a star', () => {
    expect(() => serve({ snapshot: snapshotOf(exampleAt('https://as.test/*')) })).toThrow(/cannot have/);
  });
});

describe('the address of a caller', () => {
  const state = edited(EX2, 'application', 'application:Example/Client1', { client_ip_range: ['203.0.113.0/24'] });
  const headers = { ...FORM, 'x-forwarded-for': '198.51.100.1, 203.0.113.9' };
  const request = { method: 'POST', url: TOKEN, headers, payload: GRANT } as const;

  it('P:S-023 is that of the connection: X-Forwarded-For is ignored from strangers', async () => {
    const app = serve({ snapshot: snapshotOf(state), trustedProxies: ['10.0.0.0/8'] });
    expect((await app.inject({ ...request, remoteAddress: '198.51.100.7' })).statusCode).toBe(401);
    expect((await app.inject({ ...request, remoteAddress: '203.0.113.4' })).statusCode).toBe(200);
    const none = serve({ snapshot: snapshotOf(state) });
    expect((await none.inject({ ...request, remoteAddress: '10.1.1.1' })).statusCode).toBe(401);
  });

  it('P:S-023 is the last that a trusted proxy vouches for', async () => {
    const app = serve({ snapshot: snapshotOf(state), trustedProxies: ['10.0.0.0/8'] });
    expect((await app.inject({ ...request, remoteAddress: '10.1.1.1' })).statusCode).toBe(200);
    const spoofed = { ...headers, 'x-forwarded-for': '203.0.113.9, 198.51.100.1' };
    expect((await app.inject({ ...request, headers: spoofed, remoteAddress: '10.1.1.1' })).statusCode).toBe(401);
    const garbage = { ...headers, 'x-forwarded-for': 'garbage' };
    expect((await app.inject({ ...request, headers: garbage, remoteAddress: '10.1.1.1' })).statusCode).toBe(401);
  });

  it('refuses a trusted proxy that is no address', () => {
    expect(() => serve({ trustedProxies: ['proxy.internal'] })).toThrow(/"proxy.internal" is no IP address/);
  });
});
