// OpenID Connect Core 3.1.2.1 and 3.1.2.6: the parameters of an authorization request that OpenID Connect adds or refuses.

import { expect, it } from 'vitest';
import { listen } from '../outbound/called.ts';
import { Browser, claimsOf, codeRequest, json, obtainTokens, unescapeHtml, userinfo } from './browser.ts';
import { ask, expectCode, expectErrorPage, expectLoginPage, expectRedirect, redeem } from './openid-answers.ts';
import { serve, serveForAll } from './world.ts';

const world = await serveForAll();

it('P:C-001 a request by POST is answered as one by GET, in the same session', async () => {
  const browser = new Browser(world);
  const first = codeRequest('web', { scope: 'openid email' });
  const login = await browser.post('/authorize', first.parameters);
  expectLoginPage(login);
  const tokens = await redeem(world, 'web', first.verifier, await browser.login(login));
  expect(claimsOf(tokens.id_token)).toMatchObject({ sub: 'ada-0001', nonce: 'a nonce' });
  // The session that the login began is there for both.
  const again = codeRequest('web', { prompt: 'none' });
  const byPost = await redeem(world, 'web', again.verifier, await browser.post('/authorize', again.parameters));
  const { stop, verifier } = await ask(browser, 'web', { prompt: 'none' });
  const byGet = await redeem(world, 'web', verifier, stop);
  expect(claimsOf(byPost.id_token).sid).toBe(claimsOf(byGet.id_token).sid);
  expect(Object.keys(byPost).sort()).toEqual(Object.keys(byGet).sort());
  // Faults too.
  const { parameters } = codeRequest('web', { response_type: 'foo' });
  expectRedirect(await browser.post('/authorize', parameters), 'unsupported_response_type');
  expectErrorPage(await browser.post('/authorize', { ...parameters, redirect_uri: 'https://evil.example/' }));
  // The query of a POST is no part of its form.
  expectErrorPage(await browser.post(`/authorize?${new URLSearchParams(again.parameters)}`, {}));
});

it('P:C-002 without openid it is plain OAuth: no id_token, and userinfo refuses the token', async () => {
  const tokens = await obtainTokens(world, 'web', { scope: 'notes email', nonce: 'a nonce' });
  expect(Object.keys(tokens).filter((name) => name !== 'browser')).toEqual([
    'access_token',
    'token_type',
    'expires_in',
    'refresh_token',
    'scope',
  ]);
  const response = await userinfo(world, tokens.access_token);
  expect(response.status).toBe(403);
  expect(response.headers.get('www-authenticate')).toMatch(/^Bearer .*error="insufficient_scope".*scope="openid"/);
  expect(await json(response)).toMatchObject({ error: 'insufficient_scope' });
});

it.each([
  'https://WEB.example/callback',
  'HTTPS://web.example/callback',
  'https://web.example/Callback',
  'https://web.example/callback/',
  'https://web.example:443/callback',
  'https://web.example/%63allback',
  'https://web.example/callback?',
  'https://web.example/callback?a=1',
  'https://web.example/callback#',
  'https://web.example/x/../callback',
  'https://web.example//callback',
  'https://web.example/callback ',
  'https://user@web.example/callback',
  'https://web.example.evil.example/callback',
])('P:C-003 %s is not the registered redirect_uri: an error page, and no redirect', async (redirect_uri) => {
  const { browser } = await obtainTokens(world);
  expectErrorPage((await ask(browser, 'web', { redirect_uri })).stop);
  expectErrorPage((await ask(new Browser(world), 'web', { redirect_uri, prompt: 'none' })).stop);
});

it('P:C-004 with openid a redirect_uri is never left out, also where one alone is registered', async () => {
  const { browser } = await obtainTokens(world);
  expectErrorPage((await ask(browser, 'web', { redirect_uri: undefined })).stop);
  expectErrorPage((await ask(browser, 'web', { redirect_uri: undefined, scope: 'notes openid' })).stop);
  expectErrorPage((await ask(browser, 'web', { redirect_uri: '' })).stop);
  // It is openid that makes the difference.
  expectCode((await ask(browser, 'web', { redirect_uri: undefined, scope: 'notes' })).stop);
});

it('P:C-018 display, ui_locales, claims_locales and acr_values are no error, and acr is answered', async () => {
  const { browser } = await obtainTokens(world);
  for (const display of ['page', 'popup', 'touch', 'wap', 'hologram']) {
    const more = { display, ui_locales: 'se', claims_locales: 'se', acr_values: '1 2' };
    expectLoginPage((await ask(new Browser(world), 'web', more)).stop);
    const { stop, verifier } = await ask(browser, 'web', more);
    const { id_token } = await redeem(world, 'web', verifier, stop);
    expect(claimsOf(id_token).acr).toBe('1');
  }
  const { stop, verifier } = await ask(browser, 'web', { ui_locales: 'x"><script>', acr_values: 'urn:high' });
  // Voluntary: the level that was reached, and not the one that was asked for.
  expect(claimsOf((await redeem(world, 'web', verifier, stop)).id_token).acr).toBe('1');
});

it('P:C-023 login_hint is filled in, escaped, and logs nobody in', async () => {
  const hint = 'ada"><script>alert(1)</script>&\'';
  const { stop } = await ask(new Browser(world), 'web', { login_hint: hint });
  expectLoginPage(stop);
  expect(stop.html).not.toContain('<script>alert');
  expect(stop.html).not.toContain(hint);
  const typed = (html: string) => unescapeHtml(/<input id="username"[^<]* value="([^"]*)"/.exec(html)?.[1] ?? '');
  expect(typed(stop.html)).toBe(hint);
  const browser = new Browser(world);
  const { stop: known } = await ask(browser, 'web', { login_hint: 'ada' });
  expect(typed(known.html)).toBe('ada');
  expect(browser.sessionCookie()).toBeUndefined();
  expectRedirect((await ask(browser, 'web', { login_hint: 'ada', prompt: 'none' })).stop, 'login_required');
  // Who logs in is who types the password.
  const { stop: hinted, verifier } = await ask(browser, 'web', { login_hint: 'ada' });
  const { id_token } = await redeem(world, 'web', verifier, await browser.login(hinted, 'bob'));
  expect(claimsOf(id_token).sub).toBe('bob-0002');
});

it.each(['jwt', 'foo', 'QUERY', 'web_message', 'query fragment'])(
  'P:C-026 response_mode=%s is a page for the user, without a redirect',
  async (response_mode) => {
    const { browser } = await obtainTokens(world);
    for (const prompt of [undefined, 'none']) {
      const { stop } = await ask(browser, 'web', { response_mode, prompt });
      expectErrorPage(stop);
      expect(stop.html).not.toMatch(/[?&#]error=|https:\/\/web\.example/);
    }
  },
);

it('P:C-027 a request object is request_not_supported, and nothing in it counts', async () => {
  const { browser } = await obtainTokens(world);
  const inside = Buffer.from(JSON.stringify({ redirect_uri: 'https://evil.example/', state: 'other' })).toString(
    'base64url',
  );
  for (const request of [`eyJhbGciOiJub25lIn0.${inside}.`, 'x']) {
    expectRedirect((await ask(browser, 'web', { request })).stop, 'request_not_supported');
  }
});

it('P:C-028 request_uri is request_uri_not_supported, and nothing is fetched', async () => {
  const called = await listen((response) => response.end('x'));
  const own = await serve(({ server }) => {
    server.server.outbound = { allow: ['127.0.0.1'] };
  });
  const request_uri = `http://127.0.0.1:${called.port}/request.jwt`;
  const browser = new Browser(own);
  expectRedirect((await ask(browser, 'web', { request_uri })).stop, 'request_uri_not_supported');
  expectRedirect(
    (await ask(browser, 'web', { request_uri: 'urn:ietf:params:oauth:request_uri:x' })).stop,
    'request_uri_not_supported',
  );
  expect(called.requests).toEqual([]);
});

it('P:C-029 registration is registration_not_supported', async () => {
  const { browser } = await obtainTokens(world);
  const registration = JSON.stringify({ redirect_uris: ['https://evil.example/'] });
  expectRedirect((await ask(browser, 'web', { registration })).stop, 'registration_not_supported');
});

it('P:C-057 the claims parameter is left alone, and discovery says so', async () => {
  const { browser } = await obtainTokens(world);
  const discovery = await json(world.fetch('/.well-known/openid-configuration'));
  expect(discovery.claims_parameter_supported).toBe(false);
  const asked = [
    {
      id_token: { email: { essential: true }, auth_time: { essential: true } },
      userinfo: { name: { essential: true } },
    },
    { id_token: { sub: { value: 'bob-0002' } } },
  ];
  for (const claims of [...asked.map((value) => JSON.stringify(value)), 'no JSON']) {
    const { stop, verifier } = await ask(browser, 'web', { claims });
    const { id_token, access_token } = await redeem(world, 'web', verifier, stop);
    expect(claimsOf(id_token)).toMatchObject({ sub: 'ada-0001' });
    expect(claimsOf(id_token)).not.toHaveProperty('email');
    expect(await json(userinfo(world, access_token))).toEqual({ sub: 'ada-0001' });
  }
});
