// What a refresh token gives, to whom, and what ends it (RFC 6749 6, 10.4).

import { describe, expect, it } from 'vitest';
import { expectJsonError } from './answers.ts';
import {
  type Body,
  claimsOf,
  introspect,
  json,
  obtainTokens,
  post,
  refresh,
  tokenRequest,
  userinfo,
} from './browser.ts';
import { SECRET } from './spec.ts';
import { type Edit, serve, serveForAll, type World } from './world.ts';

const world = await serveForAll();

async function refreshed(at: World, client: string, token: string, more: Record<string, string> = {}): Promise<Body> {
  const response = await refresh(at, client, token, more);
  const body = await json(response);
  expect([response.status, body.error_description]).toEqual([200, undefined]);
  return body;
}

const scopeOf = async (token: string, at = world) => (await introspect(at, token, 'web')).scope.split(' ').sort();

it('P:O-076 a refresh token and the authentication of its client give a new access token', async () => {
  const tokens = await obtainTokens(world, 'web', { scope: 'openid api notes' });
  const body = await refreshed(world, 'web', tokens.refresh_token);
  expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
  expect(body.access_token).not.toBe(tokens.access_token);
  const [before, after] = [claimsOf(tokens.access_token), claimsOf(body.access_token)];
  expect(after).toMatchObject({ sub: 'ada-0001', client_id: 'web', aud: before.aud, scope: before.scope });
  expect(after.jti).not.toBe(before.jti);
  expect((await userinfo(world, body.access_token)).status).toBe(200);
  // A public client has nothing but its name and the token.
  const spa = await obtainTokens(world, 'spa');
  expect((await userinfo(world, (await refreshed(world, 'spa', spa.refresh_token)).access_token)).status).toBe(200);
});

it('P:O-077 the refresh token of another client gives nothing, and stays as it is', async () => {
  const { refresh_token } = await obtainTokens(world, 'web');
  for (const thief of ['other', 'spa', 'asking']) {
    await expectJsonError(await refresh(world, thief, refresh_token), 400, 'invalid_grant');
  }
  const { refresh_token: next } = await refreshed(world, 'web', refresh_token);
  // One that was used already tells a stranger no more, and ends nothing.
  await expectJsonError(await refresh(world, 'other', refresh_token), 400, 'invalid_grant');
  await refreshed(world, 'web', next);
});

it('P:O-078 without the authentication of its client it is 401, and not used up', async () => {
  const { refresh_token } = await obtainTokens(world, 'web');
  const form = { grant_type: 'refresh_token', refresh_token };
  await expectJsonError(await post(world, '/token', form), 401, 'invalid_client');
  await expectJsonError(await post(world, '/token', { ...form, client_id: 'web' }), 401, 'invalid_client');
  const wrong = await post(world, '/token', form, { as: 'web', secret: `${SECRET}x` });
  await expectJsonError(wrong, 401, 'invalid_client');
  const inBody = { ...form, client_id: 'web', client_secret: 'wrong' };
  await expectJsonError(await post(world, '/token', inBody), 401, 'invalid_client');
  await refreshed(world, 'web', refresh_token);
});

describe('the scope of a refresh', () => {
  it('P:O-079 is never wider than what was granted, and the token is not used up', async () => {
    const { refresh_token } = await obtainTokens(world, 'web', { scope: 'openid api notes' });
    for (const scope of [
      'openid api notes drafts',
      'drafts',
      'archive',
      'email',
      'offline_access',
      'unknown',
      'Notes',
    ]) {
      await expectJsonError(await refresh(world, 'web', refresh_token, { scope }), 400, 'invalid_scope');
    }
    await refreshed(world, 'web', refresh_token);
  });

  it('P:O-080 may be narrower, and the next refresh token still carries all', async () => {
    const tokens = await obtainTokens(world, 'web', { scope: 'openid api notes' });
    const narrow = await refreshed(world, 'web', tokens.refresh_token, { scope: 'notes' });
    expect(await scopeOf(narrow.access_token)).toEqual(['notes']);
    expect(claimsOf(narrow.access_token).aud).not.toContain('api');
    const whole = await refreshed(world, 'web', narrow.refresh_token);
    expect(await scopeOf(whole.access_token)).toEqual(['api', 'notes', 'openid']);
  });

  it('P:O-081 is the granted one where none is asked for', async () => {
    for (const scope of ['openid api notes', undefined]) {
      const tokens = await obtainTokens(world, 'web', { scope });
      const granted = await scopeOf(tokens.access_token);
      const again = await refreshed(world, 'web', tokens.refresh_token);
      expect(await scopeOf(again.access_token)).toEqual(granted);
      // The scope is told unless it is the one of this request, which had none.
      expect(again.scope.split(' ').sort()).toEqual(granted);
      expect(claimsOf(again.access_token).aud).toEqual(claimsOf(tokens.access_token).aud);
      const empty = await refreshed(world, 'web', again.refresh_token, { scope: '' });
      expect(await scopeOf(empty.access_token)).toEqual(granted);
    }
  });
});

it('P:O-082 an unknown, an expired and a revoked refresh token are invalid_grant', async () => {
  const own = await serve(({ site }) => {
    site.applications.web.tokens = { refresh: { ttl: '2h' } };
  });
  const { refresh_token, access_token } = await obtainTokens(own);
  for (const unknown of [
    `${refresh_token.slice(0, -1)}`,
    'x',
    '\0',
    'x'.repeat(60_000),
    access_token,
    `${refresh_token} `,
  ]) {
    await expectJsonError(await refresh(own, 'web', unknown), 400, 'invalid_grant');
  }
  const revoked = await obtainTokens(own);
  expect((await post(own, '/revoke', { token: revoked.refresh_token }, { as: 'web' })).status).toBe(200);
  await expectJsonError(await refresh(own, 'web', revoked.refresh_token), 400, 'invalid_grant');
  own.advance(7190);
  const { refresh_token: next } = await refreshed(own, 'web', refresh_token);
  // The two hours are of the grant: what is rotated does not begin them anew.
  own.advance(20);
  await expectJsonError(await refresh(own, 'web', next), 400, 'invalid_grant');
});

it('P:O-083 without refresh_token it is invalid_request', async () => {
  for (const more of [{}, { refresh_token: '' }]) {
    const response = await tokenRequest(world, 'web', { grant_type: 'refresh_token', ...more });
    await expectJsonError(response, 400, 'invalid_request');
  }
});

describe('P:O-084 a refresh token gives nothing', () => {
  const edits: readonly [string, Edit][] = [
    [
      'when its user is removed',
      ({ site }) => {
        delete site.users.bob;
      },
    ],
    [
      'when its user is disabled',
      ({ site }) => {
        site.users.bob.enabled = false;
      },
    ],
    [
      'when its user may not use the client any more',
      ({ site }) => {
        site.applications.web.allowed_to = ['Archivists'];
      },
    ],
    [
      'when its user has not the method any more',
      ({ site }) => {
        site.users.bob.methods = [];
        site.users.bob.password = undefined;
      },
    ],
  ];

  it.each(edits)('%s', async (_, edit) => {
    const own = await serve();
    const { refresh_token, access_token } = await obtainTokens(own, 'web', {}, undefined, 'bob');
    const adas = await obtainTokens(own);
    await own.apply(edit);
    await expectJsonError(await refresh(own, 'web', refresh_token), 400, 'invalid_grant');
    expect((await userinfo(own, access_token)).status).toBe(401);
    expect((await introspect(own, refresh_token)).active).toBe(false);
    await refreshed(own, 'web', adas.refresh_token);
  });

  it('when the consent is withdrawn', async () => {
    const own = await serve();
    const { refresh_token, access_token } = await obtainTokens(own, 'asking', { scope: 'openid notes' });
    const { refresh_token: next } = await refreshed(own, 'asking', refresh_token);
    await own.store.withdrawConsent('user:Example/ada', 'application:Example/asking');
    await expectJsonError(await refresh(own, 'asking', next), 400, 'invalid_grant');
    expect((await userinfo(own, access_token)).status).toBe(401);
  });
});
