// Bearer tokens (RFC 6750) at the resource that this server itself protects: userinfo.

import { describe, expect, it } from 'vitest';
import { claimsOf, introspect, json, obtainCode, obtainTokens, post, userinfo } from './browser.ts';
import { rawRequest } from './raw-request.ts';
import { signedBy, signedByServer, strangersKey, unsigned, withClaims } from './signed-jwt.ts';
import { withUbisecure } from './spec.ts';
import { load, serve, serveForAll, type World, warningsOf } from './world.ts';

const REALM = 'realm="https://as.example"';
const FORM = ['Content-Type', 'application/x-www-form-urlencoded'] as const;

const world = await serveForAll(({ site }) => {
  site.applications.other.tokens = { format: 'opaque' };
});
const own = await obtainTokens(world, 'web', { scope: 'openid email offline_access' });
const opaque = await obtainTokens(world, 'other');
const token: string = own.access_token;

const challengeOf = (response: { readonly headers: Headers }): string => response.headers.get('www-authenticate') ?? '';

async function expectInvalidToken(response: Response): Promise<void> {
  expect(response.status).toBe(401);
  expect(challengeOf(response)).toMatch(/^Bearer realm="https:\/\/as\.example", error="invalid_token", /);
  expect(await response.json()).toEqual({ error: 'invalid_token', error_description: expect.any(String) });
}

function asked(header: string | undefined, method = 'GET', at: World = world): Promise<Response> {
  return at.fetch('/userinfo', { method, headers: header === undefined ? {} : { authorization: header } });
}

describe('how a token is presented', () => {
  it('P:B-001 a token in the Authorization header is taken, whatever the case of the scheme', async () => {
    expect(own.access_token).toContain('.');
    expect(opaque.access_token).not.toContain('.');
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
      for (const { access_token } of [own, opaque]) {
        for (const method of ['GET', 'POST']) {
          const response = await asked(`${scheme} ${access_token}`, method);
          expect(response.status).toBe(200);
          expect(await response.json()).toMatchObject({ sub: 'ada-0001' });
        }
      }
    }
    for (const scheme of ['Token', 'DPoP', 'Basic', 'Bearers']) {
      expect((await asked(`${scheme} ${token}`)).status).toBe(401);
    }
  });

  it('P:B-002 a token in a form body is taken by POST, and by no other method or encoding', async () => {
    const response = await post(world, '/userinfo', { access_token: token });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ sub: 'ada-0001', email: 'ada@example.com' });

    const body = new URLSearchParams({ access_token: token }).toString();
    const byGet = await rawRequest(world, '/userinfo', { headers: [FORM], body });
    expect(byGet.status).toBe(401);
    expect(byGet.text).not.toContain('ada');

    const multipart = new FormData();
    multipart.set('access_token', token);
    const others: RequestInit[] = [
      { body: multipart },
      { body: JSON.stringify({ access_token: token }), headers: { 'content-type': 'application/json' } },
      { body, headers: { 'content-type': 'text/plain' } },
    ];
    for (const init of others) {
      const refused = await world.fetch('/userinfo', { method: 'POST', ...init });
      expect(refused.status).toBe(400);
      expect(await refused.json()).toEqual({
        error: 'invalid_request',
        error_description: expect.stringMatching(/^CONTENT_TYPE_UNSUPPORTED: /),
      });
    }
  });

  it('P:B-003 a token in the query is not read, by any method', async () => {
    const nothing = await asked(undefined);
    for (const method of ['GET', 'POST']) {
      for (const presented of [token, 'not a token']) {
        const response = await world.fetch(`/userinfo?${new URLSearchParams({ access_token: presented })}`, { method });
        expect(response.status).toBe(401);
        // As if there were none: what the query holds makes no difference.
        expect(challengeOf(response)).toBe(challengeOf(nothing));
        expect(challengeOf(response)).not.toContain('error');
      }
    }
    // Beside a token in the header it is as little read.
    const both = await world.fetch('/userinfo?access_token=another', { headers: { authorization: `Bearer ${token}` } });
    expect(both.status).toBe(200);
  });

  it('P:B-004 a token in header and body at once is invalid_request, the same one twice too', async () => {
    for (const inBody of [token, opaque.access_token, 'x']) {
      const headers = { authorization: `Bearer ${token}` };
      const response = await post(world, '/userinfo', { access_token: inBody }, { headers });
      expect(response.status).toBe(400);
      expect(challengeOf(response)).toMatch(/^Bearer realm="https:\/\/as\.example", error="invalid_request", /);
      expect(await response.json()).toMatchObject({ error: 'invalid_request' });
    }
  });

  it('P:B-005 without a token the challenge tells no error', async () => {
    const responses = [asked(undefined), asked(undefined, 'POST'), post(world, '/userinfo', { other: 'parameter' })];
    for (const response of await Promise.all(responses)) {
      expect(response.status).toBe(401);
      expect(challengeOf(response)).toBe(`Bearer ${REALM}`);
    }
  });

  it('P:B-008 a Bearer header without a token, or with several, is refused', async () => {
    const values = [
      'Bearer',
      'Bearer  ',
      `Bearer ${token} ${token}`,
      `Bearer ${token},${token}`,
      'Bearer =',
      'Bearer "a"',
    ];
    for (const value of values) {
      const { status, headers, text } = await rawRequest(world, '/userinfo', { headers: [['Authorization', value]] });
      expect(status).toBe(400);
      expect(challengeOf({ headers })).toMatch(/^Bearer realm="https:\/\/as\.example", error="invalid_request", /);
      expect(JSON.parse(text)).toMatchObject({ error: 'invalid_request' });
    }
    const twice = await rawRequest(world, '/userinfo', {
      headers: [
        ['Authorization', `Bearer ${token}`],
        ['Authorization', `Bearer ${opaque.access_token}`],
      ],
    });
    expect(twice.status).toBe(400);
    expect(challengeOf(twice)).toContain('error="invalid_request"');
    const form = `access_token=${token}&access_token=${token}`;
    const twiceInForm = await post(world, '/userinfo', form);
    expect(twiceInForm.status).toBe(400);
    expect(challengeOf(twiceInForm)).toContain('error="invalid_request"');
  });
});

describe('which tokens open nothing', () => {
  it('P:B-006 a malformed, unknown or foreign token is invalid_token', async () => {
    const claims = claimsOf(token);
    expect((await asked(`Bearer ${await signedByServer(world, claims)}`)).status).toBe(200);
    const strangers = await strangersKey();
    const { kid } = world.snapshot().keys.find(({ alg }) => alg === 'ES256') ?? {};
    const hostile = [
      'x',
      'a.b.c',
      `${token.slice(0, -4)}AAAA`,
      opaque.access_token.replace(/^./, (first: string) => (first === 'A' ? 'B' : 'A')),
      withClaims(token, { sub: 'bob-0002' }),
      unsigned(claims, { typ: 'at+jwt' }),
      await signedBy(strangers, claims, { typ: 'at+jwt' }),
      // Under the kid of a key that is known.
      await signedBy(strangers, claims, { typ: 'at+jwt', kid }),
      await signedByServer(world, { ...claims, iss: 'https://elsewhere.example' }),
      await signedByServer(world, { ...claims, iss: `${claims.iss}/` }),
    ];
    for (const text of hostile) await expectInvalidToken(await asked(`Bearer ${text}`));
  });

  it('P:B-006 an expired or revoked token is invalid_token', async () => {
    const fresh = await serve(({ site }) => {
      site.applications.other.tokens = { format: 'opaque' };
    });
    for (const client_id of ['web', 'other']) {
      const revoked = (await obtainTokens(fresh, client_id)).access_token;
      await post(fresh, '/revoke', { token: revoked }, { as: client_id });
      await expectInvalidToken(await userinfo(fresh, revoked));
    }
    const expiring = [await obtainTokens(fresh, 'web'), await obtainTokens(fresh, 'other')];
    fresh.advance(3590);
    for (const { access_token } of expiring) expect((await userinfo(fresh, access_token)).status).toBe(200);
    fresh.advance(11);
    for (const { access_token } of expiring) await expectInvalidToken(await userinfo(fresh, access_token));
  });

  it('P:B-007 a token without the needed scope is insufficient_scope, and the challenge names the scope', async () => {
    const { access_token } = await obtainTokens(world, 'web', { scope: 'notes email' });
    const batch = await json(post(world, '/token', { grant_type: 'client_credentials' }, { as: 'batch' }));
    for (const lacking of [access_token, batch.access_token]) {
      const response = await asked(`Bearer ${lacking}`);
      expect(response.status).toBe(403);
      expect(challengeOf(response)).toMatch(
        /^Bearer realm="https:\/\/as\.example", error="insufficient_scope", error_description="[^"]+", scope="openid"$/,
      );
      expect(await response.json()).toEqual({ error: 'insufficient_scope', error_description: expect.any(String) });
    }
  });

  it('P:B-010 a token that was issued for another audience is invalid_token here, and good there', async () => {
    const apart = await serve((documents) => {
      withUbisecure(documents);
      const { site } = documents;
      // It may use the api, and not itself.
      Object.assign(site.applications.batch, { allowed_to: [] });
      site.applications.batch.metadata.scope = 'api';
      site.applications.api.allowed_to = ['Batch'];
      site.applications.batch.impersonates = 'ada';
      site.users.ada.methods = ['password.1', 'client.credentials.1'];
      site.groups.Batch.members = ['ada'];
    });
    const { access_token } = await json(post(apart, '/token', { grant_type: 'client_credentials' }, { as: 'batch' }));
    expect(claimsOf(access_token).aud).toEqual(['api']);
    expect(await introspect(apart, access_token, 'api')).toMatchObject({ active: true, aud: ['api'] });
    for (const path of ['/userinfo', '/oauth2/userinfo']) {
      const response = await apart.fetch(path, { headers: { authorization: `Bearer ${access_token}` } });
      await expectInvalidToken(response);
    }
    // The token of a user, as this very server would sign it without the client among its audiences.
    const narrowed = await signedByServer(world, { ...claimsOf(token), aud: ['api'] });
    await expectInvalidToken(await asked(`Bearer ${narrowed}`));
  });

  it('P:B-013 refresh tokens and codes are no access tokens', async () => {
    const { code, form } = await obtainCode(world, 'web');
    await expectInvalidToken(await asked(`Bearer ${code}`));
    await expectInvalidToken(await asked(`Bearer ${own.refresh_token}`));
    await expectInvalidToken(await asked(`Bearer ${opaque.refresh_token}`));
    // They are alive all the same.
    expect((await post(world, '/token', form, { as: 'web' })).status).toBe(200);
    expect(await introspect(world, opaque.refresh_token, 'other')).toMatchObject({ active: true });
  });

  it('P:B-014 an ID token is no access token, also where both have the same type', async () => {
    await expectInvalidToken(await asked(`Bearer ${own.id_token}`));
    const alike = await serve(({ server }) => {
      server.server.tokens = { typ: 'JWT', alg: 'RS256' };
    });
    const { access_token, id_token } = await obtainTokens(alike, 'web');
    expect((await userinfo(alike, access_token)).status).toBe(200);
    await expectInvalidToken(await userinfo(alike, id_token));
    // Under the type of access tokens it would still be none.
    await expectInvalidToken(await asked(`Bearer ${await signedByServer(world, claimsOf(own.id_token))}`));
  });
});

// The grammar of a challenge (RFC 9110 11.2, 11.6.1) with quoted values, whole.
const CHALLENGE =
  /^Bearer +([a-z_]+="(?:[\t\x20-\x21\x23-\x5B\x5D-\x7E]|\\[\t\x20-\x7E])*")(?:, *[a-z_]+="(?:[\t\x20-\x21\x23-\x5B\x5D-\x7E]|\\[\t\x20-\x7E])*")*$/;

it('P:B-009 every 401 and 403 has a Bearer challenge of good form, with realm and scope once at most', async () => {
  const batch = await json(post(world, '/token', { grant_type: 'client_credentials' }, { as: 'batch' }));
  const responses = await Promise.all([
    asked(undefined),
    asked(undefined, 'POST'),
    asked('Bearer x'),
    asked('Bearer "quoted", scope="x"'),
    asked('Basic dXNlcjpwYXNz'),
    asked(`Bearer ${own.id_token}`),
    asked(`Bearer ${own.refresh_token}`),
    asked(`Bearer ${batch.access_token}`),
    post(world, '/userinfo', { access_token: 'x"\\' }),
  ]);
  const refused = responses.filter(({ status }) => status === 401 || status === 403);
  expect(refused.map(({ status }) => status).sort()).toEqual([401, 401, 401, 401, 401, 401, 401, 403]);
  for (const response of responses) {
    const challenge = challengeOf(response);
    expect(challenge).toMatch(CHALLENGE);
    for (const name of ['realm', 'scope']) {
      expect(challenge.match(new RegExp(`\\b${name}=`, 'g'))?.length ?? 0).toBeLessThanOrEqual(1);
    }
  }
});

it('P:B-011 access tokens live an hour where nothing is written, and more is warned of', async () => {
  expect(own.expires_in).toBeLessThanOrEqual(3600);
  const { access_token, expires_in } = await obtainTokens(world, 'spa');
  expect(expires_in).toBe(3600);
  const { exp, iat } = claimsOf(access_token);
  expect(exp - iat).toBe(3600);

  const warned = (access_ttl: string, at: 'server' | 'web') =>
    load(({ server, site }) => {
      (at === 'server' ? server.server : site.applications.web).tokens = { access_ttl };
    });
  expect(warningsOf(await load(() => undefined))).not.toContain('tokens.long-lived');
  expect(warningsOf(await warned('1h', 'server'))).not.toContain('tokens.long-lived');
  for (const at of ['server', 'web'] as const) {
    const [told] = (await warned('61m', at)).filter(({ code }) => code === 'tokens.long-lived');
    expect(told).toMatchObject({ severity: 'warning', range: { file: expect.stringContaining('.yaml') } });
  }
});
