// OpenID Connect Back-Channel Logout 1.0 sections 2.2 and 2.5: how notices of a logout are delivered, and where to.

import { expect, it } from 'vitest';
import { createGuardedRequest } from '../../src/outbound/guarded-request.ts';
import { createLogoutNotices } from '../../src/outbound/logout-notices.ts';
import { afterwards, listen, logInMemory } from '../outbound/called.ts';
import { obtainTokens } from './browser.ts';
import { BYE, logout, taken, tokenOf, toldAt, uriOf } from './logout-receivers.ts';
import { errorsOf, load, serve, type World } from './world.ts';

/** As the server sends them, but that it waits for milliseconds where it waits for seconds. */
function hasty() {
  const { logger, said } = logInMemory();
  const request = createGuardedRequest({ allow: () => ['127.0.0.1'], timeout: 200 });
  const notices = createLogoutNotices(request, logger, { retries: [20, 20, 20], patience: 100 });
  afterwards(async () => {
    await request.close();
    await notices.close();
  });
  const outcome = async (message: string) => {
    await expect.poll(() => said.map((one) => one.message), { timeout: 10_000 }).toContain(message);
    return said.find((one) => one.message === message)?.fields;
  };
  return { app: { logoutNotices: notices }, outcome };
}

async function signOutOf(world: World): Promise<number> {
  const { browser, id_token } = await obtainTokens(world);
  const began = performance.now();
  const stop = await logout(browser, id_token);
  expect([stop.status, stop.location?.href, browser.sessionCookie()]).toEqual([303, BYE, undefined]);
  return performance.now() - began;
}

it.each([200, 204])('P:U-005 an answer of %i is a success, and is not asked for again', async (status) => {
  const { app, outcome } = hasty();
  const receiver = await listen((response) => response.writeHead(status).end());
  const world = await serve(toldAt({ web: uriOf(receiver) }), { app });
  await signOutOf(world);
  expect(await outcome('logout notice taken')).toMatchObject({ client_id: 'web', attempt: 1 });
  expect(receiver.requests).toHaveLength(1);
});

it('P:U-005 one that fails is tried again, a few times, with the same token, and the user does not wait', async () => {
  const { app, outcome } = hasty();
  let calls = 0;
  const receiver = await listen((response) => {
    calls += 1;
    response.writeHead(calls < 3 ? 503 : 200).end();
  });
  const world = await serve(toldAt({ web: uriOf(receiver) }), { app });
  await signOutOf(world);
  expect(await outcome('logout notice taken')).toMatchObject({ attempt: 3 });
  expect(new Set(receiver.requests.map(tokenOf)).size).toBe(1);

  const failing = hasty();
  const broken = await listen((response) => response.writeHead(500).end());
  await signOutOf(await serve(toldAt({ web: uriOf(broken) }), failing));
  expect(await failing.outcome('logout notice given up')).toMatchObject({ attempt: 4, reason: 'answered 500' });
  expect(broken.requests).toHaveLength(4);
});

it('P:U-005 one that never answers is not waited for: the call ends, and so does the wait of the user', async () => {
  const { app, outcome } = hasty();
  const silent = await listen(() => undefined);
  const world = await serve(toldAt({ web: uriOf(silent) }), { app });
  // The patience is a tenth of a second; what is left is for a slow machine.
  expect(await signOutOf(world)).toBeLessThan(5000);
  expect(await outcome('logout notice given up')).toMatchObject({
    attempt: 4,
    reason: expect.stringContaining('0.2 s'),
  });
  expect(silent.requests).toHaveLength(4);
});

it('P:U-008 a URI with a fragment, or without TLS to where nobody allows it, is an error of the configuration', async () => {
  const judged = async (uri: string, allow: readonly string[] = []) => {
    const found = await load(toldAt({ web: uri }, allow));
    const [first] = found.filter(({ severity }) => severity === 'error');
    if (first !== undefined) expect(first.range?.file).toMatch(/site\.yaml$/);
    return errorsOf(found);
  };
  expect(await judged('https://web.example/backchannel')).toEqual([]);
  for (const uri of [
    'https://web.example/backchannel#x',
    'https://web.example/#',
    '/backchannel',
    'ftp://web.example/',
    'https://me:secret@web.example/',
  ]) {
    expect([uri, await judged(uri)]).toEqual([uri, ['url.invalid']]);
  }
  expect(await judged('http://web.example/backchannel')).toEqual(['url.insecure']);
  expect(await judged('http://127.0.0.1:9000/backchannel')).toEqual(['url.insecure']);
  expect(await judged('http://127.0.0.1:9000/backchannel', ['127.0.0.1'])).toEqual([]);
});

it('P:U-008 what leads to an address that is not public is not called, unless the configuration allows it', async () => {
  const inside = await taken();
  const world = await serve(toldAt({}, []));
  const refused = () => world.records.filter(({ msg }) => msg === 'logout notice given up');
  const hosts = [`127.0.0.1:${inside.port}`, `localhost:${inside.port}`, '169.254.169.254', '[::1]', '10.0.0.1'];
  for (const [position, host] of hosts.entries()) {
    await world.apply(toldAt({ web: `https://${host}/` }, []));
    await signOutOf(world);
    // It is not tried again: it would be no better a moment later. Who operates the server is told what would permit it.
    const reason = expect.stringContaining('server.outbound.allow would permit it');
    expect(refused()[position]).toMatchObject({ host, attempt: 1, reason });
  }
  expect(refused()).toHaveLength(hosts.length);
  expect(inside.requests).toEqual([]);
  await world.apply(toldAt({ web: uriOf(inside) }));
  await signOutOf(world);
  expect(inside.requests).toHaveLength(1);
});
