// OpenID Connect Core 3.1.2.1: what a client may say of the pages that a user sees, by prompt.

import { expect, it } from 'vitest';
import { Browser, claimsOf, obtainTokens } from './browser.ts';
import {
  ask,
  expectCode,
  expectConsentPage,
  expectErrorPage,
  expectLoginPage,
  expectRedirect,
  redeem,
} from './openid-answers.ts';
import { serveForAll } from './world.ts';

const world = await serveForAll();

it('P:C-005 prompt=none without a session is login_required, and no page is shown', async () => {
  const browser = new Browser(world);
  const { stop } = await ask(browser, 'web', { prompt: 'none' });
  expectRedirect(stop, 'login_required');
  expect([stop.html, browser.cookies.size]).toEqual(['', 0]);
  // A cookie that is no session of anybody's is none.
  const stranger = new Browser(world);
  const { browser: known } = await obtainTokens(world);
  stranger.cookies.set(known.sessionCookie() ?? '', 'A'.repeat(43));
  expectRedirect((await ask(stranger, 'web', { prompt: 'none' })).stop, 'login_required');
  // Whoever it is of, an address that is not registered gets nothing.
  expectErrorPage((await ask(browser, 'web', { prompt: 'none', redirect_uri: 'https://evil.example/' })).stop);
});

it('P:C-006 prompt=none with a session that has not consented is consent_required', async () => {
  const { browser } = await obtainTokens(world);
  expectRedirect((await ask(browser, 'asking', { prompt: 'none' })).stop, 'consent_required');
  // Allowed once and remembered, it is no obstacle; more than that is.
  expectCode(await browser.press((await ask(browser, 'asking', { scope: 'openid email' })).stop, 'allow'));
  expectCode((await ask(browser, 'asking', { scope: 'openid email', prompt: 'none' })).stop);
  expectRedirect(
    (await ask(browser, 'asking', { scope: 'openid email notes', prompt: 'none' })).stop,
    'consent_required',
  );
  // Nor is what another user allowed.
  const other = new Browser(world);
  await obtainTokens(world, 'web', {}, other, 'bob');
  expectRedirect((await ask(other, 'asking', { scope: 'openid email', prompt: 'none' })).stop, 'consent_required');
});

it('P:C-007 prompt=none with a session and consent answers at once, for the same sub and auth_time', async () => {
  const { browser, id_token } = await obtainTokens(world);
  const { sub, auth_time } = claimsOf(id_token);
  world.advance(300);
  for (const client_id of ['web', 'other']) {
    const { stop, verifier } = await ask(browser, client_id, { prompt: 'none' });
    const { id_token: again } = await redeem(world, client_id, verifier, stop);
    expect(claimsOf(again)).toMatchObject({ sub, auth_time, aud: client_id });
    expect(claimsOf(again).iat).toBeGreaterThanOrEqual(auth_time + 300);
  }
});

it.each(['none login', 'login none', 'none consent', 'none select_account', 'none none login', 'none unknown'])(
  'P:C-008 prompt=%s is invalid_request: none stands alone',
  async (prompt) => {
    const { browser } = await obtainTokens(world);
    expectRedirect((await ask(browser, 'web', { prompt })).stop, 'invalid_request');
  },
);

it('P:C-009 prompt=login asks again, and auth_time is that of the new login', async () => {
  const { browser, id_token } = await obtainTokens(world);
  const { auth_time, sub } = claimsOf(id_token);
  const session = browser.cookies.get(browser.sessionCookie() ?? '');
  world.advance(60);
  const { stop, verifier } = await ask(browser, 'web', { prompt: 'login' });
  expectLoginPage(stop);
  const { id_token: fresh } = await redeem(world, 'web', verifier, await browser.login(stop));
  expect(claimsOf(fresh)).toMatchObject({ sub });
  expect(claimsOf(fresh).auth_time).toBeGreaterThanOrEqual(auth_time + 60);
  expect(browser.cookies.get(browser.sessionCookie() ?? '')).not.toBe(session);
  // The mark of that login is of that request alone: another one asks anew.
  expectLoginPage((await ask(browser, 'web', { prompt: 'login' })).stop);
});

it('P:C-009 a login that was asked for cannot be passed by with a mark that somebody made up', async () => {
  const { browser } = await obtainTokens(world);
  for (const interaction of [`${world.now()}.`, `${world.now()}.${'A'.repeat(43)}`, 'x', '9'.repeat(17)]) {
    expectLoginPage((await ask(browser, 'web', { prompt: 'login', interaction })).stop);
  }
});

it('P:C-009 a login that was asked for counts until the next one: its mark does not excuse from another', async () => {
  const browser = new Browser(world);
  const asking = await browser.login((await ask(browser, 'asking', { prompt: 'login consent' })).stop);
  expectConsentPage(asking);
  const { request = '', interaction = '' } = asking.form?.fields ?? {};
  const again = () => browser.go(`${world.issuer}/authorize?${request}&${new URLSearchParams({ interaction })}`);
  expectConsentPage(await again());
  world.advance(60);
  await browser.login((await ask(browser, 'web', { prompt: 'login' })).stop);
  expectLoginPage(await again());
});

it('P:C-010 prompt=consent shows the consent page, also where consent was stored or is not needed', async () => {
  const { browser } = await obtainTokens(world, 'asking', { scope: 'openid email' });
  expectCode((await ask(browser, 'asking', { scope: 'openid email' })).stop);
  const { stop } = await ask(browser, 'asking', { scope: 'openid email', prompt: 'consent' });
  expectConsentPage(stop);
  expect(stop.html).toContain('e-mail');
  expectRedirect(await browser.press(stop, 'deny'), 'access_denied');
  // The answer before it stands.
  expectCode((await ask(browser, 'asking', { scope: 'openid email' })).stop);
  const web = (await ask(browser, 'web', { prompt: 'consent' })).stop;
  expectConsentPage(web);
  expectCode(await browser.press(web, 'allow'));
  // Without a session it comes after the login.
  const newcomer = new Browser(world);
  expectConsentPage(await newcomer.login((await ask(newcomer, 'web', { prompt: 'consent' })).stop));
  // With both words there are both pages, once each.
  const both = (await ask(browser, 'web', { prompt: 'login consent' })).stop;
  expectLoginPage(both);
  const asked = await browser.login(both);
  expectConsentPage(asked);
  expectCode(await browser.press(asked, 'allow'));
});

it('P:C-011 prompt=select_account lets another user log in, who is then the one of the answer', async () => {
  const { browser } = await obtainTokens(world);
  const { stop, verifier } = await ask(browser, 'web', { prompt: 'select_account' });
  expectLoginPage(stop);
  const { id_token } = await redeem(world, 'web', verifier, await browser.login(stop, 'bob'));
  expect(claimsOf(id_token)).toMatchObject({ sub: 'bob-0002' });
  expectRedirect((await ask(new Browser(world), 'web', { prompt: 'none' })).stop, 'login_required');
});

it.each(['create', 'unknown', 'CONSENT', 'Login unknown'])(
  'P:C-012 prompt=%s says nothing that is known here, and is no error',
  async (prompt) => {
    const { browser } = await obtainTokens(world);
    expectCode((await ask(browser, 'web', { prompt })).stop);
    expectLoginPage((await ask(new Browser(world), 'web', { prompt })).stop);
  },
);
