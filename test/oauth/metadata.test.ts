// Discovery: RFC 8414, OpenID Connect Discovery 1.0, SEMANTICS U-45 and U-46; and the table of paths.

import { describe, expect, it } from 'vitest';
import { serverMetadata } from '../../src/oauth/metadata.ts';
import { families, PATHS } from '../../src/oauth/paths.ts';
import { userinfoEndpoint } from '../../src/oauth/userinfo.ts';
import { edited, without } from '../model/example-state.ts';
import { AUTHORIZED, ask, contextOf, ISSUER, issue, request, snapshotOf } from './fixture.ts';

const BASE = edited(AUTHORIZED, 'server', 'server', { profiles: undefined });
const metadata = (state = AUTHORIZED) => serverMetadata(snapshotOf(state));

describe('the document', () => {
  it('S:U-45, S:U-46, P:A-003, P:A-004, P:D-003, P:D-004: with the ubisecure profile, whole', () => {
    const { claims_supported, ...document } = metadata();
    expect(document).toEqual({
      issuer: ISSUER,
      authorization_endpoint: `${ISSUER}/oauth2/authorization`,
      token_endpoint: `${ISSUER}/oauth2/token`,
      introspection_endpoint: `${ISSUER}/oauth2/introspection`,
      revocation_endpoint: `${ISSUER}/oauth2/revocation`,
      userinfo_endpoint: `${ISSUER}/oauth2/userinfo`,
      jwks_uri: `${ISSUER}/oauth2/metadata.jwks`,
      scopes_supported: ['openid', 'userinfo', 'oidc', 'WS'],
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      grant_types_supported: ['client_credentials'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256', 'RS256', 'EdDSA'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      revocation_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
      claims_parameter_supported: false,
      request_parameter_supported: false,
      request_uri_parameter_supported: false,
    });
    expect(claims_supported).toContain('usn');
  });

  it('P:V-001: without a profile it names the base family', () => {
    expect(metadata(BASE)).toMatchObject({
      authorization_endpoint: `${ISSUER}/authorize`,
      token_endpoint: `${ISSUER}/token`,
      introspection_endpoint: `${ISSUER}/introspect`,
      revocation_endpoint: `${ISSUER}/revoke`,
      userinfo_endpoint: `${ISSUER}/userinfo`,
      jwks_uri: `${ISSUER}/jwks`,
    });
  });

  it('P:A-001, P:D-002: the issuer is the configured one to the byte', () => {
    const issuer = 'http://localhost:8080/uas';
    expect(metadata(edited(AUTHORIZED, 'server', 'server', { issuer })).issuer).toBe(issuer);
  });

  it('P:A-006: grant_types_supported is there, because its default includes implicit', () => {
    expect(metadata().grant_types_supported).not.toContain('implicit');
  });

  it('P:D-005: request_uri_parameter_supported is false in so many words, because its default is true', () => {
    expect(metadata().request_uri_parameter_supported).toBe(false);
  });

  it('P:D-003: RS256 is among the algorithms of id_tokens', () => {
    expect(metadata().id_token_signing_alg_values_supported).toContain('RS256');
  });

  it('P:D-007: nothing lists none as an algorithm, and no member is there that is not so', () => {
    const document = metadata();
    expect(document).not.toHaveProperty('token_endpoint_auth_signing_alg_values_supported');
    expect(document).not.toHaveProperty('acr_values_supported');
    expect(document).not.toHaveProperty('ui_locales_supported');
    expect(document).not.toHaveProperty('code_challenge_methods_supported');
  });

  it.each([
    ['with the profile', AUTHORIZED],
    ['without', BASE],
  ])('P:A-005, P:D-008: no array is empty, %s', (_, state) => {
    for (const value of Object.values(serverMetadata(snapshotOf(state, { keys: [] })))) expect(value).not.toEqual([]);
  });

  it('S:U-46: scopes_supported follows the catalogue, and lists no client_id', () => {
    const scopes = metadata(without(AUTHORIZED, 'scope:WS')).scopes_supported;
    expect(scopes).toEqual(['openid', 'userinfo', 'oidc']);
  });

  it('P:A-004, P:D-004: claims_supported names what userinfo answers, and nothing else', async () => {
    const context = contextOf(AUTHORIZED);
    const authorization = [`Bearer ${await issue(context, 'openid Server2')}`];
    const { body } = await ask(userinfoEndpoint, request({}, { authorization }), context);
    const fixed = Object.keys(body).filter((claim) => !claim.startsWith('client.credentials.1.'));
    expect(new Set(metadata().claims_supported as string[])).toEqual(new Set(fixed));
    expect(metadata(BASE)).not.toHaveProperty('claims_supported');
  });

  it('a snapshot without a server is a bug, and says so', () => {
    expect(() => metadata(without(AUTHORIZED, 'server'))).toThrow(/without a server entity/);
  });
});

describe('the paths', () => {
  it('DESIGN 5: the base family is always on, ubisecure by its profile', () => {
    expect(families(snapshotOf(BASE).index.server)).toEqual(['base']);
    expect(families(snapshotOf(AUTHORIZED).index.server)).toEqual(['base', 'ubisecure']);
    expect(families(undefined)).toEqual(['base']);
  });

  it('no two endpoints share a path', () => {
    const all = Object.values(PATHS).flatMap((paths) => Object.values(paths));
    expect(new Set(all).size).toBe(all.length);
    for (const path of all) expect(path).toMatch(/^\/[a-z0-9./]+$/);
  });
});
