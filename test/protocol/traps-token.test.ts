// What other servers got wrong about tokens, each by its advisory: here it is refused.

import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { PublicAppOptions } from '../../src/http/public-app.ts';
import { Failure } from '../../src/model/failure.ts';
import { signerOf } from '../../src/oauth/keys.ts';
import { makeLogoutToken } from '../../src/oauth/logout-token.ts';
import {
  Browser,
  claimsOf,
  codeRequest,
  headerOf,
  introspect,
  json,
  obtainCode,
  obtainTokens,
  post,
  refresh,
  tokenRequest,
  userinfo,
} from './browser.ts';
import { expectRedirectedError, expectTokenError } from './security-checks.ts';
import { type Documents, PASSWORD, withLegacyGrants } from './spec.ts';
import { serve, serveForAll } from './world.ts';

const world = await serveForAll((spec) => {
  withLegacyGrants(spec);
  withServiceUser(spec);
  const { applications } = spec.site;
  applications.legacy.metadata.scope = 'api archive notes';
  applications.implicit.metadata.scope = 'api archive';
  const redirect_uris = ['https://opaque.example/callback'];
  applications.opaque = {
    ...applications.web,
    tokens: { format: 'opaque' },
    metadata: { ...applications.web.metadata, redirect_uris },
  };
});

/** `robot` acts as the user `service`, whose group opens `server1`. */
function withServiceUser({ site }: Documents): void {
  const methods = ['client.credentials.1'];
  const secret = { env: 'CLIENT_SECRET' };
  const metadata = { grant_types: ['client_credentials'], scope: 'server1' };
  site.applications.robot = { secret, methods, impersonates: 'service', metadata };
  site.applications.server1 = { secret, methods, allowed_to: ['G1'], metadata: { grant_types: [] } };
  site.groups.G1 = { methods, members: ['service'] };
  site.users.service = { methods };
}

describe('one kind of token in the place of another', () => {
  it('GHSA-7fpj-9hr8-28vh: no token of another kind is an access token, a refresh token, a code or a hint', async () => {
    const given = await obtainTokens(world, 'web', { scope: 'openid api' });
    const { browser, access_token, id_token, refresh_token } = given;
    const { sid } = claimsOf(id_token);
    const session = await world.store.findSessionBySid(sid);
    if (session === undefined) throw new Error('the session of the login is not there');
    const snapshot = world.snapshot();
    const application = snapshot.index.application('application:Example/web');
    if (application === undefined) throw new Error('no application web');
    const context = { snapshot, now: world.now(), random: randomBytes, signer: signerOf(snapshot.keys) };
    const logout_token = (await makeLogoutToken(application, session, context as never)) ?? 'none';
    expect(headerOf(logout_token).typ).toBe('logout+jwt');

    for (const token of [logout_token, id_token, refresh_token]) {
      expect((await userinfo(world, token)).status).toBe(401);
      expect(await introspect(world, token, 'api')).toEqual({ active: false });
    }
    for (const token of [logout_token, id_token, access_token]) {
      await expectTokenError(await refresh(world, 'web', token), 'invalid_grant');
      const form = { grant_type: 'authorization_code', code: token, redirect_uri: 'https://web.example/callback' };
      await expectTokenError(await tokenRequest(world, 'web', form), 'invalid_grant');
    }
    // A hint names a session: only an ID token does.
    for (const token of [logout_token, access_token]) {
      const { parameters } = codeRequest('web', { prompt: 'none', id_token_hint: token });
      expectRedirectedError(await browser.authorize(parameters), 'https://web.example/callback', 'invalid_request');
      expect((await browser.go(`${world.issuer}/logout?id_token_hint=${token}`)).status).toBe(400);
    }
    // None of them is an assertion of a client either.
    for (const client_assertion of [access_token, id_token, logout_token]) {
      const form = { grant_type: 'client_credentials', client_assertion };
      const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
      const response = await post(world, '/token', { ...form, client_assertion_type: type });
      await expectTokenError(response, 'invalid_client', 401);
    }
    expect((await refresh(world, 'web', refresh_token)).status).toBe(200);
  });

  it('CVE-2026-28498: every ID token has the hash of its access token, and it is the right one', async () => {
    const given = await obtainTokens(world, 'web');
    const implicit = { response_type: 'id_token token', code_challenge: undefined, code_challenge_method: undefined };
    const { parameters } = codeRequest('implicit', implicit);
    const browser = new Browser(world);
    const { answer } = await browser.through(await browser.authorize(parameters));
    const second = await json(refresh(world, 'web', given.refresh_token));
    for (const { access_token, id_token } of [given, answer, second]) {
      expect(headerOf(id_token ?? '').alg).toBe('RS256');
      const digest = createHash('sha256')
        .update(access_token ?? 'none')
        .digest();
      expect(claimsOf(id_token ?? '').at_hash).toBe(digest.subarray(0, 16).toString('base64url'));
    }
  });
});

describe('a way round access', () => {
  it.each(['CVE-2026-56668', 'GHSA-7fpj-9hr8-28vh', 'GHSA-7qjx-gp9h-65qj'])(
    '%s: tokens are not exchanged',
    async (_advisory) => {
      const { access_token } = await obtainTokens(world, 'web', { scope: 'openid api' });
      const metadata = await json(world.fetch('/.well-known/openid-configuration'));
      for (const grant_type of [
        'urn:ietf:params:oauth:grant-type:token-exchange',
        'urn:ietf:params:oauth:grant-type:jwt-bearer',
        'urn:ietf:params:oauth:grant-type:saml2-bearer',
        'urn:ietf:params:oauth:grant-type:device_code',
      ]) {
        expect(metadata.grant_types_supported).not.toContain(grant_type);
        const form = {
          grant_type,
          subject_token: access_token,
          subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
          assertion: access_token,
          scope: 'archive',
          requested_subject: 'bob',
        };
        for (const as of ['web', 'other', 'batch']) {
          await expectTokenError(await post(world, '/token', form, { as }), 'unsupported_grant_type');
        }
      }
    },
  );

  it('GHSA-7qjx-gp9h-65qj: what a user may reach is decided for every grant alike', async () => {
    // archive is for ada alone. bob does not get it by code, by password, by implicit or by a refresh.
    const byCode = await obtainTokens(world, 'web', { scope: 'openid archive' }, new Browser(world), 'bob');
    const password = { grant_type: 'password', username: 'bob', password: PASSWORD };
    const byPassword = await json(tokenRequest(world, 'legacy', { ...password, scope: 'archive api' }));
    const asked = { response_type: 'token', scope: 'openid archive', code_challenge: undefined };
    const browser = new Browser(world);
    const page = await browser.authorize(codeRequest('implicit', asked).parameters);
    const { answer: byImplicit } = await browser.login(page, 'bob');
    const refreshed = await json(refresh(world, 'web', byCode.refresh_token));
    for (const { access_token } of [byCode, byPassword, byImplicit, refreshed]) {
      const { aud, scope } = claimsOf(access_token ?? '');
      expect(aud).not.toContain('archive');
      expect((scope ?? '').split(' ')).not.toContain('archive');
      expect(await introspect(world, access_token ?? '', 'archive')).toEqual({ active: false });
    }
    const whole = await json(tokenRequest(world, 'legacy', password));
    expect(claimsOf(whole.access_token).aud).toEqual(['api', 'legacy']);
    const again = await json(refresh(world, 'legacy', whole.refresh_token));
    expect(claimsOf(again.access_token).aud).toEqual(['api', 'legacy']);
    await expectTokenError(await refresh(world, 'legacy', again.refresh_token, { scope: 'archive' }), 'invalid_scope');

    // What closes closes the grants that are there too.
    const own = await serve();
    const adas = await obtainTokens(own, 'web', { scope: 'openid archive' });
    await own.apply(({ site }) => {
      site.groups.Archivists.members = ['bob'];
    });
    expect(await introspect(own, adas.access_token, 'archive')).toEqual({ active: false });
    const next = await json(refresh(own, 'web', adas.refresh_token));
    expect(claimsOf(next.access_token).aud).toEqual(['web']);
    expect(await introspect(own, next.access_token, 'archive')).toEqual({ active: false });
  });

  it('CVE-2026-109374: nobody becomes another user by a parameter, and whom a client acts as is in the configuration', async () => {
    const asAda = {
      impersonate: 'ada',
      impersonates: 'Example/ada',
      requested_subject: 'ada',
      subject: 'ada',
      sub: 'ada-0001',
      user: 'ada',
      username: 'ada',
      actor_token: 'x',
      login_hint: 'ada',
    };
    const form = { grant_type: 'client_credentials', ...asAda };
    const batch = claimsOf((await json(tokenRequest(world, 'batch', form))).access_token);
    expect(batch.sub).toBe('batch');
    expect(batch).not.toHaveProperty('impersonates');
    expect(JSON.stringify(batch)).not.toContain('ada');
    const robot = claimsOf((await json(tokenRequest(world, 'robot', form))).access_token);
    expect(robot).toMatchObject({ sub: 'robot', impersonates: 'Example/service' });
    const { form: code } = await obtainCode(world, 'web', asAda, new Browser(world), 'bob');
    const { id_token } = await json(tokenRequest(world, 'web', { ...code, ...asAda }));
    expect(claimsOf(id_token).sub).toBe('bob-0002');
  });

  it.each(['CVE-2025-64521', 'GO-2025-4137'])(
    '%s: a client whose service user is disabled, or whose time is over, is one without access',
    async (_advisory) => {
      const own = await serve(withServiceUser);
      const ask = () => tokenRequest(own, 'robot', { grant_type: 'client_credentials' });
      const { access_token } = await json(ask());
      expect((await introspect(own, access_token, 'server1')).active).toBe(true);
      for (const ending of [{ enabled: false }, { expires: '2020-01-01' }, { not_before: '2999-01-01' }]) {
        await own.apply(({ site }) => {
          site.users.service = { methods: ['client.credentials.1'], ...ending };
        });
        const body = await expectTokenError(await ask(), 'unauthorized_client');
        expect(body.error_description).toMatch(/^USER_NOT_ACTIVE/);
        expect(await introspect(own, access_token, 'server1')).toEqual({ active: false });
      }
    },
  );
});

describe('what is kept of a token', () => {
  it('CVE-2026-27840: the whole of it counts: no part of it, nothing longer, and no other spelling', async () => {
    const { access_token, refresh_token, browser } = await obtainTokens(world, 'opaque', { scope: 'openid api' });
    expect(access_token).toMatch(/^[\w-]{43}$/);
    const variants = (token: string) => [
      token.slice(0, -1),
      token.slice(1),
      token.slice(0, 22),
      `${token}=`,
      `${token}A`,
      `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`,
      `${token.startsWith('A') ? 'B' : 'A'}${token.slice(1)}`,
      token.toUpperCase() === token ? token.toLowerCase() : token.toUpperCase(),
      ` ${token}`,
      `${token}\n`,
      createHash('sha256').update(token).digest('hex'),
    ];
    for (const variant of variants(access_token)) {
      expect(await introspect(world, variant, 'api'), variant).toEqual({ active: false });
    }
    for (const variant of variants(refresh_token)) {
      expect((await refresh(world, 'opaque', variant)).status, variant).toBe(400);
    }
    expect((await introspect(world, access_token, 'api')).active).toBe(true);
    expect((await refresh(world, 'opaque', refresh_token)).status).toBe(200);
    const file = ['', '-wal'].map((end) => readFileSync(world.storePath + end, 'latin1')).join('');
    const cookie = browser.cookies.get(browser.sessionCookie() ?? '') ?? '';
    for (const secret of [access_token, refresh_token, cookie]) {
      expect(secret).toHaveLength(43);
      expect(file.includes(secret)).toBe(false);
    }
    expect(file.includes(createHash('sha256').update(access_token).digest('hex'))).toBe(true);
  });

  it.each(['endGrant', 'revokeJwt', 'deleteAccessToken'] as const)(
    'GHSA-7mqr-2v3q-v2wm: a revocation that the store did not take (%s) is no success',
    async (verb) => {
      const own = await serve(({ site }) => {
        site.applications.web.tokens = { format: verb === 'revokeJwt' ? 'jwt' : 'opaque' };
      });
      let isAway = true;
      const failing = () => Promise.reject(new Failure('store_unavailable', 'the store is away'));
      const grants = new Proxy(own.store, {
        get: (store, name) => {
          if (name === verb && isAway) return failing;
          const value = Reflect.get(store, name);
          return typeof value === 'function' ? value.bind(store) : value;
        },
      }) as PublicAppOptions['grants'];
      const broken = await own.second({ grants });
      const { access_token, refresh_token } = await obtainTokens(own, 'web', { scope: 'openid api' });
      const token = verb === 'endGrant' ? refresh_token : access_token;
      const response = await post(broken, '/revoke', { token }, { as: 'web' });
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toBe('5');
      expect((await json(response)).error).toBe('temporarily_unavailable');
      // It is alive, as the client was told.
      expect((await introspect(own, access_token, 'api')).active).toBe(true);
      isAway = false;
      expect((await post(broken, '/revoke', { token }, { as: 'web' })).status).toBe(200);
      expect(await introspect(own, access_token, 'api')).toEqual({ active: false });
    },
  );

  it('hydra#1438: a secret and a password count to their last character', async () => {
    const long = `${'long-secret-'.repeat(10)}end`;
    const own = await serve(withLegacyGrants, { env: { CLIENT_SECRET: long, USER_PASSWORD: long } });
    const form = { grant_type: 'client_credentials', scope: 'notes' };
    for (const secret of [`${long.slice(0, -1)}D`, long.slice(0, 72), `${long}x`]) {
      await expectTokenError(await post(own, '/token', form, { as: 'batch', secret }), 'invalid_client', 401);
      const password = { grant_type: 'password', username: 'ada', password: secret };
      await expectTokenError(await post(own, '/token', password, { as: 'legacy', secret: long }), 'invalid_grant');
    }
    expect((await post(own, '/token', form, { as: 'batch', secret: long })).status).toBe(200);
    const password = { grant_type: 'password', username: 'ada', password: long };
    expect((await post(own, '/token', password, { as: 'legacy', secret: long })).status).toBe(200);
  });
});
