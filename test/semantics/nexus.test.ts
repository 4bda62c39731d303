// Rows N-04…N-45 of SEMANTICS, as far as no file about their part has them: what is kept, scopes, clients and their privileges.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import {
  Browser,
  codeRequest,
  introspect,
  json,
  obtainCode,
  obtainTokens,
  post,
  refresh,
} from '../protocol/browser.ts';
import { withLegacyGrants } from '../protocol/spec.ts';
import { type Edit, errorsOf, load, serve, serveForAll, type World, warningsOf } from '../protocol/world.ts';

const world = await serveForAll(({ site }) => {
  site.applications.web.tokens = { format: 'opaque' };
});

describe('the store', () => {
  it('S:N-04 codes and tokens are kept, hashed, where a restart finds them, and are gone once they are revoked', async () => {
    const { access_token, refresh_token } = await obtainTokens(world, 'web', { scope: 'openid api' });
    const { code } = await obtainCode(world, 'web');
    // The tables were made by opening the file; another process reads them.
    const files = [world.storePath, `${world.storePath}-wal`].map((path) => readFileSync(path).toString('latin1'));
    for (const text of [access_token, refresh_token, code])
      expect(files.some((file) => file.includes(text))).toBe(false);
    const other = await world.second({ grants: await openSqliteStore(world.storePath) });
    expect(await introspect(other, access_token)).toMatchObject({ active: true });
    expect((await post(world, '/revoke', { token: access_token }, { as: 'web' })).status).toBe(200);
    expect(await introspect(other, access_token)).toEqual({ active: false });
    expect((await refresh(other, 'web', refresh_token)).status).toBe(200);
  });

  it('S:N-13 a token is of one client, one owner or none, and some scopes', async () => {
    const { access_token } = await obtainTokens(world, 'web', { scope: 'openid notes' });
    expect(await introspect(world, access_token)).toMatchObject({
      client_id: 'web',
      sub: 'ada-0001',
      scope: 'openid notes api archive',
    });
    const own = await serve(({ site }) => {
      site.applications.batch.tokens = { format: 'opaque' };
    });
    const body = await json(post(own, '/token', { grant_type: 'client_credentials', scope: 'notes' }, { as: 'batch' }));
    const told = await introspect(own, body.access_token, 'batch');
    expect(told).toMatchObject({ client_id: 'batch', sub: 'batch', scope: 'notes' });
    expect(told).not.toHaveProperty('username');
  });

  it('S:N-09 what one owner allowed and was given is no other owner’s', async () => {
    const own = await serve();
    const ada = await obtainTokens(own, 'asking', { scope: 'openid notes' });
    const bob = new Browser(own);
    const consent = await bob.login(
      await bob.authorize(codeRequest('asking', { scope: 'openid notes' }).parameters),
      'bob',
    );
    // Ada's answer is remembered for her alone.
    expect(consent.form?.id).toBe('consent');
    const again = await ada.browser.authorize(codeRequest('asking', { scope: 'openid notes' }).parameters);
    expect(again.answer.code).toEqual(expect.any(String));
    expect(await introspect(own, ada.access_token, 'asking')).toMatchObject({ sub: 'ada-0001', username: 'ada' });
  });
});

describe('scopes', () => {
  it('S:N-11 a client that names a scope which is not defined is refused, and so is taking away one that is used', async () => {
    const undefinedScope = await load(({ site }) => {
      site.applications.web.metadata.scope = 'api treasure';
    });
    expect(errorsOf(undefinedScope)).toEqual(['reference.unknown']);
    const own = await serve();
    await expect(
      own.apply(({ server }) => {
        delete server.scopes.notes;
      }, 'approved'),
    ).rejects.toThrow('reference.unknown');
    // Scope and client in one change: there is no order in which they would have to come.
    await own.apply(({ server, site }) => {
      server.scopes.notes = { descriptions: [{ key: 'en', value: 'Read your notes' }] };
      server.scopes.treasure = { descriptions: [{ key: 'en', value: 'Find the treasure' }] };
      site.applications.web.metadata.scope += ' treasure';
    }, 'approved');
    expect((await obtainTokens(own, 'web', { scope: 'openid treasure' })).scope ?? 'openid treasure').toContain(
      'treasure',
    );
  });

  it.each([
    ['no description', { descriptions: [] }],
    ['none at all', {}],
    [
      'two descriptions with one key',
      {
        descriptions: [
          { key: 'en', value: 'a' },
          { key: 'en', value: 'b' },
        ],
      },
    ],
    ['a description without a key', { descriptions: [{ value: 'a' }] }],
  ])('S:N-43 a scope with %s is refused', async (_what, scope) => {
    expect(errorsOf(await load(({ server }) => Object.assign(server.scopes, { WS: scope })))).not.toEqual([]);
  });

  it.each(['with space', 'with"quote', 'back\\slash'])('S:N-43 the scope %s is no scope token', async (name) => {
    const scope = { descriptions: [{ key: 'en', value: 'a' }] };
    expect(errorsOf(await load(({ server }) => Object.assign(server.scopes, { [name]: scope })))).not.toEqual([]);
  });

  it('S:N-43 the first of a scope’s descriptions is the one that people read', async () => {
    const own = await serve(({ server, site }) => {
      const descriptions = [
        { key: 'sv', value: 'Hantera tjänsten' },
        { key: 'en', value: 'Manage the service' },
      ];
      server.scopes.WS = { descriptions };
      site.applications.asking.metadata.scope += ' WS';
    });
    const browser = new Browser(own);
    const page = await browser.login(await browser.authorize(codeRequest('asking', { scope: 'openid WS' }).parameters));
    expect(page.html).toContain('Hantera tjänsten');
    expect(page.html).not.toContain('Manage the service');
  });
});

describe('clients', () => {
  it('S:N-40 a client without a method to log in by, and a user without a password, are warnings; the user cannot log in', async () => {
    const edit: Edit = ({ site }) => {
      site.applications.web.methods = ['client.credentials.1'];
      site.users.dora = { methods: ['password.1'] };
    };
    expect(warningsOf(await load(edit))).toEqual(expect.arrayContaining(['application.no-login', 'user.no-password']));
    const own = await serve(({ site }) => {
      site.users.dora = { methods: ['password.1'] };
    });
    const browser = new Browser(own);
    const stop = await browser.login(await browser.authorize(codeRequest('web').parameters), 'dora');
    expect([stop.form?.id, stop.answer]).toEqual(['login', {}]);
  });

  it('S:N-44 a client has a name that people read, an id, a secret and the addresses that it is answered at', async () => {
    const own = await serve(({ site }) => {
      site.applications.asking.client_id = '1a2b3c4d';
      site.applications.asking.metadata.client_name = 'Reading Room';
    });
    const { parameters, verifier } = codeRequest('asking', { client_id: '1a2b3c4d', scope: 'openid notes' });
    const browser = new Browser(own);
    const login = await browser.authorize(parameters);
    expect(login.html).toContain('Reading Room');
    const done = await browser.press(await browser.login(login), 'allow');
    expect(done.location?.host).toBe('asking.example');
    const form = {
      grant_type: 'authorization_code',
      code: done.answer.code ?? '',
      redirect_uri: 'https://asking.example/callback',
      code_verifier: verifier,
    };
    expect((await post(own, '/token', form, { as: 'asking' })).status).toBe(401);
    expect((await post(own, '/token', form, { as: '1a2b3c4d', secret: 'wrong' })).status).toBe(401);
    expect((await post(own, '/token', form, { as: '1a2b3c4d' })).status).toBe(200);
  });

  it('S:N-45 a client has the grants, scopes, refresh tokens and lifetimes that are written for it, and no other', async () => {
    const own = await serve((documents) => {
      withLegacyGrants(documents);
      const { web, other } = documents.site.applications;
      web.metadata.grant_types = ['authorization_code'];
      web.metadata.scope = 'notes';
      web.tokens = { access_ttl: '10m' };
      other.tokens = { access_ttl: '20m', refresh: { ttl: '1d' } };
    });
    const web = await obtainTokens(own, 'web', { scope: 'openid notes' });
    expect([web.expires_in, web.refresh_token]).toEqual([600, undefined]);
    const other = await obtainTokens(own, 'other', { scope: 'openid notes' });
    expect([other.expires_in, typeof other.refresh_token]).toEqual([1200, 'string']);
    const browser = new Browser(own);
    const beyond = await browser.authorize(codeRequest('web', { scope: 'openid drafts' }).parameters);
    expect(beyond.answer).toMatchObject({ error: 'invalid_scope' });
    for (const grant_type of ['client_credentials', 'password', 'refresh_token']) {
      const response = await post(own, '/token', { grant_type, refresh_token: 'x', username: 'ada' }, { as: 'web' });
      expect([grant_type, (await json(response)).error]).toEqual([grant_type, 'unauthorized_client']);
    }
  });
});

describe('S:N-70, S:N-71, S:N-72 what people read before they allow', () => {
  const SV = 'Hantera tjänsten';
  const EN = 'Manage the service';
  const branded = (consent: Record<string, unknown>): Edit => {
    return ({ server, site }) => {
      const descriptions = [
        { key: 'en', value: EN },
        { key: 'sv', value: SV },
      ];
      server.scopes.WS = { descriptions };
      server.scopes.plain = { descriptions: [{ key: 'x', value: 'Only one' }] };
      site.applications.asking.metadata.scope += ' WS plain';
      site.applications.asking.consent = { required: true, ...consent };
    };
  };

  /** The consent page, by a browser that comes to the server under a host of its own. */
  async function consentPage(own: World, host = 'as.example'): Promise<string> {
    const at = (target: string) => target.replace(`https://${host}`, own.issuer);
    const headers = { 'x-forwarded-host': host, 'x-forwarded-proto': 'https' };
    const browser = new Browser({
      ...own,
      fetch: (target, init = {}) =>
        own.fetch(at(target), { ...init, headers: { ...(init.headers as Record<string, string>), ...headers } }),
      issuer: `https://${host}`,
    });
    const login = await browser.authorize(codeRequest('asking', { scope: 'openid WS plain' }).parameters);
    expect(login.form?.action).toBe(`https://${host}/login`);
    const page = await browser.login(login);
    expect(page.form?.action).toBe(`https://${host}/consent`);
    const done = await browser.press(page, 'allow');
    expect(done.answer).toMatchObject({ code: expect.any(String), iss: own.issuer });
    return page.html;
  }

  const app = { trustedProxies: ['127.0.0.1'] };

  it.each([{}, { template: 'default' }, { template: 'default', description_key: 'sv' }])(
    'S:N-70 by the default template it is the first description of each scope (vector V21): %j',
    async (consent) => {
      const html = await consentPage(await serve(branded(consent), { app }));
      expect([html.includes(EN), html.includes(SV), html.includes('Only one')]).toEqual([true, false, true]);
    },
  );

  it.each([
    ['sv', SV],
    ['en', EN],
    ['fi', EN],
  ])(
    'S:N-71 by the localized template it is the one with the key %s, or the first one',
    async (description_key, text) => {
      const html = await consentPage(await serve(branded({ template: 'localized', description_key }), { app }));
      expect([EN, SV, 'Only one'].filter((one) => html.includes(one))).toEqual(
        expect.arrayContaining([text, 'Only one']),
      );
      expect(html.includes(EN) && html.includes(SV)).toBe(false);
    },
  );

  it('S:N-72 each host of a brand has its own key, and its pages stay there; other hosts have the application’s', async () => {
    const brands = [{ host: 'login.brand.example', description_key: 'sv' }];
    const own = await serve(branded({ template: 'localized', description_key: 'en', brands }), { app });
    expect(await consentPage(own, 'login.brand.example')).toContain(SV);
    expect(await consentPage(own)).toContain(EN);
    // A host that nobody declared is not where anybody is led.
    const { parameters } = codeRequest('asking', { scope: 'openid WS' });
    const stranger = await own.fetch(`/authorize?${new URLSearchParams(parameters)}`, {
      headers: { 'x-forwarded-host': 'evil.example' },
    });
    const html = await stranger.text();
    expect(html).toContain('action="https://as.example/login"');
    expect(html).not.toContain('evil.example');
  });
});
