// Clients that act as themselves, and clients that act as a service user: who a token says that it is of, for whom it is, and
// what is left of it when access changes.

import { describe, expect, it } from 'vitest';
import { type Body, claimsOf, headerOf, introspect, json, obtainTokens, post, tokenRequest } from './browser.ts';
import { expectTokenError } from './security-checks.ts';
import type { Documents } from './spec.ts';
import { errorsOf, load, serve, serveForAll, type World } from './world.ts';

const METHOD = 'client.credentials.1';
const secret = { env: 'CLIENT_SECRET' };

/** `robot` acts as the user `service`, who is in two groups, each of which opens a server. `loner` acts as a user in none. */
function withServiceUser({ server, site }: Documents): void {
  server.server.profiles = ['ubisecure'];
  server.server.directory = { base_dn: 'cn=Ubilogin,dc=test' };
  const receiver = (group: string) => ({
    secret,
    methods: [METHOD],
    allowed_to: [group],
    metadata: { grant_types: [] },
  });
  const client = (user: string) => ({
    secret,
    methods: [METHOD],
    impersonates: user,
    metadata: { grant_types: ['client_credentials'], scope: 'server1 server2' },
  });
  Object.assign(site.applications, {
    robot: client('service'),
    loner: client('outsider'),
    server1: receiver('G1'),
    server2: receiver('G2'),
  });
  Object.assign(site.groups, {
    G1: { methods: [METHOD], members: ['service'] },
    G2: { methods: [METHOD], members: ['service'] },
  });
  Object.assign(site.users, { service: { methods: [METHOD] }, outsider: { methods: [METHOD] } });
}

const world = await serveForAll(withServiceUser);

function asItself(at: World, client_id: string, more: Record<string, string> = {}): Promise<Response> {
  return tokenRequest(at, client_id, { grant_type: 'client_credentials', ...more });
}

async function tokenOf(at: World, client_id: string, more: Record<string, string> = {}): Promise<Body> {
  const response = await asItself(at, client_id, more);
  const body = await json(response);
  expect(response.status, JSON.stringify(body)).toBe(200);
  return body;
}

describe('a client with a service user', () => {
  it('P:X-001 gets a token for the servers that its user may reach, of itself, and the user stands beside it', async () => {
    const answer = await tokenOf(world, 'robot');
    expect(Object.keys(answer).sort()).toEqual(['access_token', 'expires_in', 'scope', 'token_type']);
    expect(headerOf(answer.access_token)).toMatchObject({ typ: 'at+jwt' });
    const claims = claimsOf(answer.access_token);
    expect(claims).toMatchObject({
      aud: ['server1', 'server2'],
      sub: 'robot',
      client_id: 'robot',
      impersonates: 'Example/service',
    });
    // The user is named there and nowhere else.
    const { impersonates: _, ...others } = claims;
    expect(JSON.stringify(others)).not.toContain('service');
    // Introspection of the replaced system tells by which method it acts as whom.
    const response = await post(world, '/oauth2/introspection', { token: answer.access_token }, { as: 'server1' });
    expect(await json(response)).toMatchObject({
      active: true,
      client_id: 'robot',
      [`${METHOD}.dn`]: ['cn=service,ou=Example,cn=Ubilogin,dc=test'],
      [`${METHOD}.grant_type`]: ['client_credentials'],
    });
    // One server alone, where one is named; with openid no id_token either.
    const one = await tokenOf(world, 'robot', { scope: 'openid server2' });
    expect(one).not.toHaveProperty('id_token');
    expect(claimsOf(one.access_token).aud).toEqual(['server2']);
  });

  it('P:X-002 whose user is in no group with access gets nothing, and is told why', async () => {
    const unnamed = await expectTokenError(await asItself(world, 'loner'), 'unauthorized_client');
    expect(unnamed.error_description).toMatch(/^NO_AUDIENCE\b/);
    const named = await expectTokenError(await asItself(world, 'loner', { scope: 'server1' }), 'invalid_scope');
    expect(named.error_description).toMatch(/^NO_AUDIENCE: server1 NOT_IN_ALLOWED_GROUP/);
    const both = { scope: 'server1 server2' };
    const body = await expectTokenError(await asItself(world, 'loner', both), 'invalid_scope');
    expect(body.error_description).toContain('server2 NOT_IN_ALLOWED_GROUP');
  });

  it('P:X-003 whose user loses a group loses its server, in the tokens that are there and in the next', async () => {
    const own = await serve(withServiceUser);
    const before = await tokenOf(own, 'robot');
    expect(await introspect(own, before.access_token, 'server2')).toMatchObject({ active: true });
    await own.apply(({ site }) => {
      site.groups.G2.members = ['bob'];
    });
    expect(await introspect(own, before.access_token, 'server2')).toEqual({ active: false });
    expect(await introspect(own, before.access_token, 'server1')).toMatchObject({ active: true, aud: ['server1'] });
    const after = await tokenOf(own, 'robot');
    expect(claimsOf(after.access_token).aud).toEqual(['server1']);
    await expectTokenError(await asItself(own, 'robot', { scope: 'server2' }), 'invalid_scope');
    // The last one: nothing is left of either.
    await own.apply(({ site }) => {
      site.groups.G1.members = ['bob'];
    });
    for (const token of [before, after]) {
      expect(await introspect(own, token.access_token, 'server1')).toEqual({ active: false });
    }
    await expectTokenError(await asItself(own, 'robot'), 'unauthorized_client');
    // A link that returns gives back what it gave.
    await own.apply(({ site }) => {
      site.groups.G1.members = ['service'];
    });
    expect(await introspect(own, after.access_token, 'server1')).toMatchObject({ active: true, aud: ['server1'] });
  });
});

describe('the sub of a token', () => {
  it('P:X-004 is the client_id where a client acts as itself, which no user can have', async () => {
    const { access_token } = await tokenOf(world, 'batch', { scope: 'notes' });
    const claims = claimsOf(access_token);
    expect(claims).toMatchObject({ sub: 'batch', client_id: 'batch', aud: ['batch'] });
    expect(claims).not.toHaveProperty('impersonates');
    expect((await introspect(world, access_token, 'batch')).sub).toBe('batch');
    const told = (name: string, user: Record<string, unknown>) =>
      load(({ site }) => {
        site.users[name] = { methods: ['password.1'], ...user };
      }).then(errorsOf);
    expect(await told('zoe', { sub: 'batch' })).toEqual(['client-id-collides-with-user']);
    expect(await told('zoe', { sub: 'BATCH' })).toEqual(['client-id-collides-with-user']);
    expect(await told('batch', {})).toEqual(['client-id-collides-with-user']);
    expect(await told('zoe', { attributes: { uid: 'batch' } })).toEqual(['client-id-collides-with-user']);
    expect(await told('zoe', { attributes: { email: 'batch' } })).toEqual(['client-id-collides-with-user']);
    expect(await told('zoe', { sub: 'zoe-1' })).toEqual([]);
  });

  it('P:S-024 tells users, clients and impersonating clients apart, in the token and at introspection', async () => {
    const own = await tokenOf(world, 'batch', { scope: 'notes' });
    const robots = await tokenOf(world, 'robot');
    const users = await obtainTokens(world, 'web', { scope: 'openid api' });
    const [client, impersonating, user] = [own, robots, users].map(({ access_token }) => claimsOf(access_token));
    // A client that acts as itself: sub is the client_id, as of an impersonating one, which says as whom it acts.
    expect([client.sub === client.client_id, client.impersonates]).toEqual([true, undefined]);
    expect([impersonating.sub === impersonating.client_id, impersonating.impersonates]).toEqual([
      true,
      'Example/service',
    ]);
    expect([user.sub, user.sub === user.client_id, user.impersonates]).toEqual(['ada-0001', false, undefined]);
    const seen = await Promise.all([
      introspect(world, own.access_token, 'batch'),
      introspect(world, robots.access_token, 'server1'),
      introspect(world, users.access_token, 'api'),
    ]);
    expect(seen.map(({ sub, client_id, username }) => [sub === client_id, username])).toEqual([
      [true, undefined],
      [true, undefined],
      [false, 'ada'],
    ]);
    // Nothing of what is about people is told of a client.
    const bearer = { headers: { authorization: `Bearer ${own.access_token}` } };
    expect((await world.fetch('/userinfo', bearer)).status).toBe(403);
    // That one is not even for the client that has it: it is told so first (P:B-010).
    const foreign = { headers: { authorization: `Bearer ${robots.access_token}` } };
    expect((await world.fetch('/userinfo', foreign)).status).toBe(401);
  });
});
