// RFC 9207: every answer of the authorization endpoint says which server it is of.

import { expect, it } from 'vitest';
import { Browser, json, obtainTokens, type Stop } from './browser.ts';
import { ask } from './openid-answers.ts';
import { withLegacyGrants } from './spec.ts';
import { serve, serveForAll } from './world.ts';

const ISSUER = 'https://as.example';
const world = await serveForAll(withLegacyGrants);

/** The one `iss` of an answer, as it stands in this part of the address, decoded once. */
function issIn(stop: Stop, part: 'search' | 'hash'): string[] {
  const text = stop.location?.[part].slice(1) ?? '';
  return text.split('&').flatMap((pair) => {
    const [name, value = ''] = pair.split('=');
    return name === 'iss' ? [decodeURIComponent(value)] : [];
  });
}

it('P:K-001 every success names the issuer, letter for letter as discovery does', async () => {
  const { browser } = await obtainTokens(world);
  const answers = [
    (await ask(browser, 'web')).stop,
    (await ask(browser, 'web', { prompt: 'none' })).stop,
    (await ask(browser, 'web', { scope: 'notes' })).stop,
    await browser.through((await ask(browser, 'asking')).stop),
  ];
  for (const stop of answers) {
    expect(stop.answer).toHaveProperty('code');
    expect([issIn(stop, 'search'), stop.location?.hash]).toEqual([[ISSUER], '']);
  }
  // One with a path, of which nothing is cut or added.
  const issuer = 'https://as.example/tenants/one';
  const below = await serve(() => undefined, { issuer });
  const { issuer: told } = await json(below.fetch('/.well-known/openid-configuration'));
  const { browser: known } = await obtainTokens(below);
  expect([told, issIn((await ask(known, 'web')).stop, 'search')]).toEqual([issuer, [issuer]]);
});

it('P:K-002 every error that a client is told names the issuer too', async () => {
  const { browser } = await obtainTokens(world);
  const newcomer = new Browser(world);
  const errors: [string, Stop][] = [
    ['invalid_scope', (await ask(browser, 'web', { scope: 'unknown' })).stop],
    [
      'invalid_request',
      (await ask(browser, 'spa', { code_challenge: undefined, code_challenge_method: undefined })).stop,
    ],
    ['unsupported_response_type', (await ask(browser, 'web', { response_type: 'foo' })).stop],
    ['unauthorized_client', (await ask(browser, 'implicit', { response_type: 'code' })).stop],
    ['login_required', (await ask(newcomer, 'web', { prompt: 'none' })).stop],
    ['consent_required', (await ask(browser, 'asking', { scope: 'openid drafts', prompt: 'none' })).stop],
    ['access_denied', await browser.press((await ask(browser, 'asking', { scope: 'openid drafts' })).stop, 'deny')],
    ['access_denied', await newcomer.submit((await ask(newcomer, 'web')).stop, { decision: 'deny' })],
    ['request_not_supported', (await ask(browser, 'web', { request: 'x' })).stop],
  ];
  for (const [error, stop] of errors) {
    expect([stop.answer.error, issIn(stop, 'search'), stop.location?.hash]).toEqual([error, [ISSUER], '']);
  }
  // An error that nobody is sent on with names nobody.
  const { stop } = await ask(browser, 'web', { redirect_uri: 'https://evil.example/' });
  expect([stop.status, stop.location]).toEqual([400, undefined]);
});

it('P:K-002 an error within the server names the issuer too', async () => {
  const failing = await serve(() => undefined, {
    app: {
      random: () => {
        throw new Error('no randomness');
      },
    } as object,
  });
  const { stop } = await ask(new Browser(failing), 'web');
  expect([stop.answer.error, issIn(stop, 'search')]).toEqual(['server_error', [ISSUER]]);
});

it('P:K-003 discovery says that iss is sent, which it always is', async () => {
  for (const path of ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server']) {
    const discovery = await json(world.fetch(path));
    expect([discovery.authorization_response_iss_parameter_supported, discovery.issuer]).toEqual([true, ISSUER]);
  }
  const { browser } = await obtainTokens(world);
  expect((await ask(browser, 'web')).stop.answer.iss).toBe(ISSUER);
  expect((await ask(browser, 'web', { scope: 'unknown' })).stop.answer.iss).toBe(ISSUER);
});

it('P:K-004 iss travels as the other parameters do: in the fragment, or in the form', async () => {
  const { browser } = await obtainTokens(world);
  for (const more of [{}, { scope: 'openid unknown' }]) {
    for (const response_type of ['token', 'id_token', 'id_token token']) {
      const { stop } = await ask(browser, 'implicit', { response_type, ...more });
      expect([issIn(stop, 'hash'), stop.location?.search]).toEqual([[ISSUER], '']);
    }
    const fragment = (await ask(browser, 'web', { response_mode: 'fragment', ...more })).stop;
    expect([issIn(fragment, 'hash'), fragment.location?.search]).toEqual([[ISSUER], '']);
    const form = (await ask(browser, 'web', { response_mode: 'form_post', ...more })).stop;
    expect([form.location, form.form?.id, form.form?.fields.iss]).toEqual([undefined, 'form-post', ISSUER]);
    expect(form.form?.action).toBe('https://web.example/callback');
  }
});

it('P:K-005 no answer is a JWT here, so iss stands beside none: the response modes of JARM are refused and not published', async () => {
  const { browser } = await obtainTokens(world);
  const published = (await json(world.fetch('/.well-known/openid-configuration'))).response_modes_supported;
  for (const response_mode of ['jwt', 'query.jwt', 'fragment.jwt', 'form_post.jwt']) {
    expect(published).not.toContain(response_mode);
    const { stop } = await ask(browser, 'web', { response_mode });
    expect([stop.status, stop.location, stop.answer]).toEqual([400, undefined, {}]);
    expect(stop.html).not.toContain('response=');
  }
});
