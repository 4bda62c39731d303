// An API behind the real process: through a real nginx that asks it, with the configuration that the guide shows, and through the
// process itself, which a gigabyte must not fill.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawRequest } from '../protocol/raw-request.ts';
import { startUpstream, type Upstream } from '../protocol/upstream.ts';
import { createWorkspace, freePort, REPOSITORY, type Server, serve, type Workspace } from './charter.ts';

const HOST = 'api.example.com';
const SECRET = 'an-api-needs-a-long-secret-0123456789';
const GUIDE = readFileSync(join(REPOSITORY, 'docs/guides/protect-an-api.md'), 'utf8');
const fenced = (language: string): string => new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(GUIDE)?.[1] ?? '';

let upstream: Upstream;
let workspace: Workspace;
let server: Server;
let token: string;

beforeAll(async () => {
  upstream = await startUpstream();
  workspace = await createWorkspace();
  const spec = fenced('yaml')
    .replace('https://id.example.com', `http://localhost:${workspace.port}`)
    // The same way once more, by the proxy of this server.
    .replace(
      'resources:\n',
      `resources:\n  large: { host: large.example.com, path: /large, upstream: "${upstream.url}", access_rules: [{ client: Shop/portal }] }\n`,
    );
  workspace.write('spec.yaml', spec);
  server = await serve(workspace, { env: { PORTAL_SECRET: SECRET } });
  token = await tokenOf('orders:read');
});

afterAll(async () => {
  await server?.stop();
  await upstream?.close();
  workspace?.remove();
});

async function tokenOf(scope: string): Promise<string> {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: 'portal',
    client_secret: SECRET,
    scope,
  });
  const response = await fetch(`http://127.0.0.1:${workspace.port}/token`, { method: 'POST', body });
  return ((await response.json()) as { access_token: string }).access_token;
}

const hasNginx = (() => {
  try {
    execFileSync('nginx', ['-v'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe(hasNginx ? 'behind nginx' : 'behind nginx (skipped: there is no nginx on the PATH)', () => {
  let nginx: ChildProcess;
  let port: number;

  beforeAll(async () => {
    if (!hasNginx) return;
    port = await freePort();
    const root = join(workspace.root, 'nginx');
    mkdirSync(root);
    const block = fenced('nginx')
      .replace('listen 80;', `listen 127.0.0.1:${port};`)
      .replaceAll('127.0.0.1:8443', `127.0.0.1:${workspace.port}`)
      .replaceAll('http://127.0.0.1:9000', upstream.url);
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${root}/${name};`,
    );
    writeFileSync(
      join(root, 'nginx.conf'),
      `daemon off; pid ${root}/pid; error_log ${root}/error.log; worker_processes 1;\nevents {}\nhttp { access_log off; ${temporary.join(' ')}\n${block}}\n`,
    );
    nginx = spawn('nginx', ['-e', `${root}/error.log`, '-p', root, '-c', join(root, 'nginx.conf')], {
      stdio: 'inherit',
    });
    const isUp = () =>
      rawRequest({ port }, '/', { host: HOST }).then(
        () => true,
        () => false,
      );
    while (nginx.exitCode === null && !(await isUp())) await sleep(50);
  });

  afterAll(async () => {
    if (nginx === undefined || nginx.exitCode !== null) return;
    const ended = once(nginx, 'exit');
    nginx.kill('SIGQUIT');
    await ended;
  });

  const ask = (path: string, headers: readonly (readonly [string, string])[] = [], method = 'GET') =>
    rawRequest({ port }, path, { host: HOST, method, headers: [['Authorization', `Bearer ${token}`], ...headers] });
  const plain = (path: string, headers: readonly (readonly [string, string])[]) =>
    rawRequest({ port }, path, { host: HOST, headers });

  it.skipIf(!hasNginx)('what the rules let through arrives with who it is from, and without the token', async () => {
    const answer = await ask(
      '/orders/7?x=1',
      [
        ['Remote-User', 'root'],
        ['X-Charter-Client', 'root'],
        ['X-Charter-Scope', 'all'],
        ['Remote_User', 'root'],
      ],
      'PUT',
    );
    expect([answer.status, answer.text]).toEqual([200, 'behind']);
    const arrived = upstream.arrived.at(-1);
    expect(arrived).toMatchObject({ method: 'PUT', url: '/orders/7?x=1' });
    expect(arrived?.headers).toMatchObject({
      'x-charter-client': 'portal',
      'x-charter-subject': 'portal',
      'x-charter-scope': 'orders:read',
    });
    expect(arrived?.headers).not.toHaveProperty('authorization');
    expect(JSON.stringify(arrived)).not.toContain('root');
  });

  it.skipIf(!hasNginx)('what they refuse does not arrive, and the client is told why', async () => {
    const before = upstream.arrived.length;
    const none = await plain('/orders', []);
    expect([none.status, none.headers.get('www-authenticate')]).toEqual([
      401,
      `Bearer realm="http://localhost:${workspace.port}", resource_metadata="http://${HOST}/.well-known/oauth-protected-resource/orders"`,
    ]);
    expect((await plain('/orders', [['Authorization', 'Bearer x']])).status).toBe(401);
    const lesser = await plain('/orders', [['Authorization', `Bearer ${await tokenOf('portal')}`]]);
    expect([lesser.status, lesser.headers.get('www-authenticate')]).toEqual([
      403,
      expect.stringContaining('scope="orders:read"'),
    ]);
    for (const path of ['/', '/ordersx', '/orders/../x']) expect((await ask(path)).status).toBe(403);
    expect(upstream.arrived).toHaveLength(before);
  });

  it.skipIf(!hasNginx)('P:X-006 no trick of path, host, method or header leads around them', async () => {
    const before = upstream.arrived.length;
    const paths = [
      '/orders%2f..%2fx',
      '/orders/..;/x',
      '/orders/%252e%252e/x',
      '/orders/%2e%2e/x',
      '/x/..%2forders',
      '/orders/..%5cx',
    ];
    for (const path of paths)
      expect([path, (await ask(path)).status]).toEqual([
        path,
        expect.toSatisfy((status) => status === 403 || status === 400),
      ]);
    const forged = [
      ...[
        ['X-Original-URL', `http://${HOST}/orders`],
        ['X-Original-URI', '/orders'],
        ['X-Original-Method', 'GET'],
      ],
      ...[
        ['X-Forwarded-Uri', '/orders'],
        ['X-Forwarded-Host', HOST],
        ['X-Forwarded-Method', 'GET'],
      ],
    ] as [string, string][];
    for (const one of forged) expect((await ask('/x', [one])).status).toBe(403);
    expect((await ask('/orders', [['X-HTTP-Method-Override', 'DELETE']])).status).toBe(403);
    expect((await ask('/orders', [['Authorization', `Bearer ${token}`]])).status).toBeGreaterThanOrEqual(400);
    expect(upstream.arrived).toHaveLength(before);
    // The address is the one of the connection, whatever chain comes with it: 127.0.0.1 is in the rule, 192.0.2.1 is not.
    expect((await ask('/orders', [['X-Forwarded-For', '192.0.2.1']])).status).toBe(200);
  });

  it.skipIf(!hasNginx)('the metadata of the resource stand at its own host', async () => {
    const answer = await plain('/.well-known/oauth-protected-resource/orders', []);
    expect(JSON.parse(answer.text)).toMatchObject({
      resource: `http://${HOST}/orders`,
      scopes_supported: ['orders:read'],
    });
  });
});

describe('through the process itself', () => {
  const GIGABYTE = 2 ** 30;
  const PIECE = Buffer.alloc(2 ** 20, 'x');

  /** Bytes that the process holds of the machine's memory. */
  const resident = (): number =>
    Number(execFileSync('ps', ['-o', 'rss=', '-p', String(server.child.pid)], { encoding: 'utf8' })) * 1024;

  async function* gigabyte(): AsyncGenerator<Buffer> {
    for (let sent = 0; sent < GIGABYTE; sent += PIECE.length) yield PIECE;
  }

  it('a gigabyte goes to the API and comes back, and the memory stays as it was', { timeout: 180_000 }, async () => {
    const bearer = token;
    let uploaded = 0;
    upstream.answer = async (request: IncomingMessage, response) => {
      for await (const chunk of request) uploaded += chunk.length;
      response.writeHead(200, { 'content-length': String(GIGABYTE) });
      for await (const piece of gigabyte()) if (!response.write(piece)) await once(response, 'drain');
      response.end();
    };
    const asked = httpRequest({
      ...{ host: '127.0.0.1', port: workspace.port, path: '/large', method: 'POST' },
      headers: { host: 'large.example.com', authorization: `Bearer ${bearer}`, 'x-large': '1' },
    });
    const before = resident();
    let most = before;
    const watching = setInterval(() => {
      most = Math.max(most, resident());
    }, 250);
    const answered = once(asked, 'response') as Promise<[IncomingMessage]>;
    for await (const piece of gigabyte()) if (!asked.write(piece)) await once(asked, 'drain');
    asked.end();
    const [response] = await answered;
    let downloaded = 0;
    for await (const chunk of response) downloaded += chunk.length;
    clearInterval(watching);
    expect([response.statusCode, uploaded, downloaded]).toEqual([200, GIGABYTE, GIGABYTE]);
    // What a garbage collector has not looked at yet, and nothing that grows with what goes through.
    expect((most - before) / 2 ** 20).toBeLessThan(200);
  });
});
