// What the endpoints tell of a policy (SEMANTICS U-11, U-60…U-65), and that they ask the access rules about addresses.

import { describe, expect, it } from 'vitest';
import type { PolicyEntity } from '../../src/model/entity.ts';
import { RESERVED_CLAIMS } from '../../src/model/policy-value.ts';
import type { State } from '../../src/model/state.ts';
import { introspectionEndpoint } from '../../src/oauth/introspection.ts';
import { tokenEndpoint } from '../../src/oauth/token.ts';
import { userinfoEndpoint } from '../../src/oauth/userinfo.ts';
import { CLIENT1, edited, METHOD, SERVER1, SERVER2, USER1, withPolicy } from '../model/example-state.ts';
import {
  AUTHORIZED,
  ask,
  basic,
  claimsOf,
  contextOf,
  issue,
  later,
  NOW_SECONDS,
  request,
  SINGLE,
  type TestContext,
  tokenRequest,
} from './fixture.ts';

const policy: Omit<PolicyEntity, 'kind'> = {
  items: [
    { name: 'mail', value: 'user:mail' },
    { name: 'role', value: 'text:reader' },
    { name: 'role', value: 'text:writer', scopes: ['openid'] },
    // The compiler refuses these.
    ...RESERVED_CLAIMS.map((name) => ({ name, value: 'text:forged' })),
  ],
  single_value: ['mail'],
  required: ['mail'],
};

const person = edited(AUTHORIZED, 'user', USER1, { attributes: { mail: 'u@example.org' } });
const STATE = withPolicy(person, SERVER2, policy);
const MINE = withPolicy(person, CLIENT1, policy);

const seen = async (state: State | TestContext, scope: string, caller: string, family: 'ubisecure' | 'base') => {
  const context = 'events' in state ? state : contextOf(state);
  const token = await issue(context, scope);
  const question = request({ token }, { authorization: [basic(caller)], family });
  return (await ask(introspectionEndpoint, question, context)).body;
};
const info = async (context: TestContext, token: string) =>
  (await ask(userinfoEndpoint, request({}, { authorization: [`Bearer ${token}`] }), context)).body;

const without = (body: Record<string, unknown>, ...names: readonly string[]) =>
  Object.fromEntries(Object.entries(body).filter(([name]) => !names.includes(name)));
const methodKeys = (body: object) => Object.keys(body).filter((name) => name.startsWith(METHOD));

describe('introspection', () => {
  it('S:U-60 of the ubisecure family tells the values, and nothing else of the method', async () => {
    const bare = await seen(person, 'Server2', 'Server2', 'ubisecure');
    const body = await seen(STATE, 'Server2', 'Server2', 'ubisecure');
    expect(methodKeys(bare)).toHaveLength(5);
    expect(methodKeys(body)).toEqual([]);
    expect(body).toMatchObject({ mail: 'u@example.org', role: ['reader'] });
    // All that the token is stays as it was.
    const token = without(body, 'mail', 'role', 'session_index');
    expect(token).toEqual(without(bare, 'session_index', ...methodKeys(bare)));
  });

  it('S:U-11 another audience has its own, or all of the method where it has no policy', async () => {
    const body = await seen(STATE, 'Server1 Server2', 'Server1', 'ubisecure');
    expect(methodKeys(body)).toHaveLength(5);
    expect(body).not.toHaveProperty('mail');
    expect(body).not.toHaveProperty('role');
  });

  it('S:U-65 of the base family tells the values behind what the token is', async () => {
    const bare = await seen(person, 'Server2', 'Server2', 'base');
    const body = await seen(STATE, 'Server2', 'Server2', 'base');
    expect(without(body, 'jti')).toEqual({ ...without(bare, 'jti'), mail: 'u@example.org', role: ['reader'] });
  });

  it('S:U-61 tells by the scope of the token', async () => {
    expect((await seen(STATE, 'openid Server2', 'Server2', 'base')).role).toEqual(['reader', 'writer']);
  });

  it('S:R-3 tells the values of today, and a constraint that fails by now ends the token for that audience', async () => {
    const context = contextOf(STATE);
    const token = await issue(context, 'Server1 Server2');
    const as = (caller: string, state: State) =>
      ask(
        introspectionEndpoint,
        request({ token }, { authorization: [basic(caller)], family: 'base' }),
        later(context, { snapshot: contextOf(state).snapshot }),
      );
    const changed = edited(STATE, 'user', USER1, { attributes: { mail: 'new@example.org' } });
    expect((await as('Server2', changed)).body).toMatchObject({ active: true, mail: 'new@example.org' });
    const gone = edited(STATE, 'user', USER1, { attributes: {} });
    expect((await as('Server2', gone)).body).toEqual({ active: false });
    expect((await as('Server1', gone)).body).toMatchObject({ active: true, aud: ['Server1', 'Client1'] });
  });

  it('says no longer exp than the values hold', async () => {
    const end = NOW_SECONDS + 60;
    const group = 'group:Example/Ending';
    const ending = withPolicy(person, SERVER2, { items: [{ name: 'n', value: 'text:x', group }] });
    const expires = new Date(end * 1000).toISOString();
    const state = new Map(ending).set(group, { kind: 'group', members: [{ to: USER1, expires }] });
    expect((await seen(state, 'Server1 Server2', 'Server2', 'base')).exp).toBe(end);
    expect((await seen(state, 'Server1 Server2', 'Server1', 'base')).exp).toBe(NOW_SECONDS + 3600);
  });
});

describe('userinfo of the ubisecure family', () => {
  it('S:U-60 tells what the client itself is released', async () => {
    const context = contextOf(MINE);
    const body = await info(context, await issue(context, 'openid Server2'));
    expect(methodKeys(body)).toEqual([]);
    expect(body).toMatchObject({ mail: 'u@example.org', role: ['reader', 'writer'], azp: 'Client1' });
    expect(body.usn).toBe('Client1');
    expect(Object.values(without(body, 'role')).flat()).not.toContain('forged');
  });

  it('S:U-11 and not what a server is', async () => {
    const context = contextOf(STATE);
    const body = await info(context, await issue(context, 'Server2'));
    expect(methodKeys(body)).toHaveLength(5);
    expect(body).not.toHaveProperty('mail');
  });
});

describe('a JWT', () => {
  const claims = async (state: State, scope: string) => claimsOf(await issue(contextOf(state), scope));

  it('S:U-60 has the values of its only server, of several none, and its own of the client alone', async () => {
    const values = { mail: 'u@example.org', role: ['reader'] };
    expect(await claims(STATE, 'Server2')).toMatchObject(values);
    expect(await claims(STATE, 'Server1 Server2')).not.toHaveProperty('mail');
    expect(await claims(STATE, 'Server1')).not.toHaveProperty('mail');
    expect(await claims(MINE, 'Client1')).toMatchObject(values);
    expect(await claims(MINE, 'Server1')).not.toHaveProperty('mail');
  });

  it('S:U-65 is nothing else for them', async () => {
    const bare = await claims(person, 'Server2');
    const told = await claims(STATE, 'Server2');
    expect(without(told, 'mail', 'role', 'jti')).toEqual(without(bare, 'jti'));
  });

  it('vector V13 S:U-63 of a server whose constraint is not met is not issued', async () => {
    const state = edited(STATE, 'user', USER1, { attributes: {} });
    expect((await claims(state, 'Server1 Server2')).aud).toEqual(['Server1', 'Client1']);
    const { status, body } = await ask(tokenEndpoint, tokenRequest('Server2'), contextOf(state));
    expect([status, body]).toEqual([
      400,
      { error: 'invalid_scope', error_description: 'NO_AUDIENCE: Server2 POLICY_NOT_MET' },
    ]);
  });
});

describe('the token endpoint', () => {
  it('S:X-13 asks the access rules about the address of the request', async () => {
    const access_rules = { any: [{ ip: ['10.0.0.0/8'] }, { method: 'password.1' }] };
    for (const state of [SINGLE, AUTHORIZED]) {
      const context = contextOf(edited(state, 'application', CLIENT1, { access_rules }));
      const from = (ip: string) => ask(tokenEndpoint, tokenRequest('oidc', { ip }), context);
      expect((await from('10.9.9.9')).status).toBe(200);
      const { status, body } = await from('198.51.100.7');
      expect([status, body.error]).toEqual([400, 'unauthorized_client']);
      expect(body.error_description).toMatch(/^ACCESS_RULE_NOT_MET: /);
      // Whoever introspects asks from elsewhere.
      const { body: token } = await from('10.9.9.9');
      if (state === SINGLE) continue;
      const question = request(
        { token: String(token.access_token) },
        { authorization: [basic('Server1')], ip: '203.0.113.5' },
      );
      expect((await ask(introspectionEndpoint, question, context)).body.active).toBe(true);
    }
  });

  it('S:X-13 the rules of a server are not asked', async () => {
    const state = edited(AUTHORIZED, 'application', SERVER1, { access_rules: { all: [{ ip: ['10.0.0.0/8'] }] } });
    expect((await ask(tokenEndpoint, tokenRequest('Server1'), contextOf(state))).status).toBe(200);
  });
});
