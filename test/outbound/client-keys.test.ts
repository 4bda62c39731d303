import { describe, expect, it } from 'vitest';
import { createClientKeys } from '../../src/outbound/client-keys.ts';
import { type Call, type Called, CallFailed } from '../../src/outbound/guarded-request.ts';
import { createOutbound } from '../../src/outbound/outbound.ts';
import { afterwards, listen, logInMemory } from './called.ts';

const URI = 'https://client.test/jwks?tenant=1';
const HOUR = 3_600_000;
const key = (kid: string) => ({ kty: 'EC', crv: 'P-256', kid, x: 'x', y: 'y' });
const set = (...kids: string[]) => JSON.stringify({ keys: kids.map(key) });

/** A publisher whose answer, clock and failures the test sets. */
function publishing(text = set('a'), cacheControl = '') {
  const { logger, said } = logInMemory();
  const world = { at: 1_000_000_000_000, text, cacheControl, status: 200, fails: false, calls: [] as Call[] };
  let release: (() => void) | undefined;
  let held: Promise<void> | undefined;
  const call = async (made: Call): Promise<Called> => {
    world.calls.push(made);
    await held;
    if (world.fails) throw new CallFailed('client.test did not answer within 5 s', false);
    const { text: answered, status } = world;
    return { status, cacheControl: world.cacheControl, text: async () => answered, drop: () => undefined };
  };
  const keys = createClientKeys({ call }, { logger, now: () => world.at });
  return {
    world,
    said,
    hold: () => {
      held = new Promise((resolve) => {
        release = resolve;
      });
    },
    release: () => release?.(),
    kids: async (missing?: string, uri = URI) => (await keys.fetch(uri, missing)).map(({ kid }) => kid),
    pass: (milliseconds: number) => {
      world.at += milliseconds;
    },
  };
}

describe('the keys that a client publishes', () => {
  it.each([
    ['', 300],
    ['public, max-age=120', 120],
    ['max-age="120"', 120],
    ['max-age=1', 60],
    ['no-store', 60],
    ['max-age=999999999', 86_400],
    ['s-maxage=7', 300],
  ])('are kept as long as %j says, within a minute and a day', async (cacheControl, seconds) => {
    const { world, kids, pass } = publishing(set('a'), cacheControl);
    expect(await kids()).toEqual(['a']);
    world.text = set('b');
    pass(seconds * 1000 - 1);
    expect(await kids()).toEqual(['a']);
    pass(1);
    expect(await kids()).toEqual(['b']);
    expect(world.calls).toHaveLength(2);
  });

  it('are asked for once, however many wait for them', async () => {
    const { world, kids, hold, release } = publishing();
    hold();
    const waiting = Promise.all(Array.from({ length: 50 }, () => kids()));
    release();
    expect(new Set((await waiting).flat())).toEqual(new Set(['a']));
    expect(world.calls).toEqual([
      { url: URI, method: 'GET', headers: { accept: 'application/jwk-set+json, application/json' } },
    ]);
  });

  it('are asked for again where a kid is missing, at most every 30 s, and for no other reason', async () => {
    const { world, kids, pass } = publishing();
    await kids();
    world.text = set('a', 'b');
    expect(await kids('b')).toEqual(['a']);
    pass(30_000);
    expect(await kids('a')).toEqual(['a']);
    expect(world.calls).toHaveLength(1);
    expect(await kids('b')).toEqual(['a', 'b']);
    for (let made = 0; made < 20; made += 1) await kids(`made up ${made}`);
    expect(world.calls).toHaveLength(2);
  });

  it('are had at once by who needs no newer ones, while others wait for those', async () => {
    const { kids, pass, hold, release } = publishing();
    await kids();
    pass(30_000);
    hold();
    const waiting = kids('b');
    expect(await kids('a')).toEqual(['a']);
    release();
    expect(await waiting).toEqual(['a']);
  });

  it('go on for a day while newer ones cannot be had, and are asked for every 30 s', async () => {
    const { world, kids, pass, said } = publishing();
    await kids();
    world.fails = true;
    pass(300_000);
    expect(await kids()).toEqual(['a']);
    await kids();
    expect(world.calls).toHaveLength(2);
    pass(30_000);
    expect(await kids()).toEqual(['a']);
    expect(world.calls).toHaveLength(3);
    expect(said[0]).toMatchObject({
      level: 'warn',
      message: 'keys of a client not fetched',
      fields: { jwks_uri: 'https://client.test/jwks', reason: 'client.test did not answer within 5 s' },
    });
    pass(24 * HOUR);
    await expect(kids()).rejects.toMatchObject({ code: 'client_keys_unavailable' });
    world.fails = false;
    pass(30_000);
    expect(await kids()).toEqual(['a']);
  });

  it('that were never had are a failure, remembered for a moment', async () => {
    const { world, kids, pass } = publishing();
    world.fails = true;
    const failure = { code: 'client_keys_unavailable', message: expect.stringContaining('did not answer within 5 s') };
    await expect(kids()).rejects.toMatchObject(failure);
    await expect(kids()).rejects.toMatchObject(failure);
    expect(world.calls).toHaveLength(1);
    world.fails = false;
    pass(5000);
    expect(await kids()).toEqual(['a']);
  });

  it.each([
    ['404', 404, set('a'), 'client.test answered 404'],
    ['a redirect', 302, '', 'client.test answered 302'],
    ['no JSON', 200, '<html>', 'client.test answered no JWK Set'],
    ['no set', 200, '[]', 'client.test answered no JWK Set'],
    ['no list', 200, '{"keys":{}}', 'client.test answered no JWK Set'],
  ])('are not %s', async (_, status, text, reason) => {
    const { world, kids } = publishing(text);
    world.status = status;
    await expect(kids()).rejects.toThrow(`The keys at https://client.test/jwks: ${reason}.`);
  });

  it('are public keys: what is none is passed over', async () => {
    const others = [1, null, 'x', {}, { kid: 'no type' }, { kty: 'oct', kid: 'symmetric', k: 'AAAA' }];
    const { kids } = publishing(JSON.stringify({ keys: [...others, key('a')] }));
    expect(await kids()).toEqual(['a']);
  });

  it('are forgotten, those used longest ago first, before they fill the memory', async () => {
    const { world, kids } = publishing();
    for (let at = 0; at <= 1000; at += 1) await kids(undefined, `https://client.test/${at}`);
    await kids(undefined, 'https://client.test/1000');
    expect(world.calls).toHaveLength(1001);
    await kids(undefined, 'https://client.test/0');
    expect(world.calls).toHaveLength(1002);
  });

  it('come over the guarded call', async () => {
    const { port } = await listen((response) => void response.end(set('real')));
    let allow: string[] = [];
    const at = { now: 0 };
    const outbound = createOutbound({ allow: () => allow, logger: logInMemory().logger, now: () => at.now });
    afterwards(outbound.close);
    const uri = `http://127.0.0.1:${port}/jwks`;
    await expect(outbound.clientKeys.fetch(uri)).rejects.toThrow(/server.outbound.allow would permit it/);
    allow = ['127.0.0.1'];
    at.now += 5000;
    expect(await outbound.clientKeys.fetch(uri)).toEqual([key('real')]);
  });
});
