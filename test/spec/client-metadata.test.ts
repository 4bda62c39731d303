import { describe, expect, it } from 'vitest';
import { compile } from '../../src/spec/compile.ts';

const SERVER = 'server: { issuer: https://id.example.com }\nmethods: { m: { type: client_credentials } }\n---\n';
const SITE = 'site: A\nmethods: [m]\ngroups: { G: { methods: [m], members: [U] } }\nusers: { U: { methods: [m] } }\n';
/** A redirect URI or two, and all that a client of the code grant needs besides. */
const CODE = 'grant_types: [authorization_code], code_challenge_method: S256';
const NATIVE = 'application_type: native, token_endpoint_auth_method: none';
const HTTPS = 'redirect_uris: [https://app.example.com/cb]';

/** The codes that a client with this metadata is told; that nobody could log in to it goes without saying. */
function told(metadata: string, keys = 'secret: { env: APP_SECRET }'): readonly string[] {
  const text = `${SERVER}${SITE}applications:\n  App: { methods: [m], allowed_to: [G], ${keys}, metadata: { ${metadata} } }\n`;
  return compile([{ path: 'a.yaml', text }])
    .diagnostics.map(({ severity, code }) => `${severity} ${code}`)
    .filter((one) => one !== 'warning application.no-login');
}

function metadataOf(metadata: string): unknown {
  const text = `${SERVER}${SITE}applications:\n  App: { methods: [m], allowed_to: [G], metadata: { ${metadata} } }\n`;
  const checked = compile([{ path: 'a.yaml', text }]);
  const entity = checked.ok ? checked.value.state.get('application:A/App') : undefined;
  return entity?.kind === 'application' ? entity.metadata : checked.diagnostics;
}

describe('redirect URIs at config load', () => {
  it.each([
    ['P:O-030 one with a fragment', '"https://app.example.com/cb#f"'],
    ['P:O-030 a relative one', '/cb'],
    ['P:O-030 javascript:', '"javascript:alert(1)"'],
    ['P:O-030 data:', '"data:text/html,x"'],
    ['P:O-030 one with a wildcard', '"https://*.example.com/cb"'],
    ['one with a user (CVE-2024-8883)', 'http://localhost:80@evil.example/cb'],
    ['one that RFC 3986 does not allow', '"https://app.example.com/a b"'],
    ['one without a host', 'https:/cb'],
  ])('%s is refused', (_name, uri) => {
    expect(told(`${CODE}, redirect_uris: [${uri}]`)).toEqual(['error redirect-uri.invalid']);
  });

  it('P:S-003 http is refused unless it is a loopback address', () => {
    expect(told(`${CODE}, redirect_uris: [http://app.example.com/cb]`)).toEqual(['error redirect-uri.insecure']);
    expect(told(`${CODE}, redirect_uris: [http://localhost.evil.example/cb]`)).toEqual(['error redirect-uri.insecure']);
  });

  it('of http with a port has no fix: behind that port there is no https', () => {
    const fixesOf = (uri: string) => {
      const text = `${SERVER}${SITE}applications:\n  App: { allowed_to: [G], secret: { env: A_SECRET }, metadata: { ${CODE}, redirect_uris: ["${uri}"] } }\n`;
      const { diagnostics } = compile([{ path: 'a.yaml', text }]);
      return diagnostics.find(({ code }) => code === 'redirect-uri.insecure')?.fixes?.[0]?.edits[0]?.text;
    };
    expect(fixesOf('http://app.example.com/cb')).toBe('https://app.example.com/cb');
    expect(fixesOf('http://app.example.com:80/cb')).toBeUndefined();
    expect(fixesOf('http://app.example.com:8080/cb')).toBeUndefined();
  });

  it('a native client registers loopback addresses', () => {
    const uris = 'redirect_uris: [http://127.0.0.1/cb, "http://[::1]/cb"]';
    expect(told(`${CODE}, ${NATIVE}, ${uris}`, 'enabled: true')).toEqual([]);
  });

  it('localhost is taken with a warning, and a name that only begins so is not', () => {
    expect(told(`${CODE}, ${NATIVE}, redirect_uris: [http://localhost/cb]`, 'enabled: true')).toEqual([
      'warning redirect-uri.localhost',
    ]);
    expect(told(`${CODE}, ${NATIVE}, redirect_uris: [http://localhost.evil.com/cb]`, 'enabled: true')).toEqual([
      'error redirect-uri.insecure',
    ]);
  });

  it('P:N-006 a private-use scheme has a dot', () => {
    expect(told(`${CODE}, ${NATIVE}, redirect_uris: [myapp:/cb]`, 'enabled: true')).toEqual([
      'error redirect-uri.private-scheme',
    ]);
    expect(told(`${CODE}, ${NATIVE}, redirect_uris: [com.example.app:/cb]`, 'enabled: true')).toEqual([]);
  });

  it('P:N-008 a client with the URIs of a native one is told to say that it is one', () => {
    expect(told(`${CODE}, redirect_uris: [com.example.app:/cb]`)).toEqual(['warning redirect-uri.native']);
    expect(told(`${CODE}, redirect_uris: [http://127.0.0.1/cb]`)).toEqual(['warning redirect-uri.native']);
    expect(told(`${CODE}, application_type: web, redirect_uris: [com.example.app:/cb]`)).toEqual([
      'error redirect-uri.private-scheme',
    ]);
  });

  it('P:C-064 a web client of the implicit grant registers https only', () => {
    const implicit = 'grant_types: [implicit], token_endpoint_auth_method: none';
    expect(told(`${implicit}, redirect_uris: [http://127.0.0.1/cb]`, 'enabled: true')).toEqual([
      'warning implicit-enabled',
      'error redirect-uri.insecure',
    ]);
  });

  it('P:G-001 are required with a redirect grant', () => {
    expect(told(CODE)).toEqual(['error client.no-redirect-uri']);
    expect(told(`${CODE}, redirect_uris: []`)).toEqual(['error client.no-redirect-uri']);
    expect(told(`${CODE}, ${HTTPS}`)).toEqual([]);
  });

  it('keep their end in State, and the short form has none', () => {
    expect(
      metadataOf('redirect_uris: [https://a.example.com/cb, { uri: https://b.example.com/cb, expires: 2027-01-31 }]'),
    ).toEqual({
      redirect_uris: [{ uri: 'https://a.example.com/cb' }, { uri: 'https://b.example.com/cb', expires: '2027-01-31' }],
    });
  });
});

describe('client metadata at config load', () => {
  it('no grant, written or not, is none', () => {
    expect(metadataOf('client_name: A')).toEqual({ client_name: 'A' });
    expect(metadataOf('grant_types: []')).toEqual({ grant_types: [] });
  });

  it.each([
    ['code without authorization_code', 'grant_types: [implicit], response_types: [code]'],
    ['token without implicit', 'grant_types: [authorization_code], response_types: [code, token]'],
    ['authorization_code without code', 'grant_types: [authorization_code], response_types: []'],
  ])('P:G-004 %s is refused', (_name, metadata) => {
    expect(told(`${metadata}, code_challenge_method: S256, ${HTTPS}`)).toContain('error client.response-types');
  });

  it('P:G-004 response types that follow from the grants are taken', () => {
    const grants = 'grant_types: [authorization_code, implicit], token_endpoint_auth_method: none';
    const types = 'response_types: [code, token, id_token, id_token token]';
    expect(told(`${grants}, ${types}, ${HTTPS}`, 'enabled: true')).toEqual(['warning implicit-enabled']);
  });

  it('P:G-006 scope is one string, or a list that means the same', () => {
    expect(metadataOf('scope: openid userinfo')).toEqual({ scope: 'openid userinfo' });
    expect(metadataOf('scope: [openid, userinfo]')).toEqual({ scope: 'openid userinfo' });
    expect(told('scope: [openid userinfo]')).toEqual(['error value.invalid']);
  });

  it('P:G-007 an unknown name is refused with the nearest one', () => {
    const text = `${SERVER}${SITE}applications: { App: { metadata: { redirect_urls: [] } } }\n`;
    const [first] = compile([{ path: 'a.yaml', text }]).diagnostics;
    expect(first).toMatchObject({ code: 'key.unknown', help: 'Did you mean "redirect_uris"?' });
  });

  it('links are absolute URLs, a logo is https', () => {
    expect(told('client_uri: app.example.com')).toEqual(['error url.invalid']);
    expect(told('policy_uri: "javascript:alert(1)"')).toEqual(['error url.invalid']);
    expect(told('logo_uri: http://app.example.com/logo.png')).toEqual(['error url.invalid']);
    expect(told('logo_uri: https://app.example.com/logo.png, client_uri: http://app.example.com')).toEqual([]);
  });

  it('names in languages are kept by their tags', () => {
    const written = { 'client_name#ja-Jpan-JP': 'バッチ', 'logo_uri#de': 'https://app.example.com/de.png' };
    expect(metadataOf('client_name#ja-Jpan-JP: バッチ, logo_uri#de: https://app.example.com/de.png')).toEqual(written);
    expect(told('client_name#x_y: A')).toEqual(['error key.unknown']);
  });

  it('P:O-073 a public client may not use client_credentials', () => {
    const metadata = 'grant_types: [client_credentials], token_endpoint_auth_method: none';
    expect(told(metadata, 'enabled: true')).toContain('error client.public-with-grant');
  });

  it('the grant password is warned of', () => {
    expect(told('grant_types: [password]')).toEqual(['warning password-enabled']);
  });

  it('the grant implicit is warned of', () => {
    expect(told(`grant_types: [implicit], token_endpoint_auth_method: none, ${HTTPS}`, 'enabled: true')).toEqual([
      'warning implicit-enabled',
    ]);
  });

  it('plain is warned of, and so is a confidential client of whom nothing requires PKCE', () => {
    expect(told(`grant_types: [authorization_code], ${HTTPS}`)).toEqual(['warning pkce-off']);
    expect(told(`grant_types: [authorization_code], code_challenge_method: plain, ${HTTPS}`)).toEqual([
      'warning pkce-off',
    ]);
    const publicClient = `grant_types: [authorization_code], token_endpoint_auth_method: none, ${HTTPS}`;
    expect(told(publicClient, 'enabled: true')).toEqual([]);
  });

  it('P:B-011 a lifetime over an hour is warned of', () => {
    expect(told('scope: openid', 'tokens: { access_ttl: 61m }')).toEqual(['warning tokens.long-lived']);
    expect(told('scope: openid', 'tokens: { access_ttl: 60m }')).toEqual([]);
  });
});
