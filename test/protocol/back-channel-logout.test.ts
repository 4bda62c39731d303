// OpenID Connect Back-Channel Logout 1.0, and L-012: the clients of a session learn that it has ended.

import { expect, it } from 'vitest';
import { listen } from '../outbound/called.ts';
import { Browser, claimsOf, introspect, json, obtainTokens, refresh } from './browser.ts';
import { BYE, logout, taken, tokenOf, toldAt, uriOf } from './logout-receivers.ts';
import { verified } from './openid-answers.ts';
import { serve } from './world.ts';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

it('P:U-001 at a logout each client of the session is posted a logout_token in a form, and no other is', async () => {
  const [web, other, asking] = [await taken(), await taken(), await taken()];
  const uris = { web: uriOf(web, '/bye?of=web'), other: uriOf(other), asking: uriOf(asking) };
  const world = await serve(toldAt(uris));
  const { browser, id_token } = await obtainTokens(world);
  await obtainTokens(world, 'other', {}, browser);
  // Of another session.
  await obtainTokens(world, 'asking');
  expect((await logout(browser, id_token)).status).toBe(303);
  expect([web.requests.length, other.requests.length, asking.requests.length]).toEqual([1, 1, 0]);
  const [request] = web.requests;
  expect([request?.method, request?.url]).toEqual(['POST', '/bye?of=web']);
  expect(request?.of.headers).toMatchObject({
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': String(request?.body.length),
  });
  expect(request?.of.headers).not.toHaveProperty('cookie');
  expect(request?.of.headers).not.toHaveProperty('authorization');
  for (const { requests } of [web, other]) {
    for (const one of requests) expect(tokenOf(one)).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  }
  // It was told, and is not again.
  expect((await logout(browser, id_token)).status).toBe(303);
  expect(web.requests).toHaveLength(1);
});

it('P:U-002 the logout_token says who, to whom, when and what, signed as the ID tokens of the client', async () => {
  const receiver = await taken();
  const world = await serve((documents) => {
    toldAt({ web: uriOf(receiver), other: uriOf(receiver), spa: uriOf(receiver) })(documents);
    documents.site.applications.other.metadata.id_token_signed_response_alg = 'ES256';
    documents.site.applications.spa.metadata.id_token_signed_response_alg = 'EdDSA';
  });
  const browser = new Browser(world);
  const { id_token } = await obtainTokens(world, 'web', {}, browser);
  await obtainTokens(world, 'other', {}, browser);
  await obtainTokens(world, 'spa', {}, browser);
  await logout(browser, id_token);
  expect(receiver.requests).toHaveLength(3);
  const tokens = await Promise.all(receiver.requests.map((request) => verified(world, tokenOf(request))));
  const algorithms = { web: 'RS256', other: 'ES256', spa: 'EdDSA' };
  for (const { header, claims } of tokens) {
    expect(header).toEqual({ alg: algorithms[claims.aud as 'web'], typ: 'logout+jwt', kid: expect.any(String) });
    expect(claims).toEqual({
      iss: 'https://as.example',
      sub: 'ada-0001',
      aud: expect.any(String),
      iat: expect.any(Number),
      exp: expect.any(Number),
      jti: expect.stringMatching(/^[\w-]{16,}$/),
      sid: claimsOf(id_token).sid,
      events: { [EVENT]: {} },
    });
    expect(Math.abs((claims.iat ?? 0) - world.now() / 1000)).toBeLessThan(10);
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBeLessThanOrEqual(120);
  }
  expect(new Set(tokens.map(({ claims }) => claims.aud))).toEqual(new Set(['web', 'other', 'spa']));
  expect(new Set(tokens.map(({ claims }) => claims.jti)).size).toBe(3);
});

it('P:U-003 a logout_token has no nonce, and is good for nothing else', async () => {
  const receiver = await taken();
  const world = await serve(toldAt({ web: uriOf(receiver) }));
  const { browser, id_token } = await obtainTokens(world, 'web', { nonce: 'a nonce' });
  expect(claimsOf(id_token).nonce).toBe('a nonce');
  await logout(browser, id_token);
  const [request] = receiver.requests;
  const logoutToken = request === undefined ? '' : tokenOf(request);
  expect((await verified(world, logoutToken)).claims).not.toHaveProperty('nonce');
  expect(Buffer.from(logoutToken.split('.')[1] ?? '', 'base64url').toString()).not.toContain('nonce');
  // Neither an access token nor an ID token.
  const asBearer = await world.fetch('/userinfo', { headers: { authorization: `Bearer ${logoutToken}` } });
  expect(asBearer.status).toBe(401);
  expect(await introspect(world, logoutToken)).toEqual({ active: false });
  expect((await logout(new Browser(world), logoutToken)).status).toBe(400);
});

it('P:U-004 sid stands in both tokens, the same, where the client requires it and where it does not', async () => {
  const [web, other] = [await taken(), await taken()];
  const world = await serve((documents) => {
    toldAt({ web: uriOf(web), other: uriOf(other) })(documents);
    documents.site.applications.web.metadata.backchannel_logout_session_required = true;
  });
  const first = await obtainTokens(world);
  const ofOther = await obtainTokens(world, 'other', {}, first.browser);
  const elsewhere = await obtainTokens(world);
  const { sid } = claimsOf(first.id_token);
  expect(sid).toMatch(/^[\w-]{16,}$/);
  expect(claimsOf(ofOther.id_token).sid).toBe(sid);
  expect(claimsOf(elsewhere.id_token).sid).not.toBe(sid);
  // A refreshed one, and one after another login of the same user in the session.
  expect(claimsOf((await json(refresh(world, 'web', first.refresh_token))).id_token).sid).toBe(sid);
  const again = await obtainTokens(world, 'web', { prompt: 'login' }, first.browser);
  expect(claimsOf(again.id_token).sid).toBe(sid);
  await logout(first.browser, again.id_token);
  for (const { requests } of [web, other]) {
    expect(requests.map((request) => claimsOf(tokenOf(request)).sid)).toEqual([sid]);
  }
});

it('P:U-006 refresh tokens of the session end with it, but those of offline_access', async () => {
  const receiver = await taken();
  const world = await serve(toldAt({ web: uriOf(receiver) }));
  const browser = new Browser(world);
  const online = await obtainTokens(world, 'web', { scope: 'openid notes' }, browser);
  const rotated = await json(refresh(world, 'web', online.refresh_token));
  const offline = await obtainTokens(
    world,
    'web',
    { scope: 'openid notes offline_access', prompt: 'consent' },
    browser,
  );
  const ofOther = await obtainTokens(world, 'other', {}, browser);
  const elsewhere = await obtainTokens(world);
  await logout(browser, online.id_token);
  for (const [client_id, token] of [
    ['web', rotated.refresh_token],
    ['other', ofOther.refresh_token],
  ] as const) {
    const response = await refresh(world, client_id, token);
    expect([response.status, (await json(response)).error]).toEqual([400, 'invalid_grant']);
  }
  for (const token of [rotated.access_token, online.access_token, ofOther.access_token]) {
    expect(await introspect(world, token)).toEqual({ active: false });
  }
  for (const kept of [offline, elsewhere]) {
    expect((await refresh(world, 'web', kept.refresh_token)).status).toBe(200);
    expect(await introspect(world, kept.access_token)).toMatchObject({ active: true });
  }
});

it('P:U-007 discovery says that it is supported, with sid, and it is', async () => {
  const receiver = await taken();
  const world = await serve(toldAt({ web: uriOf(receiver) }));
  const discovery = await json(world.fetch('/.well-known/openid-configuration'));
  expect([discovery.backchannel_logout_supported, discovery.backchannel_logout_session_supported]).toEqual([
    true,
    true,
  ]);
  expect(discovery).not.toHaveProperty('frontchannel_logout_supported');
  const { browser, id_token } = await obtainTokens(world);
  await logout(browser, id_token);
  expect(receiver.requests.map((request) => claimsOf(tokenOf(request)).sid)).toEqual([claimsOf(id_token).sid]);
});

it('P:L-012 the clients are told before the browser goes on, and its session cookie is gone', async () => {
  const order: string[] = [];
  const receiver = await listen((response) => {
    order.push('told');
    response.writeHead(200).end();
  });
  const world = await serve(toldAt({ web: uriOf(receiver), other: uriOf(receiver) }));
  const { browser, id_token } = await obtainTokens(world);
  await obtainTokens(world, 'other', {}, browser);
  const name = browser.sessionCookie() ?? '';
  const stop = await logout(browser, id_token);
  order.push('redirected');
  expect(order).toEqual(['told', 'told', 'redirected']);
  expect(stop.location?.href).toBe(BYE);
  const [line, ...more] = stop.response.headers.getSetCookie();
  expect(more).toEqual([]);
  expect(line).toMatch(new RegExp(`^${name}=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax$`));
  expect(browser.sessionCookie()).toBeUndefined();
  // A cookie of a session that has ended by itself goes too.
  const { browser: late } = await obtainTokens(world);
  world.advance(11 * 3600);
  expect((await late.go('/logout')).response.headers.getSetCookie()).toEqual([line]);
  // By the form of the page, and where another user logs in, it is the same.
  for (const leave of ['page', 'another user']) {
    const { browser: next } = await obtainTokens(world);
    const before = receiver.requests.length;
    if (leave === 'page') await next.press(await next.go('/logout'), 'allow');
    else await obtainTokens(world, 'web', { prompt: 'login' }, next, 'bob');
    expect([leave, receiver.requests.length]).toEqual([leave, before + 1]);
  }
});
