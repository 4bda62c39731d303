// OpenID Connect Core 3.1.2.1 and 3.1.2.2: the user whom the client expects, by an ID token that it was given.

import { generateKeyPairSync } from 'node:crypto';
import { importJWK, SignJWT, UnsecuredJWT } from 'jose';
import { expect, it } from 'vitest';
import { Browser, claimsOf, headerOf, obtainTokens } from './browser.ts';
import { ask, expectCode, expectLoginPage, expectRedirect, redeem } from './openid-answers.ts';
import { serveForAll } from './world.ts';

const world = await serveForAll();

it('P:C-019 the hint of the user who is logged in is answered for that user', async () => {
  const { browser, id_token } = await obtainTokens(world);
  const { stop, verifier } = await ask(browser, 'web', { prompt: 'none', id_token_hint: id_token });
  const { id_token: again } = await redeem(world, 'web', verifier, stop);
  expect(claimsOf(again).sub).toBe(claimsOf(id_token).sub);
});

it('P:C-020 the hint of another user is login_required, and never answered for the one who is there', async () => {
  const { id_token } = await obtainTokens(world);
  const browser = new Browser(world);
  await obtainTokens(world, 'web', {}, browser, 'bob');
  expectRedirect((await ask(browser, 'web', { prompt: 'none', id_token_hint: id_token })).stop, 'login_required');
  // With pages: bob is asked to log in as somebody else, and where he logs in as himself the client is told.
  const { stop } = await ask(browser, 'web', { id_token_hint: id_token });
  expectLoginPage(stop);
  expectRedirect(await browser.login(stop, 'bob'), 'login_required');
  const second = await ask(browser, 'web', { id_token_hint: id_token });
  const { id_token: ofAda } = await redeem(world, 'web', second.verifier, await browser.login(second.stop, 'ada'));
  expect(claimsOf(ofAda).sub).toBe('ada-0001');
});

it('P:C-021 a hint that this server did not issue, or with another signature, is invalid_request', async () => {
  const { browser, id_token, access_token } = await obtainTokens(world);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { kid } = headerOf(id_token);
  const claims = claimsOf(id_token);
  const [header, payload, signature] = id_token.split('.');
  const forgeries = {
    'signed by a stranger': await new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' })
      .sign(privateKey),
    'without a signature': new UnsecuredJWT(claims).encode(),
    'with its signature cut off': `${header}.${payload}.`,
    'of alg none with its signature': `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${payload}.${signature}`,
    'signed with a public member as a MAC key': await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', kid, typ: 'JWT' })
      .sign(Buffer.from(kid)),
    'with another payload': `${header}.${Buffer.from(JSON.stringify({ ...claims, sub: 'bob-0002' })).toString('base64url')}.${signature}`,
    'that is an access token': access_token,
    'that is no JWT': 'ada',
  };
  for (const [what, id_token_hint] of Object.entries(forgeries)) {
    const answers = [
      (await ask(browser, 'web', { prompt: 'none', id_token_hint })).stop,
      (await ask(new Browser(world), 'web', { id_token_hint })).stop,
    ];
    for (const stop of answers) {
      expect([what, stop.answer.error, stop.form]).toEqual([what, 'invalid_request', undefined]);
      expectRedirect(stop, 'invalid_request');
    }
  }
});

it('P:C-021 a hint that another issuer signed with our own key is none of ours', async () => {
  const { id_token, browser } = await obtainTokens(world);
  const key = world.snapshot().keys.find(({ kid }) => kid === headerOf(id_token).kid);
  const signer = await importJWK({ ...key?.jwk, alg: 'RS256' });
  const claims = { ...claimsOf(id_token), iss: 'https://other.example' };
  const id_token_hint = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', kid: headerOf(id_token).kid, typ: 'JWT' })
    .sign(signer);
  expectRedirect((await ask(browser, 'web', { id_token_hint })).stop, 'invalid_request');
});

it('P:C-022 a hint that has expired is still ours', async () => {
  const { id_token } = await obtainTokens(world);
  world.advance(2 * 86_400);
  const { browser } = await obtainTokens(world);
  expect(claimsOf(id_token).exp * 1000).toBeLessThan(world.now());
  expectCode((await ask(browser, 'web', { prompt: 'none', id_token_hint: id_token })).stop);
  const other = new Browser(world);
  await obtainTokens(world, 'web', {}, other, 'bob');
  expectRedirect((await ask(other, 'web', { prompt: 'none', id_token_hint: id_token })).stop, 'login_required');
});
