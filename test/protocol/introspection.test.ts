// Token introspection (RFC 7662).

import { describe, expect, it } from 'vitest';
import { publicPart } from '../../src/oauth/jwks.ts';
import { claimsOf, introspect, json, obtainCode, obtainTokens, post, refresh } from './browser.ts';
import { macced, serverKey, signedBy, signedByServer, strangersKey, unsigned, withClaims } from './signed-jwt.ts';
import { withUbisecure } from './spec.ts';
import { serve, serveForAll, type World } from './world.ts';

const INACTIVE = '{"active":false}';

const world = await serveForAll(({ site }) => {
  site.applications.other.tokens = { format: 'opaque' };
});
const tokens = await obtainTokens(world, 'web', { scope: 'openid api notes' });
const opaque = await obtainTokens(world, 'other', { scope: 'openid api' });

function ask(token: string, as = 'web', at: World = world): Promise<Response> {
  return post(at, '/introspect', { token }, { as });
}

/** Exactly that, and no member beside it that tells why. */
async function expectInactive(token: string, as = 'web', at: World = world): Promise<void> {
  const response = await ask(token, as, at);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^application\/json\b/);
  expect(await response.text()).toBe(INACTIVE);
}

describe('who asks', () => {
  it('P:I-001 nobody is told anything without authentication', async () => {
    for (const form of [{ token: tokens.access_token }, { token: tokens.access_token, client_id: 'web' }]) {
      const response = await post(world, '/introspect', form as Record<string, string>);
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toMatch(/^Basic realm="https:\/\/as\.example"/);
      expect(await response.json()).toEqual({ error: 'invalid_client', error_description: expect.any(String) });
    }
  });

  it('P:I-002 a server application is told of a token that was issued for it', async () => {
    for (const { access_token } of [tokens, opaque]) {
      const response = await ask(access_token, 'api');
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toMatch(/^application\/json\b/);
      const body = await response.json();
      expect(body.active).toBe(true);
      expect(body.aud).toContain('api');
    }
  });

  it('P:I-007 who is no audience of a token is told that it is inactive', async () => {
    for (const as of ['other', 'archive', 'batch']) await expectInactive(tokens.access_token, as);
    // A refresh token is for its client alone.
    for (const as of ['other', 'api']) await expectInactive(tokens.refresh_token, as);
    expect((await introspect(world, tokens.access_token, 'web')).active).toBe(true);
    expect((await introspect(world, tokens.refresh_token, 'web')).active).toBe(true);
  });

  it('P:I-009 wrong credentials are invalid_client, whatever the token is', async () => {
    for (const token of [tokens.access_token, 'x']) {
      for (const attempt of [
        post(world, '/introspect', { token }, { as: 'api', secret: 'wrong' }),
        post(world, '/introspect', { token }, { as: 'nobody' }),
        post(world, '/introspect', { token, client_id: 'api', client_secret: 'wrong' }),
      ]) {
        const response = await attempt;
        expect(response.status).toBe(401);
        expect(await response.json()).toMatchObject({ error: 'invalid_client' });
      }
    }
  });

  it('P:I-010 a bearer token is no authentication here, and the challenge is Bearer', async () => {
    for (const presented of [tokens.access_token, opaque.access_token, 'x']) {
      const headers = { authorization: `Bearer ${presented}` };
      const response = await post(world, '/introspect', { token: tokens.access_token }, { headers });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer realm="https:\/\/as\.example"/);
      expect(await response.json()).toMatchObject({ error: 'invalid_client' });
    }
  });

  it('P:I-013 a public client is refused, for its own tokens too', async () => {
    const { access_token: token } = await obtainTokens(world, 'spa');
    for (const one of [token, 'x']) {
      const response = await post(world, '/introspect', { token: one, client_id: 'spa' });
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ error: 'invalid_client' });
    }
  });
});

describe('the request', () => {
  it('P:I-003 it is a POST, and nothing in a query is read', async () => {
    const query = `token=${tokens.access_token}`;
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const response = await world.fetch(`/introspect?${query}`, { method });
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe('POST');
      expect(await response.text()).not.toContain('active');
    }
    const response = await post(world, `/introspect?${query}`, {}, { as: 'web' });
    expect(response.status).toBe(400);
    const other = await post(world, `/introspect?${query}`, { token: 'x' }, { as: 'web' });
    expect(await other.text()).toBe(INACTIVE);
  });

  it('P:I-004 without a token it is invalid_request', async () => {
    for (const form of [{}, { token: '' }, { token_type_hint: 'access_token' }]) {
      const response = await post(world, '/introspect', form as Record<string, string>, { as: 'web' });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: 'invalid_request' });
    }
  });

  it('P:I-005 a hint that is wrong or unknown hides no token', async () => {
    for (const token_type_hint of ['access_token', 'refresh_token', 'foo', 'id_token']) {
      for (const [{ access_token, refresh_token }, as] of [
        [tokens, 'web'],
        [opaque, 'other'],
      ] as const) {
        for (const token of [access_token, refresh_token]) {
          expect(await introspect(world, token, as, { token_type_hint })).toMatchObject({
            active: true,
            client_id: as,
          });
        }
      }
    }
  });
});

describe('the answer', () => {
  it('P:I-008 an active token is told with scope, client, times, subject, audience, issuer and id', async () => {
    const now = Math.floor(world.now() / 1000);
    for (const { access_token } of [tokens, opaque]) {
      const client_id = access_token === tokens.access_token ? 'web' : 'other';
      const body = await introspect(world, access_token, 'api');
      expect(body).toEqual({
        active: true,
        scope: client_id === 'web' ? 'openid api notes' : 'openid api',
        client_id,
        token_type: 'Bearer',
        exp: body.iat + 3600,
        iat: expect.any(Number),
        sub: 'ada-0001',
        aud: ['api', client_id],
        iss: 'https://as.example',
        jti: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/),
        username: 'ada',
      });
      expect(Math.abs(body.iat - now)).toBeLessThan(120);
    }
    const refreshed = await introspect(world, tokens.refresh_token);
    expect(refreshed).toMatchObject({ active: true, sub: 'ada-0001', client_id: 'web', iss: 'https://as.example' });
    // client_credentials has a subject and no user.
    const { access_token } = await json(post(world, '/token', { grant_type: 'client_credentials' }, { as: 'batch' }));
    const machines = await introspect(world, access_token, 'batch');
    expect(machines).toMatchObject({ active: true, sub: 'batch', client_id: 'batch', aud: ['batch'], scope: 'notes' });
    expect(machines).not.toHaveProperty('username');
  });

  it('P:I-008 the ubisecure family answers its own keys and no other, sub only with openid', async () => {
    const replaced = await serve(withUbisecure);
    const KEYS = [
      ...['usn', 'iss', 'aud', 'exp', 'iat', 'auth_time', 'amr', 'azp', 'session_index'],
      ...['token_type', 'active', 'client_id', 'expires_in'],
    ];
    const asked = async (token: string, as: string) => json(post(replaced, '/oauth2/introspection', { token }, { as }));
    const grant = { grant_type: 'client_credentials' };
    const machines = await json(post(replaced, '/oauth2/token', grant, { as: 'batch' }));
    const openid = await json(post(replaced, '/oauth2/token', { ...grant, scope: 'openid notes' }, { as: 'batch' }));
    const told = await asked(machines.access_token, 'batch');
    const isFixed = (key: string) => !key.startsWith('client.credentials.1.');
    expect(Object.keys(told).filter(isFixed)).toEqual(KEYS);
    expect(told).toMatchObject({
      active: true,
      aud: ['batch'],
      azp: 'batch',
      usn: 'batch',
      token_type: 'access_token',
    });
    const toldOpenid = await asked(openid.access_token, 'batch');
    expect(Object.keys(toldOpenid).filter(isFixed)).toEqual([...KEYS, 'sub']);
    expect(toldOpenid.sub).toBe('batch');
    const users = await obtainTokens(replaced, 'web', { scope: 'openid api' });
    const toldOfUser = await asked(users.access_token, 'api');
    expect(toldOfUser).toMatchObject({ active: true, aud: ['api'], azp: 'api', client_id: 'web', sub: 'ada-0001' });
    expect(await asked(users.access_token, 'other')).toEqual({ active: false });
  });

  it('P:I-006 what is unknown, foreign or not yet valid is inactive, with nothing beside it', async () => {
    const claims = claimsOf(tokens.access_token);
    const seconds = Math.floor(world.now() / 1000);
    // Signed as the server signs, it is one of its tokens: only what is changed below makes the others inactive.
    expect(await introspect(world, await signedByServer(world, { ...claims, nbf: seconds - 60 }))).toMatchObject({
      active: true,
    });
    const { code } = await obtainCode(world, 'web');
    const hostile = [
      ...['x', 'a.b.c', '..', 'A'.repeat(43), 'ü', 'x'.repeat(20_000), '{"active":true}', code],
      tokens.id_token,
      await signedByServer(world, { ...claims, nbf: seconds + 600 }),
      await signedByServer(world, { ...claims, exp: seconds - 1 }),
      await signedByServer(world, { ...claims, iss: 'https://elsewhere.example' }),
      await signedByServer(world, { ...claims, client_id: 'nobody' }),
      await signedByServer(world, { ...claims, grant: 'no such grant' }),
      await signedByServer(world, claims, { typ: 'logout+jwt' }),
      await signedBy(await strangersKey(), claims, { typ: 'at+jwt' }),
    ];
    for (const token of hostile) await expectInactive(token);
  });

  it('P:I-006 what has expired or was revoked is inactive, with nothing beside it', async () => {
    const fresh = await serve(({ site }) => {
      site.applications.other.tokens = { format: 'opaque' };
    });
    for (const client_id of ['web', 'other']) {
      const first = await obtainTokens(fresh, client_id, { scope: 'openid notes' });
      const next = await json(refresh(fresh, client_id, first.refresh_token));
      // Used up, and not reported as reuse: to ask is not to use.
      await expectInactive(first.refresh_token, client_id, fresh);
      expect(await introspect(fresh, next.access_token, client_id)).toMatchObject({ active: true });
      await post(fresh, '/revoke', { token: next.refresh_token }, { as: client_id });
      for (const token of [first.access_token, next.access_token, next.refresh_token]) {
        await expectInactive(token, client_id, fresh);
      }
    }
    const expiring = await obtainTokens(fresh, 'web', { scope: 'openid notes' });
    const expiringToo = await obtainTokens(fresh, 'other');
    fresh.advance(3601);
    await expectInactive(expiring.access_token, 'web', fresh);
    await expectInactive(expiringToo.access_token, 'other', fresh);
    fresh.advance(31 * 86_400);
    await expectInactive(expiring.refresh_token, 'web', fresh);
    // So is the token of a user who is off by now, and of a client that is gone.
    const [users, clients] = [
      await obtainTokens(fresh, 'web'),
      await obtainTokens(fresh, 'spa', { scope: 'openid api' }),
    ];
    expect(await introspect(fresh, clients.access_token, 'api')).toMatchObject({ active: true });
    await fresh.apply(({ site }) => {
      site.users.ada.enabled = false;
    });
    await expectInactive(users.access_token, 'web', fresh);
    await expectInactive(clients.access_token, 'api', fresh);
  });

  it('P:I-011 a JWT whose signature is not right is inactive', async () => {
    const claims = claimsOf(tokens.access_token);
    const [header, payload, signature = ''] = tokens.access_token.split('.');
    const flipped = `${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`;
    // The last digit holds bits that no byte has: written otherwise it decodes to the same signature.
    const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const respelt = signature.slice(0, -1) + digits[digits.indexOf(signature.slice(-1)) + 1];
    expect(Buffer.from(respelt, 'base64url')).toEqual(Buffer.from(signature, 'base64url'));
    const rsa = serverKey(world, 'RS256');
    const publicKey = JSON.stringify(publicPart(rsa.jwk));
    const hostile = [
      `${header}.${payload}.${flipped}`,
      `${header}.${payload}.${respelt}`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${header}.${payload}.${signature}=`,
      `${header}.${payload}.${signature.slice(0, -1)}`,
      withClaims(tokens.access_token, { scope: 'openid api notes drafts' }),
      withClaims(tokens.access_token, { exp: claims.exp + 1 }),
      unsigned(claims, { typ: 'at+jwt' }),
      unsigned(claims, { typ: 'at+jwt', alg: 'None', kid: rsa.kid }),
      macced(publicKey, claims, { typ: 'at+jwt', kid: rsa.kid }),
      macced(publicKey, claims, { typ: 'at+jwt', kid: rsa.kid, alg: 'RS256' }),
      // Another key of the server under this one's name.
      await signedBy(rsa, claims, { typ: 'at+jwt', kid: serverKey(world, 'ES256').kid }),
    ];
    for (const token of hostile) await expectInactive(token);
    expect(await introspect(world, tokens.access_token)).toMatchObject({ active: true });
  });

  it('P:I-012 what was revoked on another instance is inactive at the next question', async () => {
    const elsewhere = await world.second();
    for (const client_id of ['web', 'other']) {
      const { access_token, refresh_token } = await obtainTokens(world, client_id, { scope: 'openid notes' });
      for (const token of [access_token, refresh_token]) {
        expect(await introspect(world, token, client_id)).toMatchObject({ active: true });
        await post(elsewhere, '/revoke', { token }, { as: client_id });
        await expectInactive(token, client_id);
      }
    }
  });

  it('P:I-014 no answer may be kept by a cache, refusals neither', async () => {
    const responses = await Promise.all([
      ask(tokens.access_token),
      ask('x'),
      ask(tokens.access_token, 'api'),
      post(world, '/introspect', {}, { as: 'web' }),
      post(world, '/introspect', { token: 'x' }, { as: 'web', secret: 'wrong' }),
      world.fetch('/introspect'),
    ]);
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200, 400, 401, 405]);
    for (const { headers } of responses) expect(headers.get('cache-control')).toBe('no-store');
  });
});
