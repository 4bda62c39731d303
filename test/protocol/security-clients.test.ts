// RFC 9700 2.1.1, 2.1.2, 2.4, 2.5, 2.6 and OAuth 2.1: what clients have to bring, which grants are there by default, and which
// browsers may read what.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { charterHere, workplace, writeFiles } from '../cli/case.ts';
import { Browser, codeRequest, json, newProof, obtainCode, post, tokenRequest } from './browser.ts';
import { expectRedirectedError, expectTokenError } from './security-checks.ts';
import { documents, ENV, PASSWORD, SECRET, withLegacyGrants } from './spec.ts';
import { errorsOf, load, serve, serveForAll, warningsOf } from './world.ts';

const world = await serveForAll(({ site }) => {
  const web = site.applications.web;
  site.applications.opted = structuredClone(web);
  site.applications.opted.metadata.redirect_uris = ['https://opted.example/callback'];
  site.applications.opted.metadata.code_challenge_method = 'none';
});
const WITHOUT = { code_challenge: undefined, code_challenge_method: undefined };

async function discovery(path = '/.well-known/openid-configuration') {
  return json(world.fetch(path));
}

describe('PKCE', () => {
  it.each(['web', 'other', 'spa', 'native', 'asking', 'opted'])(
    'P:S-004 is there for every client, and enforced once a challenge is sent: %s',
    async (client_id) => {
      expect((await discovery()).code_challenge_methods_supported).toEqual(['S256']);
      const uri = client_id === 'native' ? { redirect_uri: 'https://app.example/callback' } : {};
      const { form } = await obtainCode(world, client_id, uri);
      const { code_verifier: right, ...without } = form;
      await expectTokenError(await tokenRequest(world, client_id, without), 'invalid_grant');
      const { verifier } = newProof();
      await expectTokenError(
        await tokenRequest(world, client_id, { ...form, code_verifier: verifier }),
        'invalid_grant',
      );
      await expectTokenError(await tokenRequest(world, client_id, { ...form, code_verifier: '' }), 'invalid_grant');
      expect(right).toHaveLength(43);
      expect((await tokenRequest(world, client_id, form)).status).toBe(200);
    },
  );

  it.each([
    ['spa', 'https://spa.example/callback'],
    ['native', 'com.example.app:/callback'],
  ])('P:S-005 P:E-001 is required of a public client: %s is refused without a challenge', async (client_id, uri) => {
    const to = uri.startsWith('https:') ? uri : 'null/callback';
    for (const scope of ['openid', 'openid api', 'api']) {
      for (const challenge of [undefined, '']) {
        const request = { ...WITHOUT, code_challenge: challenge, redirect_uri: uri, scope };
        const stop = await new Browser(world).authorize(codeRequest(client_id, request).parameters);
        expectRedirectedError(stop, to, 'invalid_request', 'PKCE_REQUIRED');
        expect(String(stop.location)).toMatch(new RegExp(`^${uri}\\?`));
      }
    }
  });

  it('P:S-006 is required of a confidential client too, unless it opts out or a nonce protects it', async () => {
    const ask = (client_id: string, parameters: Record<string, string | undefined>) =>
      new Browser(world).authorize(codeRequest(client_id, { ...WITHOUT, ...parameters }).parameters);
    const refused = await ask('web', { scope: 'api' });
    expectRedirectedError(refused, 'https://web.example/callback', 'invalid_request', 'PKCE_REQUIRED');
    // No scope is no OpenID Connect either, and a nonce alone makes none of it.
    const silent = await ask('web', { scope: undefined });
    expectRedirectedError(silent, 'https://web.example/callback', 'invalid_request', 'PKCE_REQUIRED');
    expect((await ask('web', { scope: 'openid api' })).form?.id).toBe('login');
    expect((await ask('opted', { scope: 'api' })).form?.id).toBe('login');
    const told = await load(({ site }) => {
      site.applications.web.metadata.code_challenge_method = 'none';
    });
    expect(errorsOf(told)).toEqual([]);
    expect(
      told.find(({ address, code }) => code === 'pkce-off' && address === 'application:Example/web'),
    ).toBeDefined();
  });

  it('P:S-006 that a confidential client writes is required with openid as well', async () => {
    const strict = await serve(({ site }) => {
      site.applications.web.metadata.code_challenge_method = 'S256';
    });
    const { parameters } = codeRequest('web', { ...WITHOUT, scope: 'openid' });
    const stop = await new Browser(strict).authorize(parameters);
    expectRedirectedError(stop, 'https://web.example/callback', 'invalid_request', 'PKCE_REQUIRED');
  });

  it('P:E-002 that is missing has no code redeemed: neither one that was sent with it, nor one from before it was required', async () => {
    const own = await serve(({ site }) => {
      site.applications.web.metadata.code_challenge_method = 'none';
    });
    const before = await obtainCode(own, 'web', { ...WITHOUT, scope: 'api' });
    const fine = await obtainCode(own, 'web', { ...WITHOUT, scope: 'api' });
    expect((await tokenRequest(own, 'web', fine.form)).status).toBe(200);
    await own.apply(({ site }) => {
      delete site.applications.web.metadata.code_challenge_method;
    });
    const body = await expectTokenError(await tokenRequest(own, 'web', before.form), 'invalid_grant');
    expect(body.error_description).toMatch(/^CODE_VERIFIER_MISMATCH/);
    // The exception: OpenID Connect, whose nonce binds the code as well.
    const withNonce = await obtainCode(own, 'web', { ...WITHOUT, scope: 'openid api' });
    expect((await tokenRequest(own, 'web', withNonce.form)).status).toBe(200);
    const { form } = await obtainCode(own, 'web', { scope: 'api' });
    const { code_verifier: _, ...without } = form;
    await expectTokenError(await tokenRequest(own, 'web', without), 'invalid_grant');
  });
});

describe('by default', () => {
  it('P:S-007 no response type gives tokens, and whoever turns one on is warned', async () => {
    const { response_types_supported, grant_types_supported } = await discovery();
    expect(response_types_supported).toEqual(['code']);
    expect(grant_types_supported).not.toContain('implicit');
    for (const response_type of ['token', 'id_token', 'id_token token', 'code token', 'code id_token']) {
      const { parameters } = codeRequest('spa', { response_type });
      const stop = await new Browser(world).authorize(parameters);
      expectRedirectedError(stop, 'https://spa.example/callback', 'unsupported_response_type');
    }
    expect(warningsOf(await load(() => undefined))).not.toContain('implicit-enabled');
    const told = await load(withLegacyGrants);
    expect(errorsOf(told)).toEqual([]);
    expect(told.filter(({ code }) => code === 'implicit-enabled').map(({ address }) => address)).toEqual([
      'application:Example/implicit',
    ]);
  });

  it('P:S-008 the password grant is not there, and whoever turns it on is warned', async () => {
    expect((await discovery()).grant_types_supported).not.toContain('password');
    const form = { grant_type: 'password', username: 'ada', password: PASSWORD, scope: 'api' };
    await expectTokenError(await tokenRequest(world, 'web', form), 'unsupported_grant_type');
    expect(warningsOf(await load(() => undefined))).not.toContain('password-enabled');
    const told = await load(withLegacyGrants);
    expect(
      told.filter(({ code }) => code === 'password-enabled').map(({ address, severity }) => [address, severity]),
    ).toEqual([['application:Example/legacy', 'warning']]);
  });

  it('P:S-028 the metadata of RFC 8414 is published, below the issuer and as OpenID Connect has it', async () => {
    const response = await world.fetch('/.well-known/oauth-authorization-server');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    const metadata = await json(response);
    expect(metadata).toMatchObject({
      issuer: 'https://as.example',
      authorization_endpoint: 'https://as.example/authorize',
      token_endpoint: 'https://as.example/token',
      jwks_uri: 'https://as.example/jwks',
      revocation_endpoint: 'https://as.example/revoke',
      introspection_endpoint: 'https://as.example/introspect',
      authorization_response_iss_parameter_supported: true,
    });
    expect(await discovery()).toEqual(metadata);
  });
});

describe('a confidential client', () => {
  it('P:S-029 has to prove who it is, and its secret is kept as a hash and printed nowhere', async () => {
    const own = await serve();
    const form = { grant_type: 'client_credentials', scope: 'notes' };
    await expectTokenError(await post(own, '/token', form), 'invalid_client', 401);
    await expectTokenError(await post(own, '/token', { ...form, client_id: 'batch' }), 'invalid_client', 401);
    await expectTokenError(await post(own, '/token', form, { as: 'batch', secret: 'wrong' }), 'invalid_client', 401);
    await expectTokenError(await post(own, '/token', form, { as: 'batch', secret: '' }), 'invalid_client', 401);
    expect((await post(own, '/token', form, { as: 'batch' })).status).toBe(200);
    const inBody = { ...form, client_id: 'batch', client_secret: SECRET };
    expect((await post(own, '/token', inBody)).status).toBe(200);

    // In Git it is a reference or a hash.
    const literal = await load(({ site }) => {
      site.applications.batch.secret = SECRET;
    });
    expect(errorsOf(literal)).not.toEqual([]);
    expect(JSON.stringify(literal)).not.toContain(SECRET);
    expect(JSON.stringify(own.records)).not.toContain(SECRET);
    await own.store.close();
    expect(textOf(own.storePath)).not.toContain(SECRET);

    // As the command line writes it, for nodes that resolve no secret themselves.
    const directory = workplace();
    const { server, site } = documents('https://as.example');
    writeFiles(join(directory, 'config'), [['all.yaml', `${JSON.stringify(server)}\n---\n${JSON.stringify(site)}\n`]]);
    const applied = await charterHere(['apply', 'config', '--store', 'charter.db'], directory, ENV);
    expect(applied.code, applied.stderr).toBe(0);
    for (const text of [applied.stdout, applied.stderr, textOf(join(directory, 'charter.db'))]) {
      expect(text).not.toContain(SECRET);
      expect(text).not.toContain(PASSWORD);
    }
    expect(textOf(join(directory, 'charter.db'))).toContain('$argon2id$v=19$m=19456,t=2,p=1$');
  });

  it('P:E-004 may send its secret in the body', async () => {
    expect((await discovery()).token_endpoint_auth_methods_supported).toContain('client_secret_post');
    const { form } = await obtainCode(world);
    const wrong = { ...form, client_id: 'web', client_secret: `${SECRET}x` };
    await expectTokenError(await post(world, '/token', wrong), 'invalid_client', 401);
    const response = await post(world, '/token', { ...form, client_id: 'web', client_secret: SECRET });
    expect(response.status).toBe(200);
    expect((await json(response)).token_type).toBe('Bearer');
  });
});

/** What stands in a file and its log of writes. */
function textOf(path: string): string {
  return [path, `${path}-wal`].map((file) => (existsSync(file) ? readFileSync(file, 'latin1') : '')).join('');
}

describe('a browser of another origin', () => {
  const preflight = (path: string, origin: string) =>
    world.fetch(path, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
    });
  const corsOf = (response: Response) =>
    [...response.headers.keys()].filter((name) => name.startsWith('access-control-'));

  it('P:S-026 may read nothing of the authorization endpoint, nor of any page', async () => {
    const { parameters } = codeRequest('spa');
    const query = new URLSearchParams(parameters);
    for (const origin of ['https://spa.example', 'https://evil.example', 'null', 'https://as.example']) {
      for (const path of ['/authorize', '/login', '/consent', '/logout', '/logout/decision']) {
        const responses = [
          await preflight(path, origin),
          await world.fetch(`${path}?${query}`, { headers: { origin } }),
          await post(world, path, parameters, { headers: { origin } }),
        ];
        for (const response of responses) expect(corsOf(response), `${path} ${origin}`).toEqual([]);
      }
    }
  });

  it('P:S-027 may call the token endpoint where a public client is registered, and never with credentials', async () => {
    const { form } = await obtainCode(world, 'spa');
    const headers = { origin: 'https://spa.example' };
    const answer = await post(world, '/token', { ...form, client_id: 'spa' }, { headers });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://spa.example');
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    expect(answer.headers.get('vary')).toContain('Origin');
    // The origin of a confidential client, one that only looks alike, one that nobody registered.
    const strangers = [
      'https://web.example',
      'http://spa.example',
      'https://spa.example:8443',
      'https://spa.example.evil',
    ];
    for (const origin of [...strangers, 'https://x.spa.example', 'null']) {
      const refused = await post(world, '/token', form, { headers: { origin } });
      expect(corsOf(refused), origin).toEqual([]);
      expect(corsOf(await preflight('/token', origin)), origin).toEqual([]);
    }
    // What is public for everybody is open to all, without credentials too.
    for (const path of ['/.well-known/openid-configuration', '/jwks']) {
      const response = await preflight(path, 'https://anybody.example');
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
      expect(response.headers.get('access-control-allow-credentials')).toBeNull();
    }
  });

  it('P:E-006 asks the token endpoint by OPTIONS first', async () => {
    const response = await preflight('/token', 'https://spa.example');
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe('https://spa.example');
    expect(response.headers.get('access-control-allow-methods')).toContain('POST');
    expect(response.headers.get('access-control-allow-headers')?.toLowerCase()).toContain('content-type');
    expect(response.headers.get('access-control-allow-headers')?.toLowerCase()).toContain('authorization');
    // An error can be read as well: the client has to know.
    const refused = await post(
      world,
      '/token',
      { grant_type: 'refresh_token', client_id: 'spa', refresh_token: 'x' },
      {
        headers: { origin: 'https://spa.example' },
      },
    );
    expect(refused.status).toBe(400);
    expect(refused.headers.get('access-control-allow-origin')).toBe('https://spa.example');
  });
});
