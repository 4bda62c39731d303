// The metadata of the authorization server (RFC 8414).

import { describe, expect, it } from 'vitest';
import { maccedAssertion, machine, publicJwk, signedAssertion } from './assertion.ts';
import { Browser, codeRequest, headerOf, json, newProof, obtainTokens, post } from './browser.ts';
import { strangersKey } from './signed-jwt.ts';
import { withLegacyGrants } from './spec.ts';
import { serve, serveForAll, type World } from './world.ts';

const WELL_KNOWN = '/.well-known/oauth-authorization-server';
const key = await strangersKey();
const secret = { env: 'CLIENT_SECRET' };

const world = await serveForAll();
/** Where everything that can be is on, and each way to authenticate has a client. */
const wide = await serveForAll((documents) => {
  withLegacyGrants(documents);
  const { applications } = documents.site;
  applications.byBasic = machine({ token_endpoint_auth_method: 'client_secret_basic' }, { secret });
  applications.byPost = machine({ token_endpoint_auth_method: 'client_secret_post' }, { secret });
  applications.byMac = machine({ token_endpoint_auth_method: 'client_secret_jwt' }, { secret });
  applications.byKey = machine({ token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [publicJwk(key)] } });
});
const deep = await serveForAll(() => undefined, { issuer: 'https://as.example/tenant1' });

const metadata = await json(world.fetch(WELL_KNOWN));

/** A request as the client of each method authenticates it. */
async function authenticatedBy(method: string, path: string, form: Record<string, string>): Promise<Response> {
  switch (method) {
    case 'client_secret_basic':
      return post(wide, path, form, { as: 'byBasic' });
    case 'client_secret_post':
      return post(wide, path, {
        ...form,
        client_id: 'byPost',
        client_secret: 'correct-horse-battery-staple-0123456789',
      });
    case 'client_secret_jwt':
      return post(wide, path, { ...form, ...maccedAssertion(wide, 'byMac') });
    case 'private_key_jwt':
      return post(wide, path, { ...form, ...(await signedAssertion(wide, 'byKey', key)) });
    case 'none':
      return post(wide, path, { ...form, client_id: 'spa' });
    default:
      throw new Error(`an unknown method is published: ${method}`);
  }
}

describe('the document', () => {
  it('P:A-001 it is JSON, and its issuer is the configured one to the byte', async () => {
    for (const at of [world, deep]) {
      const { pathname } = new URL(at.issuer);
      const response = await at.fetch(`https://as.example${WELL_KNOWN}${pathname === '/' ? '' : pathname}`);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toMatch(/^application\/json\b/);
      expect((await response.json()).issuer).toBe(at.issuer);
    }
  });

  it('P:A-002 of an issuer with a path it is where the well-known part stands before that path', async () => {
    const response = await deep.fetch(`https://as.example${WELL_KNOWN}/tenant1`);
    expect(response.status).toBe(200);
    const document = await response.json();
    expect(document.issuer).toBe('https://as.example/tenant1');
    expect(document.token_endpoint).toBe('https://as.example/tenant1/token');
  });

  it('P:A-003 it has an https issuer without query and fragment, and the endpoints of every server', async () => {
    const document = await json(world.fetch(WELL_KNOWN));
    expect(document).toMatchObject({
      issuer: 'https://as.example',
      authorization_endpoint: 'https://as.example/authorize',
      token_endpoint: 'https://as.example/token',
      response_types_supported: ['code'],
    });
    expect(document.issuer).not.toMatch(/[?#]/);
    // They are there.
    expect((await world.fetch(document.authorization_endpoint)).status).toBe(400);
    expect((await world.fetch(document.token_endpoint)).status).toBe(405);
  });

  it('P:A-005 nothing in it is empty', async () => {
    const bare = await serve(({ server, site }) => {
      delete server.scopes;
      Object.assign(site, { applications: {}, groups: {}, users: {} });
    });
    for (const at of [world, wide, bare]) {
      for (const value of Object.values(await json(at.fetch(WELL_KNOWN)))) {
        for (const empty of [[], null, '', {}]) expect(value).not.toEqual(empty);
      }
    }
  });

  it('P:A-006 grant_types_supported is there, without implicit where nobody uses it', async () => {
    expect((await json(world.fetch(WELL_KNOWN))).grant_types_supported).toEqual([
      ...['authorization_code', 'client_credentials', 'refresh_token'],
    ]);
    expect((await json(wide.fetch(WELL_KNOWN))).grant_types_supported).toEqual([
      ...['authorization_code', 'client_credentials', 'implicit', 'password', 'refresh_token'],
    ]);
  });

  it('P:A-007 another path has no metadata', async () => {
    const strangers = [
      `${WELL_KNOWN}/tenant2`,
      `${WELL_KNOWN}/tenant1/`,
      `${WELL_KNOWN}/TENANT1`,
      WELL_KNOWN,
      `/tenant2${WELL_KNOWN}`,
    ];
    for (const path of strangers) {
      const response = await deep.fetch(`https://as.example${path}`);
      expect(response.status).toBe(404);
      expect(await response.text()).not.toContain('issuer');
    }
    expect((await world.fetch(`${WELL_KNOWN}/tenant1`)).status).toBe(404);
  });

  it('P:A-008 it may be kept for a short time, and asked for anew by its ETag, from every origin', async () => {
    const response = await world.fetch(WELL_KNOWN, { headers: { origin: 'https://anywhere.example' } });
    const [, seconds] = /^public, max-age=([0-9]+)$/.exec(response.headers.get('cache-control') ?? '') ?? [];
    expect(Number(seconds)).toBeGreaterThan(0);
    expect(Number(seconds)).toBeLessThanOrEqual(300);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('access-control-allow-credentials')).toBeNull();
    const etag = response.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[^"]+"$/);
    const again = await world.fetch(WELL_KNOWN, { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe('');
    expect((await world.fetch(WELL_KNOWN, { headers: { 'if-none-match': '"another"' } })).status).toBe(200);
    // Another document has another.
    expect((await wide.fetch(WELL_KNOWN)).headers.get('etag')).not.toBe(etag);
  });

  it('P:A-009 what the OpenID document says of the same is the same', async () => {
    for (const at of [world, wide]) {
      const openid = await json(at.fetch('/.well-known/openid-configuration'));
      expect(openid).toEqual(await json(at.fetch(WELL_KNOWN)));
    }
    const [inserted, appended] = [
      'https://as.example/.well-known/openid-configuration/tenant1',
      '/.well-known/openid-configuration',
    ];
    const document = await json(deep.fetch(`https://as.example${WELL_KNOWN}/tenant1`));
    for (const address of [inserted, appended]) expect(await json(deep.fetch(address))).toEqual(document);
  });

  it('P:A-010 the algorithms of client assertions are named, and none is not among them', async () => {
    const { token_endpoint_auth_methods_supported: methods, ...document } = await json(world.fetch(WELL_KNOWN));
    expect(methods).toEqual(expect.arrayContaining(['private_key_jwt', 'client_secret_jwt']));
    for (const endpoint of ['token', 'introspection', 'revocation']) {
      const algorithms = document[`${endpoint}_endpoint_auth_signing_alg_values_supported`];
      expect([...algorithms].sort()).toEqual(['ES256', 'EdDSA', 'HS256', 'PS256', 'RS256']);
    }
  });
});

const ALL_GRANTS = [
  ...['authorization_code', 'client_credentials', 'password', 'refresh_token'],
  ...['urn:ietf:params:oauth:grant-type:device_code', 'urn:ietf:params:oauth:grant-type:jwt-bearer'],
  ...['urn:ietf:params:oauth:grant-type:token-exchange', 'urn:openid:params:grant-type:ciba'],
];
const ALL_RESPONSE_TYPES = [
  ...['code', 'token', 'id_token', 'id_token token', 'code id_token', 'code token', 'code id_token token', 'none'],
];

describe('what is published is what is served', () => {
  const authorize = (at: World, parameters: Record<string, string | undefined>) =>
    new Browser(at).authorize(codeRequest('web', parameters).parameters);

  it('P:A-004 grants and response types', async () => {
    for (const at of [world, wide]) {
      const document = await json(at.fetch(WELL_KNOWN));
      for (const grant_type of ALL_GRANTS) {
        const { error } = await json(post(at, '/token', { grant_type }, { as: 'web' }));
        expect(error !== 'unsupported_grant_type').toBe(document.grant_types_supported.includes(grant_type));
      }
      for (const response_type of ALL_RESPONSE_TYPES) {
        const { answer } = await authorize(at, { response_type });
        const isServed = answer.error !== 'unsupported_response_type';
        expect(isServed).toBe(document.response_types_supported.includes(response_type));
      }
      expect(document.grant_types_supported.includes('implicit')).toBe(
        document.response_types_supported.includes('token'),
      );
    }
  });

  it('P:A-004 response modes and scopes', async () => {
    for (const response_mode of ['query', 'fragment', 'form_post', 'web_message', 'query.jwt', 'jwt']) {
      const { status } = await authorize(world, { response_mode });
      expect(status === 200).toBe(metadata.response_modes_supported.includes(response_mode));
    }
    const known = [
      'openid',
      'userinfo',
      'oidc',
      'profile',
      'email',
      'address',
      'phone',
      'offline_access',
      'notes',
      'drafts',
    ];
    expect([...metadata.scopes_supported].sort()).toEqual([...known].sort());
    for (const scope of [...known, 'unknown', 'groups', 'NOTES']) {
      const { status, answer } = await authorize(world, {
        scope: `openid ${scope}`.replace('openid openid', 'openid'),
      });
      expect(status === 200).toBe(known.includes(scope));
      expect(answer.error).toBe(known.includes(scope) ? undefined : 'invalid_scope');
    }
  });

  it('P:A-004 ways to authenticate, at each endpoint', async () => {
    const { access_token: token } = await obtainTokens(wide, 'spa');
    const ALL = ['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt', 'none'];
    const served: Record<string, string[]> = { token: [], introspection: [], revocation: [] };
    for (const method of ALL) {
      // Of a client that is public another grant is asked for: what matters is that it is known.
      const grant = method === 'none' ? { grant_type: 'refresh_token' } : { grant_type: 'client_credentials' };
      const asked = { token: grant, introspection: { token }, revocation: { token: 'x' } };
      for (const [endpoint, form] of Object.entries(asked)) {
        const { pathname } = new URL(metadata[`${endpoint}_endpoint`]);
        if ((await authenticatedBy(method, pathname, form as Record<string, string>)).status !== 401) {
          served[endpoint]?.push(method);
        }
      }
    }
    for (const [endpoint, methods] of Object.entries(served)) {
      const published = metadata[`${endpoint}_endpoint_auth_methods_supported`];
      expect([...published].sort()).toEqual([...methods].sort());
    }
    expect(served.introspection).not.toContain('none');
  });

  it('P:A-004 methods of proof keys, and keys', async () => {
    const { verifier, challenge } = newProof();
    for (const [code_challenge_method, code_challenge] of [
      ['S256', challenge],
      ['plain', verifier],
      ['S512', challenge],
    ] as const) {
      const { status } = await authorize(world, { code_challenge_method, code_challenge });
      expect(status === 200).toBe(metadata.code_challenge_methods_supported.includes(code_challenge_method));
    }
    const { access_token } = await obtainTokens(world);
    const { keys } = await json(world.fetch(metadata.jwks_uri));
    expect(keys.map(({ kid }: { kid: string }) => kid)).toContain(headerOf(access_token).kid);
  });
});
