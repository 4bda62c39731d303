// Rows N-61 and N-63 of SEMANTICS as people see them: the page of what applications were given, where it is taken back.

import { describe, expect, it } from 'vitest';
import {
  Browser,
  codeRequest,
  introspect,
  json,
  obtainCode,
  obtainTokens,
  post,
  refresh,
  type Stop,
  userinfo,
} from '../protocol/browser.ts';
import { eventsWith } from '../protocol/events.ts';
import { serve, type World } from '../protocol/world.ts';
import { tokenRecord } from '../store/fixture.ts';

/** The page of a browser. */
function connected(browser: Browser): Promise<Stop> {
  return browser.go(`${browser.world.issuer}/connected`);
}

/** What the page lists: the client_id of each application with the text of its row. */
function rowsOf({ html }: Stop): Readonly<Record<string, string>> {
  const rows = html.split('<li><label').slice(1);
  return Object.fromEntries(
    rows.map((row) => [
      /value="([^"]+)"/.exec(row)?.[1] ?? '',
      `<${row}`
        .replace(/<button.*/s, '')
        .replace(/<[^>]+>/g, ' ')
        .replace(/\s+/g, ' ')
        .trim(),
    ]),
  );
}

/** Sends the form with these boxes ticked. */
function remove(browser: Browser, page: Stop, clients: readonly string[], headers: Record<string, string> = {}) {
  const body = new URLSearchParams(page.form?.fields);
  for (const client of clients) body.append('remove', client);
  return browser.go(page.form?.action ?? '', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: body.toString(),
  });
}

/** What introspection, asked by the client, and userinfo say of a token. */
async function isAlive(world: World, access_token: string, as = 'web'): Promise<readonly [boolean, number]> {
  const { active } = await introspect(world, access_token, as);
  return [active, (await userinfo(world, access_token)).status];
}

describe('S:N-63 the page of connected applications', () => {
  it('S:N-63 S:N-61 lists what the user let applications have, and ends a row with all that came from it', async () => {
    const world = await serve();
    const browser = new Browser(world);
    const web = await obtainTokens(world, 'web', { scope: 'openid notes offline_access', prompt: 'consent' }, browser);
    world.advance(1);
    const other = await obtainTokens(world, 'other', { scope: 'openid email' }, browser);
    const again = await json(refresh(world, 'web', web.refresh_token));
    const bob = await obtainTokens(world, 'web', { scope: 'openid' }, new Browser(world), 'bob');

    const page = await connected(browser);
    expect(page.form?.id).toBe('connected');
    expect(page.html).toContain('You are signed in as <strong>ada</strong>');
    const rows = rowsOf(page);
    expect(Object.keys(rows)).toEqual(['other', 'web']);
    expect(rows.web).toMatch(/^Web Shop Since \d+ \w+ \d{4} · Refresh, Access Read your notes notes/);
    expect(rows.web).toContain('Go on while you are away');
    expect(rows.other).toContain('· Refresh, Access See your e-mail address');

    const after = await remove(browser, page, ['web']);
    expect(Object.keys(rowsOf(after))).toEqual(['other']);
    expect(after.html).toContain('Removed: Web Shop');
    for (const token of [web.access_token, again.access_token])
      expect(await isAlive(world, token)).toEqual([false, 401]);
    expect((await refresh(world, 'web', again.refresh_token)).status).toBe(400);
    expect(await isAlive(world, other.access_token, 'other')).toEqual([true, 200]);
    expect(await isAlive(world, bob.access_token)).toEqual([true, 200]);
    await eventsWith(
      world,
      ({ event, outcome, user }) => `${event} ${outcome} ${user}` === 'connected removed user:Example/ada',
    );
  });

  it('S:N-63 without a refresh token the row is "Access", and it is gone when the token has ended', async () => {
    const world = await serve(({ site }) => {
      site.applications.web.metadata.grant_types = ['authorization_code'];
      site.applications.web.tokens = { access_ttl: '5m' };
      site.applications.other.tokens = { access_ttl: '1h', refresh: { ttl: '2h' } };
    });
    const browser = new Browser(world);
    await obtainTokens(world, 'web', { scope: 'openid' }, browser);
    await obtainTokens(world, 'other', { scope: 'openid' }, browser);
    const rows = rowsOf(await connected(browser));
    expect(rows.web).toMatch(/ · Access /);
    expect(rows.other).toContain('· Refresh, Access');
    world.advance(6 * 60);
    expect(Object.keys(rowsOf(await connected(browser)))).toEqual(['other']);
    world.advance(2 * 3600);
    expect((await connected(browser)).html).toContain('No application has access');
  });

  it('S:N-63 an application is one row however often it was let in, since the first time', async () => {
    const world = await serve();
    const browser = new Browser(world);
    const first = await obtainTokens(world, 'web', { scope: 'openid notes' }, browser);
    world.advance(1);
    const second = await obtainTokens(world, 'web', { scope: 'openid drafts' }, browser);
    const page = await connected(browser);
    expect(rowsOf(page)).toEqual({ web: expect.stringMatching(/Read your drafts drafts .*Read your notes notes/) });
    await remove(browser, page, ['web']);
    for (const { access_token } of [first, second]) expect((await isAlive(world, access_token))[0]).toBe(false);
  });

  it('S:N-63 what was remembered is forgotten too, and a code that was not redeemed gives nothing any more', async () => {
    const world = await serve();
    const browser = new Browser(world);
    const asked = { scope: 'openid notes' };
    await obtainTokens(world, 'asking', asked, browser);
    const { form } = await obtainCode(world, 'asking', asked, browser);
    await remove(browser, await connected(browser), ['asking']);
    expect(await json(post(world, '/token', form, { as: 'asking' }))).toMatchObject({ error: 'invalid_grant' });
    const next = await browser.authorize(codeRequest('asking', asked).parameters);
    expect(next.form?.id, 'the session goes on, and the user is asked again').toBe('consent');
  });

  it('S:N-63 what a client got as the user by itself is among it', async () => {
    const world = await serve(({ site }) => {
      site.applications.batch.tokens = { format: 'opaque' };
      site.applications.batch.impersonates = 'ada';
      site.applications.batch.metadata.scope = 'api';
      site.users.ada.methods = ['password.1', 'client.credentials.1'];
      site.groups.Batch.members = ['ada'];
    });
    const form = { grant_type: 'client_credentials' };
    const { access_token } = await json(post(world, '/token', form, { as: 'batch' }));
    expect(await introspect(world, access_token, 'batch')).toMatchObject({ active: true });
    const { browser } = await obtainCode(world);
    const page = await connected(browser);
    expect(rowsOf(page)).toEqual({ batch: expect.stringContaining('· Access') });
    await remove(browser, page, ['batch']);
    expect(await introspect(world, access_token, 'batch')).toEqual({ active: false });
  });

  it('of very many rows the newest are looked at, and the others shown when those are removed', async () => {
    const world = await serve();
    const { browser, access_token } = await obtainTokens(world);
    const { generation } = world.snapshot();
    const issued_at = Math.floor(world.now() / 1000) + 1;
    const rows = Array.from({ length: 1000 }, (_, at) => {
      const record = tokenRecord({ id: `t-${at}`, client: 'application:Example/other', user: 'user:Example/ada' });
      return { ...record, generation, issued_at, expires_at: issued_at + 600 };
    });
    await Promise.all(rows.map((record) => world.store.insertAccessToken(`hash ${record.id}`, record)));
    const page = await connected(browser);
    expect(Object.keys(rowsOf(page))).toEqual(['other']);
    expect(page.html).toContain('There are more');
    const after = await remove(browser, page, ['other']);
    expect(Object.keys(rowsOf(after))).toEqual(['web']);
    expect(after.html).not.toContain('There are more');
    expect(await isAlive(world, access_token)).toEqual([true, 200]);
  });

  it('without a session nobody is shown anything, and nothing is removed', async () => {
    const world = await serve();
    const { browser, access_token } = await obtainTokens(world);
    const page = await connected(browser);
    const stranger = new Browser(world);
    for (const at of [await connected(stranger), await remove(stranger, page, ['web'])]) {
      expect(at.status).toBe(200);
      expect(at.html).toContain('Nobody is signed in');
      expect(at.form).toBeUndefined();
    }
    expect(await isAlive(world, access_token)).toEqual([true, 200]);
  });

  it('P:O-087 a form that is not of this browser’s page, or of the session before, is refused', async () => {
    const world = await serve();
    const { browser, access_token } = await obtainTokens(world);
    const page = await connected(browser);
    const own = page.form;
    const { browser: bob } = await obtainCode(world, 'web', {}, new Browser(world), 'bob');
    const bobs = await connected(bob);
    const forgeries: readonly (readonly [Stop, Record<string, string>])[] = [
      [{ ...page, form: own && { ...own, fields: {} } }, {}],
      [{ ...page, form: own && { ...own, fields: { form: 'x' } } }, {}],
      [bobs.form === undefined ? { ...page, form: own && { ...own, fields: { form: 'y' } } } : bobs, {}],
      [page, { origin: 'https://evil.example' }],
    ];
    for (const [stop, headers] of forgeries) expect((await remove(browser, stop, ['web'], headers)).status).toBe(403);
    expect(await isAlive(world, access_token)).toEqual([true, 200]);
    // A login gives another session.
    await browser.through(await browser.authorize(codeRequest('web', { prompt: 'login' }).parameters));
    expect((await remove(browser, page, ['web'])).status).toBe(403);
    expect((await remove(browser, await connected(browser), ['web'])).html).toContain('Removed: Web Shop');
  });

  it('names that the user was not shown end nothing of anybody else', async () => {
    const world = await serve();
    const { access_token } = await obtainTokens(world);
    const { browser } = await obtainTokens(world, 'other', { scope: 'openid' }, new Browser(world), 'bob');
    const after = await remove(browser, await connected(browser), ['web', 'never', '']);
    expect(after.status).toBe(200);
    expect(await isAlive(world, access_token)).toEqual([true, 200]);
    expect(Object.keys(rowsOf(after))).toEqual(['other']);
  });
});
