// OpenID Connect Core 3.1.2.3 to 3.1.2.5: what protects the pages on which people log in and allow, and how a browser goes on
// from them.

import { expect, it } from 'vitest';
import { Browser, codeRequest, obtainTokens, post, type Stop } from './browser.ts';
import {
  ask,
  expectCode,
  expectConsentPage,
  expectErrorPage,
  expectLoginPage,
  expectRedirect,
  redeem,
} from './openid-answers.ts';
import { PASSWORD } from './spec.ts';
import { serveForAll } from './world.ts';

const world = await serveForAll(({ site }) => {
  // Nothing is said of consent.
  site.applications.silent = {
    ...site.applications.asking,
    consent: undefined,
    metadata: { ...site.applications.asking.metadata, redirect_uris: ['https://silent.example/callback'] },
  };
});

/** What a browser sends, and what comes back, without going on from there. */
function sendForm(browser: Browser, stop: Stop, filled: Record<string, string>, headers: Record<string, string> = {}) {
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  return post(world, stop.form?.action ?? '', { ...stop.form?.fields, ...filled }, { headers: { cookie, ...headers } });
}

const CREDENTIALS = { username: 'ada', password: PASSWORD };

it('P:C-024 the pages of login and consent cannot be framed', async () => {
  const browser = new Browser(world);
  const login = (await ask(browser, 'asking')).stop;
  const consent = await browser.login(login);
  expectLoginPage(login);
  expectConsentPage(consent);
  for (const { response, html } of [login, consent]) {
    expect(response.headers.get('x-frame-options')).toBe('DENY');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy.split('; ')).toEqual(expect.arrayContaining(["frame-ancestors 'none'", "default-src 'none'"]));
    expect(policy).not.toContain('unsafe');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    expect(html).not.toContain('<script');
  }
});

it('P:C-024 a form that is not of this browser, or comes from another site, does nothing', async () => {
  const victim = new Browser(world);
  const login = (await ask(victim, 'asking')).stop;
  const attacker = new Browser(world);
  const theirs = (await ask(attacker, 'asking')).stop;
  const refused = async (response: Response) => {
    expect([response.status, response.headers.get('location'), response.headers.getSetCookie()]).toEqual([
      403,
      null,
      [],
    ]);
    expect(response.headers.get('content-type')).toContain('text/html');
  };
  // The tag of another browser, none, a made-up one, no cookie, and the right one from a stranger's page.
  await refused(await sendForm(victim, theirs, CREDENTIALS));
  await refused(await sendForm(victim, login, { ...CREDENTIALS, form: '' }));
  await refused(await sendForm(victim, login, { ...CREDENTIALS, form: 'A'.repeat(43) }));
  await refused(await sendForm(new Browser(world), login, CREDENTIALS));
  await refused(await sendForm(victim, login, CREDENTIALS, { origin: 'https://evil.example' }));
  // The tag is for this request alone.
  const other = new URLSearchParams(codeRequest('asking', { scope: 'openid notes' }).parameters).toString();
  await refused(await sendForm(victim, login, { ...CREDENTIALS, request: other }));
  expect(victim.sessionCookie()).toBeUndefined();

  const consent = await victim.login(login);
  expectConsentPage(consent);
  const allow = { decision: 'allow' };
  const theirConsent = await attacker.login(theirs, 'bob');
  await refused(await sendForm(victim, theirConsent, allow));
  await refused(await sendForm(victim, consent, { ...allow, form: '' }));
  await refused(await sendForm(victim, consent, allow, { origin: 'https://evil.example' }));
  await refused(await sendForm(victim, consent, { ...allow, form: login.form?.fields.form ?? '' }));
  await refused(await sendForm(victim, consent, { ...allow, request: other }));
  // The page itself still works.
  expectCode(await victim.press(consent, 'allow'));
});

it('P:C-025 nothing is told to a client before its user allowed it, or the spec did', async () => {
  const browser = new Browser(world);
  const first = await ask(browser, 'asking', { scope: 'openid email' });
  const consent = await browser.login(first.stop);
  expectConsentPage(consent);
  expect(consent.answer).not.toHaveProperty('code');
  expectRedirect(await browser.press(consent, 'deny'), 'access_denied');
  // A press of no button that there is grants nothing either.
  const again = (await ask(browser, 'asking', { scope: 'openid email' })).stop;
  expectConsentPage(again);
  const { status, headers } = await sendForm(browser, again, { decision: 'perhaps' });
  expect([status, headers.get('location')]).toEqual([400, null]);
  // What was changed since the page was shown is asked about anew.
  const tampered = await browser.submit(again, { decision: 'allow', shown: 'x' });
  expectConsentPage(tampered);
  // More than what was allowed asks again.
  expectCode(await browser.press(tampered, 'allow'));
  expectConsentPage((await ask(browser, 'asking', { scope: 'openid email notes' })).stop);
  // Without a word about it in the spec the user is asked; where it says that it is not needed, nobody is.
  expectConsentPage((await ask(browser, 'silent', { scope: 'openid email' })).stop);
  expectCode((await ask(browser, 'web', { scope: 'openid email' })).stop);
});

it('P:C-071 after a password or a decision the browser goes on by 303, which carries no form', async () => {
  const browser = new Browser(world);
  const { stop: login } = await ask(browser, 'asking', { scope: 'openid drafts' });
  const afterLogin = await sendForm(browser, login, CREDENTIALS);
  expect(afterLogin.status).toBe(303);
  expect(afterLogin.headers.get('location')).toMatch(/^https:\/\/as\.example\/authorize\?/);
  expect(afterLogin.headers.get('location')).not.toContain(encodeURIComponent(PASSWORD));
  const consent = await browser.login(login);
  for (const [decision, outcome] of [
    ['deny', 'error=access_denied'],
    ['allow', 'code='],
  ] as const) {
    const response = await sendForm(browser, consent, { decision });
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toMatch(/^https:\/\/asking\.example\/callback\?/);
    expect(response.headers.get('location')).toContain(outcome);
  }
  const cancelled = await sendForm(browser, login, { decision: 'deny' });
  expect([cancelled.status, cancelled.headers.get('location')]).toEqual([
    303,
    expect.stringContaining('access_denied'),
  ]);
});

it('P:C-072 a request that another site posts, without cookies, finds the session all the same', async () => {
  const { browser } = await obtainTokens(world);
  const session = browser.sessionCookie() ?? '';
  expect(session).toMatch(/^__Host-/);
  for (const name of browser.cookies.keys()) {
    expect(name).toMatch(/^__Host-/);
    expect([...(browser.attributes.get(name) ?? [])].sort()).toEqual(['httponly', 'path=/', 'samesite=lax', 'secure']);
  }
  const state = 'ü &=%+# "x" %2B';
  const { parameters, verifier } = codeRequest('web', { prompt: 'none', state });
  // SameSite=Lax: a browser sends no cookie with a POST of another site, and none is set by it.
  const posted = await post(world, '/authorize', parameters, { headers: { origin: 'https://web.example' } });
  expect([posted.status, posted.headers.getSetCookie()]).toEqual([303, []]);
  const stop = await browser.go(posted.headers.get('location') ?? '');
  expect(stop.answer.state).toBe(state);
  expect((await redeem(world, 'web', verifier, stop)).token_type).toBe('Bearer');

  // One who is not logged in logs in on the way.
  const newcomer = new Browser(world);
  const second = codeRequest('web');
  const bounced = await post(world, '/authorize', second.parameters);
  const login = await newcomer.go(bounced.headers.get('location') ?? '');
  expectLoginPage(login);
  expectCode(await newcomer.login(login));
  // What cannot be a query of a URL is told, and not cut.
  const long = await newcomer.post('/authorize', { ...second.parameters, login_hint: 'x'.repeat(10_000) });
  expectErrorPage(long, 413);
});
