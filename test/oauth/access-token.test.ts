// Access tokens as they are issued: JWTs of RFC 9068, with jose as the oracle, and opaque ones.

import { createLocalJWKSet, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/model/failure.ts';
import { publicKeys } from '../../src/oauth/jwks.ts';
import type { Signer } from '../../src/oauth/port.ts';
import { tokenEndpoint } from '../../src/oauth/token.ts';
import { CLIENT1, edited, USER1 } from '../model/example-state.ts';
import {
  AUTHORIZED,
  ask,
  claimsOf,
  contextOf,
  ISSUER,
  NOW_SECONDS,
  SINGLE,
  seededRandom,
  tokenRequest,
} from './fixture.ts';
import { memoryGrants } from './memory-grants.ts';

const get = (scope?: string, state = AUTHORIZED) => ask(tokenEndpoint, tokenRequest(scope), contextOf(state));

describe('the JWT (RFC 9068)', () => {
  it.each([
    ['ES256', undefined],
    ['RS256', 'RS256'],
    ['EdDSA', 'EdDSA'],
  ] as const)(
    'P:W-001, P:W-012: %s verifies with jose against our JWKS, strictly as at+jwt',
    async (alg, configured) => {
      const state = configured
        ? edited(AUTHORIZED, 'application', CLIENT1, { tokens: { alg: configured } })
        : AUTHORIZED;
      const context = contextOf(state);
      const { body } = await ask(tokenEndpoint, tokenRequest('Server2'), context);
      const { payload, protectedHeader } = await jwtVerify(
        String(body.access_token),
        createLocalJWKSet({ keys: [...publicKeys(context.snapshot).keys] }),
        { issuer: ISSUER, audience: 'Server2', typ: 'at+jwt', algorithms: [alg], currentDate: new Date(context.now) },
      );
      expect(protectedHeader).toEqual({
        alg,
        typ: 'at+jwt',
        kid: context.snapshot.keys.find((key) => key.alg === alg)?.kid,
      });
      expect(payload.client_id).toBe('Client1');
    },
  );

  it('P:W-002, P:W-004, P:W-007, P:W-009, P:W-011, P:X-001, P:X-004, P:S-020: the claims, all of them', async () => {
    const { body } = await get('Server2');
    expect(claimsOf(body.access_token)).toEqual({
      iss: ISSUER,
      sub: 'Client1',
      aud: ['Server2', 'Client1'],
      client_id: 'Client1',
      scope: 'Server2',
      iat: NOW_SECONDS,
      exp: NOW_SECONDS + 3600,
      jti: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/),
      gen: 7,
      impersonates: 'Example/User1',
    });
  });

  it('P:X-004, P:S-024: without a service user the token names no user at all', async () => {
    const { body } = await get('oidc', SINGLE);
    const claims = claimsOf(body.access_token);
    expect(claims.sub).toBe('Client1');
    expect(claims).not.toHaveProperty('impersonates');
  });

  it('P:W-001: tokens.typ JWT is for verifiers that refuse at+jwt', async () => {
    const { body } = await get('Server2', edited(AUTHORIZED, 'application', CLIENT1, { tokens: { typ: 'JWT' } }));
    const header = JSON.parse(Buffer.from(String(body.access_token).split('.')[0] ?? '', 'base64url').toString());
    expect(header.typ).toBe('JWT');
  });

  it('DESIGN 2: the same snapshot, store, time and chance give the same signing input', async () => {
    const inputs: string[] = [];
    const signer: Signer = {
      async sign(_key, input) {
        inputs.push(input);
        return new Uint8Array(64);
      },
    };
    const once = () => ask(tokenEndpoint, tokenRequest('Server1 Server2'), contextOf(AUTHORIZED, { signer }));
    await once();
    await once();
    expect(inputs).toHaveLength(2);
    expect(inputs[0]).toBe(inputs[1]);
    await ask(
      tokenEndpoint,
      tokenRequest('Server1 Server2'),
      contextOf(AUTHORIZED, { signer, random: seededRandom('x') }),
    );
    expect(inputs[2]).not.toBe(inputs[0]);
  });

  it('S:U-50: the lifetime is the smaller of the server’s and the application’s', async () => {
    const state = edited(
      edited(AUTHORIZED, 'server', 'server', { tokens: { access_ttl: '5m' } }),
      'application',
      CLIENT1,
      { tokens: { access_ttl: '1h' } },
    );
    const { body } = await get('Server1', state);
    expect(body.expires_in).toBe(300);
    expect(claimsOf(body.access_token).exp).toBe(NOW_SECONDS + 300);
  });

  it('a token does not outlive its impersonated user', async () => {
    const { body } = await get('Server1', edited(AUTHORIZED, 'user', USER1, { expires: '2026-01-01T00:01:00Z' }));
    expect(body.expires_in).toBe(59);
    expect(claimsOf(body.access_token).exp).toBe(NOW_SECONDS + 59);
  });
});

describe('the opaque token (S:X-20)', () => {
  const OPAQUE = edited(AUTHORIZED, 'application', CLIENT1, { tokens: { format: 'opaque' } });

  it('P:O-085: 256 random bits in base64url, kept only as a hash', async () => {
    const context = contextOf(OPAQUE);
    const { body } = await ask(tokenEndpoint, tokenRequest('Server2'), context);
    expect(body.access_token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(context.grants.opaque.size).toBe(1);
    const stored = JSON.stringify([...context.grants.opaque]);
    expect(stored).not.toContain(String(body.access_token));
    expect([...context.grants.opaque.values()][0]).toMatchObject({
      client: CLIENT1,
      client_id: 'Client1',
      user: USER1,
      subject: 'Client1',
      audiences: ['Server2', 'Client1'],
      scopes: ['Server2'],
      generation: 7,
      issued_at: NOW_SECONDS,
      expires_at: NOW_SECONDS + 3600,
    });
  });

  it('P:O-085: a thousand tokens have nothing in common, and neither have their identifiers', async () => {
    const context = contextOf(OPAQUE);
    const texts = new Set<string>();
    for (let i = 0; i < 1000; i++) {
      const { body } = await ask(tokenEndpoint, tokenRequest('Server2'), context);
      texts.add(String(body.access_token));
    }
    expect(texts.size).toBe(1000);
    expect(new Set([...context.grants.opaque.values()].map(({ id }) => id)).size).toBe(1000);
    for (let position = 0; position < 42; position++) {
      expect(new Set([...texts].map((text) => text[position])).size).toBeGreaterThan(32);
    }
  });

  it('a store that is away is 503 with Retry-After, and no token leaves', async () => {
    const grants = {
      ...memoryGrants(),
      insertAccessToken: () => Promise.reject(new Failure('store_unavailable', 'the disk is full')),
    };
    const context = contextOf(OPAQUE, { grants });
    const { status, headers, body } = await ask(tokenEndpoint, tokenRequest('Server2'), context);
    expect(status).toBe(503);
    expect(headers['Retry-After']).toMatch(/^[1-9]\d*$/);
    expect(body.error).toBe('temporarily_unavailable');
    expect(JSON.stringify(body)).not.toContain('disk');
    expect(context.events).toMatchObject([{ event: 'token', outcome: 'refused', detail: 'the disk is full' }]);
  });
});
