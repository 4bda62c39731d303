// What the client is told of what the user did, and of what went wrong meanwhile (RFC 6749 4.1.2.1, 10.2).

import { describe, expect, it, vi } from 'vitest';
import { ERROR_TEXT, expectErrorPage, expectJsonError, expectRedirectedError } from './answers.ts';
import { Browser, codeRequest, obtainTokens, post, refresh, type Stop, userinfo } from './browser.ts';
import { type Edit, serve, serveForAll } from './world.ts';

const world = await serveForAll(({ site }) => {
  site.applications.native.consent = { required: true, remember: true };
});

const ASKING = { to: 'https://asking.example/callback' };

it('P:O-038 a user who denies: access_denied with the state, and nothing is given or remembered', async () => {
  const browser = new Browser(world);
  const { parameters } = codeRequest('asking', { scope: 'openid notes' });
  const consent = await browser.login(await browser.authorize(parameters));
  expect(consent.form?.id).toBe('consent');
  expectRedirectedError(await browser.press(consent, 'deny'), 'access_denied', ASKING);
  // Asked again the next time, and the answer to that counts.
  const again = await browser.authorize(parameters);
  expect(again.form?.id).toBe('consent');
  expect((await browser.press(again, 'allow')).answer.code).toMatch(/^[A-Za-z0-9_-]{43}$/);
  // Cancelling the login is a denial too.
  const { form, ...login } = await new Browser(world).authorize(codeRequest('web').parameters);
  expect(form?.id).toBe('login');
  const stranger = new Browser(world);
  const page = await stranger.authorize(codeRequest('web').parameters);
  expect(page.status).toBe(login.status);
  expectRedirectedError(await stranger.press(page, 'deny'), 'access_denied');
  expect(stranger.sessionCookie()).toBeUndefined();
});

describe('P:O-039 what fails once it is known who asks is told to the client', () => {
  it('a fault of the server is server_error', async () => {
    const own = await serve();
    const browser = new Browser(own);
    await browser.through(await browser.authorize(codeRequest('web').parameters));
    const failing = vi.spyOn(own.store, 'insertCode').mockRejectedValue(new TypeError('a secret of the machine room'));
    const stop = await browser.authorize(codeRequest('web').parameters);
    expectRedirectedError(stop, 'server_error');
    expect(stop.location?.href).not.toMatch(/TypeError|machine/);
    expect(own.records.filter(({ level }) => level === 50)).toEqual([
      expect.objectContaining({ err: expect.objectContaining({ message: 'a secret of the machine room' }) }),
    ]);
    failing.mockRestore();
    expect((await browser.authorize(codeRequest('web').parameters)).answer).toHaveProperty('code');
    // At the login page as well.
    const login = await new Browser(own).authorize(codeRequest('web').parameters);
    expect(login.form?.id).toBe('login');
    const stranger = new Browser(own);
    const page = await stranger.authorize(codeRequest('web').parameters);
    vi.spyOn(own.store, 'insertSession').mockRejectedValue(new TypeError('x'));
    expectRedirectedError(await stranger.login(page), 'server_error');
    expect(stranger.sessionCookie()).toBeUndefined();
  });

  it('a store that is away is temporarily_unavailable; before it is known who asks a page', async () => {
    const own = await serve();
    const browser = new Browser(own);
    await browser.through(await browser.authorize(codeRequest('web').parameters));
    await own.store.close();
    expectRedirectedError(await browser.authorize(codeRequest('web').parameters), 'temporarily_unavailable');
    expectErrorPage(await browser.authorize(codeRequest('web', { redirect_uri: 'https://evil.example/' }).parameters));
  });
});

describe('P:O-040 an error holds the characters of one, and nothing of the request raw', () => {
  const HOSTILE = '"><script>alert(1)</script>\\\r\nSet-Cookie: a=b\u0000\u202e☃';

  it.each<[string, Record<string, string>]>([
    ['scope', { scope: HOSTILE }],
    ['response_type', { response_type: HOSTILE }],
    ['code_challenge_method', { code_challenge_method: HOSTILE }],
    ['code_challenge', { code_challenge: HOSTILE }],
    ['max_age', { max_age: HOSTILE }],
    ['id_token_hint', { id_token_hint: HOSTILE }],
    ['prompt', { prompt: `none ${HOSTILE}` }],
    ['request', { request: HOSTILE }],
  ])('by redirect: %s', async (_, parameters) => {
    const { status, answer, location, response } = await new Browser(world).authorize(
      codeRequest('web', parameters).parameters,
    );
    expect(status).toBe(303);
    expect(answer.error).toMatch(/^[a-z_]+$/);
    expect(answer.error_description).toMatch(ERROR_TEXT);
    expect(location?.href).not.toMatch(/[\s"<>\\]/);
    expect(answer).not.toHaveProperty('error_uri');
    expect(response.headers.get('set-cookie')).toBeNull();
  });

  it.each<[string, Record<string, string>, number]>([
    ['client_id', { client_id: HOSTILE }, 400],
    ['redirect_uri', { redirect_uri: HOSTILE }, 400],
    ['response_mode', { response_mode: HOSTILE }, 400],
  ])('on a page: %s', async (_, parameters, status) => {
    const stop = await new Browser(world).authorize(codeRequest('web', parameters).parameters);
    expectErrorPage(stop, status);
    expect(stop.html).not.toContain('<script>');
    expect(stop.html).not.toContain('alert(1)');
  });

  it.each<[string, string, Record<string, string>, number]>([
    ['a scope', '/token', { grant_type: 'client_credentials', scope: HOSTILE }, 400],
    ['a grant_type', '/token', { grant_type: HOSTILE }, 400],
    ['a code', '/token', { grant_type: 'authorization_code', code: HOSTILE }, 400],
    ['a client_id', '/token', { grant_type: 'client_credentials', client_id: HOSTILE, client_secret: HOSTILE }, 401],
    ['a token', '/userinfo', { access_token: HOSTILE }, 401],
    [
      'an assertion',
      '/token',
      { grant_type: 'client_credentials', client_assertion_type: HOSTILE, client_assertion: HOSTILE },
      401,
    ],
  ])('as JSON: %s', async (_, path, form, status) => {
    const as = status === 401 ? {} : { as: 'batch' };
    const response = await post(world, path, form, as);
    expect(response.status).toBe(status);
    const text = await response.text();
    const { error, error_description, ...others } = JSON.parse(text);
    expect(error).toMatch(/^[a-z_]+$/);
    expect(error_description).toMatch(ERROR_TEXT);
    expect(others).toEqual({});
    expect(response.headers.get('www-authenticate') ?? '').not.toMatch(/alert|\\/);
    expect(response.headers.get('set-cookie')).toBeNull();
  });

  it('a parameter with a hostile name that stands there twice is not named', async () => {
    const twice = new URLSearchParams([
      ['grant_type', 'client_credentials'],
      [HOSTILE, '1'],
      [HOSTILE, '2'],
    ]).toString();
    const body = await expectJsonError(await post(world, '/token', twice, { as: 'batch' }), 400, 'invalid_request');
    expect(JSON.stringify(body)).not.toContain('alert');
  });
});

describe('P:O-089 whoever answers for a public client is asked again', () => {
  const ask = (browser: Browser, redirect_uri: string, more: Record<string, string> = {}): Promise<Stop> =>
    browser.authorize(codeRequest('native', { redirect_uri, scope: 'openid notes', ...more }).parameters);

  it.each(['com.example.app:/callback', 'http://127.0.0.1:51004/callback', 'http://[::1]:51004/callback'])(
    '%s, which any application may listen on, though the consent is remembered',
    async (redirect_uri) => {
      const browser = new Browser(world);
      const first = await browser.through(await ask(browser, redirect_uri));
      expect(first.answer).toHaveProperty('code');
      for (let time = 0; time < 2; time += 1) {
        const again = await ask(browser, redirect_uri);
        expect(again.form?.id).toBe('consent');
        expect(again.answer).toEqual({});
      }
      const silent = await ask(browser, redirect_uri, { prompt: 'none' });
      expect(silent.answer.error).toBe('consent_required');
      expect(silent.answer).not.toHaveProperty('code');
    },
  );

  it('but of a claimed https address, of which the owner is known', async () => {
    const browser = new Browser(world);
    const redirect_uri = 'https://app.example/callback';
    await browser.through(await ask(browser, redirect_uri));
    expect((await ask(browser, redirect_uri)).answer).toHaveProperty('code');
  });
});

it('a user who may not use the client is told by redirect, and gets nothing', async () => {
  const own = await serve(({ site }) => {
    site.applications.web.allowed_to = ['Archivists'];
  });
  const browser = new Browser(own);
  const stop = await browser.login(await browser.authorize(codeRequest('web').parameters), 'bob');
  expectRedirectedError(stop, 'access_denied');
  const { access_token, refresh_token } = await obtainTokens(own);
  expect((await userinfo(own, access_token)).status).toBe(200);
  expect((await refresh(own, 'web', refresh_token)).status).toBe(200);
});

it.each<[what: string, code: string, edit: Edit]>([
  [
    'the method is switched off',
    'METHOD_DISABLED',
    ({ server }) => {
      server.methods['password.1'].enabled = false;
    },
  ],
  [
    'the site has lost the method',
    'METHOD_NOT_ON_SITE',
    ({ site }) => {
      site.methods = site.methods.filter((name: string) => name !== 'password.1');
    },
  ],
  [
    'the user does not list the method',
    'METHOD_NOT_ON_USER',
    ({ site }) => {
      site.users.bob.methods = [];
    },
  ],
])('where %s, the client is told that and not another reason', async (_, code, edit) => {
  const own = await serve(edit);
  const browser = new Browser(own);
  const stop = await browser.login(await browser.authorize(codeRequest('web').parameters), 'bob');
  expectRedirectedError(stop, 'access_denied');
  expect(stop.answer.error_description).toMatch(new RegExp(`^${code}: `));
});
