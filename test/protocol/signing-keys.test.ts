// OpenID Connect Core 10.1 and 2: by which keys tokens are signed, and what a configuration may ask for.

import { createLocalJWKSet, jwtVerify } from 'jose';
import { expect, it } from 'vitest';
import { generateSigningKeys } from '../../src/oauth/keys.ts';
import { type Body, headerOf, introspect, json, obtainTokens, post, userinfo } from './browser.ts';
import { SECRET, withLegacyGrants } from './spec.ts';
import { errorsOf, load, serve, serveForAll } from './world.ts';

it('P:C-037 an unsigned id_token cannot be registered, with front-channel response types or without', async () => {
  for (const application of ['implicit', 'web']) {
    const found = await load((documents) => {
      withLegacyGrants(documents);
      documents.site.applications[application].metadata.id_token_signed_response_alg = 'none';
    });
    expect(errorsOf(found)).toEqual(['algorithm.none']);
    expect(found.find(({ code }) => code === 'algorithm.none')?.range?.file).toMatch(/site\.yaml$/);
  }
});

const world = await serveForAll(({ server, site }) => {
  for (const alg of ['ES256', 'EdDSA'] as const) {
    site.applications[alg.toLowerCase()] = {
      ...site.applications.web,
      tokens: { alg },
      metadata: {
        ...site.applications.web.metadata,
        id_token_signed_response_alg: alg,
        redirect_uris: [`https://${alg.toLowerCase()}.example/callback`],
      },
    };
  }
  server.server.tokens = { alg: 'ES256' };
});

it('P:C-038 every token names its key, which is among the published ones, of which none is private', async () => {
  const response = await world.fetch('/jwks');
  const text = await response.text();
  const { keys } = JSON.parse(text);
  expect(keys.length).toBeGreaterThan(1);
  expect(new Set(keys.map(({ kid }: Body) => kid)).size).toBe(keys.length);
  for (const key of keys) {
    expect(Object.keys(key).sort()).toEqual(
      {
        RSA: ['alg', 'e', 'kid', 'kty', 'n', 'use'],
        EC: ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'],
        OKP: ['alg', 'crv', 'kid', 'kty', 'use', 'x'],
      }[key.kty as 'RSA'],
    );
    expect(key.use).toBe('sig');
  }
  for (const { jwk } of world.snapshot().keys) expect(text).not.toContain(jwk.d);
  for (const [client_id, alg] of [
    ['web', 'RS256'],
    ['es256', 'ES256'],
    ['eddsa', 'EdDSA'],
  ] as const) {
    const { id_token, access_token } = await obtainTokens(world, client_id);
    expect(headerOf(id_token)).toMatchObject({ alg });
    for (const token of [id_token, access_token]) {
      const named = keys.filter(({ kid }: Body) => kid === headerOf(token).kid);
      expect(named).toMatchObject([{ alg: headerOf(token).alg }]);
      await jwtVerify(token, createLocalJWKSet({ keys: named }));
    }
  }
});

it('P:C-039 a new key is published before it signs, and the old one for as long as its tokens live', async () => {
  const own = await serve();
  const before = await obtainTokens(own);
  const kids = async (): Promise<string[]> => (await json(own.fetch('/jwks'))).keys.map(({ kid }: Body) => kid);
  const known = await kids();
  const fresh = await generateSigningKeys(own.now(), {
    algorithms: ['RS256', 'ES256'],
    active_from: own.now() + 3_600_000,
  });
  await own.addKeys(fresh);
  // Published at once, and signing later: who keeps the set for a while knows the key when it comes.
  expect((await kids()).sort()).toEqual([...known, ...fresh.map(({ kid }) => kid)].sort());
  own.advance(3590);
  const last = await obtainTokens(own);
  expect(known).toEqual(expect.arrayContaining([headerOf(last.id_token).kid, headerOf(last.access_token).kid]));
  own.advance(20);
  const after = await obtainTokens(own);
  const signing = [headerOf(after.id_token).kid, headerOf(after.access_token).kid];
  expect(fresh.map(({ kid }) => kid).sort()).toEqual(signing.sort());
  // What the old ones signed last is good until it ends by itself, here and for those who check it with the set.
  own.advance(3560);
  expect(await kids()).toEqual(expect.arrayContaining(known));
  expect((await userinfo(own, last.access_token)).status).toBe(200);
  expect(await introspect(own, last.access_token)).toMatchObject({ active: true });
  const jwks = createLocalJWKSet(await json(own.fetch('/jwks')));
  await jwtVerify(last.id_token, jwks, { currentDate: new Date(own.now()) });
  expect(await introspect(own, before.access_token)).toEqual({ active: false });
});

it('P:C-040 a secret that is the key of HS256 has 256 bits, or the configuration is not served', async () => {
  const asMac = (metadata: Body) => Object.assign(metadata, { token_endpoint_auth_method: 'client_secret_jwt' });
  const short = 'abcdefghijklmnopqrstuvwxyz01234';
  const start = (value: string) =>
    serve(
      ({ site }) => {
        site.applications.web.secret = { env: 'MAC' };
        asMac(site.applications.web.metadata);
      },
      { env: { MAC: value } },
    );
  await expect(start(short)).rejects.toThrow('secret.short-key');
  await expect(start(short)).rejects.not.toThrow(short);
  const own = await start(`${short}5`);
  expect((await post(own, '/token', { grant_type: 'client_credentials' }, { as: 'web', secret: SECRET })).status).toBe(
    401,
  );
  // A hash holds no key, and no ID token is signed with a secret: its client could make some for others.
  const found = await load(({ site }) => {
    site.applications.web.metadata.id_token_signed_response_alg = 'HS256';
  });
  expect(errorsOf(found)).toEqual(['algorithm.symmetric']);
});
