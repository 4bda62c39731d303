// Userinfo: OpenID Connect Core 5.3, RFC 6750, SEMANTICS U-40 and Ex-4.

import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import type { State } from '../../src/model/state.ts';
import type { EndpointRequest } from '../../src/oauth/endpoint.ts';
import { revocationEndpoint } from '../../src/oauth/revocation.ts';
import { userinfoEndpoint } from '../../src/oauth/userinfo.ts';
import { CLIENT_GROUP, CLIENT1, edited, METHOD } from '../model/example-state.ts';
import {
  AUTHORIZED,
  ask,
  basic,
  claimsOf,
  contextOf,
  ISSUER,
  issue,
  keys,
  later,
  NOW,
  NOW_SECONDS,
  request,
  SINGLE,
  type TestContext,
} from './fixture.ts';

const bearer = (token: string, changed: Partial<EndpointRequest> = {}): EndpointRequest =>
  request({}, { authorization: [`Bearer ${token}`], ...changed });

const tell = (question: EndpointRequest, context: TestContext) => ask(userinfoEndpoint, question, context);

async function issued(scope = 'Server2', state: State = AUTHORIZED): Promise<[string, TestContext]> {
  const context = contextOf(state);
  return [await issue(context, scope), context];
}

const OPAQUE = edited(AUTHORIZED, 'application', CLIENT1, { tokens: { format: 'opaque' } });

describe('the ubisecure family (Ex-4)', () => {
  it.each([
    ['jwt', AUTHORIZED],
    ['opaque', OPAQUE],
  ])('vector V3, S:U-40, S:U-41, S:U-42: of a %s token, key for key and in order', async (_, state) => {
    const [token, context] = await issued('Server2', state);
    const { status, body, headers } = await tell(bearer(token), later(context, { now: NOW + 505_000 }));
    expect(status).toBe(200);
    expect(headers['Cache-Control']).toBe('no-store');
    expect(Object.entries(body)).toEqual([
      ['usn', 'Client1'],
      ['iss', ISSUER],
      ['aud', ['Server2', 'Client1']],
      ['exp', NOW_SECONDS + 3600],
      ['iat', NOW_SECONDS + 505],
      ['auth_time', NOW_SECONDS],
      ['amr', [`${ISSUER}/saml2/names/ac/${METHOD}`]],
      ['azp', 'Client1'],
      ['session_index', expect.stringMatching(/^_[0-9a-f]{40}$/)],
      [`${METHOD}.grant_type`, ['client_credentials']],
      [`${METHOD}.issuer_dn`, ['cn=Client1,ou=Example,cn=Ubilogin,dc=test']],
      [`${METHOD}.issuer`, ['Client1']],
      [`${METHOD}.dn`, ['cn=User1,ou=Example,cn=Ubilogin,dc=test']],
      [`${METHOD}.ldap`, ['ldap:///cn=Ubilogin,dc=test']],
    ]);
  });

  it('S:U-40: usn, issuer and cn are the name in the spec, azp is the client_id', async () => {
    const state = edited(SINGLE, 'application', CLIENT1, { client_id: 'Server1', secret: { env: 'X' } });
    const context = contextOf(state);
    const { body: answer } = await ask(
      (await import('../../src/oauth/token.ts')).tokenEndpoint,
      request({ grant_type: 'client_credentials', client_id: 'Server1', client_secret: 'server1-secret' }),
      context,
    );
    const { body } = await tell(bearer(String(answer.access_token)), context);
    expect(body).toMatchObject({
      usn: 'Client1',
      azp: 'Server1',
      [`${METHOD}.issuer`]: ['Client1'],
      [`${METHOD}.issuer_dn`]: ['cn=Client1,ou=Example,cn=Ubilogin,dc=test'],
    });
  });

  it('S:U-42, P:C-047: without a user the .dn is left out, not null', async () => {
    const [token, context] = await issued('oidc', SINGLE);
    const { body } = await tell(bearer(token), context);
    expect(body).not.toHaveProperty([`${METHOD}.dn`]);
    expect(Object.values(body)).not.toContain(null);
  });

  it('S:X-07, P:C-043: sub is the client_id, for tokens with openid alone', async () => {
    const [token, context] = await issued('openid Server2');
    expect((await tell(bearer(token), context)).body.sub).toBe('Client1');
    const [without, other] = await issued('oidc Server2');
    expect((await tell(bearer(without), other)).body).not.toHaveProperty('sub');
  });

  it('vector V7, S:U-10, P:B-010: a token that was not issued for its own client is 401 invalid_token', async () => {
    const [token, context] = await issued('oidc', edited(AUTHORIZED, 'group', CLIENT_GROUP, { members: undefined }));
    const { status, headers, body } = await tell(bearer(token), context);
    expect(status).toBe(401);
    expect(headers['WWW-Authenticate']).toContain('error="invalid_token"');
    expect(body.error_description).toMatch(/^AUDIENCE_WITHOUT_CLIENT: /);
  });

  it('S:A-17: from outside client_ip_range the token does not work', async () => {
    const [token, context] = await issued(
      'Server2',
      edited(AUTHORIZED, 'application', CLIENT1, { client_ip_range: ['198.51.100.0/24'] }),
    );
    expect((await tell(bearer(token), context)).status).toBe(200);
    expect((await tell(bearer(token, { ip: '203.0.113.1' }), context)).status).toBe(401);
  });
});

describe('the base family', () => {
  it('P:C-046, P:B-007: a client_credentials token has no user: 403 insufficient_scope', async () => {
    const [token, context] = await issued('Server2');
    const { status, headers, body } = await tell(bearer(token, { family: 'base' }), context);
    expect(status).toBe(403);
    expect(body.error).toBe('insufficient_scope');
    expect(headers['WWW-Authenticate']).toMatch(
      new RegExp(`^Bearer realm="${ISSUER}", error="insufficient_scope", error_description="[^"]+", scope="openid"$`),
    );
    const [opened] = await issued('openid Server2');
    const again = await tell(bearer(opened, { family: 'base' }), context);
    expect(again.status).toBe(403);
    // Who has the scope is not told to ask for it.
    expect(again.headers['WWW-Authenticate']).not.toContain('scope="');
  });

  it('P:C-045: an invalid token is 401 before anything is said of scopes', async () => {
    const { status, body } = await tell(bearer('x', { family: 'base' }), contextOf(AUTHORIZED));
    expect(status).toBe(401);
    expect(body.error).toBe('invalid_token');
  });
});

describe('how the token is presented (RFC 6750 2)', () => {
  it.each(['Bearer', 'bearer', 'BEARER'])('P:B-001: the scheme %s', async (scheme) => {
    const [token, context] = await issued();
    expect((await tell(request({}, { authorization: [`${scheme} ${token}`] }), context)).status).toBe(200);
  });

  it('P:B-002, P:C-044: in the body of a POST', async () => {
    const [token, context] = await issued();
    expect((await tell(request({ access_token: token }), context)).status).toBe(200);
  });

  it('P:B-004: in header and body both is 400 with a challenge', async () => {
    const [token, context] = await issued();
    const question = request({ access_token: token }, { authorization: [`Bearer ${token}`] });
    const { status, headers, body } = await tell(question, context);
    expect(status).toBe(400);
    expect(body.error).toBe('invalid_request');
    expect(headers['WWW-Authenticate']).toMatch(/^Bearer realm="[^"]+", error="invalid_request"/);
  });

  it.each([
    ['two headers', ['Bearer a', 'Bearer b']],
    ['two tokens in one header', ['Bearer a b']],
    ['no token after the scheme', ['Bearer']],
    ['spaces after the scheme', ['Bearer   ']],
    ['a token of other characters', ['Bearer a"b']],
    ['a list of tokens', ['Bearer a, Bearer b']],
  ])('P:B-008: %s is 400 invalid_request, never 500', async (_, authorization) => {
    const { status, headers } = await tell(request({}, { authorization }), contextOf(AUTHORIZED));
    expect(status).toBe(400);
    expect(headers['WWW-Authenticate']).toContain('error="invalid_request"');
  });

  it('P:B-008: access_token sent twice in the body is 400 with a challenge', async () => {
    const form = [
      ['access_token', 'a'],
      ['access_token', 'a'],
    ] as const;
    const { status, headers } = await tell(request(form), contextOf(AUTHORIZED));
    expect(status).toBe(400);
    expect(headers['WWW-Authenticate']).toContain('error="invalid_request"');
  });

  it.each([
    ['nothing at all', request({})],
    ['Basic credentials', request({}, { authorization: [basic('Client1')] })],
    ['an empty access_token', request({ access_token: '' })],
  ])('P:B-003, P:B-005: %s is 401 with a challenge that names no error', async (_, question) => {
    const { status, headers } = await tell(question, contextOf(AUTHORIZED));
    expect(status).toBe(401);
    expect(headers['WWW-Authenticate']).toBe(`Bearer realm="${ISSUER}"`);
  });
});

describe('tokens that do not work (P:B-006, P:B-009, P:C-045)', () => {
  const refused = async (token: string, context: TestContext) => {
    const { status, headers, body } = await tell(bearer(token), context);
    expect(status).toBe(401);
    expect(body.error).toBe('invalid_token');
    expect(headers['WWW-Authenticate']).toMatch(
      /^Bearer realm="[^"\\]+", error="invalid_token", error_description="[^"\\]+"$/,
    );
    expect(headers['Cache-Control']).toBe('no-store');
  };

  it.each(['x', 'a.b.c', 'A'.repeat(43)])('P:B-006: unknown %s', async (token) => {
    await refused(token, contextOf(AUTHORIZED));
  });

  it.each([
    ['jwt', AUTHORIZED],
    ['opaque', OPAQUE],
  ])('P:B-006: an expired %s token', async (_, state) => {
    const [token, context] = await issued('Server2', state);
    await refused(token, later(context, { now: NOW + 3_600_000 }));
  });

  it('S:U-50: a token with a lifetime of 0 is refused at once', async () => {
    const [token, context] = await issued(
      'Server2',
      edited(AUTHORIZED, 'application', CLIENT1, { tokens: { access_ttl: '0s' } }),
    );
    await refused(token, context);
  });

  it.each([
    ['jwt', AUTHORIZED],
    ['opaque', OPAQUE],
  ])('P:B-006, P:V-003: a revoked %s token', async (_, state) => {
    const [token, context] = await issued('Server2', state);
    await ask(revocationEndpoint, request({ token }, { authorization: [basic('Client1')] }), context);
    await refused(token, context);
  });

  /** A JWT of ours with other claims or another header: signed with the right key. */
  async function ours(claims: Record<string, unknown>, typ?: string): Promise<string> {
    const key = keys.find(({ alg }) => alg === 'ES256');
    if (key === undefined) throw new Error('no key');
    const header = { alg: 'ES256', kid: key.kid, ...(typ === undefined ? {} : { typ }) };
    return new SignJWT(claims).setProtectedHeader(header).sign(key.jwk as Parameters<SignJWT['sign']>[0]);
  }

  it('P:B-014, P:W-009: an id_token of ours is no access token', async () => {
    const id_token = {
      iss: ISSUER,
      sub: 'Client1',
      aud: 'Client1',
      iat: NOW_SECONDS,
      exp: NOW_SECONDS + 60,
      nonce: 'n',
    };
    await refused(await ours(id_token, 'JWT'), contextOf(AUTHORIZED));
    await refused(await ours({ ...id_token, jti: 'x', gen: 7, aud: ['Client1'] }, 'JWT'), contextOf(AUTHORIZED));
  });

  it('P:B-013, P:W-010: a JWT of ours for another purpose is no access token, whatever it claims', async () => {
    const [token, context] = await issued();
    const claims = claimsOf(token);
    expect((await tell(bearer(await ours(claims, 'at+jwt')), context)).status).toBe(200);
    await refused(await ours(claims, 'logout+jwt'), context);
    await refused(await ours(claims), context);
  });

  it.each(['exp', 'iat', 'jti', 'gen', 'client_id', 'sub', 'aud', 'iss'])(
    'RFC 9068 2.2: a JWT without %s is none',
    async (claim) => {
      const [token, context] = await issued();
      const claims = claimsOf(token);
      delete claims[claim];
      await refused(await ours(claims, 'at+jwt'), context);
    },
  );

  it.each([
    ['aud', 'Client1'],
    ['aud', [1]],
    ['exp', `${NOW_SECONDS + 60}`],
    ['gen', '7'],
    ['gen', 6.5],
    ['jti', 1],
    ['scope', ['openid']],
    ['client_id', 'Nobody'],
    ['impersonates', 1],
    ['impersonates', 'Example/User2'],
    ['impersonates', 'nowhere'],
  ])('a JWT whose %s is %j is none', async (claim, value) => {
    const [token, context] = await issued();
    await refused(await ours({ ...claimsOf(token), [claim]: value }, 'at+jwt'), context);
  });

  it('P:W-010, RFC 8725 3.1: the header does not choose the algorithm', async () => {
    const [token, context] = await issued();
    const [, payload, signature] = token.split('.');
    const header = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const kid = keys.find(({ alg }) => alg === 'ES256')?.kid;
    for (const alg of ['none', 'HS256', 'RS256', 'ES384', 'EdDSA']) {
      await refused(`${header({ alg, typ: 'at+jwt', kid })}.${payload}.${signature}`, context);
      await refused(`${header({ alg, typ: 'at+jwt', kid })}.${payload}.`, context);
    }
    await refused(`${header({ alg: 'ES256', typ: 'at+jwt' })}.${payload}.${signature}`, context);
  });

  it('P:X-012: why it was refused is for the log alone', async () => {
    const [token, context] = await issued();
    await refused(token, later(context, { now: NOW + 3_600_000 }));
    expect(context.events.at(-1)).toMatchObject({ event: 'userinfo', outcome: 'refused', error: 'invalid_token' });
  });
});
