// Where the authorization endpoint sends people, and where never (RFC 6749 3.1.2, 4.1.2.1, 10.15, RFC 9700 4.1 and 4.11).

import { beforeAll, describe, expect, it } from 'vitest';
import { expectErrorPage, expectRedirectedError } from './answers.ts';
import { Browser, codeRequest, obtainCode, post, tokenRequest } from './browser.ts';
import { PASSWORD } from './spec.ts';
import { errorsOf, load, serveForAll } from './world.ts';

const WITH_QUERY = 'https://query.example/cb?x=1&y=a%20b';

const world = await serveForAll(({ site }) => {
  const { web } = site.applications;
  site.applications.query = { ...web, metadata: { ...web.metadata, redirect_uris: [WITH_QUERY] } };
});
const ada = new Browser(world);
beforeAll(async () => {
  await ada.through(await ada.authorize(codeRequest('web').parameters));
});

type Parameters = Readonly<Record<string, string | undefined>>;
const ask = (parameters: Parameters = {}, client = 'web') => ada.authorize(codeRequest(client, parameters).parameters);

it.each<[string, Parameters]>([
  ['none', { client_id: undefined }],
  ['an empty one', { client_id: '' }],
  ['an unknown one', { client_id: 'nobody' }],
  ['one in another case', { client_id: 'Web' }],
  ['one with a space', { client_id: 'web ' }],
  ['one that is a name of every object', { client_id: '__proto__' }],
  ['markup', { client_id: '<script>alert(1)</script>' }],
])('P:O-026 without a client that is known nobody is sent anywhere: %s', async (_, parameters) => {
  const stop = await ask(parameters);
  expectErrorPage(stop);
  expect(stop.html).not.toContain('<script>');
  expect(stop.html).not.toContain('web.example');
});

describe('P:O-027 a redirect_uri that is not registered gets a page, and nobody is sent there', () => {
  it.each([
    'https://evil.example/callback',
    'https://web.example/callback/',
    'https://web.example/callback/../evil',
    'https://web.example/callback/..;/evil',
    'https://web.example/callback%2f..',
    'https://web.example/%63allback',
    'https://web.example/Callback',
    'https://WEB.example/callback',
    'HTTPS://web.example/callback',
    'http://web.example/callback',
    'https://web.example:443/callback',
    'https://web.example/callback?x=1',
    'https://web.example/callback?',
    'https://web.example/callback#',
    'https://web.example/callback#x',
    'https://web.example./callback',
    'https://web.example@evil.example/callback',
    'https://evil.example\\@web.example/callback',
    'https://web.example.evil.example/callback',
    'https://sub.web.example/callback',
    '//web.example/callback',
    '/callback',
    ' https://web.example/callback',
    'https://web.example/callback ',
    'https://web.example/callback\r\nLocation: https://evil.example',
    'javascript:alert(1)//https://web.example/callback',
    'data:text/html,<script>alert(1)</script>',
    '"><script>alert(1)</script>',
    // Of another client.
    'https://other.example/callback',
  ])('%s', async (redirect_uri) => {
    for (const parameters of [{ redirect_uri }, { redirect_uri, scope: 'unknown' }, { redirect_uri, prompt: 'none' }]) {
      const stop = await ask(parameters);
      expectErrorPage(stop);
      expect(stop.html).not.toContain('<script>');
      expect(stop.html).not.toMatch(/href|src=|http-equiv/);
    }
  });
});

describe('a redirect_uri that is left out', () => {
  it('P:O-028 is told on a page where the client has several', async () => {
    for (const scope of ['openid', 'api', undefined]) {
      expectErrorPage(await ask({ redirect_uri: undefined, scope }, 'other'));
    }
  });

  it('P:O-029 is the only one of the client, but for OpenID Connect, which wants it', async () => {
    const { form } = await obtainCode(world, 'web', { redirect_uri: undefined, scope: 'api' }, ada);
    expect(form.redirect_uri).toBeUndefined();
    expect((await tokenRequest(world, 'web', form)).status).toBe(200);
    expectRedirectedError(await ask({ redirect_uri: undefined, scope: 'unknown' }), 'invalid_scope');
    for (const scope of ['openid', 'api openid']) expectErrorPage(await ask({ redirect_uri: undefined, scope }));
  });
});

describe('P:O-030 the configuration refuses a redirect_uri', () => {
  it.each([
    ['with a fragment', 'https://web.example/cb#f'],
    ['with an empty fragment', 'https://web.example/cb#'],
    ['that is relative', '/cb'],
    ['without a scheme', '//web.example/cb'],
    ['of javascript:', 'javascript:alert(1)'],
    ['of JavaScript:', 'JavaScript:alert(1)'],
    ['of data:', 'data:text/html,x'],
    ['with a wildcard in the host', 'https://*.web.example/cb'],
    ['with a wildcard in the path', 'https://web.example/*'],
  ])('%s', async (_, uri) => {
    let lines: readonly string[] = [];
    const diagnostics = await load(({ site }) => {
      site.applications.web.metadata.redirect_uris = ['https://web.example/callback', uri];
      lines = JSON.stringify(site, undefined, 2).split('\n');
    });
    expect(errorsOf(diagnostics)).toEqual(['redirect-uri.invalid']);
    const range = diagnostics.find(({ code }) => code === 'redirect-uri.invalid')?.range;
    expect(range?.file).toMatch(/site\.yaml$/);
    expect(range?.start.line).toBe(lines.findIndex((line) => line.includes(JSON.stringify(uri))) + 1);
  });
});

it('P:O-031 the query of a registered URI stays, and the answer is put behind it', async () => {
  const answered = await ask({ redirect_uri: WITH_QUERY }, 'query');
  expect(answered.status).toBe(303);
  expect(answered.location?.href).toMatch(/^https:\/\/query\.example\/cb\?x=1&y=a%20b&code=[A-Za-z0-9_-]{43}&/);
  expect(answered.answer).toMatchObject({ x: '1', y: 'a b', state: 'a state', iss: 'https://as.example' });
  const refused = await ask({ redirect_uri: WITH_QUERY, scope: 'unknown' }, 'query');
  expect(refused.location?.href).toMatch(/^https:\/\/query\.example\/cb\?x=1&y=a%20b&error=invalid_scope&/);
  expectErrorPage(await ask({ redirect_uri: 'https://query.example/cb' }, 'query'));
});

describe('P:O-090 no parameter and no path leads to a foreign address', () => {
  const EVIL = 'https://evil.example/';
  const NAMES = [
    ...[
      'next',
      'return_to',
      'returnTo',
      'return',
      'url',
      'target',
      'dest',
      'goto',
      'continue',
      'service',
      'RelayState',
    ],
    ...['redirect', 'redirect_to', 'redirectUri', 'callback', 'target_link_uri', 'post_logout_redirect_uri', 'iss'],
  ];
  const everywhere = Object.fromEntries(NAMES.map((name) => [name, EVIL]));
  const query = new URLSearchParams(everywhere);

  it.each([
    '/authorize',
    '/login',
    '/consent',
    '/logout',
    '/logout/decision',
    '/token',
    '/introspect',
    '/revoke',
    '/userinfo',
    '/jwks',
    '/.well-known/openid-configuration',
    '/',
    '//evil.example/',
    '/\\evil.example/',
    '/%2f%2fevil.example',
    '//evil.example/%2e%2e',
  ])('%s', async (path) => {
    for (const response of [await world.fetch(`${path}?${query}`), await post(world, path, everywhere)]) {
      expect(response.headers.get('location') ?? '').not.toContain('evil');
      expect(response.headers.has('refresh')).toBe(false);
      expect(await response.text()).not.toContain('evil.example');
    }
  });

  it('after a login and a consent as well', async () => {
    const stranger = new Browser(world);
    const { parameters } = codeRequest('asking', { ...everywhere, scope: 'openid notes' });
    const login = await stranger.authorize(parameters);
    expect(login.form?.action).toBe('https://as.example/login');
    const consent = await stranger.submit(login, {
      ...everywhere,
      username: 'ada',
      password: PASSWORD,
    });
    expect(consent.form?.action).toBe('https://as.example/consent');
    const { location } = await stranger.submit(consent, { ...everywhere, decision: 'allow' });
    expect(`${location?.origin}${location?.pathname}`).toBe('https://asking.example/callback');
    expect(location?.href).not.toContain('evil');
  });
});
