// Rows A-13 and A-19 of SEMANTICS over HTTP: what a user lets a client do is bound to the address of the browser in which that was,
// and its tokens are for requests of that address alone, whoever carries them.

import { dirname } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { charterHere } from '../cli/case.ts';
import { type Body, Browser, codeRequest, introspect, json, obtainCode, post, refresh, userinfo } from './browser.ts';
import { eventsWith, type LoggedEvent } from './events.ts';
import { rawRequest } from './raw-request.ts';
import { HOST, withResources } from './resource-spec.ts';
import { PASSWORD, withLegacyGrants } from './spec.ts';
import { startUpstream } from './upstream.ts';
import { type Edit, serve, type World } from './world.ts';

const ADA = '203.0.113.7';
const THIEF = '198.51.100.66';
/** Where the server of the client stands. */
const CLIENT = '192.0.2.10';
const behindProxy = { app: { trustedProxies: ['127.0.0.0/8', '::1'] } };

/** Also with these keys. */
const binding =
  (more: object = {}): Edit =>
  ({ site }) => {
    Object.assign(site.applications.web, { bind_token_ip: true }, more);
  };

const from = (...chain: readonly string[]) => ({ 'x-forwarded-for': chain.join(', ') });

/** A browser at an address, as the trusted proxy before the server tells it. */
class BrowserAt extends Browser {
  constructor(world: World, ...chain: readonly string[]) {
    const told = from(...chain);
    super({
      ...world,
      fetch: (target, init = {}) => world.fetch(target, { ...init, headers: { ...init.headers, ...told } }),
    });
  }
}

/** The tokens of a login of `web` at an address, with the code redeemed at `at` from elsewhere. */
async function loginAt(
  world: World,
  address: string,
  scope = 'openid',
  at = world,
  headers = from(CLIENT),
): Promise<Body> {
  const { form } = await obtainCode(world, 'web', { scope }, new BrowserAt(world, address));
  return json(post(at, '/token', form, { as: 'web', headers }));
}

/** Why requests of an event were refused: what only the log is told. */
async function detailsOf(world: World, name: string): Promise<readonly unknown[]> {
  const isRefused = ({ event, outcome }: LoggedEvent) => event === name && outcome === 'refused';
  return (await eventsWith(world, isRefused)).filter(isRefused).map(({ detail }) => detail);
}

const statusFor = async (world: World, token: string, ...chain: readonly string[]) =>
  (await userinfo(world, token, { headers: from(...chain) })).status;

describe('S:A-19 a token of a client that binds', () => {
  it('S:A-19 is for the address of the browser in which the user let the client act, and for no other', async () => {
    const world = await serve(binding(), behindProxy);
    const { access_token } = await loginAt(world, ADA);
    expect(await statusFor(world, access_token, ADA)).toBe(200);
    const refused = await userinfo(world, access_token, { headers: from(THIEF) });
    expect([refused.status, (await refused.json()).error]).toEqual([401, 'invalid_token']);
    expect(refused.headers.get('www-authenticate')).toMatch(
      /^Bearer realm="https:\/\/as\.example", error="invalid_token", error_description="TOKEN_IP_MISMATCH/,
    );
    // The addresses are the log's, and nowhere else.
    expect(refused.headers.get('www-authenticate')).not.toContain(ADA);
    expect(await detailsOf(world, 'userinfo')).toEqual([`bound to ${ADA}, used for ${THIEF}`]);
    // Nor is it in the token.
    const claims = Buffer.from(access_token.split('.')[1], 'base64url').toString();
    expect(claims).not.toContain(ADA);
  });

  it('S:A-19 is not for a caller who forges X-Forwarded-For: it counts from trusted proxies and well-known clients alone', async () => {
    const world = await serve(binding(), behindProxy);
    const { access_token } = await loginAt(world, ADA);
    // What stands before the address that the proxy saw is what the caller wrote.
    expect(await statusFor(world, access_token, ADA, THIEF)).toBe(401);
    const direct = await world.second({ trustedProxies: [] });
    expect(await statusFor(direct, access_token, ADA)).toBe(401);
    // A range of others does not make the thief one of them.
    await world.apply(binding({ client_ip_range: [CLIENT] }));
    expect(await statusFor(world, access_token, ADA, THIEF)).toBe(401);
  });

  it('S:A-19 S:A-18 is used by its client for the user: from client_ip_range the last address that it forwards is the user agent', async () => {
    const world = await serve(binding({ client_ip_range: [CLIENT] }), behindProxy);
    const { access_token } = await loginAt(world, ADA);
    expect(await statusFor(world, access_token, ADA, CLIENT)).toBe(200);
    // Only the last one: what is before that somebody else has written.
    expect(await statusFor(world, access_token, THIEF, ADA, CLIENT)).toBe(200);
    expect(await statusFor(world, access_token, ADA, THIEF, CLIENT)).toBe(401);
    // For whom it does not say, and what is no address.
    expect(await statusFor(world, access_token, CLIENT)).toBe(401);
    expect(await statusFor(world, access_token, 'unknown', CLIENT)).toBe(401);
    // Its own range is asked of the client's own address, whatever it forwards (A-17).
    expect(await statusFor(world, access_token, CLIENT, ADA)).toBe(401);
    await expect.poll(async () => (await detailsOf(world, 'userinfo')).at(-1)).toMatch(/^CLIENT_IP_NOT_ALLOWED/);
    // Through a chain of trusted proxies too.
    expect(await statusFor(world, access_token, ADA, CLIENT, '127.0.0.9')).toBe(200);
  });

  it('S:A-19 without any proxy a well-known client is believed, and a stranger is not', async () => {
    const proxied = await serve(binding({ client_ip_range: ['127.0.0.1', '::1'] }), behindProxy);
    const direct = await proxied.second({ trustedProxies: [] });
    const { access_token } = await loginAt(proxied, ADA, 'openid', direct);
    expect(await statusFor(direct, access_token, ADA)).toBe(200);
    expect(await statusFor(direct, access_token, THIEF)).toBe(401);
    await proxied.apply(binding({ client_ip_range: ['192.0.2.0/24'] }));
    expect(await statusFor(direct, access_token, ADA)).toBe(401);
  });

  it.each([
    ['2001:db8::7', '2001:DB8:0:0:0:0:0:7', '2001:db8::8'],
    ['::ffff:203.0.113.7', '203.0.113.7', '203.0.113.8'],
    ['203.0.113.7', '::ffff:cb00:7107', '::ffff:203.0.113.8'],
  ])('S:A-19 is for one address however it is written: %s is %s and not %s', async (bound, same, other) => {
    const world = await serve(binding(), behindProxy);
    const { access_token } = await loginAt(world, bound);
    for (const [address, status] of [
      [bound, 200],
      [same, 200],
      [other, 401],
    ] as const)
      expect([address, await statusFor(world, access_token, address)]).toEqual([address, status]);
  });

  it('S:A-19 keeps its address when it is refreshed, from wherever the client does that', async () => {
    const world = await serve(binding(), behindProxy);
    const { refresh_token } = await loginAt(world, ADA);
    const form = { grant_type: 'refresh_token', refresh_token };
    const renewed = await json(post(world, '/token', form, { as: 'web', headers: from(CLIENT) }));
    expect(await statusFor(world, renewed.access_token, ADA)).toBe(200);
    expect(await statusFor(world, renewed.access_token, CLIENT)).toBe(401);
    const again = await json(refresh(world, 'web', renewed.refresh_token));
    expect(await statusFor(world, again.access_token, ADA)).toBe(200);
  });

  it('S:A-19 turned on later: what was let before is bound to nothing and counts no more, until it is turned off', async () => {
    const world = await serve(() => undefined, behindProxy);
    const before = await loginAt(world, ADA);
    expect(await statusFor(world, before.access_token, THIEF)).toBe(200);
    await world.apply(binding());
    expect(await statusFor(world, before.access_token, ADA)).toBe(401);
    expect(await introspect(world, before.access_token)).toEqual({ active: false });
    expect(await introspect(world, before.refresh_token)).toEqual({ active: false });
    const refreshed = await refresh(world, 'web', before.refresh_token);
    expect([refreshed.status, await refreshed.json()]).toEqual([
      400,
      { error: 'invalid_grant', error_description: expect.stringMatching(/^TOKEN_IP_UNKNOWN/) },
    ]);
    const after = await loginAt(world, ADA);
    expect(await statusFor(world, after.access_token, ADA)).toBe(200);
    await world.apply(({ site }) => {
      delete site.applications.web.bind_token_ip;
    });
    for (const { access_token } of [before, after]) expect(await statusFor(world, access_token, THIEF)).toBe(200);
    await world.apply(binding());
    expect(await statusFor(world, after.access_token, THIEF)).toBe(401);
  });

  it('S:A-19 is opaque or a JWT, of the implicit grant and by password: then of the address for which the client asks', async () => {
    const world = await serve((documents) => {
      withLegacyGrants(documents);
      const { web, implicit, legacy } = documents.site.applications;
      Object.assign(web, { bind_token_ip: true, tokens: { format: 'opaque' } });
      implicit.bind_token_ip = true;
      Object.assign(legacy, { bind_token_ip: true, client_ip_range: [CLIENT] });
    }, behindProxy);
    const opaque = await loginAt(world, ADA);
    const browser = new BrowserAt(world, ADA);
    const { parameters } = codeRequest('implicit', {
      response_type: 'token',
      code_challenge: undefined,
      code_challenge_method: undefined,
    });
    const implicit = (await browser.through(await browser.authorize(parameters))).answer;
    const asked = { grant_type: 'password', username: 'ada', password: PASSWORD, scope: 'openid' };
    const byPassword = await json(post(world, '/token', asked, { as: 'legacy', headers: from(ADA, CLIENT) }));
    for (const [name, token, client] of [
      ['opaque', opaque.access_token, []],
      ['implicit', implicit.access_token, []],
      ['password', byPassword.access_token, [CLIENT]],
    ] as const) {
      expect([name, await statusFor(world, token, ADA, ...client)]).toEqual([name, 200]);
      expect([name, await statusFor(world, token, THIEF, ...client)]).toEqual([name, 401]);
    }
  });

  it('S:A-19 of a client that acts as itself is bound to nothing: no user agent is there', async () => {
    const world = await serve((documents) => {
      documents.site.applications.batch.bind_token_ip = true;
    }, behindProxy);
    const { access_token } = await json(post(world, '/token', { grant_type: 'client_credentials' }, { as: 'batch' }));
    expect(await introspect(world, access_token, 'batch')).toMatchObject({ active: true });
    expect(await introspect(world, access_token, 'batch')).not.toHaveProperty('bound_ip');
  });

  it('S:A-19 tells resource servers its address at introspection, as they are called by others than this server', async () => {
    const world = await serve(binding(), behindProxy);
    const { access_token } = await loginAt(world, ADA, 'openid api');
    expect(await introspect(world, access_token, 'api')).toMatchObject({ active: true, bound_ip: ADA });
    expect(await introspect(world, access_token, 'other')).toEqual({ active: false });
    await world.apply(({ site }) => {
      delete site.applications.web.bind_token_ip;
    });
    expect(await introspect(world, access_token, 'api')).not.toHaveProperty('bound_ip');
  });
});

describe('S:A-19 at what is protected', () => {
  const asks: readonly (readonly [
    string,
    (world: World, token: string, chain: readonly string[]) => Promise<number>,
  ])[] = [
    [
      'forward-auth',
      async (world, token, chain) =>
        (
          await rawRequest(world, '/authz/forward-auth', {
            headers: [
              ['X-Forwarded-Method', 'GET'],
              ['X-Forwarded-Proto', 'https'],
              ['X-Forwarded-Host', HOST],
              ['X-Forwarded-Uri', '/api'],
              ['X-Forwarded-For', chain.join(', ')],
              ['Authorization', `Bearer ${token}`],
            ],
          })
        ).status,
    ],
    [
      'auth-request',
      async (world, token, chain) =>
        (
          await rawRequest(world, '/authz/auth-request', {
            headers: [
              ['X-Original-Method', 'GET'],
              ['X-Original-URL', `https://${HOST}/api`],
              ['X-Forwarded-For', chain.join(', ')],
              ['Authorization', `Bearer ${token}`],
            ],
          })
        ).status,
    ],
    [
      'ext-authz',
      async (world, token, chain) =>
        (
          await rawRequest(world, '/authz/ext-authz/api', {
            host: HOST,
            headers: [
              ['X-Forwarded-Proto', 'https'],
              ['X-Forwarded-For', chain.join(', ')],
              ['Authorization', `Bearer ${token}`],
            ],
          })
        ).status,
    ],
    [
      'the proxy',
      async (world, token, chain) =>
        (
          await rawRequest(world, '/api', {
            host: HOST,
            headers: [
              ['X-Forwarded-For', chain.join(', ')],
              ['Authorization', `Bearer ${token}`],
            ],
          })
        ).status,
    ],
  ];

  it.each(asks)('S:A-19 by %s a token goes through for its own address alone', async (_name, ask) => {
    const behind = await startUpstream();
    onTestFinished(() => behind.close());
    const world = await serve(withResources(behind.url, binding()), behindProxy);
    const { access_token } = await loginAt(world, ADA, 'api');
    expect(await ask(world, access_token, [ADA])).toBe(200);
    expect(await ask(world, access_token, [THIEF])).toBe(401);
    expect(await ask(world, access_token, [ADA, THIEF])).toBe(401);
    await world.apply(binding({ client_ip_range: [CLIENT] }));
    expect(await ask(world, access_token, [ADA, CLIENT])).toBe(200);
    expect(await ask(world, access_token, [THIEF, CLIENT])).toBe(401);
    expect(await ask(world, access_token, [CLIENT])).toBe(401);
    expect(await ask(world, access_token, [ADA])).toBe(401);
  });

  it('S:A-19 by forward-auth the refusal is 401 invalid_token with its reason', async () => {
    const world = await serve(withResources(undefined, binding()), behindProxy);
    const { access_token } = await loginAt(world, ADA, 'api');
    const answer = await rawRequest(world, '/authz/auth-request', {
      headers: [
        ['X-Original-Method', 'GET'],
        ['X-Original-URL', `https://${HOST}/api`],
        ['X-Forwarded-For', THIEF],
        ['Authorization', `Bearer ${access_token}`],
      ],
    });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
    expect(answer.text).toContain('TOKEN_IP_MISMATCH');
    expect(answer.text).not.toContain(ADA);
    expect(await detailsOf(world, 'resource')).toEqual([`bound to ${ADA}, used for ${THIEF}`]);
  });

  it('S:A-19 at the API of argus', async () => {
    const world = await serve((documents) => {
      documents.server.server.profiles = ['argus'];
      documents.server.roles = { Reader: { functions: ['read'] } };
      for (const application of Object.values(documents.site.applications) as Body[]) {
        if (application.metadata?.grant_types?.some((grant: string) => grant !== 'client_credentials'))
          application.required_role = 'Reader';
      }
      documents.site.users.ada.roles = ['Reader'];
      binding()(documents);
    }, behindProxy);
    const { access_token } = await loginAt(world, ADA);
    const list = (address: string) =>
      world.fetch('https://as.example/authentication/v1/oauth/client', {
        headers: { authorization: `Bearer ${access_token}`, ...from(address) },
      });
    expect((await list(ADA)).status).toBe(200);
    const refused = await list(THIEF);
    expect([refused.status, (await refused.json()).messages[0].messageTemplate]).toEqual([401, 'TOKEN_IP_MISMATCH']);
  });
});

describe('S:A-13 the session that a client acquires', () => {
  it('S:A-13 is bound to the authorizing user: an id, the user, the client, when it began, the address, and it is short', async () => {
    const world = await serve(binding({ tokens: { access_ttl: '5m', format: 'opaque' } }), behindProxy);
    const began = Math.floor(world.now() / 1000);
    const ada = await loginAt(world, ADA, 'openid api');
    expect(ada).toMatchObject({ token_type: 'Bearer', expires_in: 300 });
    const { form } = await obtainCode(world, 'web', { scope: 'openid' }, new BrowserAt(world, THIEF), 'bob');
    const bob = await json(post(world, '/token', form, { as: 'web' }));

    const told = await introspect(world, ada.access_token, 'api');
    expect(told).toMatchObject({ active: true, client_id: 'web', sub: 'ada-0001', username: 'ada', bound_ip: ADA });
    expect(told.iat).toBeGreaterThanOrEqual(began);
    expect(told.exp - told.iat).toBe(300);

    const { stdout } = await charterHere(
      ['tokens', 'list', '--json', '--store', world.storePath],
      dirname(world.storePath),
    );
    const rows: Body[] = JSON.parse(stdout).connections;
    expect(rows.map(({ user, client, bound_ip }) => [user, client, bound_ip]).sort()).toEqual([
      ['Example/ada', 'Example/web', ADA],
      ['Example/bob', 'Example/web', THIEF],
    ]);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(2);
    const own = rows.find(({ user }) => user === 'Example/ada');
    expect(Date.parse(own.since) / 1000).toBe(told.iat);

    // It is its user's: it ends by its id, and nobody else's does.
    await charterHere(['tokens', 'revoke', '--id', own.id, '--store', world.storePath], dirname(world.storePath));
    expect(await statusFor(world, ada.access_token, ADA)).toBe(401);
    expect(await statusFor(world, bob.access_token, THIEF)).toBe(200);
    world.advance(301);
    expect(await statusFor(world, bob.access_token, THIEF)).toBe(401);
  });
});
