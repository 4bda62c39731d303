import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { createServer, type Server } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listenOperator, listenPublic } from '../../src/http/listen.ts';
import { createOperatorApp } from '../../src/http/operator-app.ts';
import { operatorSocketPath, requestOperator } from '../../src/http/operator-socket.ts';
import { closing, exchange, FORM, GRANT, logInMemory, serve, TOKEN } from './serving.ts';

const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));
const others: Server[] = [];

afterEach(async () => {
  await Promise.all(others.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

/** Another process's listener, as far as this one can tell. */
function occupy(host: string, port = 0): Promise<number> {
  const server = createServer((socket) => socket.end());
  others.push(server);
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

async function tokenAt(host: string, port: number): Promise<number> {
  const address = host.includes(':') ? `[${host}]` : host;
  const response = await fetch(`http://${address}:${port}${TOKEN}`, { method: 'POST', headers: FORM, body: GRANT });
  await response.arrayBuffer();
  return response.status;
}

/** Leaves a socket file as a process does that was killed: bound once, and nobody there. */
function leaveStale(path: string): void {
  const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', script]);
}

function statusWithHost(address: string, port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get({ host: address, port, path: '/status', headers: { host } }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    }).on('error', reject);
  });
}

describe('the public listener', () => {
  it('takes one free port on both loopback addresses, and serves on each', async () => {
    const bound = await listenPublic(serve(), { host: undefined, port: 0 });
    expect(bound.map(({ host }) => host)).toEqual(hasIpv6 ? ['127.0.0.1', '::1'] : ['127.0.0.1']);
    expect(new Set(bound.map(({ port }) => port)).size).toBe(1);
    for (const { host, port } of bound) expect(await tokenAt(host, port)).toBe(200);
  });

  it('is loopback for localhost, and no other address', async () => {
    const bound = await listenPublic(serve(), { host: 'localhost', port: 0 });
    expect(bound[0]?.host).toBe('127.0.0.1');
    const outside = Object.values(networkInterfaces())
      .flatMap((all) => all ?? [])
      .find(({ internal, family }) => !internal && family === 'IPv4');
    if (outside !== undefined) await expect(tokenAt(outside.address, bound[0]?.port ?? 0)).rejects.toThrow();
  });

  it('is one address where one is given, brackets or not', async () => {
    expect(await listenPublic(serve(), { host: '127.0.0.1', port: 0 })).toHaveLength(1);
    if (hasIpv6) expect(await listenPublic(serve(), { host: '[::1]', port: 0 })).toMatchObject([{ host: '::1' }]);
  });

  it('survives an error of a listener that is up, and logs it', async () => {
    const { logger, records } = logInMemory();
    const app = serve({ logger });
    const bound = await listenPublic(app, { host: undefined, port: 0 });
    app.server.emit('error', new Error('accept EMFILE'));
    expect(records).toMatchObject([{ level: 50, err: { message: 'accept EMFILE' } }]);
    for (const { host, port } of bound) expect(await tokenAt(host, port)).toBe(200);
  });

  it('gives clients a bounded time', async () => {
    const app = serve();
    const bound = await listenPublic(app, { host: undefined, port: 0 });
    expect(app.server).toMatchObject({
      // body-guard.ts has the limit of bodies that are read here.
      requestTimeout: 0,
      headersTimeout: 10_000,
      keepAliveTimeout: 72_000,
      timeout: 30_000,
    });
    app.server.headersTimeout = 50;
    for (const { host, port } of bound) {
      const received = await exchange(port, 'GET /healthz HTTP/1.1\r\nHost: a\r\nX: ', host);
      expect(received).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    }
  });

  it('stops on every address, and the port is free again', async () => {
    const app = serve();
    const bound = await listenPublic(app, { host: undefined, port: 0 });
    await app.close();
    for (const { host, port } of bound) {
      await expect(tokenAt(host, port)).rejects.toThrow();
      expect(await occupy(host, port)).toBe(port);
    }
  });

  it('says which port is in use, and how to choose another', async () => {
    const port = await occupy('127.0.0.1');
    await expect(listenPublic(serve(), { host: undefined, port })).rejects.toMatchObject({
      code: 'listen_failed',
      message: `127.0.0.1:${port} is in use by another process. Choose another port with --port PORT, or end that process.`,
    });
  });

  it.runIf(hasIpv6)('binds nothing when the second address is in use', async () => {
    const port = await occupy('::1');
    const app = serve();
    await expect(listenPublic(app, { host: undefined, port })).rejects.toMatchObject({
      code: 'listen_failed',
      message: expect.stringContaining(`[::1]:${port} is in use`),
    });
    await expect(tokenAt('127.0.0.1', port)).rejects.toThrow();
  });

  it.each([
    ['192.0.2.1', 0, /192\.0\.2\.1:0 is no address of this machine.*--host ADDRESS/],
    ['127.0.0.1', 70_000, /70000 is no port.*--port PORT/],
    ['no-such-host.invalid', 0, /no-such-host\.invalid/],
  ])('says why %s port %d cannot be had', async (host, port, message) => {
    await expect(listenPublic(serve(), { host, port })).rejects.toMatchObject({
      code: 'listen_failed',
      message: expect.stringMatching(message),
    });
  });
});

describe("the operator's listener", () => {
  let directory: string;
  let storePath: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'charter-test-'));
    storePath = join(directory, 'charter.db');
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  function operator(name = 'first'): FastifyInstance {
    const nothing = async () => ({});
    const verbs = { approve: nothing, reload: nothing, tokens: nothing, revokeTokens: nothing };
    return closing(createOperatorApp({ status: async () => ({ name }), verbs, logger: logInMemory().logger }));
  }

  it('is a socket beside the store that only its owner opens, whatever the umask', async () => {
    const before = process.umask(0);
    try {
      const { socket, without, admin } = await listenOperator(operator(), { storePath });
      expect([socket, without, admin]).toEqual([`${storePath}.sock`, undefined, undefined]);
      expect(statSync(`${storePath}.sock`).mode & 0o777).toBe(0o600);
      expect(process.umask()).toBe(0);
    } finally {
      process.umask(before);
    }
    expect(await requestOperator(`${storePath}.sock`, '/status')).toEqual({ name: 'first' });
  });

  it('is removed when the server ends', async () => {
    const app = operator();
    await listenOperator(app, { storePath });
    await app.close();
    expect(existsSync(`${storePath}.sock`)).toBe(false);
  });

  it('replaces a socket that nobody listens on', async () => {
    const stale = join(directory, 'stale.db.sock');
    leaveStale(stale);
    expect(existsSync(stale)).toBe(true);
    const { socket } = await listenOperator(operator(), { storePath: join(directory, 'stale.db') });
    expect(socket).toBe(stale);
    expect(await requestOperator(stale, '/status')).toEqual({ name: 'first' });
  });

  it('goes without one that another server answers on, and says so', async () => {
    await listenOperator(operator('first'), { storePath });
    const second = await listenOperator(operator('second'), { storePath });
    expect(second.socket).toBeUndefined();
    expect(second.without).toBe(`${storePath}.sock is served by another process.`);
    expect(await requestOperator(`${storePath}.sock`, '/status')).toEqual({ name: 'first' });
  });

  it('goes without where something else stands, or nothing may be made', async () => {
    writeFileSync(`${storePath}.sock`, 'precious');
    const { without } = await listenOperator(operator(), { storePath });
    expect(without).toBe(`${storePath}.sock exists and is no socket.`);
    const missing = await listenOperator(operator(), { storePath: join(directory, 'missing', 'charter.db') });
    expect(missing.without).toMatch(/missing\/charter\.db\.sock cannot be opened \(E[A-Z]+\)\./);
  });

  it('listens on a loopback --admin address as well', async () => {
    const app = operator();
    const { socket, admin } = await listenOperator(app, { storePath, admin: { host: 'localhost', port: 0 } });
    expect(socket).toBe(`${storePath}.sock`);
    const url = `http://localhost:${admin?.port}/status`;
    expect(await (await fetch(url)).json()).toEqual({ name: 'first' });
    expect(await statusWithHost(admin?.host ?? '', admin?.port ?? 0, 'rebound.test')).toBe(421);
    await app.close();
    await expect(fetch(url)).rejects.toThrow();
  });

  it('listens on --admin alone when the socket is another server’s', async () => {
    await listenOperator(operator('first'), { storePath });
    const second = await listenOperator(operator('second'), { storePath, admin: { host: '127.0.0.1', port: 0 } });
    expect(await (await fetch(`http://127.0.0.1:${second.admin?.port}/status`)).json()).toEqual({ name: 'second' });
  });

  it('refuses an --admin address that is not loopback, and says why', async () => {
    for (const host of ['0.0.0.0', '::', '192.0.2.1', 'example.test']) {
      await expect(listenOperator(operator(), { storePath, admin: { host, port: 0 } })).rejects.toMatchObject({
        code: 'usage',
        message: expect.stringMatching(/--admin .*only a loopback address.*charter\.admin/),
      });
    }
    expect(existsSync(`${storePath}.sock`)).toBe(false);
  });

  it('says which --admin port is in use, and leaves no socket behind', async () => {
    const port = await occupy('127.0.0.1');
    const admin = { host: '127.0.0.1', port };
    await expect(listenOperator(operator(), { storePath, admin })).rejects.toMatchObject({
      code: 'listen_failed',
      message: expect.stringContaining(
        `127.0.0.1:${port} is in use by another process. Choose another port with --admin`,
      ),
    });
    expect(existsSync(`${storePath}.sock`)).toBe(false);
  });

  it('makes its directory below the temporary one for itself alone', async () => {
    const long = join(directory, 'x'.repeat(100));
    const env = {};
    const expected = operatorSocketPath(long, env);
    const { socket, without } = await listenOperator(operator(), { storePath: long, env });
    expect([socket, without]).toEqual([expected, undefined]);
    expect(statSync(dirname(expected)).mode & 0o777).toBe(0o700);
    expect(await requestOperator(expected, '/status')).toEqual({ name: 'first' });
  });
});
