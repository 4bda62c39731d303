import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { renderPage } from '../../../src/http/pages/render.ts';
import { OAuthError } from '../../../src/oauth/error.ts';
import type { Page } from '../../../src/oauth/page.ts';
import { FORM } from '../serving.ts';
import { PAGES, servedPage, showing } from './served.ts';

const KINDS = Object.values(PAGES);
const WITH_FORM = new Set<Page['kind']>(['login', 'consent', 'logout', 'connected', 'form-post']);
const htmlOf = (page: Page) => renderPage(page).html;

/** The policy by its directives. */
function policyOf(header: unknown): Record<string, string> {
  const directives = String(header).split('; ');
  return Object.fromEntries(directives.map((one) => [one.split(' ', 1)[0], one.slice(one.indexOf(' ') + 1)]));
}

describe.each(KINDS)('the page $kind', (page) => {
  it('P:O-087 P:S-018 P:S-025 is stored by nobody, framed by nobody, and tells no other site where it was', async () => {
    const response = await servedPage(() => showing(page)).app.inject({ url: '/page' });
    expect(response.statusCode).toBe(200);
    expect(response.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
    const policy = policyOf(response.headers['content-security-policy']);
    expect(policy).toMatchObject({ 'default-src': "'none'", 'frame-ancestors': "'none'", 'base-uri': "'none'" });
    expect(response.headers['content-security-policy']).not.toContain('unsafe');
    // A redirect after the form may lead to anywhere that the client leads to.
    expect(policy['form-action']).toBe(WITH_FORM.has(page.kind) ? undefined : "'none'");
  });

  it('has its style allowed by its digest, and a script only where it goes on by itself', async () => {
    const { headers, html } = renderPage(page);
    const policy = policyOf(headers['content-security-policy']);
    const allowed = (tag: string) =>
      [...html.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, 'gs'))].map(
        ([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
      );
    expect(allowed('style')).toEqual([policy['style-src']]);
    expect(allowed('script')).toEqual(page.kind === 'form-post' ? [policy['script-src']] : []);
    expect(policy['script-src'] === undefined).toBe(page.kind !== 'form-post');
    expect(html).not.toMatch(/ style=| on[a-z]+=/);
  });

  it('is a document in a language with one heading', () => {
    const html = htmlOf(page);
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(html.match(/<h1>/g)).toHaveLength(1);
    expect(/<title>(.+)<\/title>/.exec(html)?.[1]).toBe(/<h1>(.+?)<\/h1>/.exec(html)?.[1]);
    expect(html).toContain('<meta name="viewport" content="width=device-width, initial-scale=1"/>');
  });

  it('P:O-088 escapes whatever stands in it', () => {
    const hostile = `"'><img src=x onerror=alert(1)></title></style></script><script>alert(1)</script>&amp;`;
    const html = htmlOf(hostileIn(page, hostile) as Page);
    expect(html).not.toContain('<img src=x');
    expect(html).not.toContain('<script>alert');
    expect(html.match(/<\/title>|<\/style>/g)).toHaveLength(2);
    // No attribute ends at a character of it.
    expect(html).not.toMatch(/="[^"]*"'>/);
    if (WITH_FORM.has(page.kind)) expect(html).toContain("&quot;'>&lt;img src=x onerror=alert(1)>&lt;/title>");
  });
});

/** The page with all of its texts replaced, names of fields too. */
function hostileIn(value: unknown, hostile: string): unknown {
  if (typeof value === 'string') return hostile;
  if (Array.isArray(value)) return value.map((one) => hostileIn(one, hostile));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, one]) =>
    name === 'kind' || name === 'problem'
      ? [name, one]
      : [name === 'request' ? hostile : name, hostileIn(one, hostile)],
  );
  return Object.fromEntries(entries);
}

describe('the forms', () => {
  it('login: name and password as password managers know them; Enter logs in, and who cancels needs neither', () => {
    const html = htmlOf(PAGES.login);
    expect(html).toContain('<form id="login" method="post" action="/login">');
    // A selector of the one that submits finds the one that logs in.
    expect(html.match(/type="submit"/g)).toHaveLength(1);
    expect(html).toContain('<input type="hidden" name="request" value="r-1"/>');
    expect(html).toMatch(
      /<label for="username">[^<]+<\/label><input id="username" name="username" [^>]*value="alice" autocomplete="username"/,
    );
    expect(html).toMatch(
      /<input id="password" name="password" type="password" autocomplete="current-password" required/,
    );
    const buttons = html.match(/<button [^>]*>/g) ?? [];
    expect(buttons).toHaveLength(2);
    expect(buttons[0]).not.toContain('name=');
    expect(buttons[1]).toMatch(/name="decision" value="deny" formnovalidate/);
  });

  it('login: the password is never there, and a problem is told without saying which of both is wrong', () => {
    expect(htmlOf(PAGES.login)).toContain('role="alert">The username or the password is not right. Try again.</p>');
    expect(htmlOf({ ...PAGES.login, problem: 'throttled' })).toContain('too many attempts');
    const first = htmlOf({ ...PAGES.login, problem: undefined });
    expect(first).not.toContain('role="alert"');
    expect(first).not.toContain('aria-invalid');
    expect(/<input [^>]*type="password"[^>]*>/.exec(first)?.[0]).not.toContain('value');
  });

  it.each(['consent', 'logout'] as const)('%s: a decision by a button', (kind) => {
    const html = htmlOf(PAGES[kind]);
    expect(html).toContain(`<form id="${kind}" method="post"`);
    expect(html.match(/<button type="submit" name="decision" value="(allow|deny)"/g)).toHaveLength(2);
    expect(html).toContain('Alice Example');
    expect(html).toContain('Example App');
  });

  it('connected: a box for each application with what it was given, one button, and what was removed', () => {
    const html = htmlOf(PAGES.connected);
    expect(html).toContain('<form id="connected" method="post" action="/connected">');
    expect(html.match(/<input type="checkbox" name="remove" value="[^"]+"/g)).toEqual([
      '<input type="checkbox" name="remove" value="app-1"',
      '<input type="checkbox" name="remove" value="app-2"',
    ]);
    expect(html.match(/<label [^>]*><input type="checkbox"[^>]*>[^<]+<\/label>/g)).toHaveLength(2);
    expect(html.match(/<button /g)).toHaveLength(1);
    expect(html).toMatch(/28 May 2026<\/time> · Refresh, Access<.*29 May 2026<\/time> · Access</s);
    expect(html).toContain('See your name and your picture <code>profile</code>');
    expect(html).toContain('role="status">Removed: Third App</p>');
    expect(html).toContain('There are more');
    const { html: empty, headers } = renderPage({ ...PAGES.connected, connections: [], removed: [], isCut: false });
    expect(empty).toContain('No application has access');
    expect(empty).not.toMatch(/<form|role="status"/);
    expect(headers['content-security-policy']).toContain("form-action 'none'");
  });

  it('consent: says what is asked for, once, and what goes on when the user is away', () => {
    const html = htmlOf(PAGES.consent);
    expect(html).toContain('<li>See your name and your picture <code>profile</code></li><li>orders.read</li>');
    expect(html).toContain('while you are away');
    expect(htmlOf({ ...PAGES.consent, offline: false })).not.toContain('while you are away');
    expect(htmlOf({ ...PAGES.consent, offline: false, scopes: [] })).toContain(
      'to know who you are, and for nothing else',
    );
  });

  it('form-post: hidden fields, a button for who has no script', () => {
    const html = htmlOf(PAGES['form-post']);
    expect(html).toContain('method="post" action="https://app.test/callback"');
    expect(html).toContain(
      '<input type="hidden" name="code" value="c-1"/><input type="hidden" name="state" value="s-1"/>',
    );
    expect(html).toMatch(/<button type="submit"[^>]*>Continue<\/button>/);
  });
});

describe('P:G-008 what a client says of itself', () => {
  const consent = (client: object) => renderPage({ ...PAGES.consent, client: { name: 'App', ...client } });

  it('its logo is fetched from its own https origin alone, and learns nothing', () => {
    const { html, headers } = renderPage(PAGES.consent);
    expect(html).toContain('<img src="https://cdn.app.test/logo.png?v=1" alt referrerpolicy="no-referrer"/>');
    expect(headers['content-security-policy']).toContain('; img-src https://cdn.app.test;');
  });

  it.each(['http://app.test/logo.png', 'data:image/png;base64,AAAA', 'javascript:alert(1)', '//app.test/x', ''])(
    'a logo at %j is not shown',
    (logo_uri) => {
      const { html, headers } = consent({ logo_uri });
      expect(html).not.toContain('<img');
      expect(headers['content-security-policy']).not.toContain('img-src');
    },
  );

  it('an address cannot add to the policy', () => {
    const { headers } = consent({ logo_uri: "https://app.test/x; script-src 'unsafe-inline'" });
    expect(headers['content-security-policy']).toContain('; img-src https://app.test;');
    expect(headers['content-security-policy']).not.toContain('script-src');
  });

  it('links lead to the web alone, in another window that cannot reach back', () => {
    const { html } = renderPage(PAGES.consent);
    expect(
      html.match(/<a href="https?:\/\/app\.test\/[a-z]*" rel="noreferrer noopener" target="_blank">/g),
    ).toHaveLength(3);
    const script = consent({
      client_uri: 'javascript:alert(1)',
      policy_uri: ' JavaScript:alert(1)',
      tos_uri: 'data:text/html,x',
    });
    expect(script.html).not.toMatch(/<a |javascript/i);
  });
});

describe('what surrounds a page', () => {
  it('its endpoint is told method, query or form, the cookies of this server and the origin', async () => {
    const { app, asked } = servedPage(() => ({
      ...showing(PAGES.login),
      cookies: { browser: 'b-1', session: 's-1' },
    }));
    const first = await app.inject({ url: '/page?a=b', headers: { cookie: 'other=1' } });
    expect(first.headers['set-cookie']).toHaveLength(2);
    const cookie = [first.headers['set-cookie'] ?? []]
      .flat()
      .map((one) => one.split(';', 1)[0])
      .join('; ');
    const headers = { ...FORM, cookie, origin: 'null', 'sec-fetch-site': 'same-origin' };
    await app.inject({ method: 'POST', url: '/page?a=query', headers, payload: 'a=form' });
    expect(asked).toMatchObject([
      { method: 'GET', form: [['a', 'b']], cookies: { browser: undefined, session: undefined }, origin: undefined },
      {
        method: 'POST',
        form: [['a', 'form']],
        cookies: { browser: 'b-1', session: 's-1' },
        host: 'localhost:80',
        origin: undefined,
      },
    ]);
  });

  it('an answer may lead elsewhere, without a body, and change cookies on the way', async () => {
    const location = 'https://app.test/callback?code=c-1';
    const { app, records } = servedPage(() => ({
      status: 303,
      headers: { Location: location },
      body: undefined,
      cookies: { session: null },
    }));
    const response = await app.inject({ url: '/page' });
    expect([response.statusCode, response.headers.location, response.body]).toEqual([303, location, '']);
    expect(response.headers['set-cookie']).toEqual([expect.stringMatching(/^__Host-charter-session-\w+=; Max-Age=0/)]);
    expect(response.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
    expect(response.headers['content-type']).toBeUndefined();
    await app.close();
    expect(JSON.stringify(records)).not.toContain('c-1');
  });

  it('the status and the wait of who tries too often leave with the page, or with the error page', async () => {
    const page = servedPage(() => ({
      ...showing({ ...PAGES.login, problem: 'throttled' }, 429),
      headers: { 'Retry-After': '42' },
    }));
    const told = await page.app.inject({ method: 'POST', url: '/page', headers: FORM, payload: 'a=b' });
    expect([told.statusCode, told.headers['retry-after']]).toEqual([429, '42']);
    expect(told.body).toContain('<form id="login"');

    const refusing = servedPage(() => {
      const headers = { 'Retry-After': '42' };
      throw new OAuthError({ error: 'temporarily_unavailable', status: 429, description: 'X: y', headers });
    });
    const refused = await refusing.app.inject({ url: '/page' });
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '42']);
    expect(refused.body).toContain('too many attempts');
  });

  it('what is no form is an error page', async () => {
    const { app, asked } = servedPage(() => showing(PAGES.login), { astray: 'login' });
    const headers = { 'content-type': 'application/json' };
    const response = await app.inject({ method: 'POST', url: '/page', headers, payload: '{}' });
    expect([response.statusCode, response.headers['content-type']]).toEqual([400, 'text/html; charset=utf-8']);
    expect(response.body).toContain('This request cannot be completed');
    expect(asked).toEqual([]);
  });

  it.each([
    ['login', 'Signing in begins elsewhere'],
    ['consent', 'There is nothing to allow here'],
    ['logout', 'There is nothing to confirm here'],
  ] as const)('who comes by GET to where only a form leads is told where to go: %s', async (astray, words) => {
    const { app, asked } = servedPage(() => showing(PAGES.login), { astray });
    for (const method of ['GET', 'HEAD'] as const) {
      const response = await app.inject({ method, url: '/page?x=<script>' });
      expect([response.statusCode, response.headers.allow]).toEqual([405, 'POST']);
      expect(response.headers).toMatchObject({ 'cache-control': 'no-store', 'x-frame-options': 'DENY' });
      if (method === 'GET') expect(response.body).toContain(`<h1>${words}</h1>`);
      expect(response.body).not.toContain('<script>');
    }
    const other = await app.inject({ method: 'PUT', url: '/page' });
    expect([other.statusCode, other.headers['content-type']]).toEqual([405, 'text/html; charset=utf-8']);
    expect(asked).toEqual([]);
  });
});
