// What is told of who got what: one structured event for each request that matters, and never anything that opens something.

import { describe, expect, it } from 'vitest';
import { Browser, codeRequest, json, obtainCode, obtainTokens, post } from './browser.ts';
import { loggedEvent } from './security-checks.ts';
import { SECRET } from './spec.ts';
import { serve, type World } from './world.ts';

const CREDENTIALS = { grant_type: 'client_credentials', scope: 'notes' };

describe('the log', () => {
  it('P:X-012 tells of a login, a code, tokens, a refresh and a refusal: who, for whom, from where, and no secret of any kind', async () => {
    const own = await serve();
    const told = await journey(own);
    const event = (name: string, isIt: (found: Record<string, unknown>) => boolean) =>
      loggedEvent(own, (found) => found.event === name && isIt(found));
    const common = { ip: '127.0.0.1', family: 'base', generation: own.snapshot().generation };
    const client = { client: 'application:Example/web', client_id: 'web' };
    const user = { user: 'user:Example/ada' };
    expect(await event('login', ({ outcome }) => outcome === 'logged in')).toMatchObject({
      ...common,
      ...client,
      ...user,
    });
    expect(await event('login', ({ outcome }) => outcome === 'login wrong')).toMatchObject({ ...common, ...client });
    expect(await event('authorization', ({ outcome }) => outcome === 'code')).toMatchObject({
      ...common,
      ...client,
      ...user,
    });
    const issued = await event(
      'token',
      ({ grant_type, scope }) => grant_type === 'authorization_code' && scope === 'openid api',
    );
    const began = { ...common, ...client, ...user, outcome: 'issued', grant_type: 'authorization_code' };
    expect(issued).toMatchObject({ ...began, refresh_token: true, audiences: ['api', 'web'] });
    expect(issued.grant).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const refreshed = { ...common, ...client, ...user, outcome: 'issued', grant: issued.grant };
    expect(
      await event('token', ({ grant_type, grant }) => grant_type === 'refresh_token' && grant === issued.grant),
    ).toMatchObject(refreshed);
    const reused = await event('token', ({ security }) => security !== undefined);
    expect(reused).toMatchObject({ ...common, ...client, ...user, outcome: 'refused', grant_type: 'refresh_token' });
    expect(reused.grant).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(await event('token', ({ error }) => error === 'invalid_client')).toMatchObject({ ...common, status: 401 });
    expect(await event('introspection', ({ outcome }) => outcome === 'active')).toMatchObject({
      ...common,
      client_id: 'api',
      token_client_id: 'web',
    });
    expect(await event('userinfo', () => true)).toMatchObject({ ...common, ...client, ...user });
    expect(await event('revocation', ({ outcome }) => outcome === 'revoked')).toMatchObject({
      ...common,
      ...client,
      grant: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
    });
    expect(await event('logout', ({ outcome }) => outcome === 'signed out')).toMatchObject({ ...common, ...user });
    const log = JSON.stringify(own.records);
    for (const [name, secret] of Object.entries(told)) {
      expect(secret.length, name).toBeGreaterThan(15);
      expect(log.includes(secret), name).toBe(false);
    }
  });
});

/** Something of everything; answers what nobody may read in the log. */
async function journey(own: World): Promise<Readonly<Record<string, string>>> {
  const browser = new Browser(own);
  const wrong = 'a-password-that-is-not-the-right-one';
  const request = codeRequest('web', { scope: 'openid api' });
  await browser.login(await browser.authorize(request.parameters), 'ada', wrong);
  const { form, code, verifier } = await obtainCode(own, 'web', { scope: 'openid api' }, browser);
  const first = await json(post(own, '/token', form, { as: 'web' }));
  const refreshing = (token: string) =>
    post(own, '/token', { grant_type: 'refresh_token', refresh_token: token }, { as: 'web' });
  await post(own, '/introspect', { token: first.access_token }, { as: 'api' });
  await own.fetch('/userinfo', { headers: { authorization: `Bearer ${first.access_token}` } });
  const second = await json(refreshing(first.refresh_token));
  await post(own, '/token', CREDENTIALS, { as: 'web', secret: `${SECRET}-wrong` });
  const cookies = Object.fromEntries(browser.cookies);
  await browser.go(`${own.issuer}/logout?id_token_hint=${first.id_token}`);
  const third = await obtainTokens(own, 'web', {}, new Browser(own));
  const fourth = await json(refreshing(third.refresh_token));
  await post(own, '/revoke', { token: fourth.refresh_token }, { as: 'web' });
  const fifth = await obtainTokens(own, 'web', {}, new Browser(own));
  const sixth = await json(refreshing(fifth.refresh_token));
  await refreshing(fifth.refresh_token);
  const { browser: _, ...thirds } = third;
  const tokens = Object.entries({ first, second, thirds, fourth, sixth }).flatMap(([of, body]) =>
    ['access_token', 'refresh_token', 'id_token'].flatMap((name) =>
      typeof body[name] === 'string' ? [[`${of} ${name}`, body[name]]] : [],
    ),
  );
  return { SECRET, wrong, code, verifier, ...cookies, ...Object.fromEntries(tokens) };
}
