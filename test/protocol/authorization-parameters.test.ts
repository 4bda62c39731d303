// What the parameters of an authorization request mean, and what is told where they are wrong (RFC 6749 3.1, 3.3, 4.1.1, 4.1.2).

import { beforeAll, describe, expect, it } from 'vitest';
import { expectErrorPage, expectJsonError, expectRedirectedError } from './answers.ts';
import { Browser, codeRequest, introspect, json, obtainTokens, post, type Stop, tokenRequest } from './browser.ts';
import { serveForAll } from './world.ts';

const world = await serveForAll();
/** Ada is logged in here: every good request is answered at once. */
const ada = new Browser(world);
beforeAll(async () => {
  await ada.through(await ada.authorize(codeRequest('web').parameters));
});

type Parameters = Readonly<Record<string, string | undefined>>;
const ask = (parameters: Parameters = {}, client = 'web') => ada.authorize(codeRequest(client, parameters).parameters);
/** With parameters behind those of a good request, as they stand. */
const askWith = (more: string, parameters: Parameters = {}) =>
  ada.go(`/authorize?${new URLSearchParams(codeRequest('web', parameters).parameters)}&${more}`);

function expectCode(stop: Stop, { state }: { readonly state?: string | undefined } = { state: 'a state' }): void {
  expect([302, 303]).toContain(stop.status);
  expect(stop.location?.href.startsWith('https://web.example/callback?')).toBe(true);
  expect(stop.answer).toEqual({
    code: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
    iss: 'https://as.example',
    ...(state === undefined ? {} : { state }),
  });
}

const words = (scope: string) => scope.split(' ').sort();

it('P:O-018 a good request by GET gets the login page', async () => {
  const stop = await new Browser(world).authorize(codeRequest('web').parameters);
  expect(stop.status).toBe(200);
  expect(stop.location).toBeUndefined();
  expect(stop.form?.id).toBe('login');
  expect(stop.form?.action).toBe('https://as.example/login');
});

it('P:O-019 an unknown parameter is ignored', async () => {
  expectCode(await ask({ extra: 'foobar' }));
  expectCode(await askWith('__proto__=x&constructor=y&%5B%5D=z&='));
});

it('P:O-020 a parameter without a value counts as none', async () => {
  const stop = await ask({ scope: '', state: '', prompt: '' });
  expectCode(stop, {});
  const bare = await obtainTokens(world, 'web', { scope: undefined, state: undefined }, ada);
  const empty = await obtainTokens(world, 'web', { scope: '', state: '', prompt: '' }, ada);
  expect(bare.scope).toMatch(/api/);
  expect(empty.scope).toBe(bare.scope);
  expectRedirectedError(await ask({ response_type: '', state: '' }), 'invalid_request', { state: undefined });
});

describe('P:O-021 a parameter that stands there twice is invalid_request', () => {
  it.each([
    ['scope', 'notes'],
    ['scope', 'openid'],
    ['scope', ''],
    ['state', 'another'],
    ['state', 'a state'],
    ['response_type', 'code'],
    ['response_type', 'token'],
    ['nonce', 'another'],
    ['nonce', ''],
    ['prompt', 'none'],
    ['code_challenge', 'x'],
    ['extra', '2'],
  ])('%s=%s', async (name, value) => {
    const stop = await askWith(new URLSearchParams({ [name]: value }).toString(), { extra: '1', prompt: 'login' });
    // Which of two states is the client's nobody knows.
    const state = name === 'state' ? undefined : 'a state';
    expectRedirectedError(stop, 'invalid_request', { state });
  });
});

it.each([
  ['client_id', 'web'],
  ['client_id', 'other'],
  ['client_id', ''],
  ['redirect_uri', 'https://web.example/callback'],
  ['redirect_uri', 'https://evil.example/'],
  ['redirect_uri', ''],
])('P:O-022 %s that stands there twice is told on a page: %s', async (name, value) => {
  const stop = await askWith(new URLSearchParams({ [name]: value }).toString());
  expectErrorPage(stop);
  expect(stop.html).not.toContain('evil.example');
});

it('P:O-023 without response_type it is invalid_request', async () => {
  expectRedirectedError(await ask({ response_type: undefined }), 'invalid_request');
});

it('P:O-024 an unknown response_type is unsupported', async () => {
  for (const response_type of ['foo', 'Code', 'code foo', 'code code', 'none']) {
    expectRedirectedError(await ask({ response_type }), 'unsupported_response_type');
  }
});

describe('state', () => {
  const STATES = [
    'with spaces and + % & = # ?',
    '%20%2B+%zz',
    'ünï¢ødé ☃ 💥 \u202e \u00a0',
    '"\'><script>alert(1)</script>\\',
    'tab\tand newline\r\nSet-Cookie: a=b',
    ' ',
    'x&code=injected&iss=https://evil.example#code=y',
    Array.from({ length: 2048 }, (_, at) => String.fromCharCode(0x20 + ((at * 7) % 95))).join(''),
  ];

  /** As those read it who take + for a space, and those who take it for a plus sign. */
  function readings({ location }: Stop): readonly (string | null)[] {
    const raw = /[?&]state=([^&#]*)/.exec(location?.href ?? '')?.[1] ?? '';
    return [location?.searchParams.get('state') ?? null, decodeURIComponent(raw)];
  }

  it.each(STATES.map((state) => [state.slice(0, 40), state]))(
    'P:O-032 %j comes back as it was sent',
    async (_, state) => {
      const answered = await ask({ state });
      expectCode(answered, { state });
      expect(readings(answered)).toEqual([state, state]);
      const refused = await ask({ state, scope: 'unknown' });
      expectRedirectedError(refused, 'invalid_scope', { state });
      expect(readings(refused)).toEqual([state, state]);
      // Through the form of the login page as well.
      const stranger = new Browser(world);
      const login = await stranger.authorize(codeRequest('web', { state }).parameters);
      expect(readings(await stranger.login(login))).toEqual([state, state]);
    },
  );

  it('P:O-033 where none was sent none comes back', async () => {
    const answered = await ask({ state: undefined });
    expectCode(answered, {});
    expect(answered.location?.href).not.toContain('state');
    const refused = await ask({ state: undefined, scope: 'unknown' });
    expectRedirectedError(refused, 'invalid_scope', { state: undefined });
    expect(refused.location?.href).not.toMatch(/[?&]state=/);
  });
});

describe('scope', () => {
  it('P:O-034 one that is unknown, or that the client may not ask for, is invalid_scope, also beside a good one', async () => {
    const stranger = new Browser(world);
    for (const scope of ['unknown', 'notes unknown', 'openid batch', 'asking', 'everyone', '*']) {
      expectRedirectedError(await ask({ scope }), 'invalid_scope');
      // Before anybody is asked to log in.
      expectRedirectedError(await stranger.authorize(codeRequest('web', { scope }).parameters), 'invalid_scope');
    }
    // drafts is a scope of the catalogue, and not one of this client.
    expectRedirectedError(
      await ask({ scope: 'openid drafts', redirect_uri: 'https://other.example/callback' }, 'other'),
      'invalid_scope',
      {
        to: 'https://other.example/callback',
      },
    );
  });

  it('P:O-035 none is the whole allow-list, and the answer says so', async () => {
    const tokens = await obtainTokens(world, 'web', { scope: undefined }, ada);
    expect(words(tokens.scope)).toEqual(['api', 'archive', 'drafts', 'notes']);
    const bobs = await obtainTokens(world, 'web', { scope: undefined }, new Browser(world), 'bob');
    expect(words(bobs.scope)).toEqual(['api', 'drafts', 'notes']);
    const batch = await json(tokenRequest(world, 'batch', { grant_type: 'client_credentials' }));
    expect(batch.scope).toBe('notes');
  });

  it('P:O-036 order and repetition change nothing, case does', async () => {
    const given = [];
    for (const scope of ['notes api', 'api notes', 'api api notes', ' api  notes notes ']) {
      const { access_token, scope: told = scope } = await obtainTokens(world, 'web', { scope }, ada);
      const { scope: known, aud } = await introspect(world, access_token, 'api');
      expect(told.split(' ')).toHaveLength(2);
      given.push({ told: words(told), known: words(known), aud: [...aud].sort() });
    }
    expect(given[0]).toEqual({ told: ['api', 'notes'], known: ['api', 'notes'], aud: ['api', 'web'] });
    for (const one of given) expect(one).toEqual(given[0]);
    for (const scope of ['Notes', 'API', 'OpenID']) expectRedirectedError(await ask({ scope }), 'invalid_scope');
  });

  const MALFORMED = [
    '"',
    'no"tes',
    'notes "x"',
    'no\\tes',
    '\\',
    'no\u0007tes',
    'notes\t',
    'notes\u0000',
    'notes\r\nx',
    'notés',
    'notes\u00a0',
    '\u00a0',
    '💥',
    '\u007f',
  ];
  it.each(MALFORMED)('P:O-037 characters that no scope can have are invalid_scope: %j', async (scope) => {
    expectRedirectedError(await ask({ scope }), 'invalid_scope');
    const form = { grant_type: 'client_credentials', scope };
    await expectJsonError(await post(world, '/token', form, { as: 'batch' }), 400, 'invalid_scope');
  });
});

it('P:O-041 success is a redirect with code, state and iss in the query, and nothing else', async () => {
  const stranger = new Browser(world);
  const stop = await stranger.login(await stranger.authorize(codeRequest('web').parameters));
  expectCode(stop);
  expect(stop.location?.hash).toBe('');
  expect([...(stop.location?.searchParams.keys() ?? [])].sort()).toEqual(['code', 'iss', 'state']);
  expect(stop.response.headers.get('cache-control')).toBe('no-store');
  // After a consent page as well.
  const asking = codeRequest('asking', { scope: 'openid notes' }).parameters;
  const consent = await ada.authorize(asking);
  expect(consent.form?.id).toBe('consent');
  const allowed = await ada.press(consent, 'allow');
  expect(allowed.status).toBe(303);
  expect(allowed.location?.hash).toBe('');
  expect(Object.keys(allowed.answer).sort()).toEqual(['code', 'iss', 'state']);
  expect(allowed.location?.href).not.toMatch(/token|eyJ/);
});
