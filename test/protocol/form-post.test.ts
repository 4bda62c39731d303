// OAuth 2.0 Form Post Response Mode: the answer of the authorization endpoint in a form that the browser sends.

import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { Browser, codeRequest, json, obtainTokens, type Stop, tokenRequest } from './browser.ts';
import { ask, verified } from './openid-answers.ts';
import { withLegacyGrants } from './spec.ts';
import { serveForAll } from './world.ts';

const WITH_QUERY = "https://shop.example/callback?a=1&b=it's";

const world = await serveForAll((documents) => {
  withLegacyGrants(documents);
  const { web } = documents.site.applications;
  documents.site.applications.shop = { ...web, metadata: { ...web.metadata, redirect_uris: [WITH_QUERY] } };
});

const STATE = '"><script>alert(1)</script>&amp; +%2B ü';

/** The page, with the form that carries exactly these fields. */
function expectForm(stop: Stop, action: string, fields: Record<string, unknown>): void {
  const { response, html, form } = stop;
  expect([stop.status, response.headers.get('location')]).toEqual([200, null]);
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(html.match(/<form\b/g)).toHaveLength(1);
  expect(html).toMatch(/<form[^>]* method="post"/);
  expect(form?.action).toBe(action);
  expect(form?.fields).toEqual(fields);
  // Each of them is an input that nobody sees, and nothing of it has become markup.
  expect(html.match(/<input type="hidden"/g)).toHaveLength(Object.keys(fields).length);
  expect(html.match(/<input\b/g)).toHaveLength(Object.keys(fields).length);
  expect(html).not.toContain('<script>alert');
}

it('P:F-001 a success is a page whose form posts code, state and iss to the redirect_uri', async () => {
  const browser = new Browser(world);
  const asked = { redirect_uri: WITH_QUERY, response_mode: 'form_post', state: STATE };
  const { parameters, verifier } = codeRequest('shop', asked);
  const stop = await browser.login(await browser.authorize(parameters));
  const code = expect.stringMatching(/^[A-Za-z0-9_-]{43}$/);
  expectForm(stop, WITH_QUERY, { code, state: STATE, iss: 'https://as.example' });
  expect(stop.html).toContain('action="https://shop.example/callback?a=1&amp;b=it');
  const form = { grant_type: 'authorization_code', redirect_uri: WITH_QUERY, code_verifier: verifier };
  const tokens = await tokenRequest(world, 'shop', { ...form, code: stop.answer.code ?? '' });
  expect(tokens.status).toBe(200);
  // With a session at once; without a state there is none.
  const again = codeRequest('shop', { ...asked, state: undefined, prompt: 'none' });
  expectForm(await browser.authorize(again.parameters), WITH_QUERY, { code, iss: 'https://as.example' });
});

it('P:F-001 tokens of the implicit grant travel in the form too', async () => {
  const browser = new Browser(world);
  const { stop } = await ask(browser, 'implicit', { response_type: 'id_token', response_mode: 'form_post' });
  const page = await browser.login(stop);
  const id_token = expect.any(String);
  expectForm(page, 'https://implicit.example/callback', { id_token, state: 'a state', iss: 'https://as.example' });
  expect((await verified(world, page.answer.id_token ?? '')).claims).toMatchObject({ nonce: 'a nonce' });
});

it('P:F-002 the page is not stored', async () => {
  const { browser } = await obtainTokens(world);
  for (const more of [{}, { scope: 'openid unknown' }]) {
    const { headers } = (await ask(browser, 'web', { response_mode: 'form_post', ...more })).stop.response;
    expect([headers.get('cache-control'), headers.get('pragma')]).toEqual(['no-store', 'no-cache']);
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  }
});

it('P:F-003 an error is delivered by the same form, with the state', async () => {
  const { browser } = await obtainTokens(world);
  const asked = { response_mode: 'form_post', state: STATE };
  const errors = {
    invalid_scope: { scope: 'openid unknown' },
    login_required: { prompt: 'none' },
    unsupported_response_type: { response_type: 'foo' },
    invalid_request: { code_challenge: 'x' },
  };
  for (const [error, more] of Object.entries(errors)) {
    const who = error === 'login_required' ? new Browser(world) : browser;
    const { stop } = await ask(who, 'web', { ...asked, ...more });
    const fields = { error, error_description: expect.any(String), state: STATE, iss: 'https://as.example' };
    expectForm(stop, 'https://web.example/callback', fields);
  }
  // What a user decides as well.
  const newcomer = new Browser(world);
  const login = (await ask(newcomer, 'web', asked)).stop;
  const cancelled = await newcomer.submit(login, { decision: 'deny' });
  expect([cancelled.answer.error, cancelled.answer.state]).toEqual(['access_denied', STATE]);
  expect(cancelled.form?.id).toBe('form-post');
});

it('P:F-004 without a script there is a button, and the page may post to the client', async () => {
  const { browser } = await obtainTokens(world);
  const { stop } = await ask(browser, 'web', { response_mode: 'form_post' });
  expect(stop.html).toMatch(/<form id="form-post"[^>]*>.*<button type="submit"[^>]*>Continue<\/button><\/form>/s);
  expect(stop.html).not.toMatch(/<button[^>]*(hidden|display:\s*none)/);
  const policy = (stop.response.headers.get('content-security-policy') ?? '').split('; ');
  // default-src says nothing of forms: where form-action is not there, they may go anywhere.
  expect(policy.filter((directive) => directive.startsWith('form-action'))).toEqual([]);
  expect(policy).toEqual(expect.arrayContaining(["default-src 'none'", "frame-ancestors 'none'"]));
  // The one script sends the form, and is allowed by what it is.
  const [, script = ''] = /<script>(.*?)<\/script>/s.exec(stop.html) ?? [];
  expect(stop.html.match(/<script\b/g)).toHaveLength(1);
  expect(script).toContain('submit');
  expect(policy).toContain(`script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`);
});

it('P:F-005 discovery lists form_post', async () => {
  const discovery = await json(world.fetch('/.well-known/openid-configuration'));
  expect([...discovery.response_modes_supported].sort()).toEqual(['form_post', 'fragment', 'query']);
});
