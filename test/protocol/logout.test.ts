// OpenID Connect RP-Initiated Logout 1.0: whose session ends, who is asked, and where the browser goes.

import { generateKeyPairSync } from 'node:crypto';
import { SignJWT, UnsecuredJWT } from 'jose';
import { expect, it } from 'vitest';
import { Browser, claimsOf, headerOf, json, obtainTokens, post, type Stop } from './browser.ts';
import { ask, expectCode, expectErrorPage, expectRedirect } from './openid-answers.ts';
import { serveForAll } from './world.ts';

const BYE = 'https://web.example/bye';

const world = await serveForAll(({ site }) => {
  site.applications.web.metadata.post_logout_redirect_uris = [BYE, 'https://web.example/bye?from=as'];
  site.applications.other.metadata.post_logout_redirect_uris = ['https://other.example/bye'];
});

/** By GET. */
function logout(browser: Browser, parameters: Record<string, string>): Promise<Stop> {
  return browser.go(`/logout?${new URLSearchParams(parameters)}`);
}

/** The question whether to sign out: nothing has happened. */
function expectQuestion(stop: Stop): void {
  expect([stop.status, stop.form?.id, stop.location]).toEqual([200, 'logout', undefined]);
}

/** A page that ends here. */
function expectPage(stop: Stop, words: string): void {
  expect([stop.status, stop.form, stop.location]).toEqual([200, undefined, undefined]);
  expect(stop.html).toContain(words);
}

async function isSignedIn(browser: Browser, client_id = 'web'): Promise<boolean> {
  const { stop } = await ask(browser, client_id, { prompt: 'none' });
  if (stop.answer.error === undefined) return expectCode(stop) !== '';
  expectRedirect(stop, 'login_required');
  return false;
}

const SIGNED_OUT = 'You are signed out';

it('P:L-001 logout works by GET and by POST, also from another site, and the form that asks is protected', async () => {
  const byGet = await obtainTokens(world);
  expectPage(await logout(byGet.browser, { id_token_hint: byGet.id_token }), SIGNED_OUT);
  expect(await isSignedIn(byGet.browser)).toBe(false);
  const byPost = await obtainTokens(world);
  expectPage(await byPost.browser.post('/logout', { id_token_hint: byPost.id_token }), SIGNED_OUT);
  expect(await isSignedIn(byPost.browser)).toBe(false);
  // SameSite=Lax: the POST of another site brings no cookie, and is led round by a GET.
  const crossSite = await obtainTokens(world);
  const posted = await post(world, '/logout', {
    id_token_hint: crossSite.id_token,
    post_logout_redirect_uri: BYE,
    state: 'ü &=%+#',
  });
  expect(posted.status).toBe(303);
  const stop = await crossSite.browser.go(posted.headers.get('location') ?? '');
  expect([stop.location?.href.split('?')[0], stop.answer]).toEqual([BYE, { state: 'ü &=%+#' }]);
  expect(await isSignedIn(crossSite.browser)).toBe(false);
  // What cannot be a query of a URL is told, and not cut.
  expect((await post(world, '/logout', { logout_hint: 'x'.repeat(10_000) })).status).toBe(413);

  const { browser } = await obtainTokens(world);
  const question = await logout(browser, {});
  expectQuestion(question);
  expect(question.response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  const attacker = await obtainTokens(world, 'web', {}, new Browser(world), 'bob');
  const theirs = await logout(attacker.browser, {});
  const action = question.form?.action ?? '';
  const forgeries = [
    await browser.post(action, { ...theirs.form?.fields, decision: 'allow' }),
    await browser.post(action, { decision: 'allow' }),
    await browser.post(action, { ...question.form?.fields, form: 'A'.repeat(43), decision: 'allow' }),
    await browser.post(action, { ...question.form?.fields, decision: 'allow' }, { origin: 'https://evil.example' }),
    await browser.post(action, { ...question.form?.fields, request: 'client_id=web', decision: 'allow' }),
  ];
  for (const forged of forgeries) expectErrorPage(forged, 403);
  expect(await isSignedIn(browser)).toBe(true);
  // By GET it is no decision.
  expect((await browser.go(`${action}?decision=allow`)).status).toBe(405);
  expectPage(await browser.press(question, 'allow'), SIGNED_OUT);
  expect(await isSignedIn(browser)).toBe(false);
});

it('P:L-002 without a hint of this very session the user is asked, and signed out only after saying so', async () => {
  const { browser, id_token } = await obtainTokens(world);
  const bob = await obtainTokens(world, 'web', {}, new Browser(world), 'bob');
  const elsewhere = await obtainTokens(world);
  const requests = [
    {},
    { client_id: 'web' },
    { client_id: 'web', post_logout_redirect_uri: BYE },
    { id_token_hint: bob.id_token },
    // Of the same user, in another browser.
    { id_token_hint: elsewhere.id_token, post_logout_redirect_uri: BYE },
  ];
  expect(claimsOf(elsewhere.id_token)).toMatchObject({ sub: claimsOf(id_token).sub });
  for (const request of requests) {
    const question = await logout(browser, request);
    expectQuestion(question);
    expect(question.html).toContain('<strong>ada</strong>');
    expect(await isSignedIn(browser)).toBe(true);
    expectPage(await browser.press(question, 'deny'), 'Nobody was signed out');
    expectPage(await browser.submit(question, {}), 'Nobody was signed out');
    expect(await isSignedIn(browser)).toBe(true);
  }
  const question = await logout(browser, requests[2] ?? {});
  const done = await browser.press(question, 'allow');
  expect([done.status, done.location?.href]).toEqual([303, BYE]);
  expect([await isSignedIn(browser), await isSignedIn(bob.browser), await isSignedIn(elsewhere.browser)]).toEqual([
    false,
    true,
    true,
  ]);
});

it('P:L-003 a client_id that is not that of the hint is an error, and nothing happens', async () => {
  const { browser, id_token } = await obtainTokens(world);
  for (const client_id of ['other', 'unknown', 'WEB']) {
    for (const more of [
      {},
      { post_logout_redirect_uri: BYE },
      { post_logout_redirect_uri: 'https://other.example/bye' },
    ]) {
      expectErrorPage(await logout(browser, { id_token_hint: id_token, client_id, ...more }));
      expectErrorPage(await logout(new Browser(world), { id_token_hint: id_token, client_id, ...more }));
    }
  }
  expect(await isSignedIn(browser)).toBe(true);
  expect((await logout(browser, { id_token_hint: id_token, client_id: 'web' })).status).toBe(200);
  expect(await isSignedIn(browser)).toBe(false);
});

it('P:L-004 a hint that this server did not sign leads nowhere', async () => {
  const { browser, id_token, access_token } = await obtainTokens(world);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { kid } = headerOf(id_token);
  const claims = claimsOf(id_token);
  const [header, payload] = id_token.split('.');
  const forgeries = [
    await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' }).sign(privateKey),
    new UnsecuredJWT(claims).encode(),
    `${header}.${payload}.`,
    await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid, typ: 'JWT' }).sign(Buffer.from(kid)),
    access_token,
    'x',
  ];
  for (const id_token_hint of forgeries) {
    for (const more of [{}, { client_id: 'web' }]) {
      const asked = { id_token_hint, post_logout_redirect_uri: BYE, state: 's', ...more };
      expectErrorPage(await logout(browser, asked));
      expectErrorPage(await logout(new Browser(world), asked));
    }
  }
  expect(await isSignedIn(browser)).toBe(true);
});

it('P:L-005 a hint that has expired is accepted', async () => {
  const { browser, id_token } = await obtainTokens(world);
  world.advance(2 * 3600);
  expect(claimsOf(id_token).exp * 1000).toBeLessThan(world.now());
  expect(await isSignedIn(browser)).toBe(true);
  const stop = await logout(browser, { id_token_hint: id_token, post_logout_redirect_uri: BYE });
  expect([stop.status, stop.location?.href]).toEqual([303, BYE]);
  expect(await isSignedIn(browser)).toBe(false);
});

it.each([
  `${BYE}?x=1`,
  `${BYE}/`,
  `${BYE}#x`,
  'https://web.example/BYE',
  'https://WEB.example/bye',
  'https://web.example:443/bye',
  'https://web.example/bye?from=as&x=1',
  'https://web.example/callback',
  'https://other.example/bye',
  'https://web.example.evil.example/bye',
  'https://web.example@evil.example/bye',
  '//evil.example/bye',
  'javascript:alert(1)',
])('P:L-006 %s is not registered to go to after a logout: no redirect', async (post_logout_redirect_uri) => {
  const { browser, id_token } = await obtainTokens(world);
  const asked = { id_token_hint: id_token, post_logout_redirect_uri, state: 's' };
  const stop = await logout(browser, asked);
  expectErrorPage(stop);
  expect(stop.html).not.toContain(`href="${post_logout_redirect_uri}`);
  expectErrorPage(await logout(browser, { ...asked, client_id: 'web' }));
  expectErrorPage(await browser.post('/logout', asked));
  // Who is not logged in is sent nowhere either.
  expectErrorPage(await logout(new Browser(world), asked));
});

it('P:L-007 without a hint nobody is sent on but by the user', async () => {
  const { browser } = await obtainTokens(world);
  const stranger = new Browser(world);
  // Whose address it would be is not said at all.
  for (const who of [browser, stranger])
    expectErrorPage(await logout(who, { post_logout_redirect_uri: BYE, state: 's' }));
  // It is said, and anybody can say it.
  const asked = { client_id: 'web', post_logout_redirect_uri: BYE, state: 's' };
  expectPage(await logout(stranger, asked), SIGNED_OUT);
  const question = await logout(browser, asked);
  expectQuestion(question);
  expectPage(await browser.press(question, 'deny'), 'Nobody was signed out');
  expect(await isSignedIn(browser)).toBe(true);
  const stop = await browser.press(question, 'allow');
  expect([stop.status, stop.location?.href]).toEqual([303, `${BYE}?state=s`]);
  // The same form again: there is no session, and nobody is sent anywhere.
  expectPage(await browser.press(question, 'allow'), SIGNED_OUT);
});

it('P:L-008 the session ends, and the browser goes back with the state', async () => {
  const { browser, id_token } = await obtainTokens(world);
  await obtainTokens(world, 'other', {}, browser);
  const state = 'a b&c=d%20+#ü';
  const stop = await logout(browser, { id_token_hint: id_token, post_logout_redirect_uri: BYE, state });
  expect([stop.status, stop.location?.origin, stop.location?.pathname]).toEqual([303, 'https://web.example', '/bye']);
  expect([stop.answer, stop.location?.hash]).toEqual([{ state }, '']);
  for (const client_id of ['web', 'other']) expect(await isSignedIn(browser, client_id)).toBe(false);
  // Not by the cookie that was either.
  const again = await obtainTokens(world);
  const name = again.browser.sessionCookie() ?? '';
  const value = again.browser.cookies.get(name) ?? '';
  const uri = 'https://web.example/bye?from=as';
  const plain = await logout(again.browser, { id_token_hint: again.id_token, post_logout_redirect_uri: uri });
  expect([plain.status, plain.response.headers.get('location')]).toEqual([303, uri]);
  again.browser.cookies.set(name, value);
  expect(await isSignedIn(again.browser)).toBe(false);
  // A query that is there stays.
  const third = await obtainTokens(world);
  const kept = await logout(third.browser, {
    id_token_hint: third.id_token,
    post_logout_redirect_uri: uri,
    state: 's',
  });
  expect(kept.response.headers.get('location')).toBe(`${uri}&state=s`);
});

it('P:L-009 who is logged out already is so again, without an error', async () => {
  const { browser, id_token } = await obtainTokens(world);
  const asked = { id_token_hint: id_token, post_logout_redirect_uri: BYE, state: 's' };
  for (let times = 0; times < 3; times += 1) {
    const stop = await logout(browser, asked);
    expect([stop.status, stop.location?.href]).toEqual([303, `${BYE}?state=s`]);
  }
  expectPage(await logout(browser, {}), SIGNED_OUT);
  expectPage(await logout(new Browser(world), { id_token_hint: id_token }), SIGNED_OUT);
  const byPost = await new Browser(world).post('/logout', asked);
  expect([byPost.status, byPost.location?.href]).toEqual([303, `${BYE}?state=s`]);
});

it('P:L-010 discovery names the end_session_endpoint', async () => {
  const { end_session_endpoint } = await json(world.fetch('/.well-known/openid-configuration'));
  expect(end_session_endpoint).toBe('https://as.example/logout');
  const { browser, id_token } = await obtainTokens(world);
  expectPage(
    await browser.go(`${end_session_endpoint}?${new URLSearchParams({ id_token_hint: id_token })}`),
    SIGNED_OUT,
  );
});

it('P:L-011 ui_locales, logout_hint and what nobody knows are no error', async () => {
  const { browser, id_token } = await obtainTokens(world);
  const more = { ui_locales: 'se de-CH', logout_hint: 'ada"><script>alert(1)</script>', extra: 'foobar' };
  const question = await logout(browser, { client_id: 'web', ...more });
  expectQuestion(question);
  expect(question.html).not.toContain('<script');
  const stop = await logout(browser, { id_token_hint: id_token, post_logout_redirect_uri: BYE, ...more });
  expect([stop.status, stop.location?.href]).toEqual([303, BYE]);
});
