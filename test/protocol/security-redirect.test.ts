// RFC 9700 2.1, 4.11, 4.12: where a browser may be sent. Letter for letter to what is registered, and nowhere else.

import { describe, expect, it } from 'vitest';
import { PATHS } from '../../src/oauth/paths.ts';
import { Browser, codeRequest, obtainCode, tokenRequest } from './browser.ts';
import { expectErrorPage, expectRedirectedError, expectTokenError } from './security-checks.ts';
import { errorsOf, load, serveForAll } from './world.ts';

const REGISTERED = 'https://c.example/cb';

const world = await serveForAll(({ server, site }) => {
  server.server.profiles = ['ubisecure'];
  server.server.directory = { base_dn: 'cn=Ubilogin,dc=test' };
  site.applications.web.metadata.redirect_uris = [REGISTERED];
  site.applications.web.metadata.post_logout_redirect_uris = ['https://c.example/bye'];
});

const authorize = (client_id: string, redirect_uri: string | undefined, more: Record<string, string> = {}) =>
  new Browser(world).authorize(codeRequest(client_id, { redirect_uri, ...more }).parameters);

describe('a redirect URI', () => {
  it.each([
    ['a prefix of it', 'https://c.example/c'],
    ['more behind it', 'https://c.example/cb2'],
    ['a path below it', 'https://c.example/cb/deeper'],
    ['a trailing slash', 'https://c.example/cb/'],
    ['a query', 'https://c.example/cb?x=1'],
    ['an empty query', 'https://c.example/cb?'],
    ['a fragment', 'https://c.example/cb#f'],
    ['a subdomain', 'https://evil.c.example/cb'],
    ['the parent domain', 'https://example/cb'],
    ['the host as a prefix', 'https://c.example.evil.example/cb'],
    ['path traversal', 'https://c.example/x/../cb'],
    ['encoded path traversal', 'https://c.example/x/%2e%2e/cb'],
    ['a dot segment', 'https://c.example/./cb'],
    ['a user', 'https://c.example@evil.example/cb'],
    ['an empty user', 'https://@c.example/cb'],
    ['a password', 'https://c.example:443@evil.example/cb'],
    ['an encoded letter', 'https://c.example/%63b'],
    ['an encoded slash', 'https://c.example%2Fcb'],
    ['a backslash', 'https://c.example\\cb'],
    ['a backslash before another host', 'https://evil.example\\@c.example/cb'],
    ['the case of the host', 'https://C.example/cb'],
    ['the case of the path', 'https://c.example/CB'],
    ['the case of the scheme', 'HTTPS://c.example/cb'],
    ['the default port', 'https://c.example:443/cb'],
    ['another port', 'https://c.example:8443/cb'],
    ['http', 'http://c.example/cb'],
    ['no scheme', '//c.example/cb'],
    ['space before it', ' https://c.example/cb'],
    ['space behind it', 'https://c.example/cb '],
    ['a line break', 'https://c.example/cb\r\nLocation: https://evil.example'],
    ['a NUL', 'https://c.example/cb\0'],
    ['a full-width dot', 'https://c。example/cb'],
    ['a wildcard', 'https://*.example/cb'],
    ['javascript:', 'javascript:alert(document.domain)'],
    ['the URI of another client', 'https://other.example/callback'],
  ])('P:S-001 is compared letter for letter: %s is another, and is told on a page', async (_name, uri) => {
    const stop = await authorize('web', uri);
    expectErrorPage(stop, uri.length > 12 ? uri : undefined);
    expect(stop.html).toContain('REDIRECT_URI_NOT_REGISTERED');
  });

  it('P:S-001 the same letters are the same, and only the port of a loopback address is free', async () => {
    expect((await obtainCode(world, 'web', { redirect_uri: REGISTERED })).code).toMatch(/^[\w-]{43}$/);
    const native = await authorize('native', 'http://127.0.0.1:49152/callback');
    expect(native.form?.id).toBe('login');
    expectErrorPage(await authorize('native', 'http://127.0.0.1:49152/callback/'));
    expectErrorPage(await authorize('native', 'https://app.example:8443/callback'));
    expectErrorPage(await authorize('native', 'http://127.0.0.2:49152/callback'));
    expectErrorPage(await authorize('spa', 'https://spa.example:8443/callback'));
  });

  it('P:S-003 of http is an error of the configuration, unless it is a loopback address of a native client', async () => {
    const codes = (redirect_uris: string[], application = 'web') =>
      load(({ site }) => {
        site.applications[application].metadata.redirect_uris = redirect_uris;
      }).then(errorsOf);
    expect(await codes(['http://web.example/callback'])).toEqual(['redirect-uri.insecure']);
    expect(await codes(['http://127.0.0.1.evil.example/callback'], 'native')).toEqual(['redirect-uri.insecure']);
    expect(await codes(['http://10.0.0.1/callback'], 'native')).toEqual(['redirect-uri.insecure']);
    expect(await codes(['http://127.0.0.1/callback', 'http://[::1]/callback'], 'native')).toEqual([]);
    expect(await codes(['https://web.example/callback'])).toEqual([]);
  });

  it('P:E-005 is registered whole, matched exactly, but for the port of a loopback address', async () => {
    for (const partial of [
      'https://web.example',
      'web.example/callback',
      '/callback',
      'https://*.web.example/callback',
    ]) {
      const errors = await load(({ site }) => {
        site.applications.web.metadata.redirect_uris = [partial];
      }).then(errorsOf);
      // A host alone is whole: it is what requests have to say, letter for letter.
      expect(errors, partial).toEqual(partial === 'https://web.example' ? [] : ['redirect-uri.invalid']);
    }
    expectErrorPage(await authorize('other', 'https://other.example/callback?next=1'));
    expectErrorPage(await authorize('other', 'https://other.example'));
    for (const port of ['', ':1', ':65535']) {
      expect((await authorize('native', `http://[::1]${port}/callback`)).form?.id, port).toBe('login');
    }
    expectErrorPage(await authorize('native', 'http://[::1]:65536/callback'));
  });

  it('P:S-021 is trusted because it is declared: its errors go there at once, all others are told on a page', async () => {
    expectRedirectedError(await authorize('web', REGISTERED, { scope: 'openid nothing' }), REGISTERED, 'invalid_scope');
    expectRedirectedError(await authorize('web', REGISTERED, { prompt: 'none login' }), REGISTERED, 'invalid_request');
    expectRedirectedError(await authorize('web', REGISTERED, { prompt: 'none' }), REGISTERED, 'login_required');
    for (const wrong of [{ scope: 'nothing' }, { prompt: 'none login' }, { prompt: 'none' }]) {
      expectErrorPage(await authorize('web', 'https://evil.example/cb', wrong), 'evil.example');
      expectErrorPage(await authorize('nobody', REGISTERED, wrong), 'nobody');
    }
  });
});

const EVIL = 'https://evil.example/';
/** Names by which servers were made to send browsers elsewhere. */
const TARGETS = ['redirect_uri', 'post_logout_redirect_uri', 'request_uri', 'request', 'logout_uri', 'target_link_uri'];
const OTHERS = ['next', 'url', 'return_to', 'continue', 'state', 'iss', 'initiate_login_uri', 'id_token_hint', 'form'];

describe('a browser', () => {
  it('P:S-002 is sent to no address of a stranger by any endpoint', async () => {
    const evil = Object.fromEntries([...TARGETS, ...OTHERS].map((name) => [name, EVIL]));
    const good = codeRequest('web', { redirect_uri: REGISTERED }).parameters;
    const forms = [
      evil,
      { ...good, ...evil },
      { ...good, redirect_uri: EVIL },
      { ...good, next: EVIL, url: EVIL, return_to: EVIL },
      { client_id: 'web', post_logout_redirect_uri: EVIL },
      { post_logout_redirect_uri: 'https://c.example/bye', state: EVIL },
      { request: new URLSearchParams({ ...good, redirect_uri: EVIL }).toString(), decision: 'deny', form: 'x' },
      { request: new URLSearchParams({ post_logout_redirect_uri: EVIL }).toString(), decision: 'allow' },
    ];
    const paths = Object.values(PATHS).flatMap((family) => Object.values(family) as string[]);
    const others = ['', '/', `//${new URL(EVIL).host}`, '/.well-known/openid-configuration', '/%2f%2fevil.example'];
    const headers = { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example', referer: EVIL };
    const seen: string[] = [];
    for (const path of [...paths, ...others]) {
      for (const form of forms) {
        const query = new URLSearchParams(form).toString();
        const type = { 'content-type': 'application/x-www-form-urlencoded' };
        const responses = await Promise.all([
          world.fetch(`${world.issuer}${path}?${query}`, { headers }),
          world.fetch(`${world.issuer}${path}`, { method: 'POST', headers: { ...headers, ...type }, body: query }),
        ]);
        for (const response of responses) {
          const location = response.headers.get('location');
          expect(response.headers.get('refresh')).toBeNull();
          if (location !== null) seen.push(location);
        }
      }
    }
    // What is sent on goes to the server itself or to what is registered.
    const allowed = new Set(['https://as.example', 'https://c.example']);
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.filter((location) => !allowed.has(new URL(location).origin))).toEqual([]);
  });

  it('P:S-022 is never sent on with what it sent: every redirect after a POST is 303', async () => {
    const browser = new Browser(world);
    const { parameters } = codeRequest('asking');
    const statuses: number[] = [];
    const post = async (target: string, fields: Record<string, string>): Promise<Response> => {
      const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const response = await world.fetch(target, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', cookie },
        body: new URLSearchParams(fields).toString(),
      });
      statuses.push(response.status);
      for (const line of response.headers.getSetCookie()) {
        const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=');
        browser.cookies.set(name, value);
      }
      return response;
    };
    await post('/authorize', parameters);
    const page = await browser.authorize(parameters);
    const login = { ...page.form?.fields, username: 'ada', password: 'tr0ub4dor-and-three-more-words' };
    const loggedIn = await post(page.form?.action ?? '', login);
    expect(loggedIn.headers.get('location')).not.toContain('tr0ub4dor');
    const consent = await browser.go(loggedIn.headers.get('location') ?? '');
    expect(consent.form?.id).toBe('consent');
    await post(consent.form?.action ?? '', { ...consent.form?.fields, decision: 'allow' });
    await post(consent.form?.action ?? '', { ...consent.form?.fields, decision: 'deny' });
    await post('/login', { ...page.form?.fields, decision: 'deny' });
    expect(statuses).toEqual([303, 303, 303, 303, 303]);
  });
});

describe('a code', () => {
  it('P:S-017 is of no use to another login of the same client: its verifier is another (injection)', async () => {
    const victim = await obtainCode(world, 'web', { redirect_uri: REGISTERED });
    const attacker = codeRequest('web', { redirect_uri: REGISTERED });
    const injected = { ...victim.form, code_verifier: attacker.verifier };
    const body = await expectTokenError(await tokenRequest(world, 'web', injected), 'invalid_grant');
    expect(body.error_description).toMatch(/^CODE_VERIFIER_MISMATCH/);
  });

  it('P:S-017 without a challenge takes no verifier: somebody took the challenge out (downgrade)', async () => {
    const without = { code_challenge: undefined, code_challenge_method: undefined, redirect_uri: REGISTERED };
    const { form } = await obtainCode(world, 'web', without);
    const { verifier } = codeRequest('web');
    await expectTokenError(await tokenRequest(world, 'web', { ...form, code_verifier: verifier }), 'invalid_grant');
    expect((await tokenRequest(world, 'web', form)).status).toBe(200);
  });
});
