// Rows N-60, N-61 and N-63 of SEMANTICS as who operates the server has them: `charter tokens` beside a server that runs.

import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { charterHere } from '../cli/case.ts';
import {
  Browser,
  codeRequest,
  introspect,
  json,
  obtainCode,
  obtainTokens,
  post,
  refresh,
  userinfo,
} from '../protocol/browser.ts';
import { serve, type World } from '../protocol/world.ts';

/** The command on the store of the server, which goes on serving. */
async function tokens(world: World, ...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await charterHere(
    ['tokens', ...words, '--store', world.storePath],
    dirname(world.storePath),
  );
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
}

interface Listed {
  readonly id: string;
  readonly type: string;
  readonly client: string;
  readonly user?: string;
  readonly last_token?: string;
  readonly since: string;
}

async function list(world: World, ...words: readonly string[]): Promise<readonly Listed[]> {
  return JSON.parse(await tokens(world, 'list', '--json', ...words)).connections;
}

async function isAlive(world: World, access_token: string, as = 'web'): Promise<readonly [boolean, number]> {
  const { active } = await introspect(world, access_token, as);
  return [active, (await userinfo(world, access_token)).status];
}

describe('S:N-63 charter tokens', () => {
  it('S:N-63 what a user has ends at once: tokens of either format, codes, what was remembered, and sessions', async () => {
    const world = await serve(({ site }) => {
      site.applications.other.tokens = { format: 'opaque' };
    });
    const browser = new Browser(world);
    const web = await obtainTokens(world, 'web', { scope: 'openid notes' }, browser);
    const other = await obtainTokens(world, 'other', { scope: 'openid' }, browser);
    const asked = { scope: 'openid notes' };
    await obtainTokens(world, 'asking', asked, browser);
    const { form } = await obtainCode(world, 'asking', asked, browser);
    const bob = await obtainTokens(world, 'web', { scope: 'openid' }, new Browser(world), 'bob');

    expect((await list(world, '--user', 'Example/ada')).map(({ client, type }) => [client, type]).sort()).toEqual([
      ['Example/asking', 'Refresh, Access'],
      ['Example/other', 'Refresh, Access'],
      ['Example/web', 'Refresh, Access'],
    ]);
    const said = await tokens(world, 'revoke', '--user', 'Example/ada');
    for (const words of ['1 session\n', '1 remembered consent\n', '1 code that was not redeemed\n', '3 grants, '])
      expect(said).toContain(words);

    expect(await isAlive(world, web.access_token)).toEqual([false, 401]);
    expect(await isAlive(world, other.access_token, 'other')).toEqual([false, 401]);
    for (const [client, { refresh_token }] of [
      ['web', web],
      ['other', other],
    ] as const) {
      expect((await refresh(world, client, refresh_token)).status).toBe(400);
    }
    expect(await json(post(world, '/token', form, { as: 'asking' }))).toMatchObject({ error: 'invalid_grant' });
    const next = await browser.authorize(codeRequest('asking', asked).parameters);
    expect(next.form?.id, 'the session is over').toBe('login');
    expect((await browser.login(next)).form?.id, 'and what was remembered').toBe('consent');
    expect(await isAlive(world, bob.access_token)).toEqual([true, 200]);
    expect(await list(world, '--user', 'ada')).toEqual([]);
  });

  it('S:N-61 S:N-63 of a client everything ends for all users, and their sessions stay', async () => {
    const world = await serve();
    const ada = await obtainTokens(world, 'web', { scope: 'openid' });
    const bob = await obtainTokens(world, 'web', { scope: 'openid' }, new Browser(world), 'bob');
    const other = await obtainTokens(world, 'other', { scope: 'openid' }, ada.browser);
    expect(await tokens(world, 'revoke', '--client', 'web')).toContain('  2 grants, ');
    for (const { access_token, refresh_token } of [ada, bob]) {
      expect(await isAlive(world, access_token)).toEqual([false, 401]);
      expect((await refresh(world, 'web', refresh_token)).status).toBe(400);
    }
    expect(await isAlive(world, other.access_token, 'other')).toEqual([true, 200]);
    const again = await ada.browser.authorize(codeRequest('web').parameters);
    expect(again.answer.code).toEqual(expect.any(String));
  });

  it('S:N-61 a row ends alone, with all that came from it; the last token of a row is told', async () => {
    const world = await serve();
    const first = await obtainTokens(world, 'web', { scope: 'openid' });
    world.advance(-60);
    const second = await obtainTokens(world, 'web', { scope: 'openid' }, first.browser);
    world.advance(60);
    const renewed = await json(refresh(world, 'web', second.refresh_token));
    const [newer, older] = await list(world, '--client', 'web');
    expect(newer?.last_token).toBe(newer?.since);
    expect(Date.parse(older?.last_token ?? '')).toBeGreaterThanOrEqual(Date.parse(older?.since ?? '') + 60_000);
    await tokens(world, 'revoke', '--id', older?.id ?? '');
    for (const { access_token } of [second, renewed]) expect(await isAlive(world, access_token)).toEqual([false, 401]);
    expect((await refresh(world, 'web', renewed.refresh_token)).status).toBe(400);
    expect(await isAlive(world, first.access_token)).toEqual([true, 200]);
  });

  it('S:N-60 an opaque token of a client alone is a row that ends alone; a JWT of one is named as not listed', async () => {
    const world = await serve(({ site }) => {
      site.applications.batch.tokens = { format: 'opaque' };
      site.applications.jwts = { ...site.applications.batch, tokens: { access_ttl: '10m' } };
    });
    const obtain = async (as: string) =>
      (await json(post(world, '/token', { grant_type: 'client_credentials', scope: 'notes' }, { as }))).access_token;
    const [one, two] = [await obtain('batch'), await obtain('batch')];
    const jwt = await obtain('jwts');
    const rows = await list(world, '--client', 'batch');
    expect(rows).toHaveLength(2);
    expect(rows.map(({ type, user }) => [type, user])).toEqual([
      ['Access', undefined],
      ['Access', undefined],
    ]);
    await tokens(world, 'revoke', '--id', rows[0]?.id ?? '');
    const alive = [await introspect(world, one, 'batch'), await introspect(world, two, 'batch')];
    expect(alive.map(({ active }) => active).sort()).toEqual([false, true]);
    await tokens(world, 'revoke', '--client', 'batch');
    expect(await list(world, '--client', 'batch')).toEqual([]);

    const said = await tokens(world, 'list', '--client', 'jwts');
    expect(said).toContain(
      'those of Example/jwts are not listed and cannot be ended here.\nEach ends by itself, 10m after',
    );
    expect(await tokens(world, 'revoke', '--client', 'jwts')).toContain('Example/jwts are not listed');
    expect((await introspect(world, jwt, 'jwts')).active).toBe(true);
  });

  it('a refresh token that needs a live session is none that can be used once the session is over', async () => {
    const world = await serve(({ site }) => {
      site.applications.web.tokens = { access_ttl: '1h', refresh: { require_live_session: true } };
    });
    const { browser } = await obtainTokens(world, 'web', {
      scope: 'openid offline_access',
      prompt: 'consent',
    });
    expect((await list(world)).map(({ type }) => type)).toEqual(['Refresh, Access']);
    const page = await browser.go(`${world.issuer}/logout`);
    await browser.press(page, 'allow');
    expect((await list(world)).map(({ type }) => type)).toEqual(['Access']);
  });
});
