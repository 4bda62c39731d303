// Revocation: RFC 7009, SEMANTICS U-44.

import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/model/failure.ts';
import type { State } from '../../src/model/state.ts';
import type { Family } from '../../src/oauth/endpoint.ts';
import { introspectionEndpoint } from '../../src/oauth/introspection.ts';
import { revocationEndpoint } from '../../src/oauth/revocation.ts';
import { CLIENT1, edited, SERVER1, SERVER2, without } from '../model/example-state.ts';
import {
  AUTHORIZED,
  ask,
  basic,
  claimsOf,
  contextOf,
  issue,
  later,
  NOW,
  NOW_SECONDS,
  request,
  snapshotOf,
  type TestContext,
} from './fixture.ts';
import { type MemoryGrants, memoryGrants } from './memory-grants.ts';

const OPAQUE = edited(AUTHORIZED, 'application', CLIENT1, { tokens: { format: 'opaque' } });
const FORMATS: [string, State][] = [
  ['jwt', AUTHORIZED],
  ['opaque', OPAQUE],
];

const revoke = (token: string, caller: string, context: TestContext, family: Family = 'base', more = {}) =>
  ask(revocationEndpoint, request({ token, ...more }, { authorization: [basic(caller)], family }), context);

const isActive = async (token: string, context: TestContext) =>
  (await ask(introspectionEndpoint, request({ token }, { authorization: [basic('Server2')] }), context)).body.active;

const DONE = { status: 200, headers: { 'Cache-Control': 'no-store', Pragma: 'no-cache' }, body: {} };

describe.each(FORMATS)('a token as %s', (format, state) => {
  it('P:V-003, P:V-014, P:I-012: its own client revokes it, and it is inactive from then on', async () => {
    const context = contextOf(state);
    const token = await issue(context, 'Server2');
    expect(await isActive(token, context)).toBe(true);
    expect(await revoke(token, 'Client1', context)).toEqual(DONE);
    expect(await isActive(token, context)).toBe(false);
  });

  it('what the store keeps of it is no token, and a revoked opaque one is not kept at all', async () => {
    const context = contextOf(state);
    const token = await issue(context, 'Server2');
    await revoke(token, 'Client1', context);
    if (format === 'jwt') {
      expect([...context.grants.revoked]).toEqual([[claimsOf(token).jti, NOW_SECONDS + 3600]]);
    } else {
      expect(context.grants.opaque.size).toBe(0);
      expect(context.grants.revoked.size).toBe(0);
    }
  });

  it('P:V-012: again, or when it has expired, is 200 and `{}`', async () => {
    const context = contextOf(state);
    const token = await issue(context, 'Server2');
    await revoke(token, 'Client1', context);
    expect(await revoke(token, 'Client1', context)).toEqual(DONE);
    const other = await issue(context, 'Server2');
    const afterwards = later(context, { now: NOW + 3_700_000 });
    expect(await revoke(other, 'Client1', afterwards)).toEqual(DONE);
    // Whoever asks: that the text was a token once is nobody's business.
    expect(await revoke(other, 'Server1', afterwards)).toEqual(DONE);
  });

  it.each(['access_token', 'refresh_token', 'foo'])('P:V-010, P:V-011: the hint %s changes nothing', async (hint) => {
    const context = contextOf(state);
    const token = await issue(context, 'Server2');
    expect(await revoke(token, 'Client1', context, 'base', { token_type_hint: hint })).toEqual(DONE);
    expect(await isActive(token, context)).toBe(false);
  });

  it('P:V-008: in the base family an audience may not, and the token stays active', async () => {
    const context = contextOf(state);
    const token = await issue(context, 'Server2');
    const { status, body } = await revoke(token, 'Server2', context);
    expect(status).toBe(400);
    expect(body.error).toBe('unauthorized_client');
    expect(body.error_description).toMatch(/^TOKEN_OF_ANOTHER_CLIENT: /);
    expect(await isActive(token, context)).toBe(true);
  });

  it('S:U-44: in the ubisecure family an audience may', async () => {
    const context = contextOf(state);
    const token = await issue(context, 'Server2');
    expect(await revoke(token, 'Server2', context, 'ubisecure')).toEqual(DONE);
    expect(await isActive(token, context)).toBe(false);
  });

  it('P:V-008, S:U-44: in either family an application that the token is not for may not', async () => {
    const context = contextOf(state);
    const token = await issue(context, 'Server2');
    for (const family of ['base', 'ubisecure'] as const) {
      expect((await revoke(token, 'Server1', context, family)).body.error).toBe('unauthorized_client');
    }
    expect(await isActive(token, context)).toBe(true);
  });

  it('a token that a removed link only suspends can be revoked, and does not come back with the link', async () => {
    const context = contextOf(state);
    const token = await issue(context, 'Server2');
    const cut = edited(state, 'application', CLIENT1, { methods: [] });
    await revoke(token, 'Client1', later(context, { snapshot: snapshotOf(cut) }));
    expect(await isActive(token, context)).toBe(false);
  });

  it('P:V-015: a store that is away is 503 with Retry-After, never a false 200', async () => {
    const away = () => Promise.reject(new Failure('store_unavailable', 'away'));
    const context = contextOf(state);
    const token = await issue(context, 'Server2');
    const broken: Partial<MemoryGrants>[] = [
      { revokeJwt: away, deleteAccessToken: away },
      { isJwtRevoked: away, findAccessToken: away },
    ];
    for (const verbs of broken) {
      const grants = { ...context.grants, ...verbs };
      const { status, headers, body } = await revoke(token, 'Client1', later(context, { grants }));
      expect(status).toBe(503);
      expect(headers['Retry-After']).toMatch(/^[1-9]\d*$/);
      expect(body.error).toBe('temporarily_unavailable');
    }
  });
});

describe('whoever asks', () => {
  it.each(['x', 'a.b.c', 'A'.repeat(43)])('P:V-012: the unknown token %s is 200 with a JSON body', async (token) => {
    expect(await revoke(token, 'Client1', contextOf(AUTHORIZED))).toEqual(DONE);
  });

  it('the token of a client that is gone is unknown', async () => {
    const context = contextOf(AUTHORIZED);
    const token = await issue(context, 'Server2');
    const snapshot = snapshotOf(without(AUTHORIZED, CLIENT1));
    expect(await revoke(token, 'Server1', later(context, { snapshot }))).toEqual(DONE);
  });

  it('P:V-002: without authentication it is 401 with a challenge', async () => {
    const { status, headers, body } = await ask(revocationEndpoint, request({ token: 'x' }), contextOf(AUTHORIZED));
    expect(status).toBe(401);
    expect(body.error).toBe('invalid_client');
    expect(headers['WWW-Authenticate']).toMatch(/^Basic realm="/);
  });

  it('P:V-002: wrong credentials are 401 and revoke nothing', async () => {
    const context = contextOf(AUTHORIZED);
    const token = await issue(context, 'Server2');
    const question = request({ token }, { authorization: [basic('Client1', 'wrong')] });
    expect((await ask(revocationEndpoint, question, context)).status).toBe(401);
    expect(await isActive(token, context)).toBe(true);
  });

  it('P:V-013: without a token it is invalid_request', async () => {
    const { status, body } = await ask(
      revocationEndpoint,
      request({}, { authorization: [basic('Client1')] }),
      contextOf(AUTHORIZED),
    );
    expect(status).toBe(400);
    expect(body.error).toBe('invalid_request');
  });

  const publicly = (application: typeof CLIENT1, state = AUTHORIZED) =>
    edited(state, 'application', application, {
      metadata: { ...(application === CLIENT1 ? { scope: 'Server2' } : {}), token_endpoint_auth_method: 'none' },
    });

  it('P:V-009: a public client revokes its own tokens by its client_id', async () => {
    const context = contextOf(AUTHORIZED);
    const token = await issue(context, 'Server2');
    const asPublic = later(context, { snapshot: snapshotOf(publicly(CLIENT1)) });
    expect(await ask(revocationEndpoint, request({ token, client_id: 'Client1' }), asPublic)).toEqual(DONE);
    expect(context.grants.revoked.size).toBe(1);
  });

  it('S:U-44: being an audience is worth nothing when anybody can say so', async () => {
    const context = contextOf(publicly(SERVER2));
    const token = await issue(context, 'Server2');
    const { body } = await ask(revocationEndpoint, request({ token, client_id: 'Server2' }), context);
    expect(body.error).toBe('unauthorized_client');
    expect(context.grants.revoked.size).toBe(0);
  });

  it('P:V-008: a public client cannot revoke the token of another', async () => {
    const context = contextOf(publicly(SERVER1));
    const token = await issue(context, 'Server2');
    const question = request({ token, client_id: 'Server1' }, { family: 'base' });
    expect((await ask(revocationEndpoint, question, context)).body.error).toBe('unauthorized_client');
  });

  it('P:X-012: the log says whose token was revoked, by whom, and never the token', async () => {
    const context = contextOf(AUTHORIZED, { grants: memoryGrants() });
    const token = await issue(context, 'Server2');
    await revoke(token, 'Server2', context, 'ubisecure');
    expect(context.events.at(-1)).toMatchObject({
      event: 'revocation',
      outcome: 'revoked',
      client: SERVER2,
      token_client_id: 'Client1',
      jti: claimsOf(token).jti,
    });
    expect(JSON.stringify(context.events)).not.toContain(token.split('.')[2]);
  });
});
