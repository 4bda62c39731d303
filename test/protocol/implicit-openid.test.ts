// OpenID Connect Core 3.2 and OAuth 2.0 Multiple Response Types: tokens from the authorization endpoint, for clients that list them.

import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { Browser, json, userinfo } from './browser.ts';
import { ask, expectRedirect, verified } from './openid-answers.ts';
import { withLegacyGrants } from './spec.ts';
import { errorsOf, load, serveForAll } from './world.ts';

const world = await serveForAll(withLegacyGrants);

it.each(['id_token', 'id_token token', 'token id_token'])(
  'P:C-061 response_type=%s without a nonce is invalid_request, in the fragment',
  async (response_type) => {
    for (const nonce of [undefined, '']) {
      const { stop } = await ask(new Browser(world), 'implicit', { response_type, nonce });
      expectRedirect(stop, 'invalid_request', 'fragment');
      expect(stop.answer.error_description).toContain('nonce');
    }
  },
);

it('P:C-062 id_token token answers in the fragment, with an id_token that is bound to the access token', async () => {
  const browser = new Browser(world);
  const { stop } = await ask(browser, 'implicit', { response_type: 'id_token token', scope: 'openid email' });
  const { location, answer, status } = await browser.login(stop);
  expect([status, location?.search, location?.origin]).toEqual([303, '', 'https://implicit.example']);
  expect(Object.keys(answer).sort()).toEqual(
    ['access_token', 'expires_in', 'id_token', 'iss', 'scope', 'state', 'token_type'].sort(),
  );
  expect(answer).toMatchObject({ token_type: 'Bearer', expires_in: '3600', state: 'a state' });
  const { claims, header } = await verified(world, answer.id_token ?? '');
  const half = createHash('sha256')
    .update(answer.access_token ?? '')
    .digest()
    .subarray(0, 16);
  expect(header.alg).toBe('RS256');
  expect(claims).toMatchObject({ aud: 'implicit', nonce: 'a nonce', at_hash: half.toString('base64url') });
  expect(await json(userinfo(world, answer.access_token ?? ''))).toMatchObject({ email: 'ada@example.com' });
  // Alone it has no access token to be bound to, and says itself what the scopes tell.
  const alone = (await ask(browser, 'implicit', { response_type: 'id_token', scope: 'openid email' })).stop;
  expect(Object.keys(alone.answer).sort()).toEqual(['id_token', 'iss', 'state']);
  const told = (await verified(world, alone.answer.id_token ?? '')).claims;
  expect(told).toMatchObject({ email: 'ada@example.com', nonce: 'a nonce' });
  expect(told).not.toHaveProperty('at_hash');
});

it.each(['token', 'id_token', 'id_token token', 'token id_token'])(
  'P:C-063 response_type=%s by response_mode=query is invalid_request: no token is ever in a query',
  async (response_type) => {
    const browser = new Browser(world);
    const asked = { response_type, response_mode: 'query' };
    expectRedirect((await ask(browser, 'implicit', asked)).stop, 'invalid_request', 'fragment');
    await browser.login((await ask(browser, 'implicit', { response_type })).stop);
    const { stop } = await ask(browser, 'implicit', asked);
    expectRedirect(stop, 'invalid_request', 'fragment');
    expect(stop.location?.href).not.toContain('token=');
    // The session was there: with another mode there are tokens, and none in a query.
    const fit = (await ask(browser, 'implicit', { response_type, response_mode: 'fragment' })).stop;
    expect([fit.location?.search, fit.answer.error]).toEqual(['', undefined]);
    expect(fit.location?.hash).toContain('token=');
  },
);

it('P:C-064 a web client of the implicit grant registers https only', async () => {
  const withUri = (uri: string, application_type?: string) =>
    load((documents) => {
      withLegacyGrants(documents);
      Object.assign(documents.site.applications.implicit.metadata, {
        redirect_uris: [uri],
        ...(application_type === undefined ? {} : { application_type }),
      });
    });
  for (const uri of ['http://implicit.example/callback', 'http://127.0.0.1/callback', 'http://[::1]:8080/callback']) {
    for (const type of [undefined, 'web']) {
      const found = await withUri(uri, type);
      expect([uri, errorsOf(found)]).toEqual([uri, ['redirect-uri.insecure']]);
      expect(found.find(({ code }) => code === 'redirect-uri.insecure')?.range?.file).toMatch(/site\.yaml$/);
    }
  }
  expect(errorsOf(await withUri('http://implicit.example/callback', 'native'))).toEqual(['redirect-uri.insecure']);
  expect(errorsOf(await withUri('http://127.0.0.1/callback', 'native'))).toEqual([]);
  expect(errorsOf(await withUri('https://implicit.example/callback'))).toEqual([]);
});

it('P:HY-004 the words of a response type are a set: their order means nothing', async () => {
  const browser = new Browser(world);
  await browser.login((await ask(browser, 'implicit', { response_type: 'id_token' })).stop);
  const names = [];
  for (const response_type of ['id_token token', 'token id_token', 'token  id_token', ' token id_token ']) {
    const { stop } = await ask(browser, 'implicit', { response_type });
    expect([stop.location?.search, stop.answer.error]).toEqual(['', undefined]);
    names.push(Object.keys(stop.answer).sort());
  }
  expect(names).toEqual(
    Array(4).fill(['access_token', 'expires_in', 'id_token', 'iss', 'scope', 'state', 'token_type']),
  );
  // Its words, and no others, in their own letters.
  for (const response_type of ['token id_token code', 'Token id_token', 'token,id_token', 'tokenid_token']) {
    const { stop } = await ask(browser, 'implicit', { response_type });
    expect([response_type, stop.answer.error]).toEqual([response_type, 'unsupported_response_type']);
  }
});
