// The token endpoint: SEMANTICS algorithm A as a client sees it, and the lines of RFC 6749 sections 3.2, 4.4 and 5.

import { describe, expect, it } from 'vitest';
import { tokenEndpoint } from '../../src/oauth/token.ts';
import { CLIENT_GROUP, CLIENT1, edited, GROUP1, GROUP2, METHOD1, SITE, USER1 } from '../model/example-state.ts';
import {
  AUTHORIZED,
  ask,
  basic,
  claimsOf,
  contextOf,
  NOW_SECONDS,
  request,
  SINGLE,
  snapshotOf,
  tokenRequest,
} from './fixture.ts';

const CLIENT = { grant_types: ['client_credentials'], scope: 'Server1 Server2' } as const;
const get = (scope?: string, state = AUTHORIZED) => ask(tokenEndpoint, tokenRequest(scope), contextOf(state));

describe('the response', () => {
  it('vector V1, S:U-03, P:O-072: the literal request gets exactly access_token, token_type and expires_in', async () => {
    const { status, body } = await get('oidc', SINGLE);
    expect(status).toBe(200);
    expect(body).toEqual({ access_token: expect.any(String), token_type: 'Bearer', expires_in: 3600 });
    expect(claimsOf(body.access_token).aud).toEqual(['Client1']);
  });

  it('P:O-074, S:U-02: there is no refresh_token and no id_token, also when openid is asked for', async () => {
    const { body } = await get('openid');
    expect(Object.keys(body).sort()).toEqual(['access_token', 'expires_in', 'scope', 'token_type']);
  });

  it('P:O-053, P:O-054: a token is never cached, and expires_in is a number', async () => {
    const { headers, body } = await get('Server1');
    expect(headers).toEqual({ 'Cache-Control': 'no-store', Pragma: 'no-cache' });
    expect(body.expires_in).toBe(3600);
  });

  it('P:O-053, P:O-054: an error is never cached either', async () => {
    const { status, headers } = await get('Server3');
    expect(status).toBe(400);
    expect(headers).toMatchObject({ 'Cache-Control': 'no-store', Pragma: 'no-cache' });
  });

  it.each([
    ['Server1', undefined],
    ['Server2 Server1', undefined],
    ['Server1 Server1', 'Server1'],
    ['Server1  Server2', 'Server1 Server2'],
    ['oidc', 'oidc Server1 Server2'],
    [undefined, 'Server1 Server2'],
    ['', 'Server1 Server2'],
    [' ', 'Server1 Server2'],
  ])('P:O-053, P:O-035, P:O-036: asked %j, the scope member is %j', async (asked, told) => {
    expect((await get(asked)).body.scope).toBe(told);
  });

  it('P:O-036: the order of scopes changes nothing but the order of audiences', async () => {
    const audiences = async (scope: string) => claimsOf((await get(scope)).body.access_token).aud as string[];
    expect((await audiences('Server2 Server1')).sort()).toEqual((await audiences('Server1 Server2 Server1')).sort());
  });

  it('P:O-059: an unknown parameter is ignored', async () => {
    const { status } = await ask(
      tokenEndpoint,
      request([...tokenRequest('Server1').form, ['extra', 'foobar']]),
      contextOf(AUTHORIZED),
    );
    expect(status).toBe(200);
  });

  it('an empty granted scope is no member of the response and no claim', async () => {
    const { body } = await get(undefined, SINGLE);
    expect(body).not.toHaveProperty('scope');
    expect(claimsOf(body.access_token)).not.toHaveProperty('scope');
  });
});

describe('refusals, in the order of algorithm A', () => {
  const refusal = async (...args: Parameters<typeof get>) => {
    const { status, body } = await get(...args);
    return { status, error: body.error, reason: String(body.error_description) };
  };

  it.each(['grant_type', 'client_id', 'scope', 'x'])('P:O-058: %s sent twice is invalid_request', async (name) => {
    const form = [...tokenRequest('Server1').form, ['x', '1'] as const];
    const again = form.find(([other]) => other === name) ?? ['', ''];
    const { status, body } = await ask(tokenEndpoint, request([...form, again]), contextOf(AUTHORIZED));
    expect(status).toBe(400);
    // A name that means nothing here may be a secret that was put in the wrong place.
    const told = name === 'x' ? 'A parameter was sent more than once' : name;
    expect(body).toEqual({ error: 'invalid_request', error_description: `PARAMETER_REPEATED: ${told}` });
  });

  it.each([
    ['a form that was encoded as one value', { 'grant_type=client_credentials&client_secret=canary': '' }],
    ['another separator', { grant_type: 'client_credentials;client_id=Client1;client_secret=canary' }],
    ['id and secret swapped', { grant_type: 'client_credentials', client_id: 'canary', client_secret: 'Client1' }],
    ['a secret as a name, twice', [['canary', ''] as const, ['canary', ''] as const]],
  ])('P:X-012: a malformed request leaves no secret in the log: %s', async (_, form) => {
    const context = contextOf(AUTHORIZED);
    const { status, body } = await ask(tokenEndpoint, request(form), context);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(JSON.stringify([context.events, body])).not.toContain('canary');
  });

  it.each([{}, { grant_type: '' }])('P:O-055: %j has no grant_type', async (form) => {
    const { status, body } = await ask(tokenEndpoint, request(form), contextOf(AUTHORIZED));
    expect(status).toBe(400);
    expect(body.error).toBe('invalid_request');
    expect(body.error_description).toMatch(/^GRANT_TYPE_MISSING: /);
  });

  it('P:O-056: an unknown grant type is unsupported_grant_type', async () => {
    const { status, body } = await ask(
      tokenEndpoint,
      request({ grant_type: 'foo', client_id: 'Client1', client_secret: 'secret' }),
      contextOf(AUTHORIZED),
    );
    expect(status).toBe(400);
    expect(body.error).toBe('unsupported_grant_type');
    expect(body.error_description).toMatch(/^GRANT_UNKNOWN: /);
  });

  it('S: A.2 before A.4: who does not authenticate is not told which grants there are', async () => {
    const { body } = await ask(tokenEndpoint, request({ grant_type: 'foo' }), contextOf(AUTHORIZED));
    expect(body.error).toBe('invalid_client');
  });

  it.each([undefined, []])('vector V9, P:O-057: grant_types %j is unauthorized_client', async (grant_types) => {
    const metadata = grant_types === undefined ? { scope: CLIENT.scope } : { ...CLIENT, grant_types };
    const state = edited(AUTHORIZED, 'application', CLIENT1, { metadata });
    expect(await refusal('Server1', state)).toEqual({
      status: 400,
      error: 'unauthorized_client',
      reason: expect.stringMatching(/^GRANT_NOT_ALLOWED: /),
    });
  });

  it('P:O-073: a public client gets no token of this grant', async () => {
    const state = edited(AUTHORIZED, 'application', CLIENT1, {
      metadata: { ...CLIENT, token_endpoint_auth_method: 'none' },
    });
    const { status, body } = await ask(
      tokenEndpoint,
      request({ grant_type: 'client_credentials', client_id: 'Client1' }),
      contextOf(state),
    );
    expect(status).toBe(400);
    expect(body.error).toBe('unauthorized_client');
    expect(body.error_description).toMatch(/^CLIENT_IS_PUBLIC: /);
  });

  it('vector V8, P:O-075: a scope beyond the allow-list is invalid_scope', async () => {
    expect(await refusal('Server3')).toEqual({
      status: 400,
      error: 'invalid_scope',
      reason: 'SCOPE_NOT_ALLOWED: Server3',
    });
  });

  it.each(['"', '\\', '\u0007', 'é', 'a\tb', '☃'])(
    'P:O-037, P:O-040: the scope %j is invalid_scope, and is not reflected raw',
    async (scope) => {
      const { status, error, reason } = await refusal(`Server1 ${scope}`);
      expect({ status, error }).toEqual({ status: 400, error: 'invalid_scope' });
      expect(reason).toMatch(/^SCOPE_NOT_ALLOWED: [\x20-\x21\x23-\x5B\x5D-\x7E]+$/);
    },
  );

  it.each([
    ['the method on the site', edited(SINGLE, 'site', SITE, { methods: undefined }), 'METHOD_NOT_ON_SITE: '],
    [
      'the method on the application',
      edited(SINGLE, 'application', CLIENT1, { methods: undefined }),
      'METHOD_NOT_ON_APPLICATION: ',
    ],
    [
      'the method on the group',
      edited(SINGLE, 'group', GROUP1, { methods: undefined }),
      'NO_AUDIENCE: Client1 METHOD_NOT_ON_GROUP',
    ],
    [
      'the group on the application',
      edited(SINGLE, 'application', CLIENT1, { allowed_to: undefined }),
      'NO_AUDIENCE: Client1 NOT_IN_ALLOWED_GROUP',
    ],
  ])('vector V2: Ex-1 without %s is unauthorized_client', async (_, state, reason) => {
    expect(await refusal('oidc', state)).toEqual({
      status: 400,
      error: 'unauthorized_client',
      reason: expect.stringMatching(new RegExp(`^${reason}`)),
    });
  });

  it('S:U-23: a disabled method is unauthorized_client', async () => {
    expect(await refusal('oidc', edited(SINGLE, 'method', METHOD1, { enabled: false }))).toMatchObject({
      error: 'unauthorized_client',
      reason: expect.stringMatching(/^METHOD_DISABLED: /),
    });
  });

  it('vector V5: what the user may not reach is dropped, and the response says so', async () => {
    const { body } = await get('Server1 Server2', edited(AUTHORIZED, 'group', GROUP2, { members: undefined }));
    expect(claimsOf(body.access_token).aud).toEqual(['Server1', 'Client1']);
    expect(body.scope).toBe('Server1');
  });

  it('vector V6, S:X-01, P:X-002: no named server survives: invalid_scope with the reason of each', async () => {
    const state = edited(edited(AUTHORIZED, 'group', GROUP2, { members: undefined }), 'group', GROUP1, {
      methods: ['password.1'],
    });
    expect(await refusal('Server2 Server1', state)).toEqual({
      status: 400,
      error: 'invalid_scope',
      reason: 'NO_AUDIENCE: Server2 NOT_IN_ALLOWED_GROUP, Server1 METHOD_NOT_ON_GROUP',
    });
  });

  it('vector V11, P:X-003: without the impersonation the next request for a server is invalid_scope', async () => {
    expect(await refusal('Server1', edited(AUTHORIZED, 'user', USER1, { impersonated_by: undefined }))).toEqual({
      status: 400,
      error: 'invalid_scope',
      reason: expect.stringMatching(/^NO_IMPERSONATION: /),
    });
  });

  it('vector V7, S:U-10: without ClientGroup the client itself is no audience', async () => {
    const { body } = await get('oidc', edited(AUTHORIZED, 'group', CLIENT_GROUP, { members: undefined }));
    expect(claimsOf(body.access_token).aud).toEqual(['Server1', 'Server2']);
  });

  it('S:A-17: from outside client_ip_range it is invalid_client, with its reason', async () => {
    const state = edited(AUTHORIZED, 'application', CLIENT1, { client_ip_range: ['192.168.1.0/24'] });
    const from = (ip: string) => ask(tokenEndpoint, tokenRequest('Server1', { ip }), contextOf(state));
    expect((await from('192.168.1.9')).status).toBe(200);
    const { status, body } = await from('10.0.0.1');
    expect(status).toBe(401);
    expect(body.error).toBe('invalid_client');
    expect(body.error_description).toMatch(/^CLIENT_IP_NOT_ALLOWED: /);
  });
});

describe('the log (P:X-012)', () => {
  it('P:B-012: an issued token is told with client, user, grant and ip, and never with itself or the secret', async () => {
    const context = contextOf(AUTHORIZED);
    const { body } = await ask(
      tokenEndpoint,
      request({ grant_type: 'client_credentials', scope: 'Server2' }, { authorization: [basic('Client1')] }),
      context,
    );
    expect(context.events).toEqual([
      {
        event: 'token',
        outcome: 'issued',
        family: 'ubisecure',
        ip: '198.51.100.7',
        generation: 7,
        status: 200,
        grant_type: 'client_credentials',
        client: CLIENT1,
        client_id: 'Client1',
        authenticated_by: 'client_secret_basic',
        user: USER1,
        jti: claimsOf(body.access_token).jti,
        format: 'jwt',
        audiences: ['Server2', 'Client1'],
        scope: 'Server2',
        expires_at: NOW_SECONDS + 3600,
      },
    ]);
    expect(JSON.stringify(context.events)).not.toContain(String(body.access_token).split('.')[2]);
  });

  it('a refusal is told with its reason code and the missing link, which the client is not told', async () => {
    const context = contextOf(edited(AUTHORIZED, 'user', USER1, { methods: [] }));
    const { body } = await ask(tokenEndpoint, tokenRequest('Server1'), context);
    expect(context.events).toMatchObject([
      {
        event: 'token',
        outcome: 'refused',
        error: 'unauthorized_client',
        code: 'METHOD_NOT_ON_USER',
        detail: `missing at ${USER1} /methods`,
        client: CLIENT1,
        generation: 7,
      },
    ]);
    expect(JSON.stringify(body)).not.toContain('/methods');
  });

  it('a request cannot write a novel into it', async () => {
    const context = contextOf(AUTHORIZED);
    await ask(tokenEndpoint, tokenRequest('x'.repeat(60_000)), context);
    expect(JSON.stringify(context.events).length).toBeLessThan(2000);
  });

  it('a bug is no refusal: it goes on to who answers 500', async () => {
    const context = contextOf(snapshotOf(AUTHORIZED, { keys: [] }));
    await expect(tokenEndpoint(tokenRequest('Server1'), context)).rejects.toThrow(/no signing key for ES256/);
  });
});
