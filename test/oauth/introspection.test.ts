// Introspection: RFC 7662, SEMANTICS U-43, Ex-3 and R-3.

import { generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/model/failure.ts';
import type { State } from '../../src/model/state.ts';
import type { EndpointRequest, Family } from '../../src/oauth/endpoint.ts';
import { introspectionEndpoint } from '../../src/oauth/introspection.ts';
import type { Snapshot } from '../../src/oauth/snapshot.ts';
import {
  CLIENT_GROUP,
  CLIENT1,
  edited,
  GROUP1,
  GROUP2,
  METHOD,
  SERVER2,
  USER1,
  without,
} from '../model/example-state.ts';
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
  snapshotOf,
  type TestContext,
} from './fixture.ts';
import { memoryGrants } from './memory-grants.ts';

const INACTIVE = { active: false };

function question(token: string, caller: string, family: Family = 'ubisecure', more = {}): EndpointRequest {
  return request({ token, ...more }, { authorization: [basic(caller)], family });
}

const see = (token: string, caller: string, context: TestContext, family?: Family, more = {}) =>
  ask(introspectionEndpoint, question(token, caller, family, more), context);

const OPAQUE = edited(AUTHORIZED, 'application', CLIENT1, { tokens: { format: 'opaque' } });
const FORMATS: [string, State][] = [
  ['jwt', AUTHORIZED],
  ['opaque', OPAQUE],
];

describe('the ubisecure family (Ex-3)', () => {
  it.each(FORMATS)(
    'vector V4, S:U-43, P:I-002: a %s token as Server2 sees it, key for key and in order',
    async (_, state) => {
      const context = contextOf(state);
      const token = await issue(context, 'Server2');
      const { status, body, headers } = await see(token, 'Server2', later(context, { now: NOW + 4000 }));
      expect(status).toBe(200);
      expect(headers['Cache-Control']).toBe('no-store');
      expect(Object.entries(body)).toEqual([
        ['usn', 'Client1'],
        ['iss', ISSUER],
        ['aud', ['Server2']],
        ['exp', NOW_SECONDS + 3600],
        ['iat', NOW_SECONDS],
        ['auth_time', NOW_SECONDS],
        ['amr', [`${ISSUER}/saml2/names/ac/${METHOD}`]],
        ['azp', 'Server2'],
        ['session_index', expect.stringMatching(/^_[0-9a-f]{40}$/)],
        [`${METHOD}.grant_type`, ['client_credentials']],
        [`${METHOD}.issuer_dn`, ['cn=Client1,ou=Example,cn=Ubilogin,dc=test']],
        [`${METHOD}.issuer`, ['Client1']],
        [`${METHOD}.dn`, ['cn=User1,ou=Example,cn=Ubilogin,dc=test']],
        [`${METHOD}.ldap`, ['ldap:///cn=Ubilogin,dc=test']],
        ['token_type', 'access_token'],
        ['active', true],
        ['client_id', 'Client1'],
        ['expires_in', 3596],
      ]);
    },
  );

  it('S:U-43: each answer has a session_index of its own', async () => {
    const context = contextOf(AUTHORIZED);
    const token = await issue(context, 'Server2');
    const first = (await see(token, 'Server2', context)).body.session_index;
    expect((await see(token, 'Server2', context)).body.session_index).not.toBe(first);
  });

  it('S:U-42: without an impersonated user there is no .dn', async () => {
    const context = contextOf(SINGLE);
    const { body } = await see(await issue(context, 'oidc'), 'Client1', context);
    expect(body.active).toBe(true);
    expect(body).not.toHaveProperty([`${METHOD}.dn`]);
  });

  it('S:X-07, P:I-008: sub is there with openid, and with oidc is not', async () => {
    const context = contextOf(AUTHORIZED);
    expect((await see(await issue(context, 'openid Server2'), 'Server2', context)).body.sub).toBe('Client1');
    expect((await see(await issue(context, 'oidc Server2'), 'Server2', context)).body).not.toHaveProperty('sub');
  });
});

describe('the base family (RFC 7662)', () => {
  it('P:I-002, P:I-008, P:I-014, S:X-08: the registered members, and no other', async () => {
    const context = contextOf(AUTHORIZED);
    const token = await issue(context, 'Server2');
    const { status, body, headers } = await see(token, 'Server2', context, 'base');
    expect(status).toBe(200);
    expect(headers['Cache-Control']).toBe('no-store');
    expect(body).toEqual({
      active: true,
      scope: 'Server2',
      client_id: 'Client1',
      token_type: 'Bearer',
      exp: NOW_SECONDS + 3600,
      iat: NOW_SECONDS,
      sub: 'Client1',
      aud: ['Server2', 'Client1'],
      iss: ISSUER,
      jti: claimsOf(token).jti,
    });
  });

  it('no scope is no member', async () => {
    const context = contextOf(SINGLE);
    const { body } = await see(await issue(context), 'Client1', context, 'base');
    expect(body.active).toBe(true);
    expect(body).not.toHaveProperty('scope');
  });
});

describe.each(['ubisecure', 'base'] as const)('inactive, in the %s family', (family) => {
  const inactive = async (token: string, caller: string, context: TestContext) => {
    const { status, body, headers } = await see(token, caller, context, family);
    expect(status).toBe(200);
    expect(headers['Cache-Control']).toBe('no-store');
    expect(body).toEqual(INACTIVE);
  };

  it.each(FORMATS)('vector V4, P:I-007: a %s token for another audience', async (_, state) => {
    const context = contextOf(state);
    await inactive(await issue(context, 'Server2'), 'Server1', context);
  });

  it.each(['x', 'a.b.c', 'A'.repeat(43), 'e30.e30.e30', '..', '☃'])('P:I-006: the unknown token %j', async (token) => {
    await inactive(token, 'Server2', contextOf(AUTHORIZED));
  });

  it.each(FORMATS)('P:I-006: an expired %s token, from its very second on', async (_, state) => {
    const context = contextOf(state);
    const token = await issue(context, 'Server2');
    const at = (seconds: number) => later(context, { now: (NOW_SECONDS + seconds) * 1000 });
    expect((await see(token, 'Server2', at(3599), family)).body.active).toBe(true);
    await inactive(token, 'Server2', at(3600));
  });

  it.each([0, 1, 2])('P:I-011: a JWT whose part %i was changed', async (part) => {
    const context = contextOf(AUTHORIZED);
    const parts = (await issue(context, 'Server2')).split('.');
    const text = parts[part] ?? '';
    const other = text[10] === 'A' ? 'B' : 'A';
    parts[part] = text.slice(0, 10) + other + text.slice(11);
    await inactive(parts.join('.'), 'Server2', context);
  });

  it('P:I-011: another text that decodes to the very same JWT: a token has one text', async () => {
    const context = contextOf(AUTHORIZED);
    const token = await issue(context, 'Server2');
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    // The last character of 64 bytes holds four bits that mean nothing.
    const other = token.slice(0, -1) + alphabet[alphabet.indexOf(token.at(-1) ?? '') ^ 1];
    expect(Buffer.from(other.split('.')[2] ?? '', 'base64url')).toEqual(
      Buffer.from(token.split('.')[2] ?? '', 'base64url'),
    );
    await inactive(other, 'Server2', context);
  });

  it('P:I-006: a token of another issuer that is signed by our very key', async () => {
    const context = contextOf(AUTHORIZED);
    const token = await issue(context, 'Server2');
    const moved = edited(AUTHORIZED, 'server', 'server', { issuer: 'https://other.test' });
    await inactive(token, 'Server2', later(context, { snapshot: snapshotOf(moved) }));
  });

  it('P:I-006: a token of our issuer that somebody else signed, under our kid or their own', async () => {
    const context = contextOf(AUTHORIZED);
    const claims = claimsOf(await issue(context, 'Server2'));
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    for (const kid of [keys.find(({ alg }) => alg === 'ES256')?.kid ?? '', 'theirs']) {
      const forged = await new SignJWT(claims)
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid })
        .sign(privateKey);
      await inactive(forged, 'Server2', context);
    }
  });
});

describe('re-evaluated at use (R-3, P:X-003)', () => {
  const changedTo = async (scope: string, state: State, snapshot: Partial<Snapshot> = {}) => {
    const context = contextOf(AUTHORIZED);
    const token = await issue(context, scope);
    const changed = later(context, { snapshot: snapshotOf(state, { generation: 8, ...snapshot }) });
    const by = async (caller: string) => (await see(token, caller, changed, 'base')).body;
    return { by, healed: async (caller: string) => (await see(token, caller, context, 'base')).body };
  };

  it('vector V11: without the impersonation the token is inactive, and with it again alive', async () => {
    const { by, healed } = await changedTo(
      'Server1',
      edited(AUTHORIZED, 'user', USER1, { impersonated_by: undefined }),
    );
    expect(await by('Server1')).toEqual(INACTIVE);
    expect((await healed('Server1')).active).toBe(true);
  });

  it('P:X-003: a membership that is gone takes its audience and nothing else', async () => {
    const { by } = await changedTo('Server1 Server2', edited(AUTHORIZED, 'group', GROUP2, { members: undefined }));
    expect(await by('Server2')).toEqual(INACTIVE);
    expect(await by('Server1')).toMatchObject({ active: true, aud: ['Server1', 'Client1'], scope: 'Server1' });
  });

  it('a new link gives an old token nothing that it did not have', async () => {
    const context = contextOf(edited(AUTHORIZED, 'group', GROUP2, { members: undefined }));
    const token = await issue(context, 'Server1 Server2');
    const wider = later(context, { snapshot: snapshotOf(AUTHORIZED, { generation: 8 }) });
    expect((await see(token, 'Server2', wider)).body).toEqual(INACTIVE);
  });

  it('S:U-32: a user whose time is over makes its client’s tokens inactive', async () => {
    const { by } = await changedTo('Server1', edited(AUTHORIZED, 'user', USER1, { expires: '2025-12-31' }));
    expect(await by('Server1')).toEqual(INACTIVE);
  });

  it('S:R-4: a disabled client’s tokens are inactive', async () => {
    const { by } = await changedTo('Server1', edited(AUTHORIZED, 'application', CLIENT1, { enabled: false }));
    expect(await by('Server1')).toEqual(INACTIVE);
  });

  it('S:R-4: a deleted client’s tokens are inactive', async () => {
    const { by } = await changedTo('Server1', without(AUTHORIZED, CLIENT1));
    expect(await by('Server1')).toEqual(INACTIVE);
  });

  it.each([
    ['client', CLIENT1],
    ['impersonated user', USER1],
  ])('DESIGN 5: a %s that was deleted and added again does not revive old tokens', async (_, owner) => {
    const since = new Map([...AUTHORIZED.keys()].map((address) => [address, address === owner ? 8 : 3]));
    const { by } = await changedTo('Server1', AUTHORIZED, { since });
    expect(await by('Server1')).toEqual(INACTIVE);
  });

  it('DESIGN 5: a server that was added again hurts no token', async () => {
    const since = new Map([...AUTHORIZED.keys()].map((address) => [address, address === SERVER2 ? 8 : 3]));
    const { by } = await changedTo('Server2', AUTHORIZED, { since });
    expect((await by('Server2')).active).toBe(true);
  });

  it('P:X-003: the audience that is disabled cannot even ask', async () => {
    const { by } = await changedTo('Server2', edited(AUTHORIZED, 'application', SERVER2, { enabled: false }));
    expect((await by('Server2')).error).toBe('invalid_client');
  });

  it('S:U-26: a group that no longer counts for the method takes its audience', async () => {
    const { by } = await changedTo('Server1', edited(AUTHORIZED, 'group', GROUP1, { methods: ['password.1'] }));
    expect(await by('Server1')).toEqual(INACTIVE);
  });

  it('S:U-10: the client is an audience of its own tokens while ClientGroup lets it', async () => {
    const { by, healed } = await changedTo(
      'Server1',
      edited(AUTHORIZED, 'group', CLIENT_GROUP, { members: undefined }),
    );
    expect(await by('Client1')).toEqual(INACTIVE);
    expect((await healed('Client1')).active).toBe(true);
  });
});

describe('who may ask, and how', () => {
  const bare = (form: Record<string, string>, changed: Partial<EndpointRequest> = {}) =>
    ask(introspectionEndpoint, request(form, changed), contextOf(AUTHORIZED));

  it('P:I-001: without authentication it is 401 with a challenge', async () => {
    const { status, body, headers } = await bare({ token: 'x' });
    expect(status).toBe(401);
    expect(body.error).toBe('invalid_client');
    expect(headers['WWW-Authenticate']).toMatch(/^Basic realm="/);
  });

  it('P:I-009: wrong credentials are 401, and a failed authentication waits for the floor', async () => {
    const { status, body, refusal } = await bare({ token: 'x' }, { authorization: [basic('Server2', 'wrong')] });
    expect(status).toBe(401);
    expect(body.error).toBe('invalid_client');
    expect(refusal?.floor).toBe(true);
  });

  it('P:I-010: a bearer token does not authenticate a caller', async () => {
    const context = contextOf(AUTHORIZED);
    const token = await issue(context, 'Server2');
    const { status, headers } = await ask(
      introspectionEndpoint,
      request({ token }, { authorization: [`Bearer ${token}`] }),
      context,
    );
    expect(status).toBe(401);
    expect(headers['WWW-Authenticate']).toBe(`Bearer realm="${ISSUER}"`);
  });

  it('P:I-013: a public client is refused, so that nobody can try tokens', async () => {
    const state = edited(AUTHORIZED, 'application', SERVER2, {
      metadata: { grant_types: [], token_endpoint_auth_method: 'none' },
    });
    const context = contextOf(state);
    const token = await issue(context, 'Server2');
    const { status, body } = await ask(introspectionEndpoint, request({ token, client_id: 'Server2' }), context);
    expect(status).toBe(401);
    expect(body.error).toBe('invalid_client');
    expect(body.error_description).toMatch(/^CLIENT_IS_PUBLIC: /);
  });

  it.each([{}, { token: '' }])('P:I-004: %j has no token', async (form) => {
    const { status, body } = await bare(form, { authorization: [basic('Server2')] });
    expect(status).toBe(400);
    expect(body.error).toBe('invalid_request');
  });

  it.each(['refresh_token', 'foo'])('P:I-005: the hint %s changes nothing', async (token_type_hint) => {
    const context = contextOf(AUTHORIZED);
    const { body } = await see(await issue(context, 'Server2'), 'Server2', context, 'base', { token_type_hint });
    expect(body.active).toBe(true);
  });

  it('a store that is away is 503, not a false inactive', async () => {
    const grants = { ...memoryGrants(), isJwtRevoked: () => Promise.reject(new Failure('store_unavailable', 'away')) };
    const context = contextOf(AUTHORIZED, { grants });
    const { status } = await see(await issue(context, 'Server2'), 'Server2', context);
    expect(status).toBe(503);
  });

  it('P:X-012, P:B-012: the log says what was seen and why, and never the token', async () => {
    const context = contextOf(AUTHORIZED);
    const token = await issue(context, 'Server2');
    await see(token, 'Server1', context);
    expect(context.events.at(-1)).toMatchObject({
      event: 'introspection',
      outcome: 'inactive',
      why: 'the caller is no audience of the token',
      client_id: 'Server1',
    });
    expect(JSON.stringify(context.events)).not.toContain(token.split('.')[2]);
  });
});
