// What other servers got wrong about who redeems what and how clients prove who they are, each by its advisory: here it is
// refused.

import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import {
  Browser,
  basicAuth,
  codeRequest,
  introspect,
  json,
  newProof,
  obtainCode,
  obtainTokens,
  post,
  refresh,
  tokenRequest,
} from './browser.ts';
import { expectRedirectedError, expectTokenError } from './security-checks.ts';
import { errorsOf, load, serve, serveForAll } from './world.ts';

const { privateKey, publicKey } = await generateKeyPair('ES256');
const jwk = { ...(await exportJWK(publicKey)), kid: 'one', use: 'sig', alg: 'ES256' };

const world = await serveForAll(({ site }) => {
  site.applications.signing = {
    methods: ['client.credentials.1'],
    allowed_to: ['Batch'],
    metadata: {
      grant_types: ['client_credentials'],
      scope: 'notes',
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [jwk] },
    },
  };
});

describe('who may use a code or a refresh token', () => {
  it('CVE-2026-55672: only the client that it was given to, and another one ends nothing by trying', async () => {
    const { form } = await obtainCode(world, 'web', { scope: 'openid api' });
    await expectTokenError(await tokenRequest(world, 'other', form), 'invalid_grant');
    await expectTokenError(await tokenRequest(world, 'spa', form), 'invalid_grant');
    const given = await json(tokenRequest(world, 'web', form));
    await expectTokenError(await refresh(world, 'other', given.refresh_token), 'invalid_grant');
    await expectTokenError(await refresh(world, 'spa', given.refresh_token), 'invalid_grant');
    // Its own client_id in the body does not make it another client's.
    const disguised = { grant_type: 'refresh_token', refresh_token: given.refresh_token, client_id: 'web' };
    await expectTokenError(await post(world, '/token', disguised, { as: 'other' }), 'invalid_request');
    await expectTokenError(await post(world, '/token', disguised), 'invalid_client', 401);
    expect((await introspect(world, given.access_token, 'api')).active).toBe(true);
    expect((await refresh(world, 'web', given.refresh_token)).status).toBe(200);
  });

  it('CVE-2026-26232: a code works once, and for a minute', async () => {
    const own = await serve();
    const used = await obtainCode(own);
    expect((await tokenRequest(own, 'web', used.form)).status).toBe(200);
    await expectTokenError(await tokenRequest(own, 'web', used.form), 'invalid_grant');
    const late = await obtainCode(own);
    own.advance(60);
    await expectTokenError(await tokenRequest(own, 'web', late.form), 'invalid_grant');
    const long = await load(({ server }) => {
      server.server.tokens = { code_ttl: '11m' };
    }).then(errorsOf);
    expect(long).not.toEqual([]);
  });

  it('CVE-2022-39222: nobody gets the code of a login by knowing its request', async () => {
    // The attacker begins, and has the victim log in with a link to the same request.
    const { parameters } = codeRequest('asking');
    const attacker = new Browser(world);
    const victim = new Browser(world);
    const attackers = await attacker.authorize(parameters);
    const consent = await victim.login(await victim.authorize(parameters));
    expect(consent.form?.id).toBe('consent');
    // Neither the request nor the whole form of the victim's page is of use in another browser.
    expect((await attacker.authorize(parameters)).form?.id).toBe('login');
    const copied = await attacker.post(consent.form?.action ?? '', { ...consent.form?.fields, decision: 'allow' });
    expect(copied.answer).not.toHaveProperty('code');
    expect(copied.form?.id).toBe('login');
    // And the attacker's own form not in the browser of the victim.
    const planted = await victim.post(attackers.form?.action ?? '', { ...attackers.form?.fields, decision: 'deny' });
    expect(planted.status).toBe(403);
  });
});

describe('PKCE', () => {
  it.each(['CVE-2023-48228', 'CVE-2024-22258'])(
    '%s: a code with a challenge is redeemed with its verifier and never without',
    async (_advisory) => {
      for (const client_id of ['web', 'spa']) {
        const { form } = await obtainCode(world, client_id);
        const { code_verifier: _, ...without } = form;
        await expectTokenError(await tokenRequest(world, client_id, without), 'invalid_grant');
        await expectTokenError(
          await tokenRequest(world, client_id, { ...without, code_verifier: '' }),
          'invalid_grant',
        );
        expect((await tokenRequest(world, client_id, form)).status).toBe(200);
      }
    },
  );

  it('CVE-2024-23647: whoever takes the challenge out of a request gets no code by it, or one that takes no verifier', async () => {
    const without = { code_challenge: undefined, code_challenge_method: undefined };
    const spa = await new Browser(world).authorize(codeRequest('spa', without).parameters);
    expectRedirectedError(spa, 'https://spa.example/callback', 'invalid_request', 'PKCE_REQUIRED');
    // A method alone, or one that proves less.
    for (const challenge of [
      { code_challenge: undefined },
      { code_challenge_method: 'plain' },
      { code_challenge_method: undefined },
      { code_challenge_method: 's256' },
      { code_challenge_method: 'none' },
    ]) {
      const stop = await new Browser(world).authorize(codeRequest('spa', challenge).parameters);
      expectRedirectedError(stop, 'https://spa.example/callback', 'invalid_request');
    }
    const { form } = await obtainCode(world, 'web', without);
    const { verifier } = newProof();
    await expectTokenError(await tokenRequest(world, 'web', { ...form, code_verifier: verifier }), 'invalid_grant');
  });

  it('CVE-2026-73309: nothing is no secret and no verifier', async () => {
    const { form } = await obtainCode(world);
    const send = (more: Record<string, string>, headers: Record<string, string> = {}) =>
      post(world, '/token', { ...form, ...more }, { headers });
    await expectTokenError(await send({ client_id: 'web', client_secret: '' }), 'invalid_client', 401);
    await expectTokenError(await send({ client_id: 'web' }), 'invalid_client', 401);
    await expectTokenError(await send({}, { authorization: basicAuth('web', '') }), 'invalid_client', 401);
    const bare = `Basic ${Buffer.from('web').toString('base64')}`;
    await expectTokenError(await send({}, { authorization: bare }), 'invalid_client', 401);
    const assertion = { client_id: 'signing', client_assertion: '', client_assertion_type: ASSERTION_TYPE };
    await expectTokenError(await send(assertion), 'invalid_client', 401);
    // Of a server application without a secret there is none to be guessed.
    const own = await serve(({ site }) => {
      delete site.applications.archive.secret;
    });
    for (const secret of ['', 'undefined', 'null']) {
      const response = await post(own, '/introspect', { token: 'x' }, { as: 'archive', secret });
      expect(response.status, secret).toBe(401);
    }
    expect((await tokenRequest(world, 'web', form)).status).toBe(200);
  });
});

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
let serial = 0;

function assertion(claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}): Promise<string> {
  const now = Math.floor(world.now() / 1000);
  serial += 1;
  return new SignJWT({
    iss: 'signing',
    sub: 'signing',
    aud: 'https://as.example',
    jti: `assertion-${serial}`,
    iat: now,
    exp: now + 60,
    ...claims,
  })
    .setProtectedHeader({ alg: 'ES256', kid: 'one', ...header })
    .sign(privateKey);
}

function byAssertion(client_assertion: string): Promise<Response> {
  // Slower than a guesser, who is held up.
  world.advance(10);
  const form = { grant_type: 'client_credentials', scope: 'notes', client_assertion_type: ASSERTION_TYPE };
  return post(world, '/token', { ...form, client_assertion });
}

describe('private_key_jwt', () => {
  it.each(['CVE-2020-15222', 'CVE-2020-5300'])('%s: an assertion works once, also twice at once', async (_advisory) => {
    const first = await assertion();
    expect((await byAssertion(first)).status).toBe(200);
    await expectTokenError(await byAssertion(first), 'invalid_client', 401);
    // Another signature of the same is the same.
    const { jti } = JSON.parse(Buffer.from(first.split('.')[1] ?? '', 'base64url').toString());
    await expectTokenError(await byAssertion(await assertion({ jti })), 'invalid_client', 401);
    await expectTokenError(await byAssertion(await assertion({ jti: undefined })), 'invalid_client', 401);
    await expectTokenError(await byAssertion(await assertion({ exp: undefined })), 'invalid_client', 401);
    const second = await assertion();
    const statuses = (await Promise.all([1, 2, 3, 4].map(() => byAssertion(second)))).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 401, 401, 401]);
  });

  it.each(['CVE-2025-27370', 'CVE-2025-27371'])(
    '%s: an assertion is for this issuer and nobody else beside it',
    async (_advisory) => {
      const audiences = [
        'https://as.example/token',
        'https://evil.example',
        'https://as.example/',
        'https://evil.example/https://as.example',
        ['https://as.example', 'https://evil.example'],
        ['https://as.example'],
        ['https://as.example/token', 'https://as.example'],
        undefined,
      ];
      for (const aud of audiences) {
        await expectTokenError(await byAssertion(await assertion({ aud })), 'invalid_client', 401);
      }
      for (const typ of ['at+jwt', 'logout+jwt', 'authorization-grant+jwt', 'secevent+jwt']) {
        await expectTokenError(await byAssertion(await assertion({}, { typ })), 'invalid_client', 401);
      }
      expect((await byAssertion(await assertion({}, { typ: 'client-authentication+jwt' }))).status).toBe(200);
    },
  );

  it('GHSA-3qh5-qqj2-c78f: a certificate is no authentication here, whoever says to have seen one', async () => {
    for (const method of ['tls_client_auth', 'self_signed_tls_client_auth']) {
      const errors = await load(({ site }) => {
        site.applications.batch.metadata.token_endpoint_auth_method = method;
      }).then(errorsOf);
      expect(errors, method).not.toEqual([]);
    }
    const metadata = await json(world.fetch('/.well-known/openid-configuration'));
    expect(metadata).not.toHaveProperty('tls_client_certificate_bound_access_tokens');
    expect(metadata).not.toHaveProperty('mtls_endpoint_aliases');
    expect(metadata.token_endpoint_auth_methods_supported.join(' ')).not.toContain('tls');
    const headers = { 'x-ssl-client-verify': 'SUCCESS', 'x-ssl-client-s-dn': 'CN=batch', 'client-cert': ':YmF0Y2g=:' };
    const form = { grant_type: 'client_credentials', client_id: 'batch', scope: 'notes' };
    await expectTokenError(await post(world, '/token', form, { headers }), 'invalid_client', 401);
    const { access_token } = await obtainTokens(world);
    expect(JSON.parse(Buffer.from(access_token.split('.')[1], 'base64url').toString())).not.toHaveProperty('cnf');
  });
});
