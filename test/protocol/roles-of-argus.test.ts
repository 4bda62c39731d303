// Rows … of SEMANTICS over HTTP: roles, customers and permission scopes that change under live tokens,
// and where clients may call from.

import { describe, expect, it } from 'vitest';
import {
  type Body,
  Browser,
  claimsOf,
  codeRequest,
  introspect,
  json,
  obtainCode,
  obtainTokens,
  post,
  refresh,
  tokenRequest,
  userinfo,
} from './browser.ts';
import { type Documents, withUbisecure } from './spec.ts';
import { type Edit, serve, type World } from './world.ts';

/** Ex-6: `web` asks for a function, for a customer, and may do what DATASTORE-VIEWER may. */
function withRoles(documents: Documents): void {
  const { server, site } = documents;
  server.roles = {
    'DATASTORE-VIEWER': { functions: ['viewStore'] },
    'DATASTORE-EDITOR': { functions: ['editStore', 'myAccessFunction'], roles: ['DATASTORE-VIEWER'] },
  };
  server.customers = {
    group: {},
    mycustomer: { parent: 'group' },
    othercustomer: {},
  };
  site.groups.Staff = { members: ['ada'], roles: ['DATASTORE-EDITOR'] };
  const { web } = site.applications;
  web.required_role = 'myAccessFunction';
  web.permission_scope = ['DATASTORE-VIEWER'];
}

/** ada's roles are her own, and no group gives any. */
function giving(...roles: readonly unknown[]): Edit {
  return ({ site }) => {
    delete site.groups.Staff;
    site.users.ada.roles = roles;
  };
}

async function asAda(world: World, client_id = 'web'): Promise<Body> {
  const browser = new Browser(world);
  return (await browser.through(await browser.authorize(codeRequest(client_id).parameters))).answer;
}

/** What a live token says of permissions wherever it is asked. */
async function toldOf(world: World, access_token: string): Promise<readonly unknown[]> {
  const about = await introspect(world, access_token);
  const of = await json(userinfo(world, access_token));
  return [about.permissions, of.permissions];
}

describe('the role that a client requires', () => {
  it('S:A-10, vector V24 who does not have it is denied at authorize, at the exchange of the code, at refresh and at every use', async () => {
    const world = await serve(withRoles);
    const browser = new Browser(world);
    const denied = await browser.through(await browser.authorize(codeRequest('web').parameters), 'bob');
    expect(denied.answer).toMatchObject({ error: 'access_denied', state: 'a state' });
    expect(denied.answer.error_description).toMatch(/^ROLE_MISSING/);

    const tokens = await obtainTokens(world);
    const { form } = await obtainCode(world);
    await world.apply(({ site }) => {
      site.groups.Staff.members = ['bob'];
    });
    expect(await asAda(world)).toMatchObject({ error: 'access_denied' });
    const exchange = await tokenRequest(world, 'web', form);
    expect([exchange.status, await exchange.json()]).toEqual([
      400,
      { error: 'invalid_grant', error_description: expect.stringMatching(/^ROLE_MISSING/) },
    ]);
    const refreshed = await refresh(world, 'web', tokens.refresh_token);
    expect([refreshed.status, (await refreshed.json()).error]).toEqual([400, 'invalid_grant']);
    expect(await introspect(world, tokens.access_token)).toEqual({ active: false });
    expect((await userinfo(world, tokens.access_token)).status).toBe(401);
    // a link that comes back brings what rested on it.
    await world.apply(({ site }) => {
      site.groups.Staff.members = ['ada'];
    });
    expect((await introspect(world, tokens.access_token)).active).toBe(true);
  });

  it('S:A-24 it counts directly, through groups within groups, and through roles within roles', async () => {
    const world = await serve(withRoles);
    const allowed = async () => (await asAda(world)).code !== undefined;
    expect(await allowed()).toBe(true);
    await world.apply(giving());
    expect(await allowed()).toBe(false);
    await world.apply(giving('DATASTORE-EDITOR'));
    expect(await allowed()).toBe(true);
    await world.apply(({ server, site }) => {
      site.users.ada.roles = [];
      site.groups.Crew = { members: ['ada'] };
      site.groups.Staff = { members: ['group:Crew'], roles: ['ADMIN'] };
      server.roles.ADMIN = { roles: ['DATASTORE-EDITOR'] };
    });
    expect(await allowed()).toBe(true);
    await world.apply(({ server }) => {
      server.roles.ADMIN = { functions: ['somethingElse'] };
    });
    expect(await allowed()).toBe(false);
  });

  it('S:A-11, vector V25 for another customer only it is denied, for the parent of the customer it is enough', async () => {
    const world = await serve((documents) => {
      withRoles(documents);
      documents.site.applications.web.customer = 'mycustomer';
      giving({ role: 'DATASTORE-EDITOR', customer: 'othercustomer' })(documents);
    });
    const denied = await asAda(world);
    expect(denied).toMatchObject({ error: 'access_denied' });
    expect(denied.error_description).toMatch(/^CUSTOMER_NOT_COVERED/);
    for (const customer of ['group', 'mycustomer']) {
      await world.apply(giving({ role: 'DATASTORE-EDITOR', customer }));
      expect(await asAda(world)).toMatchObject({ code: expect.any(String) });
    }
    await world.apply(giving('DATASTORE-EDITOR'));
    expect(await asAda(world)).toMatchObject({ code: expect.any(String) });
    await world.apply(({ site }) => {
      delete site.applications.web.customer;
      site.users.ada.roles = [{ role: 'DATASTORE-EDITOR', customer: 'othercustomer' }];
    });
    expect(await asAda(world)).toMatchObject({ code: expect.any(String) });
  });

  it('a role that ends takes the access with it, without a new configuration, and no token outlives it', async () => {
    const world = await serve((documents) => {
      withRoles(documents);
      const expires = new Date(Date.now() + 60_000).toISOString();
      giving({ role: 'DATASTORE-EDITOR', expires })(documents);
    });
    const { access_token, expires_in } = await obtainTokens(world);
    expect(expires_in).toBeLessThanOrEqual(60);
    world.advance(61);
    expect(await introspect(world, access_token)).toEqual({ active: false });
    expect(await asAda(world)).toMatchObject({ error: 'access_denied' });
  });
});

describe('what a client may do for a user', () => {
  const VIEW = [{ function: 'viewStore' }];

  it('S:A-14, S:A-16, vector V26 it is what the user may do within the permission scope, and follows the user at once', async () => {
    const world = await serve(withRoles);
    const { access_token } = await obtainTokens(world);
    expect(claimsOf(access_token).permissions).toEqual(VIEW);
    expect(await toldOf(world, access_token)).toEqual([VIEW, VIEW]);
    expect((await introspect(world, access_token)).username).toBe('ada');
    await world.apply(({ server }) => {
      server.roles['DATASTORE-EDITOR'].roles = [];
    });
    // An empty one is a token all the same.
    expect(await toldOf(world, access_token)).toEqual([[], []]);
    expect(claimsOf((await obtainTokens(world)).access_token).permissions).toEqual([]);
    await world.apply(({ server }) => {
      server.roles['DATASTORE-EDITOR'].roles = ['DATASTORE-VIEWER'];
    });
    expect(await toldOf(world, access_token)).toEqual([VIEW, VIEW]);
  });

  it('S:A-15 the permission scope names roles and functions; where it is empty nothing may be done, where none is written nothing is said', async () => {
    const world = await serve(withRoles);
    const { access_token } = await obtainTokens(world);
    const scoped = (permission_scope: readonly string[] | undefined) =>
      world.apply(({ site }) => {
        site.applications.web.permission_scope = permission_scope;
      });
    await scoped(['DATASTORE-VIEWER', 'editStore']);
    const both = [{ function: 'editStore' }, { function: 'viewStore' }];
    expect(await toldOf(world, access_token)).toEqual([both, both]);
    await scoped([]);
    expect(await toldOf(world, access_token)).toEqual([[], []]);
    await scoped(undefined);
    expect(await toldOf(world, access_token)).toEqual([undefined, undefined]);
    expect(claimsOf((await obtainTokens(world)).access_token)).not.toHaveProperty('permissions');
  });

  it('S:A-16 the customer of each permission is kept', async () => {
    const world = await serve((documents) => {
      withRoles(documents);
      giving('DATASTORE-EDITOR', { role: 'DATASTORE-VIEWER', customer: 'othercustomer' })(documents);
    });
    const { access_token } = await obtainTokens(world);
    const told = [{ function: 'viewStore' }, { function: 'viewStore', customer: 'othercustomer' }];
    expect(claimsOf(access_token).permissions).toEqual(told);
    expect(await toldOf(world, access_token)).toEqual([told, told]);
  });

  it('servers behind the client are told the same, and the paths of ubisecure tell it where there is a permission scope', async () => {
    const world = await serve((documents) => {
      withRoles(documents);
      withUbisecure(documents);
    });
    const { access_token } = await obtainTokens(world, 'web', { scope: 'openid api' });
    expect((await introspect(world, access_token, 'api')).permissions).toEqual(VIEW);
    const of = (as: string) => json(post(world, '/oauth2/introspection', { token: access_token }, { as }));
    expect((await of('api')).permissions).toEqual(VIEW);
    await world.apply(({ site }) => {
      delete site.applications.web.permission_scope;
    });
    expect(await of('api')).not.toHaveProperty('permissions');
  });

  it('a client that acts as itself has what is written on it, and one that impersonates what its user has', async () => {
    const world = await serve((documents) => {
      withRoles(documents);
      const { batch } = documents.site.applications;
      Object.assign(batch, { permission_scope: ['viewStore', 'editStore'], roles: ['DATASTORE-VIEWER'] });
    });
    const told = async () => {
      const { access_token } = await json(tokenRequest(world, 'batch', { grant_type: 'client_credentials' }));
      const about = await introspect(world, access_token, 'batch');
      expect(about.permissions).toEqual(claimsOf(access_token).permissions);
      return about.permissions;
    };
    expect(await told()).toEqual(VIEW);
    await world.apply(({ site }) => {
      site.users.robot = { methods: ['client.credentials.1'], roles: ['DATASTORE-EDITOR'] };
      site.applications.batch.impersonates = 'robot';
      site.applications.batch.metadata.scope = 'notes api';
      site.groups.Batch.members = ['robot'];
    });
    expect(await told()).toEqual([{ function: 'editStore' }, { function: 'viewStore' }]);
  });
});

describe('where a client may call from', () => {
  const from = (address: string) => ({ 'x-forwarded-for': address });
  const [INSIDE, OUTSIDE] = [from('192.168.1.7'), from('10.0.0.1')];
  const ranged: Edit = ({ site }) => {
    site.applications.web.client_ip_range = ['192.168.1.0/24'];
  };
  const behindProxy = { app: { trustedProxies: ['127.0.0.0/8', '::1'] } };

  it('S:A-17, vector V27 from outside it is refused at the token endpoint, refresh, introspection, revocation and userinfo; not the browser', async () => {
    const world = await serve(ranged, behindProxy);
    // The address of the browser is another one.
    const { form } = await obtainCode(world);
    const ask = (path: string, body: Record<string, string>, headers: Record<string, string>) =>
      post(world, path, body, { as: 'web', headers });
    const outside = await ask('/token', form, OUTSIDE);
    expect([outside.status, await outside.json()]).toEqual([
      401,
      { error: 'invalid_client', error_description: expect.stringMatching(/^CLIENT_IP_NOT_ALLOWED/) },
    ]);
    const { access_token, refresh_token } = await json(ask('/token', form, INSIDE));
    const refreshing = { grant_type: 'refresh_token', refresh_token };
    const asked: readonly [string, Record<string, string>][] = [
      ['/token', refreshing],
      ['/introspect', { token: access_token }],
      ['/revoke', { token: access_token }],
    ];
    for (const [path, body] of asked) {
      const refused = await ask(path, body, OUTSIDE);
      expect([path, refused.status, (await refused.json()).error]).toEqual([path, 401, 'invalid_client']);
    }
    expect((await userinfo(world, access_token, { headers: OUTSIDE })).status).toBe(401);
    expect((await userinfo(world, access_token, { headers: INSIDE })).status).toBe(200);
    for (const [path, body] of asked.toReversed())
      expect([path, (await ask(path, body, INSIDE)).status]).toEqual([path, 200]);
  });

  it('S:A-18 X-Forwarded-For counts from trusted proxies alone, and of a chain the last address that is none of them', async () => {
    const direct = await serve(({ site }) => {
      site.applications.batch.client_ip_range = ['192.168.1.0/24'];
    });
    const asking = (world: World, header: string) =>
      post(world, '/token', { grant_type: 'client_credentials' }, { as: 'batch', headers: from(header) });
    // From who is no trusted proxy it is what anybody may write.
    expect((await asking(direct, '192.168.1.7')).status).toBe(401);
    const proxied = await direct.second(behindProxy.app);
    expect((await asking(proxied, '192.168.1.7')).status).toBe(200);
    expect((await asking(proxied, '192.168.1.7, 10.0.0.1')).status).toBe(401);
    expect((await asking(proxied, '10.0.0.1, 192.168.1.7')).status).toBe(200);
    expect((await asking(proxied, '10.0.0.1, 192.168.1.7, 127.0.0.1')).status).toBe(200);
    // Some proxies write the port too.
    expect((await asking(proxied, '192.168.1.7:50123')).status).toBe(200);
    expect((await asking(proxied, '10.0.0.1:50123')).status).toBe(401);
    // An entry that names nobody is nobody, and what stands before it is what the client wrote.
    for (const chain of ['192.168.1.7, ', '192.168.1.7, unknown', 'unknown'])
      expect([chain, (await asking(proxied, chain)).status]).toEqual([chain, 401]);
  });

  it('S:A-17 the range counts at once for tokens that are there', async () => {
    const world = await serve(() => undefined, behindProxy);
    const { access_token } = await obtainTokens(world);
    expect((await userinfo(world, access_token, { headers: OUTSIDE })).status).toBe(200);
    await world.apply(ranged);
    expect((await userinfo(world, access_token, { headers: OUTSIDE })).status).toBe(401);
  });
});
