// RFC 9700 2.2.2, 4.14: refresh tokens are used once, are bound to what was granted, and end. What a grant gave ends with it.

import { describe, expect, it } from 'vitest';
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
import { expectTokenError, loggedEvent } from './security-checks.ts';
import { type Edit, errorsOf, load, serve, serveForAll, type World } from './world.ts';

const world = await serveForAll(({ site }) => {
  const { web } = site.applications;
  const clone = (name: string, changes: Record<string, unknown>, metadata: Record<string, unknown> = {}) => {
    const redirect_uris = [`https://${name}.example/callback`];
    site.applications[name] = { ...web, ...changes, metadata: { ...web.metadata, redirect_uris, ...metadata } };
  };
  clone('opaque', { tokens: { format: 'opaque' } });
  clone('patient', { tokens: { refresh: { grace: '10s' } } });
  clone('none', {}, { grant_types: ['authorization_code'] });
  clone('off', { tokens: { refresh: { enabled: false } } }, { grant_types: ['authorization_code'] });
  clone('on', { tokens: { refresh: { enabled: true } } }, { grant_types: ['authorization_code'] });
});

async function refreshed(at: World, client_id: string, token: string, more = {}): Promise<Body> {
  const response = await refresh(at, client_id, token, more);
  const body = await json(response);
  expect(response.status, JSON.stringify(body)).toBe(200);
  return body;
}

describe('rotation', () => {
  it('P:S-010 a token that comes again ends its grant, whatever scope is asked for with it', async () => {
    for (const scope of ['openid admin', 'nonsense']) {
      const first = await obtainTokens(world, 'web', { scope: 'openid api' });
      const second = await refreshed(world, 'web', first.refresh_token);
      const body = await expectTokenError(await refresh(world, 'web', first.refresh_token, { scope }), 'invalid_grant');
      expect(body.error_description).toMatch(/^REFRESH_TOKEN_REUSED/);
      await expectTokenError(await refresh(world, 'web', second.refresh_token), 'invalid_grant');
    }
    // Within the grace it is a request that was wrong, and nobody's theft.
    const first = await obtainTokens(world, 'patient', { scope: 'openid api' });
    const second = await refreshed(world, 'patient', first.refresh_token);
    await expectTokenError(
      await refresh(world, 'patient', first.refresh_token, { scope: 'nonsense' }),
      'invalid_scope',
    );
    await refreshed(world, 'patient', second.refresh_token);
  });

  it.each(['spa', 'native', 'web'])(
    'P:S-009 every use of a refresh token of %s gives a new one and ends the old one',
    async (client_id) => {
      const uri = client_id === 'native' ? { redirect_uri: 'https://app.example/callback' } : {};
      const first = await obtainTokens(world, client_id, uri);
      const second = await refreshed(world, client_id, first.refresh_token);
      expect(second.refresh_token).toMatch(/^[\w-]{43}$/);
      expect(second.refresh_token).not.toBe(first.refresh_token);
      const third = await refreshed(world, client_id, second.refresh_token);
      expect(new Set([first, second, third].map(({ refresh_token }) => refresh_token)).size).toBe(3);
      await expectTokenError(await refresh(world, client_id, first.refresh_token), 'invalid_grant');
    },
  );

  it.each(['web', 'opaque'])(
    'P:S-010 a token of %s that comes again ends the newest one and all access tokens, and is logged as what it is',
    async (client_id) => {
      const first = await obtainTokens(world, client_id, { scope: 'openid api' });
      const second = await refreshed(world, client_id, first.refresh_token);
      const third = await refreshed(world, client_id, second.refresh_token);
      const bystander = await obtainTokens(world, client_id, { scope: 'openid api' });
      const all = [first, second, third].map(({ access_token }) => access_token);
      for (const token of all) expect((await introspect(world, token, 'api')).active).toBe(true);

      const body = await expectTokenError(await refresh(world, client_id, first.refresh_token), 'invalid_grant');
      expect(body.error_description).toMatch(/^REFRESH_TOKEN_REUSED/);
      await expectTokenError(await refresh(world, client_id, third.refresh_token), 'invalid_grant');
      for (const token of all) {
        expect(await introspect(world, token, 'api')).toEqual({ active: false });
        expect((await userinfo(world, token)).status).toBe(401);
      }
      expect((await introspect(world, bystander.access_token, 'api')).active).toBe(true);
      const event = await loggedEvent(
        world,
        ({ security, client_id: of }) => security !== undefined && of === client_id,
      );
      expect(event).toMatchObject({
        event: 'token',
        outcome: 'refused',
        error: 'invalid_grant',
        security: 'a refresh token was used again: its grant was revoked',
        client: `application:Example/${client_id}`,
        user: 'user:Example/ada',
        ip: '127.0.0.1',
      });
      const inLog = JSON.stringify(world.records);
      for (const { refresh_token, access_token } of [first, second, third]) {
        expect(inLog).not.toContain(refresh_token);
        expect(inLog).not.toContain(access_token);
      }
    },
  );

  it('P:S-011 within the grace that is configured the same successor is given again, after it the token counts as reused', async () => {
    const own = await serve(({ site }) => {
      site.applications.web.tokens = { refresh: { grace: '10s' } };
    });
    const first = await obtainTokens(own);
    const second = await refreshed(own, 'web', first.refresh_token);
    own.advance(9);
    const again = await refreshed(own, 'web', first.refresh_token);
    expect(again.refresh_token).toBe(second.refresh_token);
    expect(claimsOf(again.access_token).jti).not.toBe(claimsOf(second.access_token).jti);
    own.advance(2);
    await expectTokenError(await refresh(own, 'web', first.refresh_token), 'invalid_grant');
    await expectTokenError(await refresh(own, 'web', second.refresh_token), 'invalid_grant');
    expect(await introspect(own, again.access_token)).toEqual({ active: false });
  });

  it('P:S-011 the window is none where none is configured, and it is never one for another client', async () => {
    const first = await obtainTokens(world);
    await refreshed(world, 'web', first.refresh_token);
    await expectTokenError(await refresh(world, 'web', first.refresh_token), 'invalid_grant');

    const patient = await obtainTokens(world, 'patient');
    const second = await refreshed(world, 'patient', patient.refresh_token);
    await expectTokenError(await refresh(world, 'web', patient.refresh_token), 'invalid_grant');
    expect((await refreshed(world, 'patient', patient.refresh_token)).refresh_token).toBe(second.refresh_token);
    expect(errorsOf(await load(withGrace('5m')))).toEqual(['refresh.grace']);
    expect(errorsOf(await load(withGrace('10s')))).toEqual([]);
  });
});

function withGrace(grace: string): Edit {
  return ({ site }) => {
    site.applications.web.tokens = { refresh: { grace } };
  };
}

describe('a refresh token', () => {
  it('P:S-013 gives what was granted and never more, whatever is asked for or configured later', async () => {
    const own = await serve(({ site }) => {
      site.applications.web.metadata.scope = 'api notes profile';
    });
    const granted = await obtainTokens(own, 'web', { scope: 'openid api' });
    for (const scope of ['openid api notes', 'notes', 'profile', 'archive', 'offline_access', 'openid api openid x']) {
      await expectTokenError(await refresh(own, 'web', granted.refresh_token, { scope }), 'invalid_scope');
    }
    // The resource parameter of RFC 8707 widens nothing either.
    const same = await refreshed(own, 'web', granted.refresh_token, { resource: 'https://archive.example' });
    expect(claimsOf(same.access_token)).toMatchObject({ scope: 'openid api', aud: ['api', 'web'] });
    await own.apply(({ site }) => {
      site.applications.web.metadata.scope = 'api archive notes drafts profile email offline_access';
    });
    const widened = await refreshed(own, 'web', same.refresh_token);
    expect(claimsOf(widened.access_token)).toMatchObject({ scope: 'openid api', aud: ['api', 'web'] });
    await expectTokenError(await refresh(own, 'web', widened.refresh_token, { scope: 'archive' }), 'invalid_scope');
    // Asked for once with less, the next has what was granted again, and no more.
    const less = await refreshed(own, 'web', widened.refresh_token, { scope: 'openid' });
    expect(claimsOf(less.access_token)).toMatchObject({ scope: 'openid', aud: ['web'] });
    const whole = await refreshed(own, 'web', less.refresh_token);
    expect(claimsOf(whole.access_token)).toMatchObject({ scope: 'openid api', aud: ['api', 'web'] });
  });

  it('P:S-014 that was not used for longer than its idle lifetime is dead', async () => {
    const own = await serve(({ site }) => {
      site.applications.web.tokens = { refresh: { idle: '1h' } };
    });
    const used = await obtainTokens(own);
    const unused = await obtainTokens(own);
    own.advance(3500);
    const next = await refreshed(own, 'web', used.refresh_token);
    own.advance(200);
    await expectTokenError(await refresh(own, 'web', unused.refresh_token), 'invalid_grant');
    const last = await refreshed(own, 'web', next.refresh_token);
    own.advance(3601);
    await expectTokenError(await refresh(own, 'web', last.refresh_token), 'invalid_grant');
  });

  it('P:S-015 ends with the logout of its user, but for what was granted offline', async () => {
    const own = await serve();
    const browser = new Browser(own);
    const online = await obtainTokens(own, 'asking', { scope: 'openid' }, browser);
    const offline = await obtainTokens(own, 'asking', { scope: 'openid offline_access', prompt: 'consent' }, browser);
    const elsewhere = await obtainTokens(own, 'web');
    const out = await browser.go(`${own.issuer}/logout?id_token_hint=${online.id_token}`);
    expect(out.status).toBe(200);
    await expectTokenError(await refresh(own, 'asking', online.refresh_token), 'invalid_grant');
    expect((await refresh(own, 'asking', offline.refresh_token)).status).toBe(200);
    expect((await refresh(own, 'web', elsewhere.refresh_token)).status).toBe(200);
  });

  it('P:S-015 ends where it is configured to need a live session, offline or not', async () => {
    const own = await serve(({ site }) => {
      site.applications.asking.tokens = { refresh: { require_live_session: true } };
    });
    const browser = new Browser(own);
    const given = await obtainTokens(own, 'asking', { scope: 'openid offline_access' }, browser);
    const next = await refreshed(own, 'asking', given.refresh_token);
    expect(await introspect(own, next.refresh_token, 'asking')).toMatchObject({ active: true });
    await browser.go(`${own.issuer}/logout?id_token_hint=${given.id_token}`);
    const body = await expectTokenError(await refresh(own, 'asking', next.refresh_token), 'invalid_grant');
    expect(body.error_description).toMatch(/^SESSION_ENDED/);
    expect(await introspect(own, next.refresh_token, 'asking')).toEqual({ active: false });
  });

  it('gives nothing while its client may not use the grant type by which the user let it, as its access tokens', async () => {
    const own = await serve();
    const { access_token, refresh_token } = await obtainTokens(own);
    const introspected = async (token: string) => (await introspect(own, token, 'web')).active;
    await own.apply(({ site }) => {
      site.applications.web.metadata.grant_types = ['refresh_token'];
    });
    expect(await introspected(access_token)).toBe(false);
    expect(await introspected(refresh_token)).toBe(false);
    const body = await expectTokenError(await refresh(own, 'web', refresh_token), 'unauthorized_client');
    expect(body.error_description).toMatch(/^GRANT_NOT_ALLOWED/);
    // Nothing was used up.
    await own.apply(({ site }) => {
      site.applications.web.metadata.grant_types = ['refresh_token', 'authorization_code'];
    });
    expect(await introspected((await refreshed(own, 'web', refresh_token)).access_token)).toBe(true);
  });

  it('P:S-015 ends when its user is disabled, and does not come back with the user', async () => {
    const own = await serve();
    const { refresh_token } = await obtainTokens(own);
    await own.apply(({ site }) => {
      site.users.ada.enabled = false;
    });
    await expectTokenError(await refresh(own, 'web', refresh_token), 'invalid_grant');
    await own.apply(({ site }) => {
      delete site.users.ada.enabled;
    });
    await expectTokenError(await refresh(own, 'web', refresh_token), 'invalid_grant');
    expect((await obtainTokens(own)).refresh_token).toMatch(/^[\w-]{43}$/);
  });

  it('P:S-016 is given to the clients that are configured to have one, and has an absolute end', async () => {
    expect(await obtainTokens(world, 'none')).not.toHaveProperty('refresh_token');
    expect(await obtainTokens(world, 'off')).not.toHaveProperty('refresh_token');
    expect((await obtainTokens(world, 'on')).refresh_token).toMatch(/^[\w-]{43}$/);

    const own = await serve(({ site }) => {
      site.applications.web.tokens = { refresh: { ttl: '1d' } };
    });
    let { refresh_token: short } = await obtainTokens(own, 'web');
    let { refresh_token: month } = await obtainTokens(own, 'other');
    // However often it is used.
    for (let hours = 0; hours < 24; hours += 6) {
      ({ refresh_token: short } = await refreshed(own, 'web', short));
      own.advance(6 * 3600);
    }
    await expectTokenError(await refresh(own, 'web', short), 'invalid_grant');
    for (let days = 1; days < 30; days += 14) {
      ({ refresh_token: month } = await refreshed(own, 'other', month));
      own.advance(14 * 86_400);
    }
    own.advance(2 * 86_400);
    await expectTokenError(await refresh(own, 'other', month), 'invalid_grant');
  });

  it('P:E-007 of a grant that is not active any more is refused', async () => {
    const own = await serve();
    const revoked = await obtainTokens(own);
    const { refresh_token: rotated } = await refreshed(own, 'web', revoked.refresh_token);
    expect((await post(own, '/revoke', { token: rotated }, { as: 'web' })).status).toBe(200);
    await expectTokenError(await refresh(own, 'web', rotated), 'invalid_grant');

    // The code from which it came was copied.
    const { form } = await obtainCode(own);
    const first = await json(tokenRequest(own, 'web', form));
    await expectTokenError(await tokenRequest(own, 'web', form), 'invalid_grant');
    await expectTokenError(await refresh(own, 'web', first.refresh_token), 'invalid_grant');

    // Its user is gone.
    const gone = await obtainTokens(own, 'web', {}, new Browser(own), 'bob');
    await own.apply(({ site }) => {
      delete site.users.bob;
    });
    await expectTokenError(await refresh(own, 'web', gone.refresh_token), 'invalid_grant');
  });
});

describe('a code', () => {
  it('P:S-019 is of no use once it was redeemed, with whatever it is sent', async () => {
    const { form } = await obtainCode(world, 'web', { scope: 'openid api' });
    const given = await json(tokenRequest(world, 'web', form));
    expect((await introspect(world, given.access_token, 'api')).active).toBe(true);
    // Not the client's with its verifier: refused, and nothing ends.
    await expectTokenError(await tokenRequest(world, 'other', form), 'invalid_grant');
    await expectTokenError(
      await tokenRequest(world, 'web', { ...form, code_verifier: 'x'.repeat(43) }),
      'invalid_grant',
    );
    expect((await introspect(world, given.access_token, 'api')).active).toBe(true);
    await expectTokenError(await tokenRequest(world, 'web', form), 'invalid_grant');
    expect(await introspect(world, given.access_token, 'api')).toEqual({ active: false });
  });
});

describe('an access token', () => {
  it('P:S-020 says for whom it is and what it gives, and others refuse it', async () => {
    const forApi = await obtainTokens(world, 'web', { scope: 'openid api' });
    expect(claimsOf(forApi.access_token)).toMatchObject({ aud: ['api', 'web'], scope: 'openid api', client_id: 'web' });
    expect((await introspect(world, forApi.access_token, 'api')).active).toBe(true);
    expect(await introspect(world, forApi.access_token, 'archive')).toEqual({ active: false });
    expect(await introspect(world, forApi.access_token, 'other')).toEqual({ active: false });
    // Userinfo is a resource as well: it asks for openid.
    const withoutOpenid = await obtainTokens(world, 'web', { scope: 'api' });
    expect(claimsOf(withoutOpenid.access_token).scope).toBe('api');
    const refused = await userinfo(world, withoutOpenid.access_token);
    expect(refused.status).toBe(403);
    expect(refused.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
    // A server that its user may not reach is never an audience, named or not.
    const { form } = await obtainCode(world, 'web', { scope: undefined }, new Browser(world), 'bob');
    const bobs = await json(tokenRequest(world, 'web', form));
    expect(claimsOf(bobs.access_token).aud).toEqual(['api', 'web']);
    expect(claimsOf(bobs.access_token).scope.split(' ')).not.toContain('archive');
    expect(await introspect(world, bobs.access_token, 'archive')).toEqual({ active: false });
  });
});
