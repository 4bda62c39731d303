// The keys that clients publish at their jwks_uri, and which addresses this server asks for them.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import type { SigningKey } from '../../src/oauth/port.ts';
import { machine, publicJwk, signedAssertion } from './assertion.ts';
import { post } from './browser.ts';
import { strangersKey } from './signed-jwt.ts';
import { type Edit, errorsOf, load, serve, type World } from './world.ts';

const [first, second, madeUp] = await Promise.all([strangersKey(), strangersKey('EdDSA'), strangersKey()]);

/** A client's own server. */
interface Publisher {
  readonly origin: string;
  /** The paths that were asked for, in order. */
  readonly asked: string[];
  /** What is answered at /keys. */
  keys: readonly SigningKey[];
}

async function publish(...keys: readonly SigningKey[]): Promise<Publisher> {
  const asked: string[] = [];
  const server = createServer(({ url = '' }, response) => {
    asked.push(url);
    if (url === '/moved') return response.writeHead(302, { location: '/keys' }).end();
    response.setHeader('content-type', 'application/jwk-set+json');
    return response.end(JSON.stringify({ keys: publisher.keys.map(publicJwk) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  const { port } = server.address() as AddressInfo;
  const publisher: Publisher = { origin: `http://127.0.0.1:${port}`, asked, keys };
  return publisher;
}

/** A client for each jwks_uri. */
const declared =
  (uris: Readonly<Record<string, string>>, allow?: readonly string[]): Edit =>
  ({ server, site }) => {
    if (allow !== undefined) server.server.outbound = { allow };
    for (const [name, jwks_uri] of Object.entries(uris)) {
      site.applications[name] = machine({ token_endpoint_auth_method: 'private_key_jwt', jwks_uri });
    }
  };

async function statusWith(world: World, key: SigningKey, client_id = 'publishing'): Promise<number> {
  const assertion = await signedAssertion(world, client_id, key);
  const response = await post(world, '/token', { grant_type: 'client_credentials', ...assertion });
  if (response.status !== 200) expect(await response.json()).toMatchObject({ error: 'invalid_client' });
  return response.status;
}

it('P:J-013 a kid that is not known has the keys fetched again, and not more often than every half minute', async () => {
  const publisher = await publish(first);
  const world = await serve(declared({ publishing: `${publisher.origin}/keys` }, ['127.0.0.1']));
  expect(publisher.asked).toEqual([]);
  for (let times = 0; times < 3; times += 1) expect(await statusWith(world, first)).toBe(200);
  expect(publisher.asked).toEqual(['/keys']);

  publisher.keys = [first, second];
  // Whoever makes up names of keys cannot have this server call at will, and keeps nobody out.
  expect(await statusWith(world, second)).toBe(401);
  expect(publisher.asked).toHaveLength(1);
  world.advance(31);
  for (const key of [second, first]) expect(await statusWith(world, key)).toBe(200);
  expect(publisher.asked).toHaveLength(2);
  for (let times = 0; times < 5; times += 1) expect(await statusWith(world, madeUp)).toBe(401);
  expect(publisher.asked).toHaveLength(2);
  world.advance(31);
  const statuses = await Promise.all([madeUp, madeUp, first].map((key) => statusWith(world, key)));
  expect(statuses).toEqual([401, 401, 200]);
  expect(publisher.asked).toHaveLength(3);

  // A key that was taken away counts no more, once what is kept has ended.
  publisher.keys = [second];
  world.advance(301);
  expect(await statusWith(world, first)).toBe(401);
  expect(await statusWith(world, second)).toBe(200);
});

it('P:J-013 no address is called that is not public, unless the spec names it, and no redirect is followed', async () => {
  const publisher = await publish(first);
  const port = new URL(publisher.origin).port;
  // https to this machine and its network, by address and by name: judged before anything is sent.
  const inside = {
    byAddress: `https://127.0.0.1:${port}/keys`,
    byName: `https://localhost:${port}/keys`,
    byOther: 'https://10.0.0.1/keys',
    bySix: `https://[::1]:${port}/keys`,
    byMapped: `https://[::ffff:127.0.0.1]:${port}/keys`,
    byNumber: `https://2130706433:${port}/keys`,
  };
  const world = await serve(declared(inside));
  for (const [client_id, uri] of Object.entries(inside)) {
    expect(await statusWith(world, first, client_id)).toBe(401);
    const told = world.records.find((record) => record.jwks_uri === uri);
    expect(String(told?.reason)).toContain('server.outbound.allow');
  }
  expect(publisher.asked).toEqual([]);

  // http is an error of the spec unless the host is named.
  const [named, other] = [{ publishing: `${publisher.origin}/keys` }, { publishing: 'http://keys.example/keys' }];
  expect(errorsOf(await load(declared(named)))).toEqual(['url.insecure']);
  expect(errorsOf(await load(declared(other, ['127.0.0.1'])))).toEqual(['url.insecure']);
  expect(errorsOf(await load(declared({ publishing: 'https://keys.example/keys' })))).toEqual([]);

  await world.apply(declared({ ...named, moving: `${publisher.origin}/moved` }, ['127.0.0.0/8']));
  expect(await statusWith(world, first, 'moving')).toBe(401);
  expect(publisher.asked).toEqual(['/moved']);
  expect(await statusWith(world, first)).toBe(200);
  expect(publisher.asked).toEqual(['/moved', '/keys']);
});
