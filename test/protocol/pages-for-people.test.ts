// The pages of the server in a hostile world: forms of strangers, frames, and texts that are no text (RFC 6749 10.12 to 10.14).

import { beforeAll, describe, expect, it } from 'vitest';
import { expectErrorPage, expectRedirectedError, expectUnframed } from './answers.ts';
import { Browser, codeRequest, type Stop, unescapeHtml } from './browser.ts';
import { PASSWORD, withLegacyGrants } from './spec.ts';
import { serve, serveForAll } from './world.ts';

const HOSTILE = '"\'><script>alert(1)</script><img src=x onerror=alert(2)>&amp;{{7*7}}';

const world = await serveForAll((documents) => {
  withLegacyGrants(documents);
  const { applications } = documents.site;
  applications.asking.metadata.client_name = HOSTILE;
  applications.web.metadata.client_name = HOSTILE;
  applications.web.metadata.post_logout_redirect_uris = ['https://web.example/bye'];
});

const LOGIN = { username: 'ada', password: PASSWORD };
const asked = { scope: 'openid notes' };

async function loginPage(browser: Browser, more: Record<string, string> = {}): Promise<Stop> {
  const stop = await browser.authorize(codeRequest('asking', { ...asked, ...more }).parameters);
  expect(stop.form?.id).toBe('login');
  return stop;
}

async function consentPage(browser: Browser, more: Record<string, string> = {}): Promise<Stop> {
  const stop = await browser.login(await loginPage(browser, more));
  expect(stop.form?.id).toBe('consent');
  return stop;
}

/** What another site may send in the name of a browser that has the page open. */
const FOREIGN: readonly [
  string,
  (fields: Readonly<Record<string, string>>, others: Stop) => Record<string, string>,
  Record<string, string>,
][] = [
  ['without the tag', ({ form: _, ...fields }) => fields, {}],
  ['with an empty tag', (fields) => ({ ...fields, form: '' }), {}],
  ['with the tag of another browser', (fields, others) => ({ ...fields, form: others.form?.fields.form ?? '' }), {}],
  ['with a tag that was guessed', (fields) => ({ ...fields, form: 'A'.repeat(43) }), {}],
  ['about another request', (fields) => ({ ...fields, request: `${fields.request}&max_age=1` }), {}],
  ['from another site', (fields) => ({ ...fields }), { origin: 'https://evil.example' }],
  ['from a sister site', (fields) => ({ ...fields }), { origin: 'https://other.as.example' }],
  ['from the same host by http', (fields) => ({ ...fields }), { origin: 'http://as.example' }],
];

describe('P:O-086 a form that is not of a page that this browser was shown is refused', () => {
  it.each(FOREIGN)('the login form %s', async (_, forge, headers) => {
    const browser = new Browser(world);
    const page = await loginPage(browser);
    const others = await loginPage(new Browser(world));
    const fields = { ...forge(page.form?.fields ?? {}, others), ...LOGIN };
    const stop = await browser.post('/login', fields, headers);
    expectErrorPage(stop, 403);
    expect(browser.sessionCookie()).toBeUndefined();
    // The form itself is still good, so it was the forgery that was refused.
    expect((await browser.login(page, 'bob')).form?.id).toBe('consent');
  });

  it.each(FOREIGN)('the consent form %s', async (_, forge, headers) => {
    const browser = new Browser(world);
    const page = await browser.login(await loginPage(browser), 'bob');
    expect(page.form?.id).toBe('consent');
    const others = await consentPage(new Browser(world));
    for (const decision of ['allow', 'deny']) {
      const stop = await browser.post('/consent', { ...forge(page.form?.fields ?? {}, others), decision }, headers);
      expectErrorPage(stop, 403);
    }
    expect(await world.store.findConsent('user:Example/bob', 'application:Example/asking')).toBeUndefined();
    // The form itself is still good, so it was the forgery that was refused.
    const to = 'https://asking.example/callback';
    expectRedirectedError(await browser.press(page, 'deny'), 'access_denied', { to });
  });

  it('a form without the cookies of the browser, which another site cannot send along', async () => {
    const browser = new Browser(world);
    const consent = await consentPage(browser);
    const stranger = new Browser(world);
    const { action = '', fields = {} } = consent.form ?? {};
    const stop = await stranger.post(action, { ...fields, decision: 'allow' });
    // Nobody is logged in there: from the beginning, and no code.
    expect(stop.form?.id).toBe('login');
    expect(stop.answer).toEqual({});
    expectErrorPage(
      await stranger.post('/login', { ...LOGIN, request: fields.request ?? '', form: fields.form ?? '' }),
      403,
    );
    for (const [name, attributes] of browser.attributes) {
      expect([name, attributes]).toEqual([name, expect.arrayContaining(['samesite=lax', 'httponly', 'secure'])]);
    }
  });
});

it('P:O-087 no page lets itself be framed: login, consent, error, logout, and what stands where only a form leads', async () => {
  const browser = new Browser(world);
  const login = await loginPage(browser);
  const wrong = await browser.login(login, 'ada', 'wrong');
  const consent = await browser.login(wrong);
  const logout = await browser.go('/logout');
  const pages = [
    login,
    wrong,
    consent,
    logout,
    await browser.go('/authorize'),
    await browser.go('/login'),
    await browser.go('/consent'),
    await browser.go('/logout/decision'),
    await browser.authorize(codeRequest('asking', { ...asked, prompt: 'none', response_mode: 'form_post' }).parameters),
    await browser.press(logout, 'deny'),
    await browser.press(await browser.go('/logout'), 'allow'),
  ];
  const forms = pages.map(({ form }) => form?.id);
  expect(forms.slice(0, 4)).toEqual(['login', 'login', 'consent', 'logout']);
  for (const { response, html, location } of pages) {
    expect(location).toBeUndefined();
    expect(html).toMatch(/^<!doctype html>/);
    expectUnframed(response);
  }
});

describe('P:O-088 what strangers wrote stands on a page as text', () => {
  function expectHarmless({ html, response }: Stop): void {
    expect(html).not.toMatch(/<script>alert|<img src=x/);
    // No attribute ends early either: what is in one has no quote left.
    expect(html).not.toContain(HOSTILE);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|\*|script-src/);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  }

  it('the name of a client, login_hint and state', async () => {
    const browser = new Browser(world);
    const login = await loginPage(browser, { login_hint: HOSTILE, state: HOSTILE, ui_locales: HOSTILE });
    expectHarmless(login);
    expect(/<input id="username"[^>]* value="([^"]*)"/.exec(login.html)?.[1]).toBeDefined();
    expect(unescapeHtml(/ value="([^"]*)" autocomplete="username"/.exec(login.html)?.[1] ?? '')).toBe(HOSTILE);
    expect(unescapeHtml(login.html)).toContain(`<strong>${HOSTILE}</strong>`);
    const wrong = await browser.login(login, HOSTILE, HOSTILE);
    expectHarmless(wrong);
    expect(wrong.html).toContain('role="alert"');
    const consent = await browser.login(wrong);
    expectHarmless(consent);
    expect(unescapeHtml(consent.html)).toContain(`<h1>${HOSTILE} asks for access</h1>`);
    expect((await browser.press(consent, 'allow')).answer.state).toBe(HOSTILE);
  });

  it('an error page, whatever was wrong', async () => {
    const browser = new Browser(world);
    for (const parameters of [
      { client_id: HOSTILE },
      { redirect_uri: HOSTILE },
      { response_mode: HOSTILE },
      { redirect_uri: `https://evil.example/${HOSTILE}`, state: HOSTILE, error_description: HOSTILE },
    ]) {
      const stop = await browser.authorize(codeRequest('web', parameters).parameters);
      expectErrorPage(stop);
      expectHarmless(stop);
      expect(stop.html).not.toContain('alert(1)');
    }
  });

  it('the logout page', async () => {
    const browser = new Browser(world);
    await browser.login(await browser.authorize(codeRequest('web').parameters));
    const query = new URLSearchParams({
      client_id: 'web',
      state: HOSTILE,
      post_logout_redirect_uri: 'https://web.example/bye',
    });
    const logout = await browser.go(`/logout?${query}`);
    expect(logout.form?.id).toBe('logout');
    expectHarmless(logout);
  });

  it('an answer by form_post', async () => {
    const browser = new Browser(world);
    const parameters = { state: HOSTILE, response_mode: 'form_post' };
    const stop = await browser.login(await browser.authorize(codeRequest('web', parameters).parameters));
    expect(stop.form?.action).toBe('https://web.example/callback');
    expect(stop.answer.state).toBe(HOSTILE);
    expect(stop.html).not.toMatch(/<script>alert|<img src=x/);
    expect(stop.html).not.toContain(HOSTILE);
    // The one page with a script names it by its digest.
    const policy = stop.response.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/script-src 'sha256-[A-Za-z0-9+/=]+';/);
    expect(policy).not.toContain('unsafe');
  });
});

describe('the login page', () => {
  let page: Stop;
  const browser = new Browser(world);
  beforeAll(async () => {
    page = await loginPage(browser);
  });

  it('says the same of a wrong password, an unknown user and a disabled one', async () => {
    const pages = [];
    for (const name of ['ada', 'bob', 'carol', 'nobody']) {
      const { status, html } = await browser.login(page, name, name === 'carol' ? PASSWORD : 'wrong');
      pages.push({ status, html: html.replaceAll(`value="${name}"`, 'value="NAME"') });
    }
    expect(pages[0]?.status).toBe(200);
    for (const one of pages) expect(one).toEqual(pages[0]);
    expect(browser.sessionCookie()).toBeUndefined();
  });

  it('looks at ten guesses, also where many come at once', async () => {
    const own = await serve();
    const guesser = new Browser(own);
    const login = await guesser.authorize(codeRequest('web').parameters);
    const wrongs = Array.from({ length: 30 }, (_, at) => guesser.login(login, 'bob', `guess-${at}`));
    const stops = await Promise.all([...wrongs, guesser.login(login, 'bob')]);
    expect(stops.filter(({ status }) => status === 200)).toHaveLength(10);
    expect(stops.filter(({ status }) => status === 429)).toHaveLength(21);
    expect(guesser.sessionCookie()).toBeUndefined();
    const throttled = await guesser.login(login, 'bob');
    expect(Number(throttled.response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(throttled.html).toContain('There were too many attempts');
    own.advance(61);
    expect((await guesser.login(login, 'bob')).answer).toHaveProperty('code');
  });

  it('is not taken to another request than the one that it was shown for', async () => {
    const { parameters } = codeRequest('web');
    const other = new URLSearchParams(parameters).toString();
    const stop = await browser.post('/login', { ...page.form?.fields, ...LOGIN, request: other });
    expectErrorPage(stop, 403);
  });

  it('tells the client of a cancelled login, in the way of its response type', async () => {
    const { parameters } = codeRequest('implicit', { response_type: 'id_token', code_challenge: undefined });
    const login = await browser.authorize(parameters);
    const to = 'https://implicit.example/callback';
    expectRedirectedError(await browser.press(login, 'deny'), 'access_denied', { to, within: 'fragment' });
  });
});
