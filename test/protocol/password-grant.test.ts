// The resource owner password grant: off until an application lists it (RFC 6749 4.3, RFC 9700 2.4).

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expectJsonError } from './answers.ts';
import { type Body, claimsOf, introspect, json, post } from './browser.ts';
import { PASSWORD, withLegacyGrants } from './spec.ts';
import { serve, serveForAll, type World } from './world.ts';

const world = await serveForAll(withLegacyGrants);

const FORM = { grant_type: 'password', username: 'ada', password: PASSWORD };
const ask = (form: Record<string, string>, at: World = world, ip?: string) =>
  post(
    at,
    '/token',
    { ...FORM, ...form },
    { as: 'legacy', headers: ip === undefined ? {} : { 'x-forwarded-for': ip } },
  );

const discovery = (at: World): Promise<Body> => json(at.fetch('/.well-known/openid-configuration'));

it('P:O-066 is off: unsupported where no application has it, unauthorized_client where another one has', async () => {
  const own = await serve();
  await expectJsonError(await post(own, '/token', FORM, { as: 'web' }), 400, 'unsupported_grant_type');
  expect((await discovery(own)).grant_types_supported).toEqual([
    'authorization_code',
    'client_credentials',
    'refresh_token',
  ]);
  await own.apply(withLegacyGrants);
  await expectJsonError(await post(own, '/token', FORM, { as: 'web' }), 400, 'unauthorized_client');
  expect((await discovery(own)).grant_types_supported).toContain('password');
});

it('P:O-067 without username or password it is invalid_request', async () => {
  for (const form of [{ username: '' }, { password: '' }, { username: '', password: '' }]) {
    await expectJsonError(await ask(form), 400, 'invalid_request');
  }
  await expectJsonError(
    await post(world, '/token', { grant_type: 'password' }, { as: 'legacy' }),
    400,
    'invalid_request',
  );
});

it('P:O-068 a wrong password, an unknown user and a disabled one are told the same, no one sooner', async () => {
  const answers = [];
  const wrongs = [
    { password: `${PASSWORD}x` },
    { username: 'nobody' },
    { username: 'nobody', password: 'x' },
    { username: 'carol' },
    { username: 'carol', password: 'x' },
    { username: '__proto__' },
  ];
  for (const wrong of wrongs) {
    const began = performance.now();
    const response = await ask(wrong);
    const took = performance.now() - began;
    expect(took).toBeGreaterThan(24);
    const { 'content-length': length } = Object.fromEntries(response.headers);
    answers.push({ length, body: await expectJsonError(response, 400, 'invalid_grant') });
  }
  for (const answer of answers) expect(answer).toEqual(answers[0]);
});

describe('P:O-069 guesses are counted', () => {
  const throttled = { app: { trustedProxies: ['127.0.0.1'] } };
  const HERE = '203.0.113.1';

  async function expectThrottled(response: Response): Promise<void> {
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    await expectJsonError(response, 429, 'invalid_grant');
  }

  it('by account and address: ten, and the right password is not looked at for a while', async () => {
    const own = await serve(withLegacyGrants, throttled);
    for (let guess = 0; guess < 10; guess += 1) {
      await expectJsonError(await ask({ password: `guess ${guess}` }, own, HERE), 400, 'invalid_grant');
    }
    await expectThrottled(await ask({}, own, HERE));
    // Written otherwise it is the same account.
    await expectThrottled(await ask({ username: 'ADA' }, own, HERE));
    expect((await ask({ username: 'bob' }, own, HERE)).status).toBe(200);
    expect((await ask({}, own, '203.0.113.2')).status).toBe(200);
    own.advance(61);
    expect((await ask({}, own, HERE)).status).toBe(200);
  });

  it('also of guesses that come at once: no more than ten are looked at, the right one or not', async () => {
    const own = await serve(withLegacyGrants, throttled);
    const wrongs = Array.from({ length: 30 }, (_, at) => ask({ password: `guess ${at}` }, own, HERE));
    const answers = await Promise.all([...wrongs, ask({}, own, HERE)]);
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(21);
  });

  it('and a right password is none: those who share an address are not held up by one another', async () => {
    const own = await serve(withLegacyGrants, throttled);
    for (let round = 0; round < 13; round += 1) {
      const answers = await Promise.all(Array.from({ length: 8 }, () => ask({}, own, HERE)));
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    }
  });

  it('by address alone: a hundred, whoever was guessed at', async () => {
    const own = await serve(withLegacyGrants, throttled);
    // A hundred, while some of them drain away already.
    for (let round = 0; round < 10; round += 1) {
      const names = Array.from({ length: 10 }, (_, at) => `someone ${round} ${at}`);
      const answers = await Promise.all(names.map((username) => ask({ username }, own, HERE)));
      expect(answers.map(({ status }) => status)).toEqual(names.map(() => 400));
    }
    const more = await Promise.all(
      Array.from({ length: 100 }, (_, at) => ask({ username: `another ${at}` }, own, HERE)),
    );
    const refused = more.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(50);
    await expectThrottled(refused[0] as Response);
    expect((await ask({}, own, '203.0.113.2')).status).toBe(200);
  });
});

it('P:O-070 is for clients that prove who they are', async () => {
  await expectJsonError(await post(world, '/token', FORM), 401, 'invalid_client');
  await expectJsonError(await post(world, '/token', { ...FORM, client_id: 'legacy' }), 401, 'invalid_client');
  await expectJsonError(await post(world, '/token', FORM, { as: 'legacy', secret: 'wrong' }), 401, 'invalid_client');
  await expectJsonError(await post(world, '/token', { ...FORM, client_id: 'spa' }), 400, 'unauthorized_client');
});

it('P:O-071 gives a token of the scopes that are allowed, and keeps and logs no password', async () => {
  const own = await serve(withLegacyGrants);
  const response = await ask({ scope: 'api notes' }, own);
  expect(response.status).toBe(200);
  const tokens = await json(response);
  expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
  expect(claimsOf(tokens.access_token)).toMatchObject({ sub: 'ada-0001', client_id: 'legacy', scope: 'api notes' });
  expect((await introspect(own, tokens.access_token, 'api')).scope).toBe('api notes');
  // What legacy may not ask for, and what bob may not reach.
  await expectJsonError(await ask({ scope: 'notes drafts' }, own), 400, 'invalid_scope');
  await expectJsonError(await ask({ scope: 'archive' }, own), 400, 'invalid_scope');
  await expectJsonError(await ask({ password: 'a wrong password of ada' }, own), 400, 'invalid_grant');
  const kept = [own.storePath, `${own.storePath}-wal`].map((path) => readFileSync(path, 'latin1')).join('');
  // Events are written a moment after the answer.
  await expect.poll(() => JSON.stringify(own.records)).toContain('"event":"token"');
  const logged = JSON.stringify(own.records);
  for (const text of [PASSWORD, encodeURIComponent(PASSWORD), Buffer.from(PASSWORD).toString('base64')]) {
    expect(kept.includes(text)).toBe(false);
    expect(logged.includes(text)).toBe(false);
  }
  expect(kept.includes('a wrong password of ada')).toBe(false);
  expect(logged.includes('a wrong password of ada')).toBe(false);
});

it('gives no refresh token where one needs a live session, as there is none', async () => {
  const own = await serve((documents) => {
    withLegacyGrants(documents);
    documents.site.applications.legacy.tokens = { refresh: { require_live_session: true } };
  });
  expect(await json(ask({}, own))).not.toHaveProperty('refresh_token');
  expect(await json(ask({}))).toHaveProperty('refresh_token');
});
