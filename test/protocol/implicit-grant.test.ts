// Tokens from the authorization endpoint: off until an application lists them (RFC 6749 4.2, RFC 9700 2.1.2).

import { describe, expect, it } from 'vitest';
import { expectErrorPage, expectRedirectedError } from './answers.ts';
import { Browser, codeRequest, introspect, json, type Stop } from './browser.ts';
import { type Documents, withLegacyGrants } from './spec.ts';
import { serve, serveForAll } from './world.ts';

const world = await serveForAll((documents: Documents) => {
  withLegacyGrants(documents);
  documents.site.applications.implicit.consent = { required: true };
});

const CALLBACK = { to: 'https://implicit.example/callback', within: 'fragment' } as const;
const tokenRequest = (parameters: Record<string, string | undefined> = {}) =>
  codeRequest('implicit', {
    response_type: 'token',
    scope: 'api notes',
    code_challenge: undefined,
    code_challenge_method: undefined,
    ...parameters,
  }).parameters;

async function obtain(parameters: Record<string, string | undefined> = {}): Promise<Stop> {
  const browser = new Browser(world);
  return browser.through(await browser.authorize(tokenRequest(parameters)));
}

it('P:O-025 a response_type that is not one of the client is unauthorized_client, told in the fragment', async () => {
  const browser = new Browser(world);
  for (const response_type of ['token', 'id_token', 'id_token token', 'token id_token']) {
    const { parameters } = codeRequest('web', { response_type, scope: 'openid' });
    expectRedirectedError(await browser.authorize(parameters), 'unauthorized_client', { within: 'fragment' });
  }
  const code = tokenRequest({ response_type: 'code' });
  expectRedirectedError(await browser.authorize(code), 'unauthorized_client', { ...CALLBACK, within: 'query' });
});

it('P:O-062 is off: unsupported, told in the fragment, and not in discovery', async () => {
  const own = await serve();
  const browser = new Browser(own);
  for (const response_type of ['token', 'id_token', 'id_token token']) {
    const { parameters } = codeRequest('web', { response_type, scope: 'openid' });
    expectRedirectedError(await browser.authorize(parameters), 'unsupported_response_type', { within: 'fragment' });
  }
  const discovery = await json(own.fetch('/.well-known/openid-configuration'));
  expect(discovery.response_types_supported).toEqual(['code']);
  expect(discovery.grant_types_supported).not.toContain('implicit');
});

it('P:O-063 gives the token in the fragment once the user has consented, and nothing in the query', async () => {
  const browser = new Browser(world);
  const consent = await browser.login(await browser.authorize(tokenRequest()));
  expect(consent.form?.id).toBe('consent');
  const { status, location, answer } = await browser.press(consent, 'allow');
  expect(status).toBe(303);
  expect(location?.href.split('#')[0]).toBe(CALLBACK.to);
  expect(answer).toEqual({
    access_token: expect.stringMatching(/./),
    token_type: 'Bearer',
    expires_in: '3600',
    scope: 'api notes',
    state: 'a state',
    iss: 'https://as.example',
  });
  expect((await introspect(world, answer.access_token ?? '', 'api')).active).toBe(true);
  // Nothing asked for: the whole allow-list.
  const { answer: whole } = await obtain({ scope: undefined });
  expect(whole.scope?.split(' ').sort()).toEqual(['api', 'notes']);
});

it('P:O-064 never gives a refresh token', async () => {
  for (const [response_type, scope] of [
    ['token', 'api notes offline_access'],
    ['token', 'offline_access'],
    ['id_token token', 'openid offline_access'],
  ]) {
    const { location, answer } = await obtain({ response_type, scope });
    expect(answer.access_token).toMatch(/./);
    expect(location?.href).not.toContain('refresh_token');
    expect(answer.scope ?? '').not.toContain('offline_access');
  }
});

describe('P:O-065 an error is told in the fragment, with the state', () => {
  it.each<[string, string, Record<string, string | undefined>]>([
    ['an unknown scope', 'invalid_scope', { scope: 'unknown' }],
    ['a malformed scope', 'invalid_scope', { scope: 'no"tes' }],
    ['prompt=none and nobody logged in', 'login_required', { prompt: 'none' }],
    ['a request object', 'request_not_supported', { request: 'x' }],
    ['a query as response_mode', 'invalid_request', { response_mode: 'query' }],
    ['a nonce that is missing', 'invalid_request', { response_type: 'id_token', scope: 'openid', nonce: undefined }],
  ])('%s', async (_, error, parameters) => {
    expectRedirectedError(await new Browser(world).authorize(tokenRequest(parameters)), error, CALLBACK);
  });

  it('a user who says no', async () => {
    const browser = new Browser(world);
    const consent = await browser.login(await browser.authorize(tokenRequest()));
    expectRedirectedError(await browser.press(consent, 'deny'), 'access_denied', CALLBACK);
  });

  it('and on a page where nobody knows the client', async () => {
    expectErrorPage(await new Browser(world).authorize(tokenRequest({ redirect_uri: 'https://evil.example/' })));
  });
});
