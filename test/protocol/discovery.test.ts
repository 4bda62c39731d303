// OpenID Connect Discovery 1.0, and the keys that it leads to (RFC 7517).

import { createLocalJWKSet, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { Browser, claimsOf, codeRequest, headerOf, json, obtainTokens, userinfo } from './browser.ts';
import { serveForAll, type World } from './world.ts';

const WELL_KNOWN = '/.well-known/openid-configuration';

const world = await serveForAll(({ site }) => {
  // It asks with every algorithm that there is.
  site.applications.other.metadata.id_token_signed_response_alg = 'EdDSA';
  site.applications.spa.metadata.id_token_signed_response_alg = 'ES256';
});
const deep = await serveForAll(() => undefined, { issuer: 'https://as.example/a/tenant' });

async function document(at: World = world): Promise<Record<string, unknown>> {
  const response = await at.fetch(WELL_KNOWN);
  expect(response.status).toBe(200);
  return (await response.json()) as Record<string, unknown>;
}

describe('the document', () => {
  it('P:D-001 it is JSON at the issuer with the well-known suffix, whether or not that has a path', async () => {
    for (const at of [world, deep]) {
      const response = await at.fetch(`${at.issuer}${WELL_KNOWN}`);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toMatch(/^application\/json\b/);
      expect((await response.json()).issuer).toBe(at.issuer);
    }
  });

  it('P:D-002 its issuer is the one that it was asked of, and that of ID tokens and answers', async () => {
    for (const at of [world, deep]) {
      const { issuer } = await document(at);
      expect(issuer).toBe(at.issuer);
      const browser = new Browser(at);
      const { id_token, access_token } = await obtainTokens(at, 'web', {}, browser);
      expect(claimsOf(id_token).iss).toBe(issuer);
      expect(claimsOf(access_token).iss).toBe(issuer);
      const { answer } = await browser.authorize(codeRequest('web').parameters);
      expect(answer.iss).toBe(issuer);
    }
  });

  it('P:D-003 it has all that is required, each address over https, and RS256 for ID tokens', async () => {
    for (const at of [world, deep]) {
      const told = await document(at);
      expect(told).toMatchObject({
        issuer: at.issuer,
        authorization_endpoint: `${at.issuer}/authorize`,
        token_endpoint: `${at.issuer}/token`,
        jwks_uri: `${at.issuer}/jwks`,
        response_types_supported: expect.arrayContaining(['code']),
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: expect.arrayContaining(['RS256']),
      });
      for (const [name, value] of Object.entries(told)) {
        if (/(_endpoint|_uri|^issuer)$/.test(name)) expect(value).toMatch(/^https:\/\//);
      }
    }
    const algorithms = new Set<unknown>();
    for (const client_id of ['web', 'other', 'spa']) {
      algorithms.add(headerOf((await obtainTokens(world, client_id)).id_token).alg);
    }
    expect(new Set((await document()).id_token_signing_alg_values_supported as string[])).toEqual(algorithms);
  });

  it('P:D-004 it has what is recommended, and the claims are those that are told', async () => {
    const told = await document();
    expect(told).toMatchObject({
      userinfo_endpoint: 'https://as.example/userinfo',
      scopes_supported: expect.arrayContaining(['openid', 'profile', 'email', 'address', 'phone', 'offline_access']),
      grant_types_supported: ['authorization_code', 'client_credentials', 'refresh_token'],
      response_modes_supported: ['query', 'fragment', 'form_post'],
      token_endpoint_auth_methods_supported: [
        ...['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt', 'none'],
      ],
    });
    const scope = 'openid profile email address phone';
    const { id_token, access_token } = await obtainTokens(world, 'web', { scope, acr_values: '1' });
    const claims = await json(userinfo(world, access_token));
    expect(new Set(told.claims_supported as string[])).toEqual(
      new Set([...Object.keys(claims), ...Object.keys(claimsOf(id_token))]),
    );
  });

  it('P:D-005 what is not understood is said to be so, and is so', async () => {
    expect(await document()).toMatchObject({
      request_uri_parameter_supported: false,
      request_parameter_supported: false,
      claims_parameter_supported: false,
    });
    const authorize = (more: Record<string, string>) =>
      new Browser(world).authorize(codeRequest('web', more).parameters);
    const byUri = await authorize({ request_uri: 'https://web.example/request' });
    expect(byUri.answer.error).toBe('request_uri_not_supported');
    expect((await authorize({ request: 'e30.e30.' })).answer.error).toBe('request_not_supported');
    const claims = JSON.stringify({ id_token: { email: { essential: true } }, userinfo: { email: null } });
    const { id_token, access_token } = await obtainTokens(world, 'web', { claims });
    expect(claimsOf(id_token)).not.toHaveProperty('email');
    expect(await json(userinfo(world, access_token))).toEqual({ sub: 'ada-0001' });
  });

  it('P:D-007 none is no algorithm, and acr and locales are named only where they are true', async () => {
    const told = await document();
    for (const [name, value] of Object.entries(told)) {
      if (/alg_values_supported$/.test(name)) expect(value).not.toContain('none');
    }
    expect(told.token_endpoint_auth_signing_alg_values_supported).toEqual(expect.any(Array));
    expect(told).not.toHaveProperty('ui_locales_supported');
    expect(told).not.toHaveProperty('claims_locales_supported');
    const acrs = told.acr_values_supported as string[];
    expect(acrs).toEqual(['1']);
    for (const acr_values of acrs) {
      expect(claimsOf((await obtainTokens(world, 'web', { acr_values })).id_token).acr).toBe(acr_values);
    }
  });

  it('P:D-008 no member is an empty array', async () => {
    for (const at of [world, deep]) {
      const values = Object.values(await document(at));
      expect(values.length).toBeGreaterThan(20);
      for (const value of values) if (Array.isArray(value)) expect(value.length).toBeGreaterThan(0);
    }
  });
});

it('P:D-006 the key set holds public keys alone, each with kid, use and alg, and tokens are checked by it', async () => {
  const { jwks_uri } = await document();
  const response = await world.fetch(String(jwks_uri));
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^application\/(jwk-set\+)?json\b/);
  const set = await response.json();
  expect(Object.keys(set)).toEqual(['keys']);
  const members = ['alg', 'crv', 'e', 'kid', 'kty', 'n', 'use', 'x', 'y'];
  for (const key of set.keys) {
    expect(key).toMatchObject({
      kty: expect.any(String),
      kid: expect.any(String),
      use: 'sig',
      alg: expect.any(String),
    });
    expect(members).toEqual(expect.arrayContaining(Object.keys(key)));
  }
  expect(new Set(set.keys.map(({ kid }: { kid: string }) => kid)).size).toBe(set.keys.length);
  for (const client_id of ['web', 'other', 'spa']) {
    const { id_token, access_token } = await obtainTokens(world, client_id);
    for (const token of [id_token, access_token]) {
      await expect(jwtVerify(token, createLocalJWKSet(set), { issuer: world.issuer })).resolves.toMatchObject({
        payload: { sub: 'ada-0001' },
      });
    }
  }
});

it('P:D-009 scripts of any origin may read document and keys, and never the authorization endpoint', async () => {
  const headers = { origin: 'https://anywhere.example' };
  for (const path of [WELL_KNOWN, '/jwks']) {
    for (const method of ['GET', 'OPTIONS']) {
      const response = await world.fetch(path, { method, headers });
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
      expect(response.headers.get('access-control-allow-credentials')).toBeNull();
    }
  }
  const query = new URLSearchParams(codeRequest('spa').parameters);
  for (const origin of ['https://anywhere.example', 'https://spa.example']) {
    for (const method of ['GET', 'POST', 'OPTIONS']) {
      const response = await world.fetch(`/authorize?${query}`, { method, headers: { origin } });
      expect([...response.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
  }
});
