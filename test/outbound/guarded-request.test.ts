import { describe, expect, it } from 'vitest';
import { createGuardedRequest, type GuardOptions } from '../../src/outbound/guarded-request.ts';
import { afterwards, CA, listen, listenSecurely } from './called.ts';

function guarded(allow: readonly string[], options: Partial<GuardOptions> = {}) {
  const made = createGuardedRequest({ allow: () => allow, ...options });
  afterwards(made.close);
  return {
    ...made,
    get: (url: string) => made.call({ url, method: 'GET', headers: {} }),
  };
}

const LOOPBACK = ['127.0.0.0/8'];
const resolvingTo =
  (...addresses: string[]) =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

describe('a guarded call', () => {
  it('answers status, caching and text of a server that is allowed by its block', async () => {
    const { port, requests } = await listen((response) => {
      response.writeHead(201, { 'cache-control': 'max-age=5' }).end('hello');
    });
    const answer = await guarded(LOOPBACK).get(`http://127.0.0.1:${port}/a?b=c`);
    expect([answer.status, answer.cacheControl, await answer.text()]).toEqual([201, 'max-age=5', 'hello']);
    expect(requests.map(({ method, url }) => [method, url])).toEqual([['GET', '/a?b=c']]);
    expect(requests[0]?.of.headers.cookie).toBeUndefined();
  });

  it('does not reach this machine unless the spec names it, by address or by name', async () => {
    const { port, requests } = await listenSecurely((response) => void response.end('inside'));
    const closed = guarded([], { ca: CA });
    for (const host of ['127.0.0.1', 'localhost', '127.1', '0x7f000001', '[::ffff:127.0.0.1]']) {
      await expect(closed.get(`https://${host}:${port}/`)).rejects.toMatchObject({
        refused: true,
        message: expect.stringContaining('server.outbound.allow would permit it'),
      });
    }
    expect(requests).toEqual([]);
    const open = guarded(['LOCALHOST'], { ca: CA, resolve: resolvingTo('127.0.0.1') });
    expect(await (await open.get(`https://localhost:${port}/`)).text()).toBe('inside');
    await expect(open.get(`https://127.0.0.1:${port}/`)).rejects.toMatchObject({ refused: true });
  });

  it('judges the address that it connects to: a name is looked up once, and what it leads to then is judged', async () => {
    const { port, requests } = await listenSecurely((response) => void response.end('inside'));
    const answers = [['127.0.0.1'], ['8.8.8.8', '127.0.0.1'], ['127.0.0.2'], ['127.0.0.1']];
    let asked = 0;
    const { get } = guarded(['127.0.0.2'], { ca: CA, resolve: () => resolvingTo(...(answers[asked++] ?? []))() });
    for (const [lookups, refused] of [
      [1, true],
      [2, true],
      // Let through, and nobody is there: the address that it leads to a moment later is not asked for.
      [3, false],
    ] as const) {
      await expect(get(`https://localhost:${port}/`)).rejects.toMatchObject({ refused });
      expect(asked).toBe(lookups);
    }
    expect(requests).toEqual([]);
  });

  it('keeps no connection open by which a later call would go unjudged', async () => {
    const { port } = await listen((response) => void response.end('x'));
    let allow = LOOPBACK;
    const made = createGuardedRequest({ allow: () => allow });
    afterwards(made.close);
    const call = { url: `http://127.0.0.1:${port}/`, method: 'GET', headers: {} } as const;
    expect(await (await made.call(call)).text()).toBe('x');
    allow = [];
    await expect(made.call(call)).rejects.toMatchObject({ refused: true });
  });

  it('follows no redirect', async () => {
    const elsewhere = await listen((response) => void response.end('elsewhere'));
    const { port } = await listen((response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${elsewhere.port}/` }).end();
    });
    const answer = await guarded(LOOPBACK).get(`http://127.0.0.1:${port}/`);
    expect(answer.status).toBe(302);
    expect(elsewhere.requests).toEqual([]);
  });

  it('ends in time, of a server that does not answer and of one that never ends', async () => {
    const silent = await listen(() => undefined);
    const endless = await listen((response) => {
      const timer = setInterval(() => response.write('x'), 10);
      response.on('close', () => clearInterval(timer));
    });
    const { get } = guarded(LOOPBACK, { timeout: 200 });
    await expect(get(`http://127.0.0.1:${silent.port}/`)).rejects.toThrow('127.0.0.1 did not answer within 0.2 s');
    const answer = await get(`http://127.0.0.1:${endless.port}/`);
    await expect(answer.text()).rejects.toThrow('127.0.0.1 did not answer within 0.2 s');
  });

  it.each([true, false])('reads no more than 256 KiB, whether or not its length is told (%s)', async (told) => {
    const body = Buffer.alloc(256 * 1024 + 1, 'x');
    const { port } = await listen((response) => {
      if (told) response.setHeader('content-length', body.length);
      response.write(body.subarray(0, 1000));
      response.end(body.subarray(1000));
    });
    const { get } = guarded(LOOPBACK);
    const read = get(`http://127.0.0.1:${port}/`).then((answer) => answer.text());
    await expect(read).rejects.toThrow('127.0.0.1 answered more than 256 KiB');
  });

  it('trusts no certificate but those of known authorities', async () => {
    const { port, requests } = await listenSecurely((response) => void response.end('x'));
    await expect(guarded(LOOPBACK).get(`https://127.0.0.1:${port}/`)).rejects.toThrow(/did not answer \(.*CERT/);
    expect(requests).toEqual([]);
  });

  it('says who cannot be reached, and why', async () => {
    const { get } = guarded(LOOPBACK, {
      resolve: () => Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' })),
    });
    await expect(get('https://nobody.test/')).rejects.toThrow('nobody.test did not answer (ENOTFOUND)');
    await expect(get('http://127.0.0.1:1/')).rejects.toThrow('127.0.0.1 did not answer (ECONNREFUSED)');
    await expect(get('nonsense')).rejects.toMatchObject({ refused: true });
  });

  it('ends what is under way when it is closed', async () => {
    const { port, requests } = await listen(() => undefined);
    const made = createGuardedRequest({ allow: () => LOOPBACK });
    const pending = made.call({ url: `http://127.0.0.1:${port}/`, method: 'GET', headers: {} });
    const ended = expect(pending).rejects.toThrow('was not waited for any longer');
    await expect.poll(() => requests.length).toBe(1);
    await made.close();
    await ended;
  });
});
