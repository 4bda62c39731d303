// What every request of the token endpoint has to be, whatever its grant (RFC 6749 3.2, 5.1, 5.2, appendix B).

import { describe, expect, it } from 'vitest';
import { expectJsonError } from './answers.ts';
import { Browser, basicAuth, claimsOf, json, obtainCode, obtainTokens, post, tokenRequest } from './browser.ts';
import { SECRET } from './spec.ts';
import { serveForAll } from './world.ts';

const world = await serveForAll();
const AS_BATCH = { as: 'batch' };
const CREDENTIALS = { grant_type: 'client_credentials' };

it('P:O-053 a token response names its token, its type, its life as an integer, and its scope', async () => {
  const { form } = await obtainCode(world, 'web', { scope: 'openid api notes' }, new Browser(world), 'bob');
  const same = await tokenRequest(world, 'web', form);
  expect(same.status).toBe(200);
  expect(same.headers.get('content-type')).toMatch(/^application\/json(;|$)/);
  const body = await json(same);
  expect(Object.keys(body).sort()).toEqual([
    'access_token',
    'expires_in',
    'id_token',
    'refresh_token',
    'scope',
    'token_type',
  ]);
  expect(body.token_type).toBe('Bearer');
  const { iat, exp } = claimsOf(body.access_token);
  expect(Number.isInteger(body.expires_in)).toBe(true);
  expect(body.expires_in).toBe(exp - iat);
  // Bob is no archivist.
  const less = await obtainTokens(world, 'web', { scope: 'openid api archive' }, new Browser(world), 'bob');
  expect(less.scope).toBe('openid api');
});

it('P:O-054 neither a token nor an error is ever kept by a cache', async () => {
  const { form } = await obtainCode(world);
  const given = await tokenRequest(world, 'web', form);
  const answers = [
    given,
    await tokenRequest(world, 'batch', CREDENTIALS),
    await tokenRequest(world, 'web', form),
    await post(world, '/token', {}),
    await post(world, '/token', CREDENTIALS, { as: 'batch', secret: 'wrong' }),
    await post(world, '/token', 'x'.repeat(100_000), AS_BATCH),
    await world.fetch('/token'),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 400, 400, 401, 413, 405]);
  for (const { headers } of answers) {
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('pragma')).toBe('no-cache');
  }
});

it('P:O-055 without grant_type it is invalid_request', async () => {
  await expectJsonError(await post(world, '/token', {}, AS_BATCH), 400, 'invalid_request');
  await expectJsonError(await post(world, '/token', { grant_type: '' }, AS_BATCH), 400, 'invalid_request');
  await expectJsonError(await post(world, '/token', { scope: 'notes' }, AS_BATCH), 400, 'invalid_request');
});

it('P:O-056 an unknown grant_type is unsupported', async () => {
  const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';
  for (const grant_type of ['foo', 'Client_Credentials', 'client_credentials ', 'implicit', DEVICE, '__proto__']) {
    await expectJsonError(await post(world, '/token', { grant_type }, AS_BATCH), 400, 'unsupported_grant_type');
  }
});

it('P:O-057 a grant that is not one of the client is unauthorized_client', async () => {
  await expectJsonError(await tokenRequest(world, 'web', CREDENTIALS), 400, 'unauthorized_client');
  const { form } = await obtainCode(world);
  await expectJsonError(await tokenRequest(world, 'batch', form), 400, 'unauthorized_client');
  const refresh = { grant_type: 'refresh_token', refresh_token: 'x' };
  await expectJsonError(await tokenRequest(world, 'batch', refresh), 400, 'unauthorized_client');
  // A server application that lists no grant at all.
  await expectJsonError(await tokenRequest(world, 'api', CREDENTIALS), 400, 'unauthorized_client');
});

it('P:O-058 a parameter that stands there twice is invalid_request', async () => {
  const { form } = await obtainCode(world);
  const text = new URLSearchParams(form).toString();
  for (const [name, value] of [
    ['grant_type', 'authorization_code'],
    ['grant_type', 'client_credentials'],
    ['code', form.code],
    ['code', 'x'],
    ['code', ''],
    ['code_verifier', form.code_verifier],
    ['redirect_uri', form.redirect_uri],
  ] as const) {
    const twice = `${text}&${new URLSearchParams({ [name]: value ?? '' })}`;
    await expectJsonError(await post(world, '/token', twice, { as: 'web' }), 400, 'invalid_request');
  }
  for (const client_id of ['web', 'other']) {
    const twice = `${text}&client_id=web&client_id=${client_id}`;
    await expectJsonError(await post(world, '/token', twice, { as: 'web' }), 400, 'invalid_request');
    await expectJsonError(await post(world, '/token', `${twice}&client_secret=${SECRET}`), 400, 'invalid_request');
  }
  // Nothing of that used the code up.
  expect((await tokenRequest(world, 'web', form)).status).toBe(200);
});

it('P:O-059 an unknown parameter is ignored, and one without a value counts as none', async () => {
  const bare = await json(post(world, '/token', CREDENTIALS, AS_BATCH));
  expect(bare.scope).toBe('notes');
  const unknown = { ...CREDENTIALS, extra: 'foobar', __proto__x: 'y', '': 'z', 'a[b]': 'c' };
  const answered = await post(world, '/token', unknown, AS_BATCH);
  expect(answered.status).toBe(200);
  const empty = { ...CREDENTIALS, scope: '', client_id: '', client_secret: '', resource: '' };
  const response = await post(world, '/token', empty, AS_BATCH);
  expect(response.status).toBe(200);
  expect((await json(response)).scope).toBe('notes');
});

describe('what is no POST of a form', () => {
  it('P:O-060 another method is 405, and what stands in the query is not looked at', async () => {
    const query = new URLSearchParams({ ...CREDENTIALS, client_id: 'batch', client_secret: SECRET });
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH']) {
      const response = await world.fetch(`/token?${query}`, {
        method,
        headers: { authorization: basicAuth('batch', SECRET) },
      });
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe('POST');
      expect(response.headers.get('cache-control')).toBe('no-store');
      const text = await response.text();
      expect(text).not.toContain('access_token');
      if (method !== 'HEAD') expect(JSON.parse(text).error).toBe('invalid_request');
    }
  });

  const form = new URLSearchParams({ ...CREDENTIALS, client_id: 'batch', client_secret: SECRET }).toString();
  it.each<[string, string | undefined, string]>([
    ['JSON', 'application/json', JSON.stringify({ ...CREDENTIALS, client_id: 'batch', client_secret: SECRET })],
    ['a form that says to be JSON', 'application/json', form],
    [
      'multipart',
      'multipart/form-data; boundary=x',
      `--x\r\nContent-Disposition: form-data; name="grant_type"\r\n\r\nclient_credentials\r\n--x--`,
    ],
    ['text', 'text/plain', form],
    ['XML', 'application/xml', '<grant_type>client_credentials</grant_type>'],
    ['a type that is none', 'nonsense', form],
    ['a type that begins alike', 'application/x-www-form-urlencoded-x', form],
    ['no type at all', undefined, form],
  ])('P:O-061 a body that is no form is 400 and JSON: %s', async (_, type, body) => {
    // Bytes: fetch gives a text a type by itself.
    const response = await world.fetch('/token', {
      method: 'POST',
      headers: { accept: 'text/html, image/gif, */*; q=.2', ...(type === undefined ? {} : { 'content-type': type }) },
      body: new TextEncoder().encode(body),
    });
    await expectJsonError(response, 400, 'invalid_request');
  });

  it('P:O-061 no body at all is 400 and JSON', async () => {
    await expectJsonError(await world.fetch('/token', { method: 'POST' }), 400, 'invalid_request');
  });
});
