// OpenID Connect Core 5.3, 5.4 and 5.1: what the userinfo endpoint tells, to whom.

import { expect, it } from 'vitest';
import { type Body, Browser, claimsOf, json, obtainTokens, post, userinfo } from './browser.ts';
import { serve, serveForAll } from './world.ts';

const world = await serveForAll();

async function told(scope: string, username = 'ada'): Promise<Body> {
  const { access_token } = await obtainTokens(world, 'web', { scope }, new Browser(world), username);
  return json(userinfo(world, access_token));
}

it('P:C-043 userinfo answers GET and POST with the token in the header, with the sub of the id_token', async () => {
  const { access_token, id_token } = await obtainTokens(world, 'web', { scope: 'openid email' });
  for (const method of ['GET', 'POST']) {
    const response = await userinfo(world, access_token, { method });
    expect([method, response.status]).toEqual([method, 200]);
    expect(response.headers.get('content-type')?.toLowerCase().replaceAll(' ', '')).toBe(
      'application/json;charset=utf-8',
    );
    expect(await json(response)).toEqual({
      sub: claimsOf(id_token).sub,
      email: 'ada@example.com',
      email_verified: true,
    });
  }
});

it('P:C-044 a POST may bring the token in its form, and a GET never in its query', async () => {
  const { access_token } = await obtainTokens(world, 'web', { scope: 'openid' });
  const response = await post(world, '/userinfo', { access_token });
  expect([response.status, await json(response)]).toEqual([200, { sub: 'ada-0001' }]);
  const query = await world.fetch(`/userinfo?access_token=${access_token}`);
  expect(query.status).toBe(401);
  const both = await userinfo(world, access_token, { method: 'POST', body: new URLSearchParams({ access_token }) });
  expect([both.status, (await json(both)).error]).toEqual([400, 'invalid_request']);
});

it('P:C-045 no token, a bad one and an expired one are 401 with a Bearer challenge', async () => {
  const own = await serve();
  const { access_token, id_token, refresh_token } = await obtainTokens(own, 'web', { scope: 'openid' });
  const missing = await own.fetch('/userinfo');
  expect(missing.status).toBe(401);
  // RFC 6750 3.1: who did not know that a token is needed is told no error.
  expect(missing.headers.get('www-authenticate')).toMatch(/^Bearer realm="[^"]*"$/);
  const [header, payload, signature] = access_token.split('.');
  const forged = Buffer.from(JSON.stringify({ ...claimsOf(access_token), sub: 'bob-0002' })).toString('base64url');
  const refused = async (token: string) => {
    const response = await userinfo(own, token);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_token"/);
    expect(await json(response)).toEqual({ error: 'invalid_token', error_description: expect.any(String) });
  };
  for (const bad of [
    'x',
    'A'.repeat(43),
    `${header}.${forged}.${signature}`,
    `${header}.${payload}.`,
    id_token,
    refresh_token,
  ]) {
    await refused(bad);
  }
  expect((await userinfo(own, access_token)).status).toBe(200);
  own.advance(3601);
  await refused(access_token);
});

it('P:C-046 a token without openid is 403, and so is one of client_credentials outside the ubisecure family', async () => {
  const own = await serve(({ server, site }) => {
    Object.assign(server.server, { profiles: ['ubisecure'], directory: { base_dn: 'dc=example,dc=com' } });
    site.applications.batch.metadata.scope = 'notes';
  });
  const { access_token } = await obtainTokens(own, 'web', { scope: 'notes profile' });
  const ofBatch = await json(
    post(own, '/token', { grant_type: 'client_credentials', scope: 'notes openid' }, { as: 'batch' }),
  );
  for (const token of [access_token, ofBatch.access_token]) {
    const response = await userinfo(own, token);
    expect([response.status, (await json(response)).error]).toEqual([403, 'insufficient_scope']);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer .*error="insufficient_scope"/);
  }
  const askAt = (token: string) => own.fetch('/oauth2/userinfo', { headers: { authorization: `Bearer ${token}` } });
  expect((await askAt(access_token)).status).toBe(403);
  const ofClient = await askAt(ofBatch.access_token);
  expect([ofClient.status, (await json(ofClient)).azp]).toEqual([200, 'batch']);
});

it('P:C-047 what is not known is left out, and neither null nor empty', async () => {
  const own = await serve(({ site }) => {
    site.users.bob.attributes = { email: 'bob@example.com', nickname: '', address: {}, phone_number: [] };
  });
  const { access_token } = await obtainTokens(
    own,
    'web',
    { scope: 'openid profile email address phone' },
    new Browser(own),
    'bob',
  );
  expect(await json(userinfo(own, access_token))).toEqual({
    sub: 'bob-0002',
    preferred_username: 'bob',
    email: 'bob@example.com',
  });
});

const PROFILE = {
  name: 'Ada Lovelace',
  given_name: 'Ada',
  family_name: 'Lovelace',
  middle_name: 'King',
  nickname: 'Ada',
  preferred_username: 'ada',
  profile: 'https://people.example/ada',
  picture: 'https://people.example/ada.png',
  website: 'https://ada.example',
  gender: 'female',
  birthdate: '1815-12-10',
  zoneinfo: 'Europe/London',
  locale: 'en-GB',
  updated_at: 1700000000,
};
const EMAIL = { email: 'ada@example.com', email_verified: true };
const ADDRESS = {
  address: {
    formatted: '12 St James Square, London',
    street_address: '12 St James Square',
    locality: 'London',
    region: 'Greater London',
    postal_code: 'SW1Y 4JH',
    country: 'GB',
  },
};
const PHONE = { phone_number: '+44 20 7946 0000', phone_number_verified: false };

it('P:C-048 each scope tells its claims, of their types, and no other', async () => {
  const sub = 'ada-0001';
  expect(await told('openid')).toEqual({ sub });
  expect(await told('openid profile')).toEqual({ sub, ...PROFILE });
  expect(await told('openid email')).toEqual({ sub, ...EMAIL });
  expect(await told('openid address')).toEqual({ sub, ...ADDRESS });
  expect(await told('openid phone')).toEqual({ sub, ...PHONE });
  expect(await told('openid profile email address phone')).toEqual({ sub, ...PROFILE, ...EMAIL, ...ADDRESS, ...PHONE });
});

it('P:C-049 browsers of any origin may ask, and may read the challenge', async () => {
  const { access_token } = await obtainTokens(world, 'spa', { scope: 'openid' });
  const origin = 'https://spa.example';
  const preflight = await world.fetch('/userinfo', {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
  expect(preflight.headers.get('access-control-allow-methods')?.split(', ')).toEqual(
    expect.arrayContaining(['GET', 'POST']),
  );
  expect(preflight.headers.get('access-control-allow-headers')?.toLowerCase().split(', ')).toContain('authorization');
  const answers = [
    await userinfo(world, access_token, { headers: { origin } }),
    await userinfo(world, access_token, { method: 'POST', headers: { origin } }),
    await userinfo(world, 'x', { headers: { origin } }),
    await world.fetch('/userinfo', { headers: { origin } }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 401, 401]);
  for (const { headers } of answers) {
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('access-control-expose-headers')?.toLowerCase()).toContain('www-authenticate');
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  }
});

it.each([
  ['disabled', (users: Body) => Object.assign(users.ada, { enabled: false })],
  ['deleted', (users: Body) => delete users.ada],
  ['deleted and another by that name', (users: Body) => Object.assign(users.ada, { sub: 'ada-0002' })],
] as const)('P:C-050 the token of a user who was %s since is invalid_token', async (_what, change) => {
  const own = await serve(({ site }) => {
    site.groups.Archivists.members = ['bob'];
  });
  const { access_token } = await obtainTokens(own, 'web', { scope: 'openid profile' });
  const ofBob = await obtainTokens(own, 'web', { scope: 'openid' }, new Browser(own), 'bob');
  expect((await userinfo(own, access_token)).status).toBe(200);
  await own.apply(({ site }) => void change(site.users));
  const response = await userinfo(own, access_token);
  expect([response.status, (await json(response)).error]).toEqual([401, 'invalid_token']);
  expect(response.headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_token"/);
  expect((await userinfo(own, ofBob.access_token)).status).toBe(200);
});
