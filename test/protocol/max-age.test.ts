// OpenID Connect Core 3.1.2.1: how old a login may be.

import { expect, it } from 'vitest';
import { claimsOf, obtainTokens } from './browser.ts';
import { ask, expectCode, expectLoginPage, expectRedirect, redeem } from './openid-answers.ts';
import { serve, serveForAll } from './world.ts';

const world = await serveForAll();

it('P:C-013 a login older than max_age is repeated, and auth_time is the new one', async () => {
  const { browser, id_token } = await obtainTokens(world);
  world.advance(2);
  const { stop, verifier } = await ask(browser, 'web', { max_age: '1' });
  expectLoginPage(stop);
  const { id_token: fresh } = await redeem(world, 'web', verifier, await browser.login(stop));
  expect(claimsOf(fresh).auth_time).toBeGreaterThanOrEqual(claimsOf(id_token).auth_time + 2);
  expect(claimsOf(fresh).auth_time).toBeLessThanOrEqual(Math.ceil(world.now() / 1000));
});

it('P:C-014 a login younger than max_age is good, and auth_time says when it was', async () => {
  const { browser, id_token } = await obtainTokens(world);
  world.advance(9990);
  const { stop, verifier } = await ask(browser, 'web', { max_age: '10000' });
  const { id_token: later } = await redeem(world, 'web', verifier, stop);
  expect(claimsOf(later).auth_time).toBe(claimsOf(id_token).auth_time);
  world.advance(11);
  expectLoginPage((await ask(browser, 'web', { max_age: '10000' })).stop);
});

it('P:C-015 max_age=0 asks for a login as prompt=login does', async () => {
  const { browser, id_token } = await obtainTokens(world);
  const { stop, verifier } = await ask(browser, 'web', { max_age: '0' });
  expectLoginPage(stop);
  world.advance(1);
  const { id_token: fresh } = await redeem(world, 'web', verifier, await browser.login(stop));
  expect(claimsOf(fresh).auth_time).toBeGreaterThan(claimsOf(id_token).auth_time);
  // The login that was asked for counts through the page after it.
  const asking = await ask(browser, 'asking', { max_age: '0' });
  const consent = await browser.login(asking.stop);
  world.advance(60);
  await redeem(world, 'asking', asking.verifier, await browser.press(consent, 'allow'));
});

it.each(['abc', '-1', '1.5', '1e3', '0x10', ' 1', '99999999999', '+1'])(
  'P:C-016 max_age=%s is invalid_request',
  async (max_age) => {
    const { browser } = await obtainTokens(world);
    expectRedirect((await ask(browser, 'web', { max_age })).stop, 'invalid_request');
  },
);

it('P:C-017 max_age that is exceeded and prompt=none is login_required', async () => {
  const { browser } = await obtainTokens(world);
  expectCode((await ask(browser, 'web', { max_age: '60', prompt: 'none' })).stop);
  world.advance(61);
  expectRedirect((await ask(browser, 'web', { max_age: '60', prompt: 'none' })).stop, 'login_required');
  expectRedirect((await ask(browser, 'web', { max_age: '0', prompt: 'none' })).stop, 'login_required');
});

it('default_max_age of the client counts where the request says nothing (OpenID Connect Registration 2)', async () => {
  const own = await serve(({ site }) => {
    site.applications.web.metadata.default_max_age = 60;
  });
  const { browser } = await obtainTokens(own);
  own.advance(61);
  expectLoginPage((await ask(browser, 'web')).stop);
  expectCode((await ask(browser, 'web', { max_age: '1000' })).stop);
});
