// What clients are registered with (RFC 7591, OpenID Connect Registration 1.0), as a spec writes it.

import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../src/model/diagnostic.ts';
import { machine } from './assertion.ts';
import { Browser, claimsOf, codeRequest, headerOf, obtainCode, obtainTokens, post, unescapeHtml } from './browser.ts';
import { SECRET, type Spec } from './spec.ts';
import { errorsOf, load, serve, serveForAll } from './world.ts';

const secret = { env: 'CLIENT_SECRET' };
const HOSTILE = `<script>alert(1)</script>"'&<b>`;

const world = await serveForAll(({ site }) => {
  const { applications } = site;
  applications.basic = machine({ token_endpoint_auth_method: 'client_secret_basic' }, { secret });
  applications.posting = machine({ token_endpoint_auth_method: 'client_secret_post' }, { secret });
  // What grant_types mean when nothing is written, and when nothing is in it.
  for (const [name, grants] of Object.entries({ omitted: {}, empty: { grant_types: [] } })) {
    applications[name] = structuredClone(applications.web);
    delete applications[name].metadata.grant_types;
    Object.assign(applications[name].metadata, { redirect_uris: [`https://${name}.example/callback`], ...grants });
  }
  for (const [name, scope] of Object.entries({ asText: 'notes email', asList: ['notes', 'email'], ofNothing: '' })) {
    applications[name] = structuredClone(applications.web);
    Object.assign(applications[name].metadata, { redirect_uris: [`https://${name}.example/callback`], scope });
  }
  // Nothing says which type it is.
  applications.untyped = structuredClone(applications.spa);
  applications.untyped.metadata.redirect_uris = ['http://127.0.0.1:8080/callback'];
  Object.assign(applications.asking.metadata, {
    client_name: HOSTILE,
    'client_name#de': 'Der Laden',
    'client_name#ja': 'お店',
    'client_name#zh-Hant-TW': '商店',
    logo_uri: 'https://images.example/logo.png',
    'logo_uri#de': 'https://bilder.example/logo.png',
    policy_uri: 'https://asking.example/policy?a=1&b=2',
    'policy_uri#ja': 'https://asking.example/ja/policy',
    tos_uri: 'https://asking.example/terms',
    client_uri: 'https://asking.example/',
  });
});

/** What loading the spec tells, with these members in the metadata of `web`; undefined takes one away. */
function metadataWith(members: Spec): Promise<readonly Diagnostic[]> {
  return load(({ site }) => {
    Object.assign(site.applications.web.metadata, members);
    for (const [name, value] of Object.entries(members)) {
      if (value === undefined) delete site.applications.web.metadata[name];
    }
  });
}

describe('redirect URIs, grants and response types', () => {
  it('P:G-001 redirect_uris is a list of absolute URIs, and has to be there with a redirect grant', async () => {
    expect(errorsOf(await metadataWith({ redirect_uris: ['https://a.example/b', 'https://a.example/c?d=e'] }))).toEqual(
      [],
    );
    for (const redirect_uris of [['/callback'], ['//web.example/callback'], ['web.example/callback'], ['https:///x']]) {
      expect(errorsOf(await metadataWith({ redirect_uris }))).toEqual(['redirect-uri.invalid']);
    }
    for (const redirect_uris of ['https://web.example/callback', { a: 'https://a.example' }, [['https://a.example']]]) {
      expect(errorsOf(await metadataWith({ redirect_uris }))).toHaveLength(1);
    }
    expect(errorsOf(await metadataWith({ redirect_uris: undefined }))).toEqual(['client.no-redirect-uri']);
    expect(errorsOf(await metadataWith({ redirect_uris: [] }))).toEqual(['client.no-redirect-uri']);
    const implicit = { redirect_uris: undefined, grant_types: ['implicit'] };
    expect(errorsOf(await metadataWith(implicit))).toEqual(['client.no-redirect-uri']);
    // Without such a grant there is no answer to send.
    const none = { redirect_uris: undefined, grant_types: [] };
    expect(errorsOf(await metadataWith(none))).toEqual([]);
  });

  it('P:G-003 without grant_types nothing is granted, and response_types follow from them', async () => {
    for (const client_id of ['omitted', 'empty']) {
      for (const grant_type of ['client_credentials', 'authorization_code', 'refresh_token']) {
        const form = {
          grant_type,
          code: 'x',
          refresh_token: 'x',
          redirect_uri: `https://${client_id}.example/callback`,
        };
        const response = await post(world, '/token', form, { as: client_id });
        expect(response.status).toBe(400);
        expect(await response.json()).toMatchObject({ error: 'unauthorized_client' });
      }
      const { answer, location } = await new Browser(world).authorize(codeRequest(client_id).parameters);
      expect(location?.origin).toBe(`https://${client_id}.example`);
      expect(answer).toMatchObject({ error: 'unauthorized_client', state: 'a state' });
    }
    // Of authorization_code the response type is code, and no other.
    expect((await obtainCode(world, 'web')).code).toMatch(/./);
    expect(errorsOf(await metadataWith({ response_types: undefined }))).toEqual([]);
  });

  it('P:G-004 grant_types and response_types have to go together', async () => {
    const inconsistent = [
      { grant_types: ['client_credentials'], response_types: ['code'], redirect_uris: undefined },
      { grant_types: ['authorization_code'], response_types: ['code', 'token'] },
      { grant_types: ['authorization_code'], response_types: [] },
      { grant_types: ['authorization_code', 'implicit'], response_types: ['id_token'] },
      { response_types: ['id_token token', 'code'] },
    ];
    for (const members of inconsistent) {
      expect(errorsOf(await metadataWith(members))).toContain('client.response-types');
    }
    const consistent = { grant_types: ['authorization_code', 'implicit'], response_types: ['code', 'id_token'] };
    expect(errorsOf(await metadataWith(consistent))).toEqual([]);
  });
});

describe('authentication and scope', () => {
  it('P:G-002 a client that names no method may use header or body, and one that names one is held to it', async () => {
    const grant = { grant_type: 'client_credentials' };
    const statuses = async (client_id: string) => [
      (await post(world, '/token', grant, { as: client_id })).status,
      (await post(world, '/token', { ...grant, client_id, client_secret: SECRET })).status,
    ];
    expect(await statuses('batch')).toEqual([200, 200]);
    expect(await statuses('basic')).toEqual([200, 401]);
    expect(await statuses('posting')).toEqual([401, 200]);
  });

  it('P:G-005 keys stand in one place', async () => {
    const jwks = { keys: [{ kty: 'OKP', crv: 'Ed25519', kid: '1', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }] };
    const jwks_uri = 'https://web.example/jwks';
    expect(errorsOf(await metadataWith({ jwks, jwks_uri }))).toEqual(['jwks.two-places']);
    expect(errorsOf(await metadataWith({ jwks }))).toEqual([]);
    expect(errorsOf(await metadataWith({ jwks_uri }))).toEqual([]);
  });

  it('P:G-006 scope, as text or as a list, is what may be asked for', async () => {
    for (const client_id of ['asText', 'asList', 'ofNothing']) {
      const asked = async (scope: string) =>
        (await new Browser(world).authorize(codeRequest(client_id, { scope }).parameters)).answer.error;
      expect(await asked('openid')).toBeUndefined();
      expect(await asked('openid notes email')).toBe(client_id === 'ofNothing' ? 'invalid_scope' : undefined);
      for (const value of ['drafts', 'api', 'profile', 'notes email drafts', 'NOTES', 'notes,email']) {
        expect(await asked(`openid ${value}`)).toBe('invalid_scope');
      }
    }
    for (const scope of ['notes  email', 'no"tes', ['notes email'], 7]) {
      expect(errorsOf(await metadataWith({ scope }))).toHaveLength(1);
    }
  });

  it('P:G-007 a name that no standard has is an error with a suggestion', async () => {
    for (const [wrong, right] of [
      ['redirect_uri', 'redirect_uris'],
      ['grant_type', 'grant_types'],
      ['client_nmae', 'client_name'],
      ['token_endpoint_auth_metod', 'token_endpoint_auth_method'],
    ] as const) {
      const told = (await metadataWith({ [wrong]: ['x'] })).filter(({ severity }) => severity === 'error');
      expect(told).toHaveLength(1);
      expect(JSON.stringify(told[0])).toContain(right);
      expect(told[0]?.range?.file).toBe('site.yaml');
    }
    expect(errorsOf(await metadataWith({ zzzz: true }))).toHaveLength(1);
    expect(errorsOf(await metadataWith({ 'x-team': { anything: true } }))).toEqual([]);
  });
});

describe('what people see', () => {
  async function consentPage(ui_locales?: string) {
    const browser = new Browser(world);
    const { parameters } = codeRequest('asking', { scope: 'openid notes', ui_locales });
    const stop = await browser.login(await browser.authorize(parameters));
    expect(stop.form?.id).toBe('consent');
    return stop;
  }
  const heading = (html: string) => unescapeHtml(/<h1>(.*?)<\/h1>/s.exec(html)?.[1] ?? '');

  it('P:G-008 the consent page shows name, logo and links, escaped, and the logo over https alone', async () => {
    const { html, response } = await consentPage();
    expect(heading(html)).toContain(HOSTILE);
    expect(html).not.toContain('<script>alert');
    expect(html).not.toContain('<b>');
    expect(html).toContain('<img src="https://images.example/logo.png"');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain('img-src https://images.example;');
    expect(policy).toContain("default-src 'none'");
    const links = [...html.matchAll(/<a href="([^"]*)"/g)].map(([, href = '']) => unescapeHtml(href));
    expect(links).toEqual([
      'https://asking.example/',
      'https://asking.example/policy?a=1&b=2',
      'https://asking.example/terms',
    ]);
    // In German another name, and another logo.
    const german = await consentPage('de');
    expect(heading(german.html)).toContain('Der Laden');
    expect(german.html).toContain('<img src="https://bilder.example/logo.png"');
    expect(german.response.headers.get('content-security-policy')).toContain('img-src https://bilder.example;');

    for (const member of ['logo_uri', 'logo_uri#de']) {
      for (const uri of ['http://images.example/logo.png', 'data:image/png;base64,AA', '/logo.png']) {
        expect(errorsOf(await metadataWith({ [member]: uri }))).toEqual(['url.invalid']);
      }
    }
    for (const member of ['client_uri', 'policy_uri', 'tos_uri', 'tos_uri#de']) {
      expect(errorsOf(await metadataWith({ [member]: 'javascript:alert(1)' }))).toEqual(['url.invalid']);
    }
  });

  it('P:G-009 the language is chosen by ui_locales, in its order and from the special to the general', async () => {
    for (const [ui_locales, name] of [
      ['ja', 'お店'],
      ['ja-JP', 'お店'],
      ['JA-jp-x-private', 'お店'],
      ['fr ja de', 'お店'],
      ['de ja', 'Der Laden'],
      ['zh-Hant-TW', '商店'],
      // No general one is a special one.
      ['zh-Hant', HOSTILE],
      ['zh', HOSTILE],
      ['fr', HOSTILE],
      ['j', HOSTILE],
      ['"><script>', HOSTILE],
    ] as const) {
      expect(heading((await consentPage(ui_locales)).html)).toContain(name);
    }
    expect((await consentPage('ja')).html).toContain('href="https://asking.example/ja/policy"');
    expect((await consentPage('de')).html).not.toContain('https://asking.example/ja/policy');
  });
});

it('P:G-010 names and defaults of OpenID Connect are as registered', async () => {
  const all = {
    application_type: 'web',
    subject_type: 'public',
    id_token_signed_response_alg: 'ES256',
    default_max_age: 60,
    require_auth_time: true,
    post_logout_redirect_uris: ['https://web.example/out'],
    backchannel_logout_uri: 'https://web.example/notice',
    backchannel_logout_session_required: true,
  };
  expect(errorsOf(await metadataWith(all))).toEqual([]);
  for (const [name, value] of Object.entries({
    application_type: 'desktop',
    subject_type: 'pairwise',
    id_token_signed_response_alg: 'none',
    default_max_age: '60',
    require_auth_time: 'yes',
    post_logout_redirect_uris: 'https://web.example/out',
    backchannel_logout_uri: 'web.example/notice',
  })) {
    expect(errorsOf(await metadataWith({ [name]: value }))).toHaveLength(1);
  }

  // Where nothing is written: web, whose port is part of the URI, RS256, one subject for all clients.
  const [plain, other] = [await obtainTokens(world, 'web'), await obtainTokens(world, 'other')];
  expect(headerOf(plain.id_token).alg).toBe('RS256');
  expect(claimsOf(plain.id_token).sub).toBe(claimsOf(other.id_token).sub);
  for (const [port, status] of [
    ['8080', 200],
    ['8081', 400],
  ] as const) {
    const { parameters } = codeRequest('untyped', { redirect_uri: `http://127.0.0.1:${port}/callback` });
    expect((await new Browser(world).authorize(parameters)).status).toBe(status);
  }
  // Where it is, it holds. A notice of a logout would go to a host that is not there.
  const { backchannel_logout_uri: _, backchannel_logout_session_required: __, ...own } = all;
  const written = await serve(({ site }) => Object.assign(site.applications.web.metadata, own));
  const browser = new Browser(written);
  const again = () => browser.authorize(codeRequest('web').parameters);
  const { id_token } = await obtainTokens(written, 'web', {}, browser);
  expect(headerOf(id_token).alg).toBe('ES256');
  expect(claimsOf(id_token).auth_time).toEqual(expect.any(Number));
  expect((await again()).answer).toHaveProperty('code');
  written.advance(61);
  expect((await again()).form?.id).toBe('login');
  const logOut = async (post_logout_redirect_uri: string) => {
    const stop = await browser.go(
      `/logout?${new URLSearchParams({ id_token_hint: id_token, post_logout_redirect_uri })}`,
    );
    return stop.form?.id === 'logout' ? browser.press(stop, 'allow') : stop;
  };
  expect((await logOut('https://web.example/elsewhere')).location).toBeUndefined();
  expect((await logOut('https://web.example/out')).location?.href).toBe('https://web.example/out');
});
