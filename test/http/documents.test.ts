import { describe, expect, it } from 'vitest';
import { generateSigningKeys } from '../../src/oauth/keys.ts';
import { added, EX2 } from '../model/example-state.ts';
import { exampleAt, ISSUER, serve, snapshotOf } from './serving.ts';

const SUFFIXED = ['/uas/.well-known/openid-configuration', '/uas/.well-known/oauth-authorization-server'];
const INSERTED = ['/.well-known/openid-configuration/uas', '/.well-known/oauth-authorization-server/uas'];
const ALL = [...SUFFIXED, ...INSERTED, '/uas/oauth2/metadata.json'];

describe('discovery', () => {
  it('P:A-001 P:A-002 P:A-009 P:D-001 P:D-002 P:S-028 S:U-45 is one document at every address', async () => {
    const app = serve();
    const bodies = new Set<string>();
    for (const url of ALL) {
      const response = await app.inject({ url });
      expect([url, response.statusCode]).toEqual([url, 200]);
      expect(response.headers['content-type']).toMatch(/^application\/json/);
      expect(response.json()).toMatchObject({ issuer: ISSUER });
      bodies.add(response.body);
    }
    expect(bodies.size).toBe(1);
  });

  it.each(['https://as.test', 'https://as.test/', 'https://as.test/t/1'])(
    'P:A-003 P:A-004 P:D-003 names endpoints of %s that are there',
    async (issuer) => {
      const app = serve({ snapshot: snapshotOf(exampleAt(issuer)) });
      const path = new URL(issuer).pathname.replace(/\/$/, '');
      for (const url of [
        `${path}/.well-known/openid-configuration`,
        `/.well-known/oauth-authorization-server${path}`,
      ]) {
        const document = (await app.inject({ url })).json<Record<string, string>>();
        const endpoints = Object.entries(document).filter(
          ([name]) => name.endsWith('_endpoint') || name === 'jwks_uri',
        );
        expect(endpoints.length).toBeGreaterThanOrEqual(6);
        for (const [name, address] of endpoints) {
          const { statusCode } = await app.inject({ url: new URL(address).pathname });
          expect([name, statusCode]).not.toEqual([name, 404]);
        }
      }
    },
  );

  it('P:A-007 is nowhere else', async () => {
    const app = serve();
    for (const url of [
      '/.well-known/openid-configuration',
      '/.well-known/oauth-authorization-server',
      '/.well-known/oauth-authorization-server/other',
      '/.well-known/oauth-authorization-server/uas/',
      '/uas/.well-known/oauth-protected-resource',
      '/uas/.well-known/webfinger',
      '/oauth2/metadata.json',
    ]) {
      const response = await app.inject({ url });
      expect([url, response.statusCode, response.json()]).toEqual([url, 404, { error: 'not_found' }]);
    }
  });

  it('P:A-008 P:D-009 may be cached for a minute and read from any origin', async () => {
    const app = serve();
    for (const url of [...ALL, '/uas/jwks', '/uas/oauth2/metadata.jwks']) {
      const { headers } = await app.inject({ url, headers: { origin: 'https://app.test' } });
      expect(headers['cache-control']).toBe('public, max-age=60');
      expect(headers['access-control-allow-origin']).toBe('*');
      expect(headers['x-content-type-options']).toBe('nosniff');
      const preflight = await app.inject({ method: 'OPTIONS', url });
      expect([preflight.statusCode, preflight.headers['access-control-allow-methods']]).toEqual([204, 'GET, HEAD']);
    }
  });

  it('P:A-008 has a strong validator that changes with the document alone', async () => {
    let snapshot = snapshotOf();
    const app = serve({ current: () => snapshot });
    const url = ALL[0] as string;
    const etag = (await app.inject({ url })).headers.etag as string;
    expect(etag).toMatch(/^"[\w-]{22}"$/);

    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const response = await app.inject({ url, headers: { 'if-none-match': known } });
      expect([known, response.statusCode, response.body]).toEqual([known, 304, '']);
      expect(response.headers).toMatchObject({ etag, 'cache-control': 'public, max-age=60' });
      expect(response.headers['access-control-allow-origin']).toBe('*');
    }
    expect((await app.inject({ url, headers: { 'if-none-match': '"other"' } })).statusCode).toBe(200);

    snapshot = snapshotOf(EX2, 2);
    expect((await app.inject({ url })).headers.etag).toBe(etag);
    snapshot = snapshotOf(added(EX2, [['scope:Payments', { kind: 'scope', descriptions: [] }]]), 3);
    const changed = await app.inject({ url, headers: { 'if-none-match': etag } });
    expect(changed.statusCode).toBe(200);
    expect(changed.headers.etag).not.toBe(etag);
    expect(changed.json<{ scopes_supported: string[] }>().scopes_supported).toContain('Payments');
  });

  it('serves GET and HEAD alone', async () => {
    const app = serve();
    const head = await app.inject({ method: 'HEAD', url: ALL[0] as string });
    expect([head.statusCode, head.body]).toEqual([200, '']);
    const post = await app.inject({ method: 'POST', url: ALL[0] as string });
    expect([post.statusCode, post.headers.allow]).toEqual([405, 'GET, HEAD']);
    expect(post.headers['cache-control']).toBe('no-store');
  });
});

describe('the keys', () => {
  it('P:D-006 are published without their private halves, for each family', async () => {
    const app = serve();
    for (const url of ['/uas/jwks', '/uas/oauth2/metadata.jwks']) {
      const response = await app.inject({ url, headers: { accept: 'text/html' } });
      expect(response.headers['content-type']).toMatch(/^application\/json/);
      const { keys } = response.json<{ keys: Record<string, string>[] }>();
      expect(keys.map(({ alg }) => alg).sort()).toEqual(['ES256', 'EdDSA', 'RS256']);
      for (const key of keys) {
        expect(key).toMatchObject({ kid: expect.any(String), kty: expect.any(String), use: 'sig' });
        for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(key).not.toHaveProperty(secret);
      }
    }
  });

  it('C-039 the set lacks a key that has served its time from its instant on, under another validator', async () => {
    const HOUR = 3_600_000;
    let now = 0;
    const before = snapshotOf();
    const [next] = await generateSigningKeys(0, { algorithms: ['ES256'], active_from: HOUR });
    const old = before.keys.find(({ alg }) => alg === 'ES256');
    if (next === undefined || old === undefined) throw new Error('no key');
    const snapshot = { ...before, keys: [next, ...before.keys] };
    const app = serve({ snapshot, now: () => now });
    const read = async () => {
      const response = await app.inject({ url: '/uas/jwks' });
      const { keys } = response.json<{ keys: { kid: string }[] }>();
      return { kids: keys.map(({ kid }) => kid), etag: response.headers.etag };
    };
    const both = await read();
    expect(both.kids).toEqual(expect.arrayContaining([next.kid, old.kid]));
    // Its last token may be from the end of the first hour, live for another, and clocks differ by five minutes.
    now = 2 * HOUR + 300_000 - 1;
    expect(await read()).toEqual(both);
    now += 1;
    const one = await read();
    expect(one.kids).toEqual(both.kids.filter((kid) => kid !== old.kid));
    expect(one.etag).not.toBe(both.etag);
    expect((await app.inject({ url: '/uas/jwks', headers: { 'if-none-match': both.etag as string } })).statusCode).toBe(
      200,
    );
  });
});
