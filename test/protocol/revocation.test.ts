// Token revocation (RFC 7009).

import { describe, expect, it } from 'vitest';
import {
  Browser,
  introspect,
  json,
  obtainCode,
  obtainTokens,
  post,
  refresh,
  tokenRequest,
  userinfo,
} from './browser.ts';
import { withUbisecure } from './spec.ts';
import { serve, serveForAll, type World } from './world.ts';

const OFFLINE = { scope: 'openid notes api' };

const world = await serveForAll(({ site }) => {
  site.applications.other.tokens = { format: 'opaque' };
});

function revoke(token: string, as = 'web', more: Record<string, string> = {}, at: World = world): Promise<Response> {
  return post(at, '/revoke', { token, ...more }, { as });
}

async function expectTaken(response: Response): Promise<void> {
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^application\/json\b/);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(await response.text()).toBe('{}');
}

async function expectAlive(token: string, client_id: string, at: World = world): Promise<void> {
  expect(await introspect(at, token, client_id)).toMatchObject({ active: true });
}

async function expectDead(token: string, client_id: string, at: World = world): Promise<void> {
  expect(await introspect(at, token, client_id)).toEqual({ active: false });
  expect((await userinfo(at, token)).status).toBe(401);
}

async function expectUnusable(refresh_token: string, client_id: string, at: World = world): Promise<void> {
  const response = await refresh(at, client_id, refresh_token);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: 'invalid_grant' });
}

describe('the request', () => {
  it('P:V-001 the endpoint is published as an https URL and takes POST alone', async () => {
    const { revocation_endpoint } = await json(world.fetch('/.well-known/oauth-authorization-server'));
    expect(revocation_endpoint).toBe('https://as.example/revoke');
    const { access_token } = await obtainTokens(world);
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
      const response = await world.fetch(`${revocation_endpoint}?token=${access_token}`, { method });
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe('POST');
    }
    await expectAlive(access_token, 'web');
    expect((await post(world, revocation_endpoint, { token: access_token }, { as: 'web' })).status).toBe(200);
  });

  it('P:V-002 a confidential client has to authenticate, and is told how where it used the header', async () => {
    const { access_token: token } = await obtainTokens(world);
    const attempts = [
      [post(world, '/revoke', { token }), /^Basic /],
      [post(world, '/revoke', { token, client_id: 'web' }), /^Basic /],
      [post(world, '/revoke', { token }, { as: 'web', secret: 'wrong' }), /^Basic realm="https:\/\/as\.example"/],
      [post(world, '/revoke', { token, client_id: 'web', client_secret: 'wrong' }), undefined],
      [post(world, '/revoke', { token }, { headers: { authorization: `Bearer ${token}` } }), /^Bearer /],
    ] as const;
    for (const [attempt, challenge] of attempts) {
      const response = await attempt;
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ error: 'invalid_client' });
      if (challenge === undefined) expect(response.headers.get('www-authenticate')).toBeNull();
      else expect(response.headers.get('www-authenticate')).toMatch(challenge);
    }
    await expectAlive(token, 'web');
  });

  it('P:V-013 without a token it is invalid_request', async () => {
    for (const form of [{}, { token: '' }, { token_type_hint: 'access_token' }]) {
      const response = await post(world, '/revoke', form as Record<string, string>, { as: 'web' });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: 'invalid_request' });
    }
    const { access_token } = await obtainTokens(world);
    const inQuery = await post(world, `/revoke?token=${access_token}`, {}, { as: 'web' });
    expect(inQuery.status).toBe(400);
    await expectAlive(access_token, 'web');
  });

  it('P:V-010 a wrong hint hides no token', async () => {
    const tokens = await obtainTokens(world, 'web', OFFLINE);
    await expectTaken(await revoke(tokens.access_token, 'web', { token_type_hint: 'refresh_token' }));
    await expectDead(tokens.access_token, 'web');
    await expectTaken(await revoke(tokens.refresh_token, 'web', { token_type_hint: 'access_token' }));
    await expectUnusable(tokens.refresh_token, 'web');
  });

  it('P:V-011 an unknown hint is ignored', async () => {
    const tokens = await obtainTokens(world, 'other', { scope: 'openid notes' });
    await expectTaken(await revoke(tokens.access_token, 'other', { token_type_hint: 'foo' }));
    await expectDead(tokens.access_token, 'other');
    await expectTaken(await revoke(tokens.refresh_token, 'other', { token_type_hint: 'urn:example:"x' }));
    await expectUnusable(tokens.refresh_token, 'other');
  });
});

describe('what is revoked', () => {
  it('P:V-003 an access token of either format is inactive at once', async () => {
    for (const client_id of ['web', 'other']) {
      const { access_token } = await obtainTokens(world, client_id);
      await expectAlive(access_token, client_id);
      await expectTaken(await revoke(access_token, client_id));
      await expectDead(access_token, client_id);
    }
    const batch = await json(post(world, '/token', { grant_type: 'client_credentials' }, { as: 'batch' }));
    await expectTaken(await revoke(batch.access_token, 'batch'));
    await expectDead(batch.access_token, 'batch');
  });

  it('P:V-004 a refresh token is invalid_grant from then on', async () => {
    const { refresh_token } = await obtainTokens(world, 'web', OFFLINE);
    await expectAlive(refresh_token, 'web');
    await expectTaken(await revoke(refresh_token));
    await expectUnusable(refresh_token, 'web');
    expect(await introspect(world, refresh_token)).toEqual({ active: false });
  });

  it('P:V-005 with a refresh token goes all that came from its grant, on every instance, and nothing else', async () => {
    const elsewhere = await world.second();
    for (const client_id of ['web', 'other']) {
      const browser = new Browser(world);
      const first = await obtainTokens(world, client_id, { scope: 'openid notes' }, browser);
      const second = await json(refresh(world, client_id, first.refresh_token));
      const third = await json(refresh(elsewhere, client_id, second.refresh_token));
      // Another grant of the same user to the same client, in the same session.
      const apart = await obtainTokens(world, client_id, { scope: 'openid notes' }, browser);
      const accessTokens = [first, second, third].map(({ access_token }) => access_token);
      for (const at of [world, elsewhere]) for (const token of accessTokens) await expectAlive(token, client_id, at);

      await expectTaken(await revoke(third.refresh_token, client_id));
      for (const at of [elsewhere, world]) {
        for (const token of accessTokens) await expectDead(token, client_id, at);
        for (const { refresh_token } of [third, second, first]) await expectUnusable(refresh_token, client_id, at);
        await expectAlive(apart.access_token, client_id, at);
      }
      expect((await refresh(world, client_id, apart.refresh_token)).status).toBe(200);
    }
  });

  it('P:V-006 a refresh token that was rotated already ends its family as well', async () => {
    const first = await obtainTokens(world, 'web', OFFLINE);
    const second = await json(refresh(world, 'web', first.refresh_token));
    await expectTaken(await revoke(first.refresh_token));
    await expectDead(first.access_token, 'web');
    await expectDead(second.access_token, 'web');
    await expectUnusable(second.refresh_token, 'web');
  });

  it('P:V-007 with an access token goes nothing but itself: its refresh token survives', async () => {
    const first = await obtainTokens(world, 'web', OFFLINE);
    const second = await json(refresh(world, 'web', first.refresh_token));
    await expectTaken(await revoke(second.access_token));
    await expectDead(second.access_token, 'web');
    await expectAlive(first.access_token, 'web');
    const third = await refresh(world, 'web', second.refresh_token);
    expect(third.status).toBe(200);
    await expectAlive((await third.json()).access_token, 'web');
  });

  it('P:V-009 a public client revokes its own tokens with nothing but its client_id', async () => {
    const tokens = await obtainTokens(world, 'spa');
    const strangers = await post(world, '/revoke', { token: tokens.refresh_token, client_id: 'native' });
    expect(strangers.status).toBe(400);
    await expectTaken(await post(world, '/revoke', { token: tokens.access_token, client_id: 'spa' }));
    expect((await userinfo(world, tokens.access_token)).status).toBe(401);
    await expectTaken(await post(world, '/revoke', { token: tokens.refresh_token, client_id: 'spa' }));
    await expectUnusable(tokens.refresh_token, 'spa');
  });

  it('P:V-012 a token that is unknown, expired or revoked already is no error', async () => {
    const fresh = await serve(({ site }) => {
      site.applications.other.tokens = { format: 'opaque' };
    });
    const tokens = await obtainTokens(fresh, 'web', OFFLINE);
    const opaque = await obtainTokens(fresh, 'other');
    for (const token of ['x', 'a.b.c', 'A'.repeat(43), 'ü', '{}', 'x'.repeat(20_000)]) {
      await expectTaken(await revoke(token, 'web', {}, fresh));
    }
    for (const token of [tokens.access_token, tokens.refresh_token]) {
      await expectTaken(await revoke(token, 'web', {}, fresh));
      await expectTaken(await revoke(token, 'web', {}, fresh));
    }
    fresh.advance(3601);
    await expectTaken(await revoke(opaque.access_token, 'other', {}, fresh));
    fresh.advance(40 * 86_400);
    await expectTaken(await revoke(opaque.refresh_token, 'other', {}, fresh));
  });

  it('P:V-014 what cannot be revoked is never answered as if it had been', async () => {
    const tokens = await obtainTokens(world, 'web', OFFLINE);
    const response = await revoke(tokens.id_token);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: 'unsupported_token_type' });
    // A JWT can be: 200 is true of it, on every instance.
    await expectTaken(await revoke(tokens.access_token));
    await expectDead(tokens.access_token, 'web', await world.second());
    // Also where its type is that of an ID token, and again.
    const alike = await serve(({ server }) => {
      server.server.tokens = { typ: 'JWT', alg: 'RS256' };
    });
    const { access_token } = await obtainTokens(alike, 'web');
    for (let times = 0; times < 2; times += 1) await expectTaken(await revoke(access_token, 'web', {}, alike));
    await expectDead(access_token, 'web', alike);
  });
});

describe('by whom', () => {
  it('P:V-008 a token of another client is refused and stays active, but for its audience in the ubisecure family', async () => {
    const both = await serve(withUbisecure);
    const tokens = await obtainTokens(both, 'web', OFFLINE);
    for (const token of [tokens.access_token, tokens.refresh_token]) {
      for (const [path, as] of [
        ['/revoke', 'other'],
        ['/revoke', 'api'],
        ['/oauth2/revocation', 'other'],
        ['/oauth2/revocation', 'archive'],
      ] as const) {
        const response = await post(both, path, { token }, { as });
        expect(response.status).toBe(400);
        expect(await response.json()).toMatchObject({ error: 'unauthorized_client' });
      }
      const response = await post(both, '/oauth2/revocation', { token, client_id: 'spa' });
      expect(response.status).toBe(400);
      await expectAlive(token, 'web', both);
    }
    await expectTaken(await post(both, '/oauth2/revocation', { token: tokens.access_token }, { as: 'api' }));
    expect(await introspect(both, tokens.access_token)).toEqual({ active: false });
    await expectAlive(tokens.refresh_token, 'web', both);
  });

  it('P:V-016 browsers may call it from where a public client runs, and never by JSONP', async () => {
    const { access_token: token } = await obtainTokens(world, 'spa');
    const headers = { origin: 'https://spa.example' };
    const preflight = await world.fetch('/revoke', {
      method: 'OPTIONS',
      headers: { ...headers, 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-methods')).toBe('POST');
    const strangers = await post(
      world,
      '/revoke',
      { token: 'x', client_id: 'spa' },
      { headers: { origin: 'https://evil.example' } },
    );
    expect(strangers.headers.get('access-control-allow-origin')).toBeNull();
    const response = await post(
      world,
      '/revoke?callback=run',
      { token, client_id: 'spa', callback: 'run' },
      { headers },
    );
    for (const { headers: told } of [preflight, response]) {
      expect(told.get('access-control-allow-origin')).toBe('https://spa.example');
      expect(told.get('access-control-allow-credentials')).toBeNull();
      expect(told.get('vary')).toContain('Origin');
    }
    await expectTaken(response);
    expect((await world.fetch(`/revoke?token=${token}&client_id=spa&callback=run`)).status).toBe(405);
  });
});

it('P:V-015 while the store is away the answer is 503 with Retry-After, never a false 200', async () => {
  const failing = await serve();
  const tokens = await obtainTokens(failing, 'web', OFFLINE);
  const { form } = await obtainCode(failing, 'web');
  await failing.store.close();
  for (const token of [tokens.access_token, tokens.refresh_token, 'A'.repeat(43)]) {
    const response = await revoke(token, 'web', {}, failing);
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(response.headers.get('content-type')).toMatch(/^application\/json\b/);
    expect(await response.json()).toEqual({
      error: 'temporarily_unavailable',
      error_description: expect.stringMatching(/^TEMPORARILY_UNAVAILABLE: /),
    });
  }
  expect((await tokenRequest(failing, 'web', form)).status).toBe(503);
});
