// Owns the real process in tests: a spec in a directory of its own, `charter serve` on a free port, requests over HTTP.
// Never reaches into the process: what a test sees is what a client or an operator sees.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { request as httpRequest } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { digestState } from '../../src/model/digest.ts';
import { compile } from '../../src/spec/compile.ts';
import { renderDiagnostics } from '../../src/spec/frame.ts';

export const REPOSITORY = join(import.meta.dirname, '../..');
export const MAIN = join(REPOSITORY, 'dist/bundle/charter.js');

/** A spec directory beside a store, both thrown away by `remove`. */
export interface Workspace {
  readonly root: string;
  readonly spec: string;
  readonly store: string;
  readonly port: number;
  /** `http://localhost:PORT/uas` */
  readonly issuer: string;
  write(file: string, content: string | object): void;
  read(file: string): string;
  /** Replaces a text that must be there; answers a function that puts the old content back. */
  edit(file: string, from: string | RegExp, to: string): () => void;
  remove(): void;
}

export async function createWorkspace(files: Record<string, string | object> = {}): Promise<Workspace> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'charter-e2e-')));
  const spec = join(root, 'config');
  mkdirSync(spec);
  const port = await freePort();
  const issuer = `http://localhost:${port}/uas`;
  const workspace: Workspace = {
    root,
    spec,
    store: join(root, 'charter.db'),
    port,
    issuer,
    write(file, content) {
      mkdirSync(dirname(join(spec, file)), { recursive: true });
      // JSON is YAML: a spec that a test builds as a value needs no text of its own.
      writeFileSync(join(spec, file), typeof content === 'string' ? content : JSON.stringify(content, null, 2));
    },
    read: (file) => readFileSync(join(spec, file), 'utf8'),
    edit(file, from, to) {
      const before = workspace.read(file);
      const after = before.replace(from, to);
      if (after === before) throw new Error(`${file} has no ${from}`);
      workspace.write(file, after);
      return () => workspace.write(file, before);
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
  for (const [file, content] of Object.entries(files)) workspace.write(file, content);
  return workspace;
}

/** A workspace with a copy of an example whose issuer has the workspace's own port. */
export async function copyExample(name: string): Promise<Workspace> {
  const workspace = await createWorkspace();
  cpSync(join(REPOSITORY, 'examples', name), workspace.spec, { recursive: true });
  for (const entry of readdirSync(workspace.spec, { recursive: true, encoding: 'utf8' })) {
    if (!entry.endsWith('.yaml')) continue;
    workspace.write(
      entry,
      workspace.read(entry).replaceAll('http://localhost:8080', `http://localhost:${workspace.port}`),
    );
  }
  return workspace;
}

/** The variables of an example's demo.env. */
export function demoEnvironment(name: string): Record<string, string> {
  const lines = readFileSync(join(REPOSITORY, 'examples', name, 'demo.env'), 'utf8').split('\n');
  return Object.fromEntries(
    lines.filter((line) => /^[A-Z]/.test(line)).map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]),
  );
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. The environment is only what is given, and PATH. */
export function charter(args: readonly string[], options: { env?: Record<string, string>; cwd?: string } = {}) {
  return new Promise<Finished>((resolve) => {
    const child = execFile(
      process.execPath,
      [MAIN, ...args],
      { env: environment(options.env), cwd: options.cwd ?? tmpdir(), maxBuffer: 64 << 20 },
      (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

function environment(extra: Record<string, string> = {}): Record<string, string> {
  return { PATH: process.env.PATH ?? '', NO_COLOR: '1', ...extra };
}

export interface Server {
  readonly workspace: Workspace;
  readonly child: ChildProcess;
  /** All that was printed so far, both streams. */
  output(): string;
  status(): Promise<{ generation: number } & Record<string, unknown>>;
  /** Has it make a pass now; resolves when that has ended. */
  reload(): Promise<void>;
  /** Resolves when the text appears in what is printed from `since` (an earlier `output().length`) on. */
  printed(text: string | RegExp, since?: number): Promise<string>;
  stop(signal?: NodeJS.Signals): Promise<Finished>;
}

/** Milliseconds for a process to start: on a machine that does much else it makes its keys for seconds. */
const STARTING = 30_000;

/** Starts `charter serve` and resolves when it answers. */
export async function serve(
  workspace: Workspace,
  options: {
    env?: Record<string, string>;
    args?: readonly string[];
    directories?: readonly string[];
    /** The status of `/readyz`, where it is not answered over plain HTTP. */
    readiness?: () => Promise<number>;
  } = {},
): Promise<Server> {
  const readiness =
    options.readiness ?? (async () => (await fetch(`http://localhost:${workspace.port}/readyz`)).status);
  const directories = options.directories ?? [workspace.spec];
  const args = ['serve', ...directories, '--store', workspace.store, ...(options.args ?? [])];
  const child = spawn(process.execPath, [MAIN, ...args], { env: environment(options.env), cwd: workspace.root });
  let stdout = '';
  let stderr = '';
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
    printed += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
    printed += text;
  });
  const ended = new Promise<Finished>((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
  const server: Server = {
    workspace,
    child,
    output: () => printed,
    status: () => operator(workspace, '/status') as Promise<{ generation: number } & Record<string, unknown>>,
    reload: async () => void (await operator(workspace, '/reload', 'POST')),
    async printed(text, since = 0) {
      await eventually(() => {
        const found = typeof text === 'string' ? printed.slice(since).includes(text) : text.test(printed.slice(since));
        if (!found) throw new Error(`never printed ${text}; printed:\n${printed.slice(since)}`);
      });
      return printed.slice(since);
    },
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      return ended;
    },
  };
  let gone: Finished | undefined;
  void ended.then((finished) => {
    gone = finished;
  });
  await eventually(async () => {
    if (gone !== undefined) return;
    const status = await readiness();
    if (status !== 200) throw new Error(`not ready: ${status}`);
  }, STARTING);
  if (gone !== undefined) throw new Error(`serve ended with ${gone.code}:\n${gone.stdout}${gone.stderr}`);
  return server;
}

function operator(workspace: Workspace, path: string, method = 'GET'): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ socketPath: `${realpathSync(workspace.store)}.sock`, path, method }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text) => {
        body += text;
      });
      response.on('end', () => resolve(JSON.parse(body)));
    });
    request.on('error', reject);
    request.end();
  });
}

/** Tries until it does not throw, for at most ten seconds: for what a watcher brings about. */
export async function eventually<T>(attempt: () => T | Promise<T>, milliseconds = 10_000): Promise<T> {
  const end = Date.now() + milliseconds;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a reply may be any JSON; tests state its shape
  readonly body: any;
}

/** The digest of the State that the workspace's spec declares. */
export function declaredDigest(workspace: Workspace): string {
  const files = readdirSync(workspace.spec, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml'))
    .map((path) => ({ path, text: workspace.read(path) }));
  const compiled = compile(files);
  if (!compiled.ok) throw new Error(renderDiagnostics(compiled.diagnostics, files, { color: false }));
  return digestState(compiled.value.state);
}

/** Resolves when the server serves what the spec declares now; with `approve` whatever it risks. */
export async function settled(server: Server, { approve = false } = {}): Promise<void> {
  const digest = declaredDigest(server.workspace);
  await eventually(async () => {
    const status = await server.status();
    const held = (status as unknown as { readonly held: readonly string[] }).held;
    if (approve && held.length > 0) await charter(['approve', ...held, '--store', server.workspace.store]);
    if (status.digest !== digest) throw new Error(`still another generation:\n${server.output()}`);
  });
}

/** POSTs a form to a path below the issuer. */
export async function post(
  workspace: Workspace,
  path: string,
  form: Record<string, string> | string,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const response = await fetch(`${workspace.issuer}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
  });
  return reply(response);
}

export async function reply(response: Response): Promise<Reply> {
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json') === true && text !== '';
  return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
}

export function basic(client_id: string, secret: string): Record<string, string> {
  const pair = `${encodeURIComponent(client_id)}:${encodeURIComponent(secret)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** A token request by the ubisecure path, credentials in the body. */
export function token(workspace: Workspace, client_id: string, client_secret: string, scope?: string): Promise<Reply> {
  return post(workspace, '/oauth2/token', {
    grant_type: 'client_credentials',
    client_id,
    client_secret,
    ...(scope === undefined ? {} : { scope }),
  });
}

export function introspect(workspace: Workspace, accessToken: string, caller: string, secret: string): Promise<Reply> {
  return post(workspace, '/oauth2/introspection', { token: accessToken }, basic(caller, secret));
}

export async function userinfo(workspace: Workspace, accessToken: string): Promise<Reply> {
  const headers = { authorization: `Bearer ${accessToken}` };
  return reply(await fetch(`${workspace.issuer}/oauth2/userinfo`, { headers }));
}

/** The payload of a JWT, not verified. */
// biome-ignore lint/suspicious/noExplicitAny: claims are any JSON
export function payload(jwt: string): any {
  return JSON.parse(Buffer.from(jwt.split('.')[1] as string, 'base64url').toString());
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
