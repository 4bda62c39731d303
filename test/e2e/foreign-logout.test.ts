// A relying party that is written with jose alone: ID tokens of both algorithms, and the end of a session, which it is told by
// the server itself (OpenID Connect Back-Channel Logout 1.0).

import express from 'express';
import { createRemoteJWKSet, decodeProtectedHeader, type JWTPayload, jwtVerify } from 'jose';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './charter.ts';
import { SECRET, type Served, serveForeign } from './foreign-spec.ts';
import { UserAgent } from './user-agent.ts';
import { startWebApplication, type WebApplication } from './web-application.ts';

const LOGOUT = 'http://schemas.openid.net/event/backchannel-logout';

describe('a relying party', () => {
  let served: Served;
  let web: WebApplication;
  let keys: ReturnType<typeof createRemoteJWKSet>;
  /** The verified claims of every logout token that came. */
  const told: JWTPayload[] = [];
  /** What was wrong with others. */
  const wrong: unknown[] = [];

  beforeAll(async () => {
    web = await startWebApplication();
    served = await serveForeign(web.origin);
    keys = createRemoteJWKSet(new URL(`${served.issuer}/jwks`));
    web.app.post('/backchannel-logout', express.urlencoded({ extended: false }), async ({ body }, response) => {
      try {
        const options = { issuer: served.issuer, typ: 'logout+jwt', requiredClaims: ['iat', 'exp', 'jti', 'events'] };
        const { payload } = await jwtVerify(body?.logout_token ?? '', keys, options);
        told.push(payload);
        response.set('cache-control', 'no-store').json({});
      } catch (error) {
        wrong.push(error);
        response.status(400).json({});
      }
    });
    web.app.get('/', (_, response) => response.json({ home: true }));
  });

  afterAll(async () => {
    await served.stop();
    await web.stop();
  });

  async function logIn(client_id: string, agent: UserAgent, until: string) {
    const configuration = await client.discovery(
      new URL(served.issuer),
      client_id,
      { client_secret: SECRET, ...(client_id === 'elliptic' ? { id_token_signed_response_alg: 'ES256' } : {}) },
      undefined,
      { execute: [client.allowInsecureRequests] },
    );
    const address = client.buildAuthorizationUrl(configuration, { redirect_uri: until, scope: 'openid' });
    const view = await agent.through(address);
    return { configuration, tokens: await client.authorizationCodeGrant(configuration, view.url) };
  }

  it.each([
    ['web', 'RS256'],
    ['elliptic', 'ES256'],
  ])('verifies the ID token of the application %s by the keys of the server (%s)', async (client_id, alg) => {
    const until = `${web.origin}/callback`;
    const { tokens } = await logIn(client_id, new UserAgent({ until }), until);
    const options = { issuer: served.issuer, audience: client_id, algorithms: [alg], requiredClaims: ['sid', 'iat'] };
    const { payload } = await jwtVerify(tokens.id_token ?? '', keys, options);
    expect(payload.sub).toBe('ada-0001');
    expect(decodeProtectedHeader(tokens.id_token ?? '')).toEqual({ alg, typ: 'JWT', kid: expect.any(String) });
    // The same keys, and another algorithm than the client expects: it would be refused.
    const other = alg === 'RS256' ? 'ES256' : 'RS256';
    await expect(jwtVerify(tokens.id_token ?? '', keys, { algorithms: [other] })).rejects.toMatchObject({
      code: 'ERR_JOSE_ALG_NOT_ALLOWED',
    });
  });

  it('every application of a session is told of its end, by its own algorithm, and nobody is logged in any more', async () => {
    told.length = 0;
    const until = `${web.origin}/callback`;
    const agent = new UserAgent({ until });
    const first = await logIn('web', agent, until);
    const second = await logIn('elliptic', agent, until);
    const sid = first.tokens.claims()?.sid;
    expect(sid).toBeTypeOf('string');
    expect(second.tokens.claims()?.sid).toBe(sid);

    const address = client.buildEndSessionUrl(first.configuration, {
      id_token_hint: first.tokens.id_token ?? '',
      post_logout_redirect_uri: web.origin,
    });
    const after = await agent.open(address);
    expect(JSON.parse(after.text)).toEqual({ home: true });
    await eventually(() => expect(told).toHaveLength(2));
    expect(wrong).toEqual([]);
    expect(told.map(({ aud }) => aud).sort()).toEqual(['elliptic', 'web']);
    for (const claims of told) {
      expect(claims).toMatchObject({ sid, sub: 'ada-0001', events: { [LOGOUT]: {} } });
      expect(claims).not.toHaveProperty('nonce');
    }
    expect(new Set(told.map(({ jti }) => jti)).size).toBe(2);

    const silent = client.buildAuthorizationUrl(first.configuration, {
      redirect_uri: until,
      scope: 'openid',
      prompt: 'none',
    });
    expect((await agent.open(silent)).url.searchParams.get('error')).toBe('login_required');
  });

  it('another session of the same user goes on', async () => {
    told.length = 0;
    const until = `${web.origin}/callback`;
    const [here, there] = [new UserAgent({ until }), new UserAgent({ until })];
    const left = await logIn('web', here, until);
    const kept = await logIn('web', there, until);
    const address = client.buildEndSessionUrl(left.configuration, { id_token_hint: left.tokens.id_token ?? '' });
    await here.open(address);
    await eventually(() => expect(told).toHaveLength(1));
    expect(told[0]?.sid).toBe(left.tokens.claims()?.sid);
    const silent = client.buildAuthorizationUrl(kept.configuration, {
      redirect_uri: until,
      scope: 'openid',
      prompt: 'none',
    });
    expect((await there.open(silent)).url.searchParams.get('code')).not.toBeNull();
  });
});
