// OpenID Connect Core 11: access that goes on while the user is away.

import { expect, it } from 'vitest';
import { Browser, claimsOf, introspect, json, obtainTokens, refresh } from './browser.ts';
import { ask, expectConsentPage, redeem } from './openid-answers.ts';
import { withLegacyGrants } from './spec.ts';
import { serveForAll, type World } from './world.ts';

const world = await serveForAll((documents) => {
  withLegacyGrants(documents);
  // It may not refresh by itself.
  const { web } = documents.site.applications;
  documents.site.applications.once = {
    ...web,
    metadata: {
      ...web.metadata,
      grant_types: ['authorization_code'],
      redirect_uris: ['https://once.example/callback'],
    },
  };
});

async function signOut(at: World, browser: Browser, id_token_hint: string): Promise<void> {
  const stop = await browser.go(`${at.issuer}/logout?${new URLSearchParams({ id_token_hint })}`);
  expect([stop.status, browser.sessionCookie()]).toEqual([200, undefined]);
}

it('P:C-052 offline_access that nobody was asked about is not granted: what comes of it ends with the session', async () => {
  const { browser, refresh_token, scope, id_token, access_token } = await obtainTokens(world, 'web', {
    scope: 'openid notes offline_access',
  });
  expect(scope).toMatch(/^openid notes /);
  expect(scope).not.toContain('offline_access');
  expect((await introspect(world, access_token)).scope).not.toContain('offline_access');
  const next = await json(refresh(world, 'web', refresh_token));
  expect(next.access_token).toMatch(/./);
  await signOut(world, browser, id_token);
  const ended = await refresh(world, 'web', next.refresh_token);
  expect([ended.status, (await json(ended)).error]).toEqual([400, 'invalid_grant']);
  // Of a client without refresh tokens it makes none.
  const { refresh_token: none, scope: rest } = await obtainTokens(world, 'once', { scope: 'openid offline_access' });
  expect([none, rest?.includes('offline_access')]).toEqual([undefined, false]);
});

it('offline_access that was ignored is ignored again at a refresh that repeats the scope of the request (OIDC Core 11)', async () => {
  const asked = 'openid notes offline_access';
  const { refresh_token } = await obtainTokens(world, 'web', { scope: asked });
  const next = await json(refresh(world, 'web', refresh_token, { scope: asked }));
  expect(next.scope).toBe('openid notes');
  expect((await introspect(world, next.access_token)).scope).toBe('openid notes');
  // Alone it asks for something that was not granted.
  const alone = await refresh(world, 'web', next.refresh_token, { scope: 'offline_access' });
  expect([alone.status, (await json(alone)).error]).toEqual([400, 'invalid_scope']);
});

it('P:C-053 offline_access means nothing in an answer of the authorization endpoint that holds tokens', async () => {
  for (const response_type of ['token', 'id_token', 'id_token token']) {
    const browser = new Browser(world);
    const { stop } = await ask(browser, 'implicit', {
      response_type,
      scope: 'openid notes offline_access',
      prompt: 'consent',
    });
    const consent = await browser.login(stop);
    expectConsentPage(consent);
    expect(consent.html).not.toMatch(/<code>offline_access|while you are away/);
    const { answer } = await browser.press(consent, 'allow');
    expect(answer).not.toHaveProperty('error');
    expect(answer).not.toHaveProperty('refresh_token');
    expect(answer.scope ?? '').not.toContain('offline_access');
    if (answer.access_token !== undefined) expect(claimsOf(answer.access_token).scope).not.toContain('offline_access');
  }
});

it('P:C-054 a web client gets offline_access from a page that names it, and it outlives the session', async () => {
  const browser = new Browser(world);
  const scope = 'openid notes offline_access';
  const { stop, verifier } = await ask(browser, 'web', { scope, prompt: 'consent' });
  const consent = await browser.login(stop);
  expectConsentPage(consent);
  expect(consent.html).toContain('<code>offline_access</code>');
  expect(consent.html).toContain('while you are away');
  const tokens = await redeem(world, 'web', verifier, await browser.press(consent, 'allow'));
  expect(tokens.scope.split(' ')).toContain('offline_access');
  await signOut(world, browser, tokens.id_token);
  const later = await refresh(world, 'web', tokens.refresh_token);
  expect(later.status).toBe(200);
  // A page without it says nothing of it.
  const plain = (await ask(browser, 'web', { scope: 'openid notes', prompt: 'consent' })).stop;
  expect((await browser.login(plain)).html).not.toMatch(/<code>offline_access|while you are away/);
});

it('what was allowed once and is remembered holds for offline_access too', async () => {
  const browser = new Browser(world);
  const scope = 'openid notes offline_access';
  const first = await obtainTokens(world, 'asking', { scope }, browser);
  expect(first.scope).toContain('offline_access');
  const { stop, verifier } = await ask(browser, 'asking', { scope, prompt: 'none' });
  expect((await redeem(world, 'asking', verifier, stop)).scope).toContain('offline_access');
});
