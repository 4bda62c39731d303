// Rows of SEMANTICS: the API of the argus profile beside OAuth 2.0, over HTTP.

import { describe, expect, it } from 'vitest';
import { type Body, Browser, claimsOf, introspect, json, obtainTokens, post, refresh } from '../protocol/browser.ts';
import type { Documents } from '../protocol/spec.ts';
import { serve, serveForAll, type World } from '../protocol/world.ts';

function withArgus({ server, site }: Documents): void {
  server.server.profiles = ['argus'];
  server.roles = {
    Member: { functions: ['sign-in'] },
    Seller: { functions: ['sell'] },
    Guard: { functions: ['deleteSession'] },
  };
  server.customers = { north: {}, south: {} };
  site.defaults = { applications: { required_role: 'sign-in' } };
  site.users.ada.roles = ['Member', { role: 'Seller', customer: 'north' }, 'Guard'];
  site.users.bob.roles = ['Member'];
  const { web } = site.applications;
  const redirecting = (name: string) => ({ ...web.metadata, redirect_uris: [`https://${name}.example/callback`] });
  site.applications.shop = {
    ...web,
    required_role: 'sell',
    customer: 'north',
    client_ip_range: ['192.168.1.0/24'],
    permission_scope: ['Seller'],
    metadata: { ...redirecting('shop'), client_name: 'The Shop', client_uri: 'https://shop.example' },
  };
  site.applications.outlet = { ...web, required_role: 'sell', customer: 'south', metadata: redirecting('outlet') };
  site.applications.guard = { ...web, permission_scope: ['deleteSession'], metadata: redirecting('guard') };
}

const world = await serveForAll(withArgus);

const LIST = '/authentication/v1/oauth/client';
const SESSION = '/authentication/v1/session';

function call(at: World, path: string, token?: string, method = 'GET'): Promise<Response> {
  return at.fetch(path, { method, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
}

const names = (body: Body): string[] => body.data.map(({ shortName }: { shortName: string }) => shortName);

describe('S:A-12 the list of clients', () => {
  it('S:A-12, vector V24, S:A-01 shows those that the user may use and no other, and of none a secret', async () => {
    const ada = await obtainTokens(world, 'web');
    const response = await call(world, LIST, ada.access_token);
    const body = await json(response);
    expect(body).toMatchObject({ responseCode: 200, limit: 25, offset: 0, count: 7, size: 7 });
    expect(names(body)).toEqual(['asking', 'guard', 'native', 'other', 'shop', 'spa', 'web']);
    expect(body.data[4]).toEqual({
      id: 'shop',
      shortName: 'shop',
      name: 'The Shop',
      customer: 'north',
      mainURI: 'https://shop.example',
      redirectURI: ['https://shop.example/callback'],
      requiredFunction: 'sell',
      permissionScope: ['Seller'],
      clientIPRange: ['192.168.1.0/24'],
      authenticationMethod: null,
    });
    expect(JSON.stringify(body)).not.toMatch(/secret|CLIENT_SECRET/);
    const bob = await obtainTokens(world, 'web', {}, new Browser(world), 'bob');
    expect(names(await json(call(world, LIST, bob.access_token)))).toEqual([
      ...['asking', 'guard', 'native', 'other', 'spa', 'web'],
    ]);
  });

  it('S:A-12 counts what is shown, page by page', async () => {
    const { access_token } = await obtainTokens(world, 'web', {}, new Browser(world), 'bob');
    const page = await json(call(world, `${LIST}?limit=2&offset=1`, access_token));
    expect(page).toMatchObject({ limit: 2, offset: 1, count: 6, size: 2 });
    expect(names(page)).toEqual(['guard', 'native']);
    expect(await json(call(world, `${LIST}?limit=0`, access_token))).toMatchObject({ limit: 0, count: 6, size: 6 });
    expect(await json(call(world, `${LIST}?offset=99`, access_token))).toMatchObject({ count: 6, size: 0, data: [] });
  });

  it('S:A-12 a client that is hidden is 404 like one that never was', async () => {
    const { access_token } = await obtainTokens(world, 'web', {}, new Browser(world), 'bob');
    expect(await json(call(world, `${LIST}/web`, access_token))).toMatchObject({ size: 1, data: { id: 'web' } });
    const hidden = await call(world, `${LIST}/shop`, access_token);
    const unknown = await call(world, `${LIST}/nobody`, access_token);
    expect([hidden.status, unknown.status]).toEqual([404, 404]);
    const [a, b] = [await json(hidden), await json(unknown)];
    expect({ ...a, messages: [{ ...a.messages[0], timestamp: 0 }] }).toEqual({
      ...b,
      messages: [{ ...b.messages[0], timestamp: 0 }],
    });
  });

  it('S:A-12 who loses the role loses the client from the list, by the token that there is', async () => {
    const own = await serve(withArgus);
    const { access_token } = await obtainTokens(own, 'web');
    expect(names(await json(call(own, LIST, access_token)))).toContain('shop');
    await own.apply(({ site }) => {
      site.users.ada.roles = ['Member'];
    }, 'approved');
    expect(names(await json(call(own, LIST, access_token)))).not.toContain('shop');
  });
});

describe('S:A-23 the end of sessions', () => {
  it('S:A-23 a token ends its own session, at once and everywhere', async () => {
    const own = await serve(withArgus);
    const browser = new Browser(own);
    const first = await obtainTokens(own, 'web', {}, browser);
    const beside = await obtainTokens(own, 'other', {}, browser);
    const elsewhere = await obtainTokens(own, 'other');
    const second = await own.second();
    expect((await call(own, SESSION, first.access_token, 'DELETE')).status).toBe(200);
    for (const at of [own, second]) {
      expect(await introspect(at, first.access_token)).toEqual({ active: false });
      expect(await introspect(at, beside.access_token, 'other')).toEqual({ active: false });
      expect((await refresh(at, 'other', beside.refresh_token)).status).toBe(400);
      expect(await introspect(at, elsewhere.access_token, 'other')).toMatchObject({ active: true });
    }
    expect((await call(own, SESSION, first.access_token, 'DELETE')).status).toBe(401);
  });

  it('S:A-23 the session of somebody else ends by who has the permission deleteSession, and by nobody else', async () => {
    const own = await serve(withArgus);
    const bob = await obtainTokens(own, 'web', {}, new Browser(own), 'bob');
    const path = `${SESSION}/${claimsOf(bob.id_token).sid}`;
    const ada = await obtainTokens(own, 'web');
    const refusal = await call(own, path, ada.access_token, 'DELETE');
    expect([refusal.status, (await json(refusal)).messages[0].messageTemplate]).toEqual([403, 'PERMISSION_MISSING']);
    expect(await introspect(own, bob.access_token)).toMatchObject({ active: true });
    const guard = await obtainTokens(own, 'guard');
    expect((await call(own, path, guard.access_token, 'DELETE')).status).toBe(200);
    expect(await introspect(own, bob.access_token)).toEqual({ active: false });
    expect((await call(own, path, guard.access_token, 'DELETE')).status).toBe(404);
  });

  it('S:A-23 who has deleteSession for one customer alone ends no session of somebody else', async () => {
    const own = await serve((spec) => {
      withArgus(spec);
      spec.site.users.ada.roles = ['Member', { role: 'Guard', customer: 'north' }];
    });
    const bob = await obtainTokens(own, 'web', {}, new Browser(own), 'bob');
    const guard = await obtainTokens(own, 'guard');
    const answer = await call(own, `${SESSION}/${claimsOf(bob.id_token).sid}`, guard.access_token, 'DELETE');
    expect([answer.status, (await json(answer)).messages[0].messageTemplate]).toEqual([403, 'PERMISSION_MISSING']);
    expect(await introspect(own, bob.access_token)).toMatchObject({ active: true });
  });
});

describe('S:A-25 errors', () => {
  it('S:A-25 are 401, 403, 404 and 412 in the envelope, with what is wrong and of which parameter', async () => {
    const none = await call(world, LIST);
    expect([none.status, none.headers.get('www-authenticate')]).toEqual([401, expect.stringMatching(/^Bearer realm=/)]);
    expect(await json(none)).toMatchObject({
      responseCode: 401,
      count: 0,
      messages: [{ messageTemplate: 'BEARER_TOKEN_MISSING', field: null, timestamp: expect.any(Number) }],
    });
    const wrong = await call(world, LIST, 'nobody-knows-it');
    expect([wrong.status, (await json(wrong)).messages[0].messageTemplate]).toEqual([401, 'BEARER_TOKEN_INVALID']);
    const batch = await json(
      post(world, '/token', { grant_type: 'client_credentials', scope: 'notes' }, { as: 'batch' }),
    );
    const itself = await call(world, LIST, batch.access_token);
    expect([itself.status, (await json(itself)).messages[0].messageTemplate]).toEqual([403, 'USER_REQUIRED']);
    const { access_token } = await obtainTokens(world, 'web');
    for (const query of ['limit=-1', 'limit=x', 'offset=1.5', 'limit=1&limit=2', 'offset=']) {
      const response = await call(world, `${LIST}?${query}`, access_token);
      const [message] = (await json(response)).messages;
      expect([query, response.status, message.field]).toEqual([query, 412, query.split('=')[0]]);
      expect(message.message).toContain('whole number');
    }
  });

  it('the API is there with the profile alone, and serves no other method', async () => {
    const own = await serve();
    const { access_token } = await obtainTokens(own);
    expect((await call(own, LIST, access_token)).status).toBe(404);
    expect((await call(own, SESSION, access_token, 'DELETE')).status).toBe(404);
    expect((await call(world, LIST, undefined, 'POST')).status).toBe(405);
    expect((await call(world, SESSION)).status).toBe(405);
  });
});
