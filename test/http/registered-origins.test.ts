import { describe, expect, it } from 'vitest';
import { applicationAddress } from '../../src/model/address.ts';
import type { ApplicationEntity, ClientMetadata } from '../../src/model/entity.ts';
import { createState } from '../../src/model/state.ts';
import { EX2 } from '../model/example-state.ts';
import { FORM, serve, snapshotOf } from './serving.ts';

const APP = 'https://app.test';
const PUBLIC: ClientMetadata = {
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code'],
  redirect_uris: [{ uri: `${APP}/callback?x=y` }],
};

/** The example with one more application, served. */
function serving(metadata: ClientMetadata = PUBLIC, entity: Partial<ApplicationEntity> = {}, now = Date.now) {
  const application: ApplicationEntity = { kind: 'application', client_id: 'Spa', metadata, ...entity };
  const state = createState([...EX2, [applicationAddress('Example', 'Spa'), application]]);
  return serve({ snapshot: snapshotOf(state), now });
}

type App = ReturnType<typeof serve>;
const post = (app: App, path: string, origin: string | undefined, payload = 'a=b') =>
  app.inject({
    method: 'POST',
    url: `/uas${path}`,
    headers: { ...FORM, ...(origin === undefined ? {} : { origin }) },
    payload,
  });
const opened = async (app: App, origin: string) =>
  (await post(app, '/token', origin)).headers['access-control-allow-origin'];

describe('P:E-006 P:V-016 P:S-027 browsers of an origin where a registered public client runs', () => {
  it.each(['/token', '/revoke', '/oauth2/token', '/oauth2/revocation'])('may call %s', async (path) => {
    const app = serving();
    const asked = { origin: APP, 'access-control-request-method': 'POST' };
    const preflight = await app.inject({ method: 'OPTIONS', url: `/uas${path}`, headers: asked });
    expect(preflight.statusCode).toBe(204);
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': APP,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'Authorization, Content-Type',
      vary: 'Origin',
    });
    const refused = await post(app, path, APP);
    const large = await post(app, path, APP, 'a'.repeat(70_000));
    const wrong = await app.inject({ method: 'PUT', url: `/uas${path}`, headers: { origin: APP } });
    expect([large.statusCode, wrong.statusCode]).toEqual([413, 405]);
    for (const { headers } of [preflight, refused, large, wrong]) {
      expect(headers).toMatchObject({ 'access-control-allow-origin': APP, vary: 'Origin' });
      expect(headers['access-control-allow-credentials']).toBeUndefined();
    }
    expect(refused.headers['access-control-expose-headers']).toContain('WWW-Authenticate');
  });

  it('are told apart from others, with an answer that no cache gives to another', async () => {
    const app = serving();
    for (const origin of [
      undefined,
      'null',
      'https://evil.test',
      'https://app.test:8443',
      'http://app.test',
      'https://APP.test',
    ]) {
      const { headers } = await post(app, '/token', origin);
      expect([origin, headers['access-control-allow-origin'], headers.vary]).toEqual([origin, undefined, 'Origin']);
    }
    const headers = { origin: 'https://evil.test', 'access-control-request-method': 'POST' };
    const preflight = await app.inject({ method: 'OPTIONS', url: '/uas/token', headers });
    expect(Object.keys(preflight.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it.each<[string, ClientMetadata, Partial<ApplicationEntity>]>([
    ['that has a secret', { ...PUBLIC, token_endpoint_auth_method: 'client_secret_basic' }, {}],
    ['that names no method', { grant_types: PUBLIC.grant_types ?? [], redirect_uris: PUBLIC.redirect_uris ?? [] }, {}],
    ['that is disabled', PUBLIC, { enabled: false }],
    ['that has ended', PUBLIC, { expires: '2020-01-01' }],
    ['whose redirect_uri has ended', { ...PUBLIC, redirect_uris: [{ uri: `${APP}/cb`, expires: '2020-01-01' }] }, {}],
  ])('none where a client runs %s', async (_, metadata, entity) => {
    expect(await opened(serving(metadata, entity), APP)).toBeUndefined();
  });

  it('until the last of its redirect_uris has ended', async () => {
    const redirect_uris = [
      { uri: `${APP}/a`, expires: '2030-01-01' },
      { uri: `${APP}/b`, expires: '2031-01-01' },
    ];
    let at = Date.parse('2030-06-01');
    const app = serving({ ...PUBLIC, redirect_uris }, {}, () => at);
    expect(await opened(app, APP)).toBe(APP);
    at = Date.parse('2031-01-01');
    expect(await opened(app, APP)).toBeUndefined();
  });

  it('by https, or on this machine: no plain page of elsewhere, and no app that is none', async () => {
    const uris = [
      'http://app.test/cb',
      'com.example.app:/cb',
      'http://localhost:5173/cb',
      'http://[::1]:1/',
      'nonsense',
    ];
    const app = serving({ ...PUBLIC, redirect_uris: uris.map((uri) => ({ uri })) });
    expect(await opened(app, 'http://localhost:5173')).toBe('http://localhost:5173');
    expect(await opened(app, 'http://[::1]:1')).toBe('http://[::1]:1');
    for (const origin of ['http://app.test', 'null', 'com.example.app:', 'http://localhost']) {
      expect([origin, await opened(app, origin)]).toEqual([origin, undefined]);
    }
  });

  it('P:S-026 may not call a page, nor introspection of the base family', async () => {
    const app = serving();
    for (const path of ['/authorize', '/oauth2/authorization', '/introspect']) {
      for (const method of ['OPTIONS', 'POST'] as const) {
        const { headers } = await app.inject({
          method,
          url: `/uas${path}`,
          headers: { ...FORM, origin: APP },
          payload: 'a=b',
        });
        expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
      }
    }
  });

  it('are answered while there is no snapshot yet, as others are', async () => {
    const app = serve({ current: () => undefined, issuer: 'https://localhost:8443/uas' });
    const response = await post(app, '/token', APP);
    expect([response.statusCode, response.headers['access-control-allow-origin']]).toEqual([503, undefined]);
  });
});
