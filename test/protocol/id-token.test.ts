// OpenID Connect Core 2, 3.1.3.3 and 12.2: what an ID token says, when there is one, and how it is signed.

import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import {
  type Body,
  Browser,
  claimsOf,
  introspect,
  json,
  obtainCode,
  obtainTokens,
  post,
  refresh,
  tokenRequest,
  userinfo,
} from './browser.ts';
import { verified } from './openid-answers.ts';
import { SECRET } from './spec.ts';
import { errorsOf, load, serve, serveForAll } from './world.ts';

const world = await serveForAll(({ site }) => {
  site.applications.posting = {
    ...site.applications.web,
    metadata: {
      ...site.applications.web.metadata,
      token_endpoint_auth_method: 'client_secret_post',
      redirect_uris: ['https://posting.example/callback'],
    },
  };
  site.applications.timed = {
    ...site.applications.web,
    metadata: {
      ...site.applications.web.metadata,
      token_endpoint_auth_method: 'client_secret_basic',
      require_auth_time: true,
      id_token_signed_response_alg: 'ES256',
      redirect_uris: ['https://timed.example/callback'],
    },
  };
});

async function tokenResponse(scope: string): Promise<{ readonly response: Response; readonly body: Body }> {
  const { form } = await obtainCode(world, 'web', { scope });
  const response = await tokenRequest(world, 'web', form);
  return { response, body: await json(response) };
}

it('P:C-030 a code of a request with openid gives an id_token', async () => {
  const { response, body } = await tokenResponse('notes openid');
  expect(response.status).toBe(200);
  expect((await verified(world, body.id_token)).claims).toMatchObject({ sub: 'ada-0001', aud: 'web' });
});

it('P:C-031 a code of a request without openid gives none', async () => {
  const { response, body } = await tokenResponse('notes profile email');
  expect(response.status).toBe(200);
  expect(body).not.toHaveProperty('id_token');
  // Nor does a refresh that asks for more than was granted.
  const wider = await refresh(world, 'web', body.refresh_token, { scope: 'openid notes' });
  expect([wider.status, (await json(wider)).error]).toEqual([400, 'invalid_scope']);
});

it('P:C-032 the answer with an id_token says Bearer and is not stored', async () => {
  const { response, body } = await tokenResponse('openid');
  expect(body.token_type).toBe('Bearer');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('pragma')).toBe('no-cache');
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
});

it('P:C-033 iss, sub, aud, exp and iat are there, and sub is the same for as long as the user is', async () => {
  const own = await serve();
  const { id_token } = await obtainTokens(own);
  const claims = claimsOf(id_token);
  expect(claims).toMatchObject({ iss: 'https://as.example', sub: 'ada-0001', aud: 'web' });
  expect(claims.sub).toMatch(/^[\x21-\x7E]{1,255}$/);
  expect([Number.isInteger(claims.iat), Number.isInteger(claims.exp)]).toEqual([true, true]);
  expect(Math.abs(claims.iat - own.now() / 1000)).toBeLessThan(10);
  expect(claims.exp - claims.iat).toBe(3600);
  await own.apply(({ site }) => {
    site.users.ada.attributes.email = 'countess@example.com';
    delete site.users.bob;
  });
  own.advance(86_400);
  expect(claimsOf((await obtainTokens(own)).id_token).sub).toBe('ada-0001');
  // What could not be a sub is none.
  for (const sub of ['x'.repeat(256), 'ada-ü', '']) {
    const found = await load(({ site }) => {
      site.users.ada.sub = sub;
    });
    expect([sub.length, errorsOf(found)]).toEqual([sub.length, ['value.invalid']]);
  }
});

it('P:C-034 nonce comes back as it was sent, and where none was there is none', async () => {
  const nonce = 'n-0S6_WzA2Mj "ü" &=%+# \\ \u{1F600}';
  expect(claimsOf((await obtainTokens(world, 'web', { nonce })).id_token).nonce).toBe(nonce);
  expect(claimsOf((await obtainTokens(world, 'web', { nonce: undefined })).id_token)).not.toHaveProperty('nonce');
  expect(claimsOf((await obtainTokens(world, 'web', { nonce: '' })).id_token)).not.toHaveProperty('nonce');
  // It belongs to its own code, also where two are under way at once.
  const [one, two] = [
    await obtainCode(world, 'web', { nonce: 'one' }),
    await obtainCode(world, 'web', { nonce: 'two' }),
  ];
  expect(claimsOf((await json(tokenRequest(world, 'web', two.form))).id_token).nonce).toBe('two');
  expect(claimsOf((await json(tokenRequest(world, 'web', one.form))).id_token).nonce).toBe('one');
});

it('P:C-035 auth_time is there, by max_age, by require_auth_time and without a word', async () => {
  const browser = new Browser(world);
  const before = Math.floor(world.now() / 1000);
  const first = claimsOf((await obtainTokens(world, 'web', {}, browser)).id_token);
  expect(first.auth_time).toBeGreaterThanOrEqual(before);
  expect(first.auth_time).toBeLessThanOrEqual(first.iat);
  world.advance(100);
  for (const [client_id, more] of [
    ['web', { max_age: '5000' }],
    ['timed', {}],
    ['web', { claims: '{"id_token":{"auth_time":{"essential":true}}}' }],
  ] as const) {
    const { auth_time, iat } = claimsOf((await obtainTokens(world, client_id, more, browser)).id_token);
    expect([auth_time, iat >= auth_time + 100]).toEqual([first.auth_time, true]);
  }
});

it('P:C-036 RS256 where no algorithm is registered, by a key of the JWK Set', async () => {
  const { id_token } = await obtainTokens(world);
  const { header } = await verified(world, id_token);
  expect(header).toEqual({ alg: 'RS256', typ: 'JWT', kid: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/) });
  const { keys } = await json(world.fetch('/jwks'));
  expect(keys.filter((key: Body) => key.kid === header.kid)).toMatchObject([{ kty: 'RSA', alg: 'RS256', use: 'sig' }]);
  expect((await verified(world, (await obtainTokens(world, 'timed')).id_token)).header.alg).toBe('ES256');
});

it('P:C-041 at_hash is the left half of the hash of the access token beside it', async () => {
  for (const client_id of ['web', 'timed']) {
    const { id_token, access_token, refresh_token } = await obtainTokens(world, client_id);
    const hash = (token: string) => createHash('sha256').update(token).digest().subarray(0, 16).toString('base64url');
    expect(claimsOf(id_token).at_hash).toBe(hash(access_token));
    const again = await json(refresh(world, client_id, refresh_token));
    expect(claimsOf(again.id_token).at_hash).toBe(hash(again.access_token));
    expect(again.access_token).not.toBe(access_token);
  }
});

it('P:C-042 in the code flow what the scopes tell is told by userinfo alone', async () => {
  const { id_token, access_token } = await obtainTokens(world, 'web', { scope: 'openid profile email address phone' });
  expect(Object.keys(claimsOf(id_token)).sort()).toEqual(
    ['iss', 'sub', 'aud', 'exp', 'iat', 'auth_time', 'nonce', 'amr', 'sid', 'at_hash'].sort(),
  );
  expect(await json(userinfo(world, access_token))).toMatchObject({ name: 'Ada Lovelace', email: 'ada@example.com' });
  // Unless the configuration of the client says so.
  const own = await serve(({ site }) => {
    site.applications.web.tokens = { id_token_claims: ['email'] };
  });
  const told = claimsOf((await obtainTokens(own, 'web', { scope: 'openid profile email' })).id_token);
  expect(told).toMatchObject({ email: 'ada@example.com' });
  expect(told).not.toHaveProperty('name');
  expect(claimsOf((await obtainTokens(own, 'web', { scope: 'openid profile' })).id_token)).not.toHaveProperty('email');
});

it('P:C-051 a user has one sub for all clients, which is never that of a client', async () => {
  const subs = await Promise.all(
    ['web', 'other', 'spa'].map(async (client_id) => {
      const { id_token, access_token } = await obtainTokens(world, client_id);
      return [claimsOf(id_token).sub, claimsOf(access_token).sub, (await json(userinfo(world, access_token))).sub];
    }),
  );
  expect(new Set(subs.flat())).toEqual(new Set(['ada-0001']));
  const { access_token } = await json(post(world, '/token', { grant_type: 'client_credentials' }, { as: 'batch' }));
  expect(await introspect(world, access_token, 'batch')).toMatchObject({ active: true, sub: 'batch' });
  const discovery = await json(world.fetch('/.well-known/openid-configuration'));
  expect(discovery.subject_types_supported).toEqual(['public']);
  for (const sub of ['batch', 'web']) {
    const found = await load(({ site }) => {
      site.users.ada.sub = sub;
    });
    expect([
      ...found.filter(({ code }) => code === 'client-id-collides-with-user').map(({ severity }) => severity),
    ]).toEqual(['error']);
  }
});

it('P:C-055 a refreshed id_token is of the same login: iss, sub, aud and auth_time, a new iat, no nonce', async () => {
  const { id_token, refresh_token } = await obtainTokens(world, 'web', { scope: 'openid email', acr_values: '1' });
  const first = claimsOf(id_token);
  world.advance(1000);
  const body = await json(refresh(world, 'web', refresh_token));
  const { claims } = await verified(world, body.id_token);
  const { iss, sub, aud, auth_time, acr, sid } = first;
  expect(claims).toMatchObject({ iss, sub, aud, auth_time, acr, sid });
  expect(claims.iat).toBeGreaterThanOrEqual(first.iat + 1000);
  expect(claims.exp).toBe((claims.iat ?? 0) + 3600);
  expect(claims).not.toHaveProperty('nonce');
  // And again of the one after it.
  world.advance(1000);
  const later = claimsOf((await json(refresh(world, 'web', body.refresh_token))).id_token);
  expect(later).toMatchObject({ iss, sub, aud, auth_time });
});

it('P:C-056 at a refresh the client authenticates as it is registered, and in no other way', async () => {
  const form = (refresh_token: string) => ({ grant_type: 'refresh_token', refresh_token });
  const timed = (await obtainTokens(world, 'timed')).refresh_token;
  const posting = await obtainCode(world, 'posting');
  const inBody = { client_id: 'posting', client_secret: SECRET };
  const ofPosting = (await json(post(world, '/token', { ...posting.form, ...inBody }))).refresh_token;
  const spa = (await obtainTokens(world, 'spa')).refresh_token;
  const wrong = [
    post(world, '/token', { ...form(timed), client_id: 'timed', client_secret: SECRET }),
    post(world, '/token', { ...form(timed), client_id: 'timed' }),
    post(world, '/token', form(timed), { as: 'timed', secret: `${SECRET}x` }),
    post(world, '/token', form(ofPosting), { as: 'posting' }),
    post(world, '/token', { ...form(spa), client_id: 'spa', client_secret: SECRET }),
    post(world, '/token', form(spa), { as: 'spa' }),
  ];
  for (const response of await Promise.all(wrong)) {
    expect([response.status, (await json(response)).error]).toEqual([401, 'invalid_client']);
  }
  // None of that has used a token up.
  const right = [
    post(world, '/token', form(timed), { as: 'timed' }),
    post(world, '/token', { ...form(ofPosting), ...inBody }),
    post(world, '/token', { ...form(spa), client_id: 'spa' }),
  ];
  for (const response of await Promise.all(right)) expect(response.status).toBe(200);
});
