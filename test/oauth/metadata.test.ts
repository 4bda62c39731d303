// Discovery: RFC 8414, OpenID Connect Discovery 1.0, SEMANTICS U-45 and U-46; and the table of paths.

import { describe, expect, it } from 'vitest';
import { serverMetadata } from '../../src/oauth/metadata.ts';
import { families, PATHS } from '../../src/oauth/paths.ts';
import { userinfoEndpoint } from '../../src/oauth/userinfo.ts';
import { CLIENT1, edited, without } from '../model/example-state.ts';
import { AUTHORIZED, ask, contextOf, ISSUER, issue, request, snapshotOf } from './fixture.ts';

const BASE = edited(AUTHORIZED, 'server', 'server', { profiles: undefined });
const PROTOCOL_AND_STANDARD = [
  ...['openid', 'userinfo', 'oidc'],
  ...['profile', 'email', 'address', 'phone', 'offline_access'],
];
const PROVING_METHODS = ['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt'];
const ASSERTION_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA', 'HS256'];
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
      end_session_endpoint: `${ISSUER}/oauth2/logout`,
      scopes_supported: [...PROTOCOL_AND_STANDARD, 'WS'],
      response_types_supported: ['code'],
      response_modes_supported: ['query', 'fragment', 'form_post'],
      grant_types_supported: ['authorization_code', 'client_credentials', 'refresh_token'],
      code_challenge_methods_supported: ['S256'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256', 'RS256', 'EdDSA'],
      acr_values_supported: ['1'],
      prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
      token_endpoint_auth_methods_supported: [...PROVING_METHODS, 'none'],
      token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
      introspection_endpoint_auth_methods_supported: PROVING_METHODS,
      introspection_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
      revocation_endpoint_auth_methods_supported: [...PROVING_METHODS, 'none'],
      revocation_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
      authorization_response_iss_parameter_supported: true,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
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

  it('implicit, password and plain are named where an application has them', () => {
    const legacy = edited(AUTHORIZED, 'application', CLIENT1, {
      metadata: { grant_types: ['implicit', 'password'], code_challenge_method: 'plain' },
    });
    expect(metadata(legacy)).toMatchObject({
      grant_types_supported: ['authorization_code', 'client_credentials', 'implicit', 'password', 'refresh_token'],
      response_types_supported: ['code', 'token', 'id_token', 'id_token token'],
      code_challenge_methods_supported: ['S256', 'plain'],
    });
  });

  it('P:D-005: request_uri_parameter_supported is false in so many words, because its default is true', () => {
    expect(metadata().request_uri_parameter_supported).toBe(false);
  });

  it('P:D-003: RS256 is among the algorithms of id_tokens', () => {
    expect(metadata().id_token_signing_alg_values_supported).toContain('RS256');
  });

  it('P:D-007: no algorithm is none, and no locales are claimed', () => {
    const document = metadata();
    const algorithms = Object.entries(document).filter(([name]) => name.endsWith('_alg_values_supported'));
    expect(algorithms.length).toBe(4);
    for (const [, values] of algorithms) expect(values).not.toContain('none');
    expect(document).not.toHaveProperty('ui_locales_supported');
  });

  it.each([
    ['with the profile', AUTHORIZED],
    ['without', BASE],
  ])('P:A-005, P:D-008: no array is empty, %s', (_, state) => {
    for (const value of Object.values(serverMetadata(snapshotOf(state, { keys: [] })))) expect(value).not.toEqual([]);
  });

  it('S:U-46: scopes_supported follows the catalogue, and lists no client_id', () => {
    const scopes = metadata(without(AUTHORIZED, 'scope:WS')).scopes_supported;
    expect(scopes).toEqual(PROTOCOL_AND_STANDARD);
  });

  it('P:A-004, P:D-004: claims_supported names the claims of the ubisecure family with its profile alone', async () => {
    const context = contextOf(AUTHORIZED);
    const authorization = [`Bearer ${await issue(context, 'openid Server2')}`];
    const { body } = await ask(userinfoEndpoint, request({}, { authorization }), context);
    const fixed = Object.keys(body).filter((claim) => !claim.startsWith('client.credentials.1.'));
    expect(metadata().claims_supported).toEqual(expect.arrayContaining(fixed));
    const base = metadata(BASE).claims_supported as string[];
    expect(base).toEqual(expect.arrayContaining(['sub', 'email', 'auth_time', 'sid']));
    for (const claim of ['usn', 'azp', 'session_index']) {
      expect(fixed).toContain(claim);
      expect(base).not.toContain(claim);
    }
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
