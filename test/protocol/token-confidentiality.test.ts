// Where tokens must never be found: cookies, addresses, pages, the log (RFC 6750 5.3, RFC 9700 4.3).

import { expect, it } from 'vitest';
import { Browser, obtainTokens, post, refresh, userinfo } from './browser.ts';
import { eventsWith } from './events.ts';
import { serve, type World } from './world.ts';

/** What a server sent, but for the bodies of answers that programs read. */
interface Seen {
  readonly headers: string[];
  readonly pages: string[];
}

function watched(world: World): { readonly world: World; readonly seen: Seen } {
  const seen: Seen = { headers: [], pages: [] };
  return {
    seen,
    world: {
      ...world,
      async fetch(target, init) {
        const response = await world.fetch(target, init);
        seen.headers.push(...[...response.headers].map(([name, value]) => `${name}: ${value}`));
        if (response.headers.get('content-type')?.startsWith('text/html'))
          seen.pages.push(await response.clone().text());
        return response;
      },
    },
  };
}

it('P:B-012 no token is in a cookie, an address, a page or a line of the log, whatever is asked', async () => {
  const { world, seen } = watched(
    await serve(({ site }) => {
      site.applications.other.tokens = { format: 'opaque' };
      site.applications.other.metadata.scope += ' offline_access';
    }),
  );
  const secrets: string[] = [];
  for (const client_id of ['web', 'other', 'spa', 'asking']) {
    const browser = new Browser(world);
    const first = await obtainTokens(world, client_id, { scope: 'openid notes' }, browser);
    const next = await (await refresh(world, client_id, first.refresh_token)).json();
    // Of a refreshed answer, of a used refresh token, of a revoked token, and where they do not belong.
    for (const tokens of [first, next]) {
      secrets.push(tokens.access_token, tokens.refresh_token, tokens.id_token);
      await userinfo(world, tokens.access_token);
      await userinfo(world, tokens.refresh_token);
      for (const token of [tokens.access_token, tokens.refresh_token, tokens.id_token]) {
        await post(world, '/introspect', { token, token_type_hint: token }, { as: 'web' });
        for (const path of ['/userinfo', '/token', '/introspect', '/revoke', '/nothing']) {
          await world.fetch(`${path}?access_token=${token}&token=${token}&refresh_token=${token}`);
        }
        await browser.authorize({ client_id, id_token_hint: token, access_token: token, scope: token });
        await browser.go(`/logout?id_token_hint=${token}&state=${token}`);
      }
    }
    await refresh(world, client_id, first.refresh_token);
    await refresh(world, client_id, next.refresh_token, { scope: next.access_token });
    await post(world, '/revoke', { token: next.access_token }, { as: 'web' });
  }
  // The last of it is logged, so all before it is.
  await post(world, '/token', { grant_type: 'client_credentials' }, { as: 'batch' });
  const events = await eventsWith(world, ({ client_id }) => client_id === 'batch');
  expect(events.length).toBeGreaterThan(100);

  expect(secrets).toHaveLength(24);
  expect(seen.headers.some((line) => line.startsWith('location: https://web.example/callback?code='))).toBe(true);
  expect(seen.headers.some((line) => line.startsWith('set-cookie: '))).toBe(true);
  expect(seen.pages.length).toBeGreaterThan(10);
  const log = JSON.stringify(world.records);
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(40);
    // Of a JWT the signature is the secret part; claims may stand elsewhere.
    const secretPart = secret.split('.').at(-1) ?? secret;
    expect(seen.headers.filter((line) => line.includes(secretPart))).toEqual([]);
    expect(seen.pages.some((page) => page.includes(secretPart))).toBe(false);
    expect(log.includes(secretPart)).toBe(false);
  }
});
