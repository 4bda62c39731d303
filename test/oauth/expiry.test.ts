// What ends by itself, as the endpoints tell it: one State, one generation, and time alone goes on.

import { describe, expect, it } from 'vitest';
import type { Address } from '../../src/model/address.ts';
import type { ApplicationEntity } from '../../src/model/entity.ts';
import type { State } from '../../src/model/state.ts';
import { introspectionEndpoint } from '../../src/oauth/introspection.ts';
import { revocationEndpoint } from '../../src/oauth/revocation.ts';
import { tokenEndpoint } from '../../src/oauth/token.ts';
import { userinfoEndpoint } from '../../src/oauth/userinfo.ts';
import { CLIENT1, edited, GROUP1, SERVER1, USER1 } from '../model/example-state.ts';
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
  tokenRequest,
} from './fixture.ts';

const instant = (milliseconds: number) => new Date(milliseconds).toISOString();
const application = (address: Address, edit: Partial<ApplicationEntity>, state: State = AUTHORIZED) =>
  edited(state, 'application', address, edit);
const membershipUntil = (end: number, state: State = AUTHORIZED) =>
  edited(state, 'group', GROUP1, { members: [{ to: USER1, expires: instant(end) }] });
const opaque = application(CLIENT1, { tokens: { format: 'opaque' } });

const introspect = (context: TestContext, token: string, caller: string, family: 'base' | 'ubisecure' = 'base') =>
  ask(introspectionEndpoint, request({ token }, { family, authorization: [basic(caller)] }), context);
const userinfo = (context: TestContext, token: string) =>
  ask(userinfoEndpoint, request({}, { authorization: [`Bearer ${token}`] }), context);

describe.each([
  ['jwt', AUTHORIZED],
  ['opaque', opaque],
])('DESIGN 4: the life of a token that rests on what ends (%s)', (_, state) => {
  it('ends no later than the first link of it', async () => {
    const context = contextOf(membershipUntil(NOW + 10_800, state));
    const { body } = await ask(tokenEndpoint, tokenRequest('Server1 Server2'), context);
    expect(body.expires_in).toBe(10);
    const token = body.access_token as string;
    expect((await introspect(context, token, 'Server1')).body).toMatchObject({ active: true, exp: NOW_SECONDS + 10 });
    const after = later(context, { now: NOW + 10_800 });
    expect((await introspect(after, token, 'Server1')).body).toEqual({ active: false });
    expect((await ask(tokenEndpoint, tokenRequest('Server1 Server2'), after)).body).toMatchObject({
      expires_in: 3600,
      scope: 'Server2',
    });
  });

  it('is over as it begins where less than a second is left', async () => {
    const context = contextOf(membershipUntil(NOW + 900, state));
    const { body } = await ask(tokenEndpoint, tokenRequest('Server1'), context);
    expect(body.expires_in).toBe(0);
    const token = body.access_token as string;
    expect((await introspect(context, token, 'Server1')).body).toEqual({ active: false });
    expect((await introspect(context, token, 'Client1')).body).toEqual({ active: false });
    expect((await userinfo(context, token)).status).toBe(401);
  });

  it('S:R-3 goes inactive for one audience at the instant, and stays what it was for the others', async () => {
    const context = contextOf(state);
    const token = await issue(context, 'Server1 Server2');
    const END = NOW + 60_000;
    // The membership got its end after the token was issued: the token itself lives on.
    const snapshot = snapshotOf(membershipUntil(END, state), { generation: 8 });
    const before = later(context, { snapshot, now: END - 1 });
    const end = later(context, { snapshot, now: END });
    expect((await introspect(before, token, 'Server1')).body).toMatchObject({
      active: true,
      aud: ['Server1', 'Server2', 'Client1'],
    });
    expect((await introspect(end, token, 'Server1')).body).toEqual({ active: false });
    expect((await introspect(end, token, 'Server2')).body).toMatchObject({
      active: true,
      aud: ['Server2', 'Client1'],
      scope: 'Server2',
    });
    expect((await userinfo(end, token)).body).toMatchObject({ aud: ['Server2', 'Client1'] });
  });

  it('RFC 7662 2.2: whom it ends for earlier is told that end as exp, for an answer may be kept until then', async () => {
    const context = contextOf(state);
    const token = await issue(context, 'Server1 Server2');
    const snapshot = snapshotOf(membershipUntil(NOW + 60_000, state), { generation: 8 });
    const now = later(context, { snapshot });
    const end = NOW_SECONDS + 60;
    expect((await introspect(now, token, 'Server1')).body.exp).toBe(end);
    expect((await introspect(now, token, 'Server1', 'ubisecure')).body).toMatchObject({ exp: end, expires_in: 60 });
    expect((await introspect(now, token, 'Server2')).body.exp).toBe(NOW_SECONDS + 3600);
    expect((await introspect(now, token, 'Server2', 'ubisecure')).body.expires_in).toBe(3600);
    expect((await userinfo(now, token)).body.exp).toBe(NOW_SECONDS + 3600);
  });

  it('ends with an impersonation, a user, a client', async () => {
    const END = NOW + 60_000;
    const expires = instant(END);
    const ends: readonly State[] = [
      edited(state, 'user', USER1, { impersonated_by: [{ to: CLIENT1, expires }] }),
      edited(state, 'user', USER1, { expires }),
      application(CLIENT1, { expires }, state),
    ];
    for (const ending of ends) {
      const context = contextOf(state);
      const token = await issue(context, 'Server1 Server2');
      const snapshot = snapshotOf(ending, { generation: 8 });
      for (const [now, active] of [
        [END - 1, true],
        [END, false],
      ] as const) {
        const at = later(context, { snapshot, now });
        expect((await introspect(at, token, 'Server1')).body.active).toBe(active);
        expect((await userinfo(at, token)).status).toBe(active ? 200 : 401);
      }
    }
  });
});

describe('S:U-33 an application past its expires', () => {
  const END = NOW + 60_000;
  const expired = (address: Address, edit: Partial<ApplicationEntity> = {}) =>
    contextOf(application(address, { ...edit, expires: instant(END) }), { now: END });

  it('is told what a client is told that is disabled, in every word, at each endpoint', async () => {
    for (const endpoint of [tokenEndpoint, introspectionEndpoint, revocationEndpoint]) {
      const form = { grant_type: 'client_credentials', token: 'x' };
      const asked = request(form, { authorization: [basic('Client1')] });
      const disabled = await ask(endpoint, asked, contextOf(application(CLIENT1, { enabled: false })));
      const answer = await ask(endpoint, asked, expired(CLIENT1));
      expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
      expect(answer.body.error_description).toContain('CLIENT_AUTHENTICATION_FAILED');
      expect(answer.body).toEqual(disabled.body);
      expect(answer.headers).toEqual(disabled.headers);
      expect(answer.refusal?.floor).toBe(true);
    }
  });

  it('authenticates up to its instant', async () => {
    const context = later(expired(CLIENT1), { now: END - 1 });
    expect((await ask(tokenEndpoint, tokenRequest('Server1'), context)).status).toBe(200);
  });

  it('that is public is refused as well', async () => {
    const context = expired(CLIENT1, { metadata: { token_endpoint_auth_method: 'none' } });
    const asked = request({ client_id: 'Client1', token: 'x' });
    expect((await ask(revocationEndpoint, asked, context)).status).toBe(401);
    expect((await ask(revocationEndpoint, asked, later(context, { now: END - 1 }))).status).toBe(200);
  });

  it('is no audience of a new token, and introspects none', async () => {
    const context = expired(SERVER1);
    const { body } = await ask(tokenEndpoint, tokenRequest('Server1 Server2'), context);
    expect(claimsOf(body.access_token).aud).toEqual(['Server2', 'Client1']);
    expect((await introspect(context, body.access_token as string, 'Server1')).status).toBe(401);
  });
});
