// Resources that other servers serve, as the proxies before them ask about them: who is let through and what the others are told.

import { describe, expect, it } from 'vitest';
import { json, obtainTokens, post } from './browser.ts';
import { type RawAnswer, rawRequest } from './raw-request.ts';
import { HOST, withResources } from './resource-spec.ts';
import { serve, serveForAll, type World } from './world.ts';

const world = await serveForAll(withResources(undefined));

const tokenOf = async (client: string, scope: string, username = 'ada', at: World = world): Promise<string> =>
  (await obtainTokens(at, client, { scope }, undefined, username)).access_token;
const ofClient = async (client: string, at: World = world): Promise<string> =>
  (await json(post(at, '/token', { grant_type: 'client_credentials', scope: 'notes' }, { as: client }))).access_token;

const forApi = await tokenOf('web', 'api notes');

interface Asked {
  readonly method?: string;
  readonly host?: string;
  readonly token?: string | undefined;
  readonly ip?: string;
  readonly headers?: readonly (readonly [string, string])[];
}

/** The same question in the three ways in which proxies ask it. */
const DIALECTS: Readonly<Record<string, (at: World, path: string, asked?: Asked) => Promise<RawAnswer>>> = {
  'forward-auth': (at, path, { method = 'GET', host = HOST, ...more } = {}) =>
    rawRequest(at, '/authz/forward-auth', {
      headers: [
        ['X-Forwarded-Method', method],
        ['X-Forwarded-Proto', 'https'],
        ['X-Forwarded-Host', host],
        ['X-Forwarded-Uri', path],
        ...of(more),
      ],
    }),
  'auth-request': (at, path, { method = 'GET', host = HOST, ...more } = {}) =>
    rawRequest(at, '/authz/auth-request', {
      headers: [['X-Original-Method', method], ['X-Original-URL', `https://${host}${path}`], ...of(more)],
    }),
  'ext-authz': (at, path, { method = 'GET', host = HOST, ...more } = {}) =>
    rawRequest(at, `/authz/ext-authz${path}`, { method, host, headers: [['X-Forwarded-Proto', 'https'], ...of(more)] }),
};

function of({ token, ip = '10.9.9.9', headers = [] }: Asked): readonly (readonly [string, string])[] {
  return [
    ['X-Forwarded-For', ip],
    ...(token === undefined ? [] : [['Authorization', `Bearer ${token}`] as const]),
    ...headers,
  ];
}

const challengeOf = ({ headers }: RawAnswer): string => headers.get('www-authenticate') ?? '';
const metadataOf = (path: string) => `resource_metadata="https://${HOST}/.well-known/oauth-protected-resource${path}"`;

describe.each(Object.entries(DIALECTS))('by %s', (dialect, ask) => {
  it('P:X-005 S:N-03 each of path, method, scope, group and audience decides, and what nothing covers is refused', async () => {
    const passes = async (path: string, asked: Asked) => expect((await ask(world, path, asked)).status).toBe(200);
    const refuses = async (path: string, asked: Asked, status: number, code: string, error: string) => {
      const answer = await ask(world, path, asked);
      expect([path, answer.status, answer.text]).toEqual([path, status, expect.stringContaining(code)]);
      expect(challengeOf(answer)).toMatch(new RegExp(`^Bearer realm="https://as.example", error="${error}", `));
      return answer;
    };
    const token = forApi;
    await passes('/api', { token });
    await passes('/api/x?y=1', { token, method: 'DELETE' });
    await passes('/reading/x', { token });
    await refuses('/apix', { token }, 403, 'RESOURCE_UNKNOWN', 'insufficient_scope');
    await refuses('/', { token }, 403, 'RESOURCE_UNKNOWN', 'insufficient_scope');
    await refuses('/api', { token, host: 'other.example' }, 403, 'RESOURCE_UNKNOWN', 'insufficient_scope');
    await refuses('/reading/x', { token, method: 'POST' }, 403, 'RESOURCE_UNKNOWN', 'insufficient_scope');
    // A longer path decides alone.
    await refuses('/api/admin', { token }, 401, 'RESOURCE_AUDIENCE', 'invalid_token');
    await refuses('/api/admin/x', { token }, 401, 'RESOURCE_AUDIENCE', 'invalid_token');
    await passes('/api/admin', { token: await tokenOf('web', 'archive') });
    const lacking = await refuses(
      '/reading',
      { token: await tokenOf('web', 'api') },
      403,
      'RESOURCE_SCOPE',
      'insufficient_scope',
    );
    expect(challengeOf(lacking)).toContain('scope="notes"');
    await passes('/staff', { token });
    await refuses(
      '/staff',
      { token: await tokenOf('web', 'api', 'bob') },
      403,
      'RESOURCE_CONDITION',
      'insufficient_scope',
    );
    await passes('/typed', { token });
    await passes('/inside', { token, ip: '10.2.3.4' });
    await refuses('/inside', { token, ip: '192.0.2.1' }, 403, 'RESOURCE_CONDITION', 'insufficient_scope');
  });

  it('vector V19 P:B-007 a token with one of the two scopes of a rule is insufficient_scope, and the challenge names both', async () => {
    const answer = await ask(world, '/notes', { token: await tokenOf('web', 'api notes') });
    expect(answer.status).toBe(403);
    expect(challengeOf(answer)).toContain('error="insufficient_scope"');
    expect(challengeOf(answer)).toContain('scope="notes drafts"');
    expect((await ask(world, '/notes', { token: await tokenOf('web', 'api notes drafts') })).status).toBe(200);
  });

  it('vector V20 S:N-52 the token of another client with both scopes is refused', async () => {
    const answer = await ask(world, '/notes', { token: await tokenOf('other', 'api notes drafts') });
    expect(answer.status).toBe(403);
    expect(answer.text).toContain('RESOURCE_CLIENT');
  });

  it('S:N-52 any of several bearer rules is enough, each with its own client and scopes', async () => {
    expect((await ask(world, '/either', { token: await tokenOf('other', 'api drafts') })).status).toBe(200);
    expect((await ask(world, '/either', { token: await ofClient('batch') })).status).toBe(200);
    expect((await ask(world, '/either', { token: await tokenOf('other', 'api notes') })).status).toBe(403);
    expect((await ask(world, '/either', { token: forApi })).status).toBe(403);
  });

  it('S:N-12 S:N-53 a scope opens every resource whose own rules list it, and no other', async () => {
    const own = await serve(
      withResources(undefined, ({ server }) => {
        server.resources.drafts = {
          host: HOST,
          path: '/drafts',
          access_rules: [{ client: 'Example/web', scopes: ['drafts'] }],
        };
        server.resources.more = {
          host: HOST,
          path: '/more',
          access_rules: [{ client: 'Example/web', scopes: ['drafts'] }],
        };
      }),
    );
    const scoped = await tokenOf('web', 'drafts api', 'ada', own);
    for (const path of ['/drafts', '/more']) expect((await ask(own, path, { token: scoped })).status).toBe(200);
    expect((await ask(own, '/notes', { token: scoped })).status).toBe(403);
    const without = await tokenOf('web', 'notes api', 'ada', own);
    for (const path of ['/drafts', '/more']) expect((await ask(own, path, { token: without })).status).toBe(403);
  });

  it('P:B-005 P:Z-003 S:N-03 without a token the challenge tells no error, and where the metadata stand', async () => {
    const answer = await ask(world, '/api/x');
    expect(answer.status).toBe(401);
    expect(challengeOf(answer)).toBe(`Bearer realm="https://as.example", ${metadataOf('/api')}`);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const basic = await ask(world, '/api/x', { headers: [['Authorization', 'Basic YTpi']] });
    expect([basic.status, challengeOf(basic)]).toEqual([401, challengeOf(answer)]);
  });

  it('P:B-006 P:B-010 a token that is unknown, revoked, or for another audience is invalid_token', async () => {
    const revoked = await tokenOf('web', 'api');
    await post(world, '/revoke', { token: revoked }, { as: 'web' });
    for (const token of ['x', `${forApi}x`, revoked, await tokenOf('web', 'archive')]) {
      const answer = await ask(world, '/api', { token });
      expect(answer.status).toBe(401);
      expect(challengeOf(answer)).toMatch(/error="invalid_token"/);
      expect(challengeOf(answer)).toContain(metadataOf('/api'));
    }
  });

  it('P:B-013 P:B-014 no refresh token and no id_token passes for an access token', async () => {
    const tokens = await obtainTokens(world, 'web', { scope: 'openid api notes offline_access' });
    for (const token of [tokens.refresh_token, tokens.id_token]) {
      expect((await ask(world, '/api', { token })).status).toBe(401);
    }
    expect((await ask(world, '/api', { token: tokens.access_token })).status).toBe(200);
  });

  it.each([
    '/api//admin',
    '/api/./admin',
    '/api/%2e/admin',
    '/api/%61dmin',
    '/api/x/../admin',
    '//api/admin',
    '/api/admin/.',
    '/API/../api/admin',
    '/api/x/%2e%2E/admin',
  ])('P:X-006 %s is judged as what it means', async (path) => {
    const answer = await ask(world, path, { token: forApi });
    expect([answer.status, answer.text]).toEqual([401, expect.stringContaining('RESOURCE_AUDIENCE')]);
  });

  it.each([
    ...[
      '/api%2fadmin',
      '/api%2Fx',
      '/api/..;/admin',
      '/api/.;/admin',
      '/api/%2e%2e;/x',
      '/api/%252e%252e/x',
      '/api/%252fadmin',
      '/api/%5cadmin',
    ],
    ...[
      '/api/all%3Apurge',
      '/api/all%3apurge/x',
      '/api/admin%00',
      '/api/%c0%ae%c0%ae/x',
      '/api/%zz',
      '/../api',
      '/api//../x',
      '/api;x/../y',
      '/api/admin;x',
      '/api;/admin',
      '/api/%3badmin/../x',
    ],
  ])('P:X-006 %s is refused, whoever asks', async (path) => {
    for (const token of [undefined, forApi]) {
      const answer = await ask(world, path, { token });
      expect([answer.status, answer.text]).toEqual([
        dialect === 'auth-request' ? 403 : /%(zz|c0)/.test(path) && dialect === 'ext-authz' ? 404 : 400,
        expect.stringMatching(/TARGET_UNREADABLE|not_found/),
      ]);
    }
  });

  it('P:X-006 the host counts without case, port and final dot; what is no host is refused', async () => {
    for (const host of ['API.Example', 'api.example.', 'api.example:443', 'Api.example.:8443']) {
      expect((await ask(world, '/api', { token: forApi, host })).status).toBe(200);
    }
    for (const host of ['api.example,evil.example', 'api.example/x', 'user@api.example', 'api..example']) {
      expect((await ask(world, '/api', { token: forApi, host })).status).toBe(dialect === 'auth-request' ? 403 : 400);
    }
  });

  it('P:X-006 a header that says another method is refused, and one that says the same is not', async () => {
    for (const name of ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override']) {
      const other = await ask(world, '/reading', { token: forApi, headers: [[name, 'POST']] });
      expect([other.status, other.text]).toEqual([
        dialect === 'auth-request' ? 403 : 400,
        expect.stringContaining('METHOD_OVERRIDDEN'),
      ]);
      expect((await ask(world, '/reading', { token: forApi, headers: [[name, 'get']] })).status).toBe(200);
    }
  });

  it('P:B-004 P:B-008 two Authorization headers are refused, the same one twice too', async () => {
    for (const second of [`Bearer ${forApi}`, 'Basic YTpi', 'Bearer x']) {
      const answer = await ask(world, '/api', { token: forApi, headers: [['Authorization', second]] });
      expect([answer.status, answer.text]).toEqual([
        dialect === 'auth-request' ? 403 : 400,
        expect.stringContaining('BEARER_TOKEN_REPEATED'),
      ]);
    }
    for (const value of ['Bearer', `Bearer ${forApi} ${forApi}`, `Bearer ${forApi},Bearer ${forApi}`]) {
      const answer = await ask(world, '/api', { headers: [['Authorization', value]] });
      expect([answer.status, answer.text]).toEqual([
        dialect === 'auth-request' ? 403 : 400,
        expect.stringContaining('BEARER_TOKEN_MALFORMED'),
      ]);
    }
  });

  it('P:B-003 S:N-02 a token in the query is read where the resource says so, and nowhere else', async () => {
    expect((await ask(world, `/api?access_token=${forApi}`)).status).toBe(401);
    expect((await ask(world, `/anywhere?access_token=${forApi}`)).status).toBe(200);
    expect((await ask(world, `/anywhere?a&access_token=${forApi}&b=c`)).status).toBe(200);
    const twice = await ask(world, `/anywhere?access_token=${forApi}`, { token: forApi });
    expect([twice.status, twice.text]).toEqual([
      dialect === 'auth-request' ? 403 : 400,
      expect.stringContaining('BEARER_TOKEN_REPEATED'),
    ]);
    const thrice = await ask(world, `/anywhere?access_token=${forApi}&access_token=${forApi}`);
    expect(thrice.text).toContain('BEARER_TOKEN_REPEATED');
  });

  it('says who it is in headers that are all there always, and gives no token away', async () => {
    const answer = await ask(world, '/api', {
      token: forApi,
      headers: [
        ['Remote-User', 'root'],
        ['X-Charter-Scope', 'all'],
      ],
    });
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'remote-user': 'Example/ada',
      'remote-groups': 'Example/Archivists',
      'x-charter-subject': 'ada-0001',
      'x-charter-client': 'web',
      'x-charter-scope': 'api notes',
      'x-charter-permissions': '',
      authorization: '',
      'cache-control': 'no-store',
    });
    expect(answer.text).toBe('');
    const itself = await ask(world, '/either', {
      token: await ofClient('batch'),
      headers: [['Remote-Groups', 'Example/Archivists']],
    });
    expect(Object.fromEntries(itself.headers)).toMatchObject({
      'remote-user': '',
      'remote-groups': '',
      'x-charter-client': 'batch',
    });
    const own = await serve((documents) => {
      withResources(undefined)(documents);
      documents.server.roles = { Viewer: { functions: ['view', 'list'] } };
      documents.server.customers = { north: {} };
      documents.site.users.ada.roles = [{ role: 'Viewer', customer: 'north' }];
      documents.site.applications.web.permission_scope = ['view'];
    });
    const may = await ask(own, '/api', { token: await tokenOf('web', 'api', 'ada', own) });
    expect(may.headers.get('x-charter-permissions')).toBe('[{"function":"view","customer":"north"}]');
    expect((await ask(world, '/keeps', { token: forApi })).headers.get('authorization')).toBe(`Bearer ${forApi}`);
  });

  it('the address of the client is the nearest one that no trusted proxy has, however long a chain the client makes up', async () => {
    const at = async (...chain: string[]) => {
      const [ip = '', ...more] = chain;
      return (
        await ask(world, '/inside', {
          token: forApi,
          ip,
          headers: more.map((one) => ['X-Forwarded-For', one] as const),
        })
      ).status;
    };
    expect(await at('10.1.1.1')).toBe(200);
    expect(await at('192.0.2.7, 10.1.1.1')).toBe(200);
    expect(await at('10.1.1.1, 192.0.2.7')).toBe(403);
    expect(await at('10.1.1.1, 127.0.0.1')).toBe(200);
    expect(await at('10.1.1.1, 192.0.2.7, 127.0.0.1')).toBe(403);
    expect(await at('10.1.1.1', '192.0.2.7')).toBe(403);
    expect(await at('192.0.2.7', '10.1.1.1')).toBe(200);
    for (const broken of ['unknown', '10.1.1.1 10.1.1.1', '10.1.1', '', '10.0.0.0/8', '10.1.1.1,'])
      expect(await at(broken)).toBe(403);
  });

  it('S:A-17 a client outside its range is refused, and one whose address is not known too', async () => {
    const [{ index }] = [world.snapshot()];
    expect(index.client('gadget')).toBeDefined();
    const behind = await serve(withResources(undefined), { app: { trustedProxies: ['127.0.0.0/8'] } });
    const issued = await post(
      behind,
      '/token',
      { grant_type: 'client_credentials', scope: 'notes' },
      { as: 'gadget', headers: { 'x-forwarded-for': '10.1.2.3' } },
    );
    const token = (await json(issued)).access_token;
    expect((await ask(behind, '/either', { token, ip: '10.1.9.9' })).status).toBe(200);
    const outside = await ask(behind, '/either', { token, ip: '10.2.0.1' });
    expect([outside.status, outside.text]).toEqual([401, expect.stringContaining('CLIENT_IP_NOT_ALLOWED')]);
    expect(challengeOf(outside)).toContain('error="invalid_token"');
    expect((await ask(behind, '/either', { token, ip: 'nowhere' })).status).toBe(401);
  });

  it('who is no trusted proxy is refused with words for the log alone', async () => {
    const behind = await serve(withResources(undefined), { app: { trustedProxies: ['10.0.0.0/8'] } });
    const answer = await ask(behind, '/api', { token: await tokenOf('web', 'api', 'ada', behind) });
    expect([answer.status, answer.text]).toEqual([403, expect.stringContaining('PROXY_NOT_TRUSTED')]);
    expect(answer.text).not.toContain('127.0.0.1');
    await expect
      .poll(() => JSON.stringify(behind.records))
      .toContain('127.0.0.1 is no trusted proxy: name it in server.trusted_proxies');
  });

  it('P:B-012 the log tells who asked for which resource and how that went, and no token', async () => {
    await ask(world, '/api', { token: forApi });
    await ask(world, `/anywhere?access_token=${forApi}`, { token: 'never-to-be-seen' });
    await expect
      .poll(() => world.records.flatMap(({ events = [] }) => events as Record<string, unknown>[]))
      .toContainEqual(
        expect.objectContaining({
          event: 'resource',
          by: dialect,
          resource: 'api',
          client_id: 'web',
          outcome: 'admitted',
        }),
      );
    expect(JSON.stringify(world.records)).not.toContain(forApi);
    expect(JSON.stringify(world.records)).not.toContain('never-to-be-seen');
  });

  it('S:N-42 with OAuth 2.0 off nobody is let through', async () => {
    const own = await serve(withResources(undefined));
    const token = await tokenOf('web', 'notes drafts', 'ada', own);
    const statuses = async () =>
      Promise.all(Object.values(DIALECTS).map(async (ask) => (await ask(own, '/notes', { token })).status));
    expect(await statuses()).toEqual([200, 200, 200]);
    await own.apply(({ server }) => {
      server.server.oauth2 = { enabled: false };
    }, 'approved');
    // nginx makes a fault of the server of everything but 401 and 403.
    expect(await statuses()).toEqual([404, 403, 404]);
  });

  it('a change of the configuration counts from the next request on', async () => {
    const own = await serve(withResources(undefined));
    const token = await tokenOf('web', 'api notes', 'ada', own);
    expect((await ask(own, '/staff', { token })).status).toBe(200);
    await own.apply(({ site }) => {
      site.groups.Archivists.members = [];
    }, 'approved');
    expect((await ask(own, '/staff', { token })).status).toBe(403);
    expect((await ask(own, '/api', { token })).status).toBe(200);
    own.advance(3601);
    expect((await ask(own, '/api', { token })).status).toBe(401);
  });
});

describe('what a proxy says that it was asked', () => {
  const authorization = ['Authorization', `Bearer ${forApi}`] as const;
  const status = async (path: string, ...headers: (readonly [string, string])[]) => {
    const answer = await rawRequest(world, path, { host: HOST, headers: [authorization, ...headers] });
    return answer.status;
  };
  const METHOD = ['X-Original-Method', 'GET'] as const;
  const URL_OF = (path: string, host = HOST) => ['X-Original-URL', `https://${host}${path}`] as const;
  const URI = (path: string) => ['X-Original-URI', path] as const;

  it('by auth-request is a URL, or a URI with the host of the request', async () => {
    const ask = (...headers: (readonly [string, string])[]) => status('/authz/auth-request', ...headers);
    expect(await ask(METHOD, URL_OF('/api'))).toBe(200);
    expect(await ask(METHOD, URI('/api'))).toBe(200);
    expect(await ask(METHOD, URI('/api'), ['X-Forwarded-Host', HOST])).toBe(200);
    // Of two that differ one is the client's own.
    expect(await ask(METHOD, URL_OF('/api'), URI('/api'))).toBe(403);
    expect(await ask(METHOD, URL_OF('/api'), URL_OF('/api'))).toBe(403);
    expect(await ask(METHOD, URI('/api'), ['X-Forwarded-Host', 'other.example'])).toBe(403);
    expect(await ask(METHOD, METHOD, URI('/api'))).toBe(403);
    for (const url of [
      '/api',
      'ftp://api.example/api',
      'https:///api',
      '',
      'https://api.example?x',
      'https://a@api.example/api',
    ]) {
      expect(await ask(METHOD, ['X-Original-URL', url])).toBe(403);
    }
    expect(await ask(URI('/api'))).toBe(403);
    expect(await ask(METHOD)).toBe(403);
    expect(await ask(['X-Original-Method', 'get'], URI('/api'))).toBe(403);
  });

  it('by forward-auth is method, host and URI, each once', async () => {
    const all = [
      ['X-Forwarded-Method', 'GET'],
      ['X-Forwarded-Host', HOST],
      ['X-Forwarded-Uri', '/api'],
    ] as const;
    const ask = (...headers: (readonly [string, string])[]) => status('/authz/forward-auth', ...headers);
    expect(await ask(...all)).toBe(200);
    for (const one of all) {
      expect(await ask(...all.filter((other) => other !== one))).toBe(400);
      expect(await ask(...all, one)).toBe(400);
    }
    expect(await ask(...all.slice(1), ['X-Forwarded-Method', 'GET, POST'])).toBe(400);
    // The headers of the other ways mean nothing here.
    expect(
      await ask(
        ['X-Forwarded-Method', 'GET'],
        ['X-Forwarded-Host', HOST],
        ['X-Forwarded-Uri', '/x'],
        URL_OF('/api'),
        METHOD,
      ),
    ).toBe(403);
  });

  it('by ext-authz is the request itself, behind the path of the endpoint as the proxy writes it', async () => {
    expect(await status('/authz/ext-authz/api/x')).toBe(200);
    expect(await status('/authz/ext-authz//api')).toBe(200);
    expect(await status('/authz/ext-authz/../api')).toBe(400);
    expect(await status('/authz/%65xt-authz/api')).toBe(400);
    expect(await status('/authz/ext-authz', ['X-Forwarded-Uri', '/api'], ['X-Original-URI', '/api'])).toBe(404);
  });
});
