// Clients that authenticate by a signed assertion (RFC 7521, RFC 7523, OpenID Connect Core 9).

import { beforeEach, describe, expect, it } from 'vitest';
import { publicPart } from '../../src/oauth/jwks.ts';
import type { SigningKey } from '../../src/oauth/port.ts';
import {
  ASSERTION_TYPE,
  assertionClaims,
  carried,
  maccedAssertion,
  machine,
  publicJwk,
  signedAssertion,
} from './assertion.ts';
import { basicAuth, claimsOf, json, post } from './browser.ts';
import { macced, serverKey, strangersKey, unsigned, withClaims } from './signed-jwt.ts';
import { SECRET, type Spec } from './spec.ts';
import { errorsOf, load, serve, serveForAll } from './world.ts';

const [ec, rsa, ed, others] = await Promise.all([
  strangersKey('ES256'),
  strangersKey('RS256'),
  strangersKey('EdDSA'),
  strangersKey('ES256'),
]);
const pss = { ...rsa, alg: 'PS256' };

const world = await serveForAll(({ site }) => {
  const jwks = { keys: [ec, rsa, ed].map(publicJwk) };
  const secret = { env: 'CLIENT_SECRET' };
  Object.assign(site.applications, {
    signing: machine({ token_endpoint_auth_method: 'private_key_jwt', jwks }),
    // It registered the one algorithm that it uses.
    rsaOnly: machine({ token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'RS256', jwks }),
    another: machine({ token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [publicJwk(others)] } }),
    macs: machine({ token_endpoint_auth_method: 'client_secret_jwt' }, { secret }),
  });
});

// Failures are counted by the minute: each test has one of its own.
beforeEach(() => world.advance(61));

const GRANT = { grant_type: 'client_credentials' };
type Form = Readonly<Record<string, string>>;

const ask = (form: Form, at = world) => post(at, '/token', { ...GRANT, ...form });
/** With an assertion of `signing` by its EC key, changed. */
const askWith = async (change: Spec, header: Spec = {}) =>
  ask(await signedAssertion(world, 'signing', ec, change, header));

async function expectTaken(response: Response, client_id: string): Promise<void> {
  expect(response.status).toBe(200);
  expect(claimsOf((await response.json()).access_token).client_id).toBe(client_id);
}

async function expectRefused(response: Response): Promise<void> {
  expect(response.status).toBe(401);
  expect(response.headers.get('cache-control')).toBe('no-store');
  // The same whatever was wrong: the log has what.
  expect(await response.json()).toEqual({
    error: 'invalid_client',
    error_description: expect.stringMatching(/^CLIENT_AUTHENTICATION_FAILED: /),
  });
}

describe('what is presented', () => {
  it('P:J-001 a client that signs with its private key is authenticated, with or without its client_id', async () => {
    for (const key of [ec, rsa, ed, pss] as SigningKey[]) {
      await expectTaken(await ask(await signedAssertion(world, 'signing', key)), 'signing');
    }
    const assertion = await signedAssertion(world, 'signing', ec);
    await expectTaken(await ask({ ...assertion, client_id: 'signing' }), 'signing');
    // Several keys fit one that names none.
    await expectTaken(await askWith({}, { kid: undefined }), 'signing');
    // Only of the one type, and one of them.
    const { client_assertion = '', client_assertion_type } = await signedAssertion(world, 'signing', ec);
    await expectRefused(await ask({ client_assertion }));
    await expectRefused(await ask({ client_assertion, client_assertion_type: `${ASSERTION_TYPE}x` }));
    const saml2 = 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer';
    await expectRefused(await ask({ client_assertion, client_assertion_type: saml2 }));
    await expectRefused(await ask({ client_assertion_type: client_assertion_type ?? '' }));
    const twice = new URLSearchParams({ ...GRANT, ...carried(client_assertion) });
    twice.append('client_assertion', client_assertion);
    expect((await post(world, '/token', twice.toString())).status).toBe(400);
    // None of these used it up.
    await expectTaken(await ask(carried(client_assertion)), 'signing');
  });

  it('P:J-002 an assertion beside a secret is invalid_request', async () => {
    const assertion = await signedAssertion(world, 'signing', ec);
    const authorization = basicAuth('signing', SECRET);
    for (const attempt of [
      ask({ ...assertion, client_secret: SECRET }),
      ask({ ...assertion, client_id: 'signing', client_secret: 'x' }),
      ask({ client_assertion_type: ASSERTION_TYPE, client_id: 'batch', client_secret: SECRET }),
      post(world, '/token', { ...GRANT, ...assertion }, { headers: { authorization } }),
    ]) {
      const response = await attempt;
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: 'invalid_request' });
    }
    await expectTaken(await ask(assertion), 'signing');
  });

  it('P:J-003 a client_id that is not the subject is refused', async () => {
    for (const client_id of ['another', 'batch', 'SIGNING', 'nobody']) {
      await expectRefused(await ask({ ...(await signedAssertion(world, 'signing', ec)), client_id }));
    }
  });

  it('P:J-012 a token of another kind is refused by its type', async () => {
    for (const typ of ['client-authentication+jwt', 'application/client-authentication+jwt', 'JWT', 'jwt', undefined]) {
      await expectTaken(await askWith({}, { typ }), 'signing');
    }
    for (const typ of ['at+jwt', 'dpop+jwt', 'application/at+jwt', 'logout+jwt', 'secevent+jwt', 'JOSE', '']) {
      await expectRefused(await askWith({}, { typ }));
    }
  });
});

describe('what it says', () => {
  it('P:J-004 issuer and subject are the client, both', async () => {
    for (const change of [
      ...[{ iss: undefined }, { sub: undefined }, { iss: 'another' }, { sub: 'another' }, { iss: world.issuer }],
      ...[{ iss: ['signing'] }, { sub: 'signing ' }, { iss: 'another', sub: 'another' }],
    ]) {
      await expectRefused(await askWith(change));
    }
    await expectTaken(await askWith({}), 'signing');
  });

  it('P:J-005 the audience is there, and no other server', async () => {
    for (const aud of [
      undefined,
      '',
      'https://elsewhere.example',
      'http://as.example',
      'as.example',
      'signing',
      null,
    ]) {
      await expectRefused(await askWith({ aud }));
    }
    await expectTaken(await askWith({ aud: 'https://as.example' }), 'signing');
  });

  it('P:J-006 the audience is the issuer and nothing else: no address of an endpoint, no list', async () => {
    for (const aud of [
      ...['https://as.example/token', 'https://as.example/', 'https://as.example/authorize'],
      ...[['https://as.example'], ['https://as.example', 'https://elsewhere.example'], ['https://as.example/token']],
    ]) {
      await expectRefused(await askWith({ aud }));
    }
  });

  it('P:J-007 it ends, has not ended, and not only in years', async () => {
    const now = Math.floor(world.now() / 1000);
    for (const exp of [undefined, now - 61, now - 3600, 0, 'soon', now + 2 * 86_400]) {
      await expectRefused(await askWith({ exp }));
    }
    // Clocks differ by a minute.
    for (const exp of [now - 50, now + 600]) await expectTaken(await askWith({ exp }), 'signing');
  });

  it('P:J-008 it has begun, but for a minute by which clocks differ', async () => {
    const now = Math.floor(world.now() / 1000);
    for (const nbf of [now + 70, now + 3600]) await expectRefused(await askWith({ nbf, exp: now + 7200 }));
    for (const nbf of [now + 8, now + 50, now - 3600]) await expectTaken(await askWith({ nbf }), 'signing');
  });

  it('P:J-009 it counts once, at every instance and endpoint, until it ends', async () => {
    const now = Math.floor(world.now() / 1000);
    const assertion = await signedAssertion(world, 'signing', ec, { exp: now + 300 });
    const elsewhere = await world.second();
    await expectTaken(await ask(assertion), 'signing');
    await expectRefused(await ask(assertion));
    await expectRefused(await ask(assertion, elsewhere));
    expect((await post(world, '/introspect', { ...assertion, token: 'x' })).status).toBe(401);
    expect((await post(world, '/revoke', { ...assertion, token: 'x' })).status).toBe(401);
    world.advance(299);
    await expectRefused(await ask(assertion));
    // Also within the minute by which clocks differ, and after it.
    world.advance(50);
    await world.store.removeExpired(Math.floor(world.now() / 1000), 1000);
    await expectRefused(await ask(assertion));
    world.advance(60);
    await expectRefused(await ask(assertion));

    // Signed anew it is the same by its jti; at once it is taken once; of another client it is another.
    const jti = 'the same';
    const [one, same] = [
      await signedAssertion(world, 'signing', ec, { jti }),
      await signedAssertion(world, 'signing', rsa, { jti }),
    ];
    const statuses = (await Promise.all([one, same, one, same].map((form) => ask(form)))).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 401, 401, 401]);
    await expectTaken(await ask(await signedAssertion(world, 'another', others, { jti })), 'another');
    for (const none of [undefined, '', 7, 'x'.repeat(300)]) await expectRefused(await askWith({ jti: none }));
  });
});

it('P:J-010 only a registered key and algorithm proves anything', async () => {
  const claims = () => assertionClaims(world, 'signing');
  const publicKey = JSON.stringify(publicPart(rsa.jwk));
  const good = await signedAssertion(world, 'signing', ec);
  const hostile = [
    carried(unsigned(claims())),
    carried(unsigned(claims(), { alg: 'NONE', kid: ec.kid })),
    carried(macced(publicKey, claims(), { kid: rsa.kid })),
    carried(macced(SECRET, claims())),
    carried(withClaims(good.client_assertion ?? '', { exp: claims().exp + 1 })),
    carried(`${good.client_assertion?.slice(0, -6)}AAAAAA`),
    // A stranger's key, also under the name of a known one; one of the server; one of another client.
    await signedAssertion(world, 'signing', others),
    await signedAssertion(world, 'signing', others, {}, { kid: ec.kid }),
  ];
  for (const form of hostile) await expectRefused(await ask(form));
  await expectTaken(await ask(good), 'signing');
  await expectRefused(await ask(await signedAssertion(world, 'signing', serverKey(world, 'ES256'))));
  await expectRefused(await ask(await signedAssertion(world, 'another', ec)));
  // The key fits, and its algorithm is not the one that was registered.
  for (const key of [ec, ed, pss] as SigningKey[]) {
    await expectRefused(await ask(await signedAssertion(world, 'rsaOnly', key)));
  }
  await expectTaken(await ask(await signedAssertion(world, 'rsaOnly', rsa)), 'rsaOnly');
  // A key of its own within the header is none of the client's.
  const jwk = publicPart(others.jwk);
  await expectRefused(await ask(await signedAssertion(world, 'signing', others, {}, { jwk, kid: undefined })));
});

it('P:J-011 whatever is wrong with an assertion, the error is invalid_client', async () => {
  const hostile: Form[] = [
    ...['x', 'a.b.c', '..', '{}', 'ü.ü.ü', 'x'.repeat(20_000)].map(carried),
    await signedAssertion(world, 'nobody', ec),
    // Clients that prove themselves otherwise, or not at all.
    await signedAssertion(world, 'batch', ec),
    await signedAssertion(world, 'spa', ec),
    maccedAssertion(world, 'batch'),
    maccedAssertion(world, 'signing'),
    await signedAssertion(world, 'macs', ec),
  ];
  for (const form of hostile) await expectRefused(await ask(form));
  const grants: Form[] = [{ grant_type: 'authorization_code', code: 'x' }, { grant_type: 'refresh_token' }];
  for (const grant of grants) await expectRefused(await ask({ ...grant, ...carried('x') }));
});

it('P:J-014 a client that signs with its secret is authenticated, and a secret that is no key is an error', async () => {
  await expectTaken(await ask(maccedAssertion(world, 'macs')), 'macs');
  await expectRefused(await ask(maccedAssertion(world, 'macs', {}, { secret: `${SECRET}x` })));
  await expectRefused(await ask(maccedAssertion(world, 'macs', {}, { secret: '' })));
  await expectRefused(await ask(maccedAssertion(world, 'macs', {}, { header: { alg: 'HS512' } })));
  // It is a key, and is never sent.
  await expectRefused(await ask({ client_id: 'macs', client_secret: SECRET }));
  expect((await post(world, '/token', GRANT, { as: 'macs' })).status).toBe(401);
  const assertion = maccedAssertion(world, 'macs');
  await expectTaken(await ask(assertion), 'macs');
  await expectRefused(await ask(assertion));

  const declared = (secret: Spec) => (documents: Spec) => {
    documents.site.applications.macs = machine({ token_endpoint_auth_method: 'client_secret_jwt' }, secret);
  };
  const own = { secret: { env: 'MAC_SECRET' } };
  // 256 bits are the least for HS256 (RFC 7518 3.2).
  await expect(serve(declared(own), { env: { MAC_SECRET: 'x'.repeat(31) } })).rejects.toThrow('secret.short-key');
  const longEnough = await serve(declared(own), { env: { MAC_SECRET: 'y'.repeat(32) } });
  const by = maccedAssertion(longEnough, 'macs', {}, { secret: 'y'.repeat(32) });
  expect(await json(ask(by, longEnough))).toMatchObject({ token_type: 'Bearer' });
  expect(errorsOf(await load(declared({})))).toEqual(['client.no-mac-secret']);
});
