// Rows N-20…N-33, N-60 and N-61 of SEMANTICS: the grants of the system that is replaced, over HTTP.

import { describe, expect, it } from 'vitest';
import {
  Browser,
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
import { PASSWORD, withLegacyGrants } from './spec.ts';
import { load, serve, serveForAll, warningsOf } from './world.ts';

const legacy = await serveForAll((spec) => {
  withLegacyGrants(spec);
  spec.site.applications.legacy.tokens = { access_ttl: '12h' };
});

describe('S:N-20, S:N-21 authorization code', () => {
  it('S:N-20 owner and client are authenticated, the owner consents, and the token comes by way of a redirect', async () => {
    const world = await serve();
    const browser = new Browser(world);
    const { parameters, verifier } = codeRequest('asking', { scope: 'openid notes' });
    const login = await browser.authorize(parameters);
    expect(login.form?.id).toBe('login');
    const consent = await browser.login(login);
    expect(consent.form?.id).toBe('consent');
    expect(consent.html).toContain('Read your notes');
    const done = await browser.press(consent, 'allow');
    expect(done.location?.origin).toBe('https://asking.example');
    const form = {
      grant_type: 'authorization_code',
      code: done.answer.code ?? '',
      redirect_uri: 'https://asking.example/callback',
    };
    const tokens = await json(tokenRequest(world, 'asking', { ...form, code_verifier: verifier }));
    expect(tokens.scope ?? 'openid notes').toContain('notes');
    expect(tokens.refresh_token).toEqual(expect.any(String));
  });

  it('S:N-21 an unknown client and a foreign redirect URI get a page before anybody logs in, and go nowhere', async () => {
    const browser = new Browser(legacy);
    for (const wrong of [{ client_id: 'nobody' }, { redirect_uri: 'https://evil.example/callback' }]) {
      const stop = await browser.authorize({ ...codeRequest('web').parameters, ...wrong });
      expect([stop.status, stop.location]).toEqual([400, undefined]);
    }
  });

  it('S:N-21 a wrong scope and a grant that the client lacks are told by redirect before anybody logs in', async () => {
    const browser = new Browser(legacy);
    const scope = await browser.authorize(codeRequest('web', { scope: 'openid treasure' }).parameters);
    expect(scope.answer).toMatchObject({ error: 'invalid_scope', state: 'a state' });
    const grant = await browser.authorize(
      codeRequest('implicit', { redirect_uri: 'https://implicit.example/callback' }).parameters,
    );
    expect(grant.answer).toMatchObject({ error: 'unauthorized_client', state: 'a state' });
  });

  it('S:N-21 a session that is there already asks for no login', async () => {
    const browser = new Browser(legacy);
    await browser.through(await browser.authorize(codeRequest('web').parameters));
    const again = await browser.authorize(codeRequest('other').parameters);
    expect(again.answer.code).toEqual(expect.any(String));
  });

  it('S:N-21 an owner who refuses is told to the client', async () => {
    const browser = new Browser(legacy);
    const consent = await browser.login(await browser.authorize(codeRequest('asking', { scope: 'notes' }).parameters));
    const refused = await browser.press(consent, 'deny');
    expect(refused.answer).toMatchObject({ error: 'access_denied', state: 'a state' });
    expect(refused.answer.code).toBeUndefined();
  });

  it('S:N-21, vector V15 a code that comes again is refused, and what it gave is revoked', async () => {
    const { form } = await obtainCode(legacy, 'web', { scope: 'openid api' });
    const tokens = await json(tokenRequest(legacy, 'web', form));
    expect((await userinfo(legacy, tokens.access_token)).status).toBe(200);
    const replay = await tokenRequest(legacy, 'web', form);
    expect([replay.status, (await replay.json()).error]).toEqual([400, 'invalid_grant']);
    expect((await userinfo(legacy, tokens.access_token)).status).toBe(401);
    expect((await json(refresh(legacy, 'web', tokens.refresh_token))).error).toBe('invalid_grant');
  });
});

describe('S:N-22 implicit', () => {
  const request = {
    client_id: 'implicit',
    redirect_uri: 'https://implicit.example/callback',
    response_type: 'token',
    scope: 'notes',
    state: 'a state',
  };

  it('S:N-22, vector V16 the token travels in the fragment, and there is never a refresh token', async () => {
    const browser = new Browser(legacy);
    const login = await browser.authorize({ ...request, scope: 'notes offline_access' });
    expect(login.form?.id).toBe('login');
    const done = await browser.through(login);
    expect(done.location?.search).toBe('');
    expect(done.answer).toMatchObject({ token_type: 'Bearer', state: 'a state', access_token: expect.any(String) });
    expect(done.answer.refresh_token).toBeUndefined();
    expect((await introspect(legacy, done.answer.access_token ?? '', 'api')).active).toBe(true);
  });

  it('S:N-22 the redirect URI is matched letter for letter', async () => {
    const stop = await new Browser(legacy).authorize({ ...request, redirect_uri: `${request.redirect_uri}/` });
    expect([stop.status, stop.location]).toEqual([400, undefined]);
  });

  it('S:N-22 a spec that turns it on is warned', async () => {
    expect(warningsOf(await load(withLegacyGrants))).toContain('implicit-enabled');
    expect(warningsOf(await load(() => undefined))).not.toContain('implicit-enabled');
  });
});

describe('S:N-23 resource owner password', () => {
  const ask = (more: Record<string, string>) =>
    tokenRequest(legacy, 'legacy', { grant_type: 'password', username: 'ada', password: PASSWORD, ...more });

  it('S:N-23 client and owner prove who they are, no page is shown, and the token lives as long as the application says', async () => {
    const response = await ask({ scope: 'notes' });
    expect(response.status).toBe(200);
    const tokens = await response.json();
    expect(tokens).toMatchObject({ token_type: 'Bearer', refresh_token: expect.any(String) });
    expect(tokens.expires_in).toBe(12 * 3600);
    expect(await introspect(legacy, tokens.access_token, 'legacy')).toMatchObject({ active: true, username: 'ada' });
  });

  it('S:N-23 a wrong owner is invalid_grant, a wrong client invalid_client, a wrong scope invalid_scope', async () => {
    const error = async (response: Promise<Response>) => (await json(response)).error;
    expect(await error(ask({ password: 'wrong' }))).toBe('invalid_grant');
    expect(await error(ask({ username: 'nobody' }))).toBe('invalid_grant');
    expect(await error(ask({ scope: 'drafts' }))).toBe('invalid_scope');
    const form = { grant_type: 'password', username: 'ada', password: PASSWORD };
    expect(await error(post(legacy, '/token', form, { as: 'legacy', secret: 'not the secret of it' }))).toBe(
      'invalid_client',
    );
  });

  it('S:N-23 a spec that turns it on is warned', async () => {
    expect(warningsOf(await load(withLegacyGrants))).toContain('password-enabled');
  });
});

describe('S:N-24 client credentials', () => {
  it('S:N-24 a confidential client gets a token without an owner', async () => {
    const tokens = await json(tokenRequest(legacy, 'batch', { grant_type: 'client_credentials', scope: 'notes' }));
    expect(tokens).toMatchObject({ token_type: 'Bearer', access_token: expect.any(String) });
    expect(tokens.refresh_token).toBeUndefined();
    const told = await introspect(legacy, tokens.access_token, 'batch');
    expect(told).toMatchObject({ active: true, sub: 'batch' });
    expect(told.username).toBeUndefined();
  });

  it('S:N-24 S:X-03 a refresh token comes with it only where the application says so', async () => {
    const world = await serve(({ site }) => {
      // Nobody could log out, so that there is no session to need.
      const refresh = { enabled: true, for_client_credentials: true, require_live_session: true };
      site.applications.batch.tokens = { refresh };
    });
    const tokens = await json(tokenRequest(world, 'batch', { grant_type: 'client_credentials', scope: 'notes' }));
    const again = await json(refresh(world, 'batch', tokens.refresh_token));
    expect(again.refresh_token).not.toBe(tokens.refresh_token);
    expect((await introspect(world, again.access_token, 'batch')).active).toBe(true);
  });
});

describe('S:N-25 consent', () => {
  it('S:N-25 is asked every time where it is not remembered, and once where it is', async () => {
    const world = await serve(({ site }) => {
      site.applications.forgetful = structuredClone(site.applications.asking);
      site.applications.forgetful.consent = { required: true };
      site.applications.forgetful.metadata.redirect_uris = ['https://forgetful.example/callback'];
    });
    for (const [client, second] of [
      ['forgetful', 'consent'],
      ['asking', undefined],
    ] as const) {
      const browser = new Browser(world);
      const request = () => browser.authorize(codeRequest(client, { scope: 'notes' }).parameters);
      await browser.through(await request());
      expect((await request()).form?.id, client).toBe(second);
    }
  });

  it('S:N-25 what was remembered of one set of scopes is not consent to more', async () => {
    const browser = new Browser(legacy);
    await browser.through(await browser.authorize(codeRequest('asking', { scope: 'notes' }).parameters), 'bob');
    const more = await browser.authorize(codeRequest('asking', { scope: 'notes drafts' }).parameters);
    expect(more.form?.id).toBe('consent');
  });
});

describe('S:N-30…S:N-33 refresh tokens', () => {
  it('S:N-30 come with every grant but implicit, whether or not offline_access was asked for, where they are on', async () => {
    const world = await serve(({ site }) => {
      site.applications.web.metadata.grant_types = ['authorization_code'];
      site.applications.web.tokens = { refresh: { enabled: true } };
      site.applications.other.tokens = { refresh: { enabled: false } };
    });
    expect((await obtainTokens(world, 'web', { scope: 'notes openid' })).refresh_token).toEqual(expect.any(String));
    expect((await obtainTokens(world, 'other', { scope: 'notes openid' })).refresh_token).toBeUndefined();
  });

  it('S:N-30 where they are off the grant is unauthorized_client', async () => {
    const world = await serve();
    const { refresh_token } = await obtainTokens(world, 'other');
    await world.apply(({ site }) => {
      site.applications.other.tokens = { refresh: { enabled: false } };
    });
    expect((await json(refresh(world, 'other', refresh_token))).error).toBe('unauthorized_client');
  });

  it('S:N-31 live longer than access tokens, and need no owner', async () => {
    const world = await serve();
    const tokens = await obtainTokens(world, 'web', { scope: 'openid notes' });
    world.advance(3601);
    expect((await introspect(world, tokens.access_token)).active).toBe(false);
    const again = await json(refresh(world, 'web', tokens.refresh_token));
    expect((await introspect(world, again.access_token)).active).toBe(true);
  });

  it('S:N-31 a ttl that is not longer than that of access tokens does not load', async () => {
    const diagnostics = await load(({ site }) => {
      site.applications.web.tokens = { access_ttl: '1h', refresh: { ttl: '1h' } };
    });
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toHaveLength(1);
  });

  it('S:N-32, vector V18 each is used once: replay is invalid_grant, and ends the family', async () => {
    const { refresh_token } = await obtainTokens(legacy, 'web');
    const second = await json(refresh(legacy, 'web', refresh_token));
    expect(second.refresh_token).not.toBe(refresh_token);
    expect((await json(refresh(legacy, 'web', refresh_token))).error).toBe('invalid_grant');
    expect((await json(refresh(legacy, 'web', second.refresh_token))).error).toBe('invalid_grant');
    expect((await userinfo(legacy, second.access_token)).status).toBe(401);
  });

  it('S:N-33 narrower scope is given, wider refused, and a scope that the client lost since is invalid_scope', async () => {
    const world = await serve();
    const first = await obtainTokens(world, 'web', { scope: 'openid notes drafts' });
    const narrow = await json(refresh(world, 'web', first.refresh_token, { scope: 'notes' }));
    expect((await introspect(world, narrow.access_token)).scope).toBe('notes');
    expect((await json(refresh(world, 'web', narrow.refresh_token, { scope: 'notes profile' }))).error).toBe(
      'invalid_scope',
    );
    await world.apply(({ site }) => {
      site.applications.web.metadata.scope = 'api archive notes profile';
    });
    const lost = await refresh(world, 'web', narrow.refresh_token);
    expect([lost.status, (await lost.json()).error]).toEqual([400, 'invalid_scope']);
    const kept = await json(refresh(world, 'web', narrow.refresh_token, { scope: 'openid notes' }));
    expect((await introspect(world, kept.access_token)).scope).toBe('openid notes');
  });
});

describe('S:N-60, S:N-61 revocation', () => {
  it('S:N-60, vector V17 an access token is revoked alone', async () => {
    const tokens = await obtainTokens(legacy, 'web');
    expect((await post(legacy, '/revoke', { token: tokens.access_token }, { as: 'web' })).status).toBe(200);
    expect((await userinfo(legacy, tokens.access_token)).status).toBe(401);
    expect((await refresh(legacy, 'web', tokens.refresh_token)).status).toBe(200);
  });

  it('S:N-61, vector V17 a refresh token is revoked with all that is related to it', async () => {
    const tokens = await obtainTokens(legacy, 'web');
    const again = await json(refresh(legacy, 'web', tokens.refresh_token));
    expect((await post(legacy, '/revoke', { token: again.refresh_token }, { as: 'web' })).status).toBe(200);
    for (const access_token of [tokens.access_token, again.access_token]) {
      expect((await introspect(legacy, access_token)).active).toBe(false);
    }
    expect((await json(refresh(legacy, 'web', again.refresh_token))).error).toBe('invalid_grant');
  });
});
