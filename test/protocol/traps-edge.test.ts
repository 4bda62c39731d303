// What other servers got wrong at their edge, each by its advisory: headers, cookies, TLS, guesses, addresses to be fetched.

import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type ConnectionOptions, connect } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Browser, codeRequest, json, obtainTokens, post, type Stop } from './browser.ts';
import { expectErrorPage, expectRedirectedError, expectTokenError } from './security-checks.ts';
import { PASSWORD } from './spec.ts';
import { errorsOf, load, serve, serveForAll } from './world.ts';

const world = await serveForAll();
const authorize = (browser: Browser, more: Record<string, string | undefined> = {}) =>
  browser.authorize(codeRequest('web', more).parameters);

describe('who is let in', () => {
  it('GHSA-5hvv-m4w4-gf6v: a health check is known by its path, and opens nothing by its name', async () => {
    const agents = ['GoogleHC/1.0', 'kube-probe/1.30', 'ELB-HealthChecker/2.0', 'Consul Health Check'];
    for (const agent of agents) {
      const headers = { 'user-agent': agent };
      expect((await world.fetch('/userinfo', { headers })).status).toBe(401);
      const form = { grant_type: 'client_credentials', client_id: 'batch' };
      await expectTokenError(await post(world, '/token', form, { headers }), 'invalid_client', 401);
      expect((await post(world, '/introspect', { token: 'x' }, { headers })).status).toBe(401);
      const page = await world.fetch(`/authorize?${new URLSearchParams(codeRequest('web').parameters)}`, { headers });
      expect(await page.text()).toContain('id="login"');
    }
    expect(await json(world.fetch('/healthz'))).toEqual({ status: 'ok' });
    expect(await json(world.fetch('/readyz'))).toEqual({ status: 'ready' });
  });

  it('GHSA-7x63-xv5r-3p2x: no header that anybody can write opens a path or names a user', async () => {
    const headers = {
      'x-forwarded-uri': '/healthz',
      'x-original-uri': '/healthz',
      'x-original-url': '/healthz',
      'x-rewrite-url': '/healthz',
      'x-auth-request-redirect': '/healthz',
      'x-forwarded-user': 'ada',
      'x-auth-request-user': 'ada',
      'x-forwarded-email': 'ada@example.com',
      'remote-user': 'ada',
    };
    expect((await world.fetch('/userinfo', { headers })).status).toBe(401);
    expect((await authorize(new Browser(world))).form?.id).toBe('login');
    const stop = await new Browser(world).go(
      `${world.issuer}/authorize?${new URLSearchParams(codeRequest('web').parameters)}`,
      { headers },
    );
    expect(stop.form?.id).toBe('login');
  });

  it.each(['CVE-2026-84423', 'CVE-2025-4210', 'CVE-2026-90942'])(
    '%s: the public address has no door of the operator: no status, no keys, no configuration',
    async (_advisory) => {
      const paths = [
        '/status',
        '/metrics',
        '/reload',
        '/approve',
        '/admin',
        '/admin/',
        '/api',
        '/api/get-users',
        '/config',
      ];
      const more = [
        '/debug/pprof',
        '/register',
        '/clients',
        '/users',
        '/keys',
        '/revisions',
        '/charter.db',
        '/server.yaml',
      ];
      for (const path of [...paths, ...more]) {
        for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
          expect((await world.fetch(path, { method })).status, `${method} ${path}`).toBe(404);
        }
      }
      const { keys } = await json(world.fetch('/jwks'));
      expect(keys.length).toBeGreaterThan(0);
      for (const key of keys) {
        for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth']) expect(key).not.toHaveProperty(member);
      }
    },
  );
});

describe('a login', () => {
  it('GHSA-f24x-5g9q-753f: begins a session of its own: a cookie from before it is worth nothing after it', async () => {
    const browser = new Browser(world);
    await browser.through(await authorize(browser));
    const name = browser.sessionCookie() ?? '';
    const own = browser.cookies.get(name) ?? '';
    expect(own).toMatch(/^[\w-]{43}$/);
    // One that somebody planted is not taken over by the login of another.
    for (const planted of [own.split('').reverse().join(''), 'A'.repeat(43), 'x']) {
      const victim = new Browser(world);
      victim.cookies.set(name, planted);
      const page = await authorize(victim);
      expect(page.form?.id).toBe('login');
      await victim.login(page, 'bob');
      expect(victim.cookies.get(name)).not.toBe(planted);
      const attacker = new Browser(world);
      attacker.cookies.set(name, planted);
      expect((await authorize(attacker)).form?.id).toBe('login');
    }
    // A live one is renewed by a login, and the text from before is dead.
    const again = await authorize(browser, { prompt: 'login' });
    expect(again.form?.id).toBe('login');
    await browser.login(again);
    expect(browser.cookies.get(name)).not.toBe(own);
    const thief = new Browser(world);
    thief.cookies.set(name, own);
    expect((await authorize(thief)).form?.id).toBe('login');
    expect(browser.attributes.get(name)).toEqual(
      expect.arrayContaining(['httponly', 'secure', 'samesite=lax', 'path=/']),
    );
    expect(name).toMatch(/^__Host-/);
  });

  it('CWE-204: does not tell whether there is such a user, nor whether it is one who may not log in', async () => {
    const words = ({ status, html, response }: Stop) => ({
      status,
      html: html.replace(/value="[^"]*"/g, ''),
      headers: [...response.headers.keys()].filter((name) => name !== 'date').sort(),
    });
    const own = await serve();
    const attempt = async (username: string, password: string) => {
      const browser = new Browser(own);
      return words(await browser.login(await browser.authorize(codeRequest('web').parameters), username, password));
    };
    const wrong = await attempt('ada', 'wrong');
    expect(wrong.status).toBe(200);
    expect(wrong.html).toContain('The username or the password is not right');
    expect(await attempt('nobody', 'wrong')).toEqual(wrong);
    // Disabled, with the right password.
    expect(await attempt('carol', PASSWORD)).toEqual(wrong);
    expect(await attempt('web', 'wrong')).toEqual(wrong);
  });

  it('CWE-307: is guessed at ten times a minute, whether or not there is such a user, and others log in meanwhile', async () => {
    const own = await serve();
    for (const username of ['ada', 'nobody']) {
      const browser = new Browser(own);
      let page = await browser.authorize(codeRequest('web').parameters);
      for (let guesses = 0; guesses < 10; guesses += 1) {
        page = await browser.login(page, username, `guess ${guesses}`);
        expect(page.status).toBe(200);
      }
      const held = await browser.login(page, username, PASSWORD);
      expect(held.status).toBe(429);
      expect(Number(held.response.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(browser.sessionCookie()).toBeUndefined();
    }
    expect((await obtainTokens(own, 'web', {}, new Browser(own), 'bob')).token_type).toBe('Bearer');
    own.advance(61);
    expect((await obtainTokens(own)).token_type).toBe('Bearer');
  });
});

describe('TLS', () => {
  const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../http/fixtures', name));
  const tls = { cert: fixture('localhost.crt'), key: fixture('localhost.key') };

  function handshake(port: number, options: ConnectionOptions): Promise<string> {
    return new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca: tls.cert, ...options }, () => {
        resolve(socket.getProtocol() ?? 'none');
        socket.destroy();
      });
      socket.on('error', () => resolve('refused'));
    });
  }

  it('GHSA-gr79-9v6v-gc9r: is 1.2 at least, with ciphers of today, and stays so after a reload', async () => {
    const own = await serve(() => undefined, { app: { tls } });
    const old = { ciphers: 'ALL:@SECLEVEL=0' };
    for (const isReloaded of [false, true]) {
      if (isReloaded) {
        await own.apply(({ site }) => {
          site.applications.web.metadata.client_name = 'Another name';
        });
      }
      expect(await handshake(own.port, {})).toBe('TLSv1.3');
      expect(await handshake(own.port, { maxVersion: 'TLSv1.2' })).toBe('TLSv1.2');
      expect(await handshake(own.port, { ...old, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' })).toBe('refused');
      const weak = { maxVersion: 'TLSv1.2', minVersion: 'TLSv1.2' } as const;
      expect(await handshake(own.port, { ...weak, ciphers: 'NULL:@SECLEVEL=0' })).toBe('refused');
      expect(await handshake(own.port, { ...weak, ciphers: 'AECDH:ADH:@SECLEVEL=0' })).toBe('refused');
    }
  });
});

/** A server that only this machine reaches, and who connected to it. */
async function inside(): Promise<{ readonly url: string; readonly calls: readonly string[] }> {
  const calls: string[] = [];
  const server: Server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end('{"keys":[]}');
  });
  server.on('connection', ({ remoteAddress = '' }) => void calls.push(remoteAddress));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls };
}

describe('an address that somebody names (SSRF)', () => {
  it('CVE-2020-10770: a request_uri is not fetched, nor is a request object read', async () => {
    const { url, calls } = await inside();
    const to = 'https://web.example/callback';
    for (const request_uri of [
      `${url}/request`,
      'http://169.254.169.254/latest/meta-data',
      'file:///etc/passwd',
      'urn:x',
    ]) {
      expectRedirectedError(await authorize(new Browser(world), { request_uri }), to, 'request_uri_not_supported');
    }
    const request = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"scope":"archive"}').toString('base64url')}.`;
    expectRedirectedError(await authorize(new Browser(world), { request }), to, 'request_not_supported');
    expect(calls).toEqual([]);
  });

  it('SSRF: a client_id that is an address is not fetched: clients are in the configuration', async () => {
    const { url, calls } = await inside();
    for (const client_id of [`${url}/client.json`, 'https://client.example/metadata.json']) {
      expectErrorPage(await authorize(new Browser(world), { client_id }));
      const response = await post(world, '/token', { grant_type: 'client_credentials', client_id });
      await expectTokenError(response, 'invalid_client', 401);
    }
    const { registration_endpoint, client_id_metadata_document_supported } = await json(
      world.fetch('/.well-known/openid-configuration'),
    );
    expect([registration_endpoint, client_id_metadata_document_supported]).toEqual([undefined, undefined]);
    expect(calls).toEqual([]);
  });

  it('SSRF: the keys of a client are not fetched from inside, unless the server’s own team allows it by name', async () => {
    const { url, calls } = await inside();
    const signing = (jwks_uri: string) => ({
      methods: ['client.credentials.1'],
      allowed_to: ['Batch'],
      metadata: {
        grant_types: ['client_credentials'],
        scope: 'notes',
        token_endpoint_auth_method: 'private_key_jwt',
        jwks_uri,
      },
    });
    const refused = await load(({ site }) => {
      site.applications.signing = signing(`${url}/jwks`);
    }).then(errorsOf);
    expect(refused).not.toEqual([]);

    // A name may be made to lead inside later: that is judged when it is called.
    const own = await serve(({ site }) => {
      site.applications.signing = signing(`https://localhost.localdomain:${new URL(url).port}/jwks`);
    });
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const now = Math.floor(own.now() / 1000);
    const claims = { iss: 'signing', sub: 'signing', aud: own.issuer, jti: 'j', exp: now + 60 };
    const header = part({ alg: 'ES256', kid: 'k', jku: `${url}/jku`, x5u: `${url}/x5u` });
    const response = await post(own, '/token', {
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: `${header}.${part(claims)}.${'A'.repeat(86)}`,
    });
    await expectTokenError(response, 'invalid_client', 401);
    expect(calls).toEqual([]);
  });
});
