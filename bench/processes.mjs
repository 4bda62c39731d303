// Owns the processes of the benchmarks of serving: how each is started, on which core it runs, and what it took. Never measures.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The secret of every client, of 256 random bits as far as its form can tell (src/model/generated-secret.ts). */
export const SECRET = await generatedSecret();

async function generatedSecret() {
  const { formatGeneratedSecret } = await import('../dist/model/generated-secret.js');
  return formatGeneratedSecret(Buffer.from('the-secret-of-the-benchmarks-42!'));
}

/** Ends them all, and removes the directory, when `run` has. */
export async function withProcesses(run) {
  const directory = mkdtempSync(join(tmpdir(), 'charter-bench-'));
  const children = [];
  try {
    return await run({ directory, start: (...args) => startProcess(children, ...args) });
  } finally {
    for (const child of children) child.kill();
    await Promise.all(children.map((child) => child.exitCode ?? child.signalCode ?? once(child, 'exit')));
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A server has a core for itself, and what asks it another: where that can be had. */
const CORES = findCores();

export const pinning =
  CORES === undefined
    ? 'nothing is pinned: there is no taskset, or one core alone'
    : `servers on core ${CORES.server}, load on core ${CORES.load}`;

function findCores() {
  try {
    const list = execFileSync('taskset', ['-pc', String(process.pid)], { encoding: 'utf8' }).split(': ')[1] ?? '';
    const allowed = list
      .trim()
      .split(',')
      .flatMap((range) => {
        const [first, last = first] = range.split('-').map(Number);
        return Array.from({ length: last - first + 1 }, (_, at) => first + at);
      });
    return allowed.length < 2 ? undefined : { server: allowed[0], load: allowed.at(-1) };
  } catch {
    return undefined;
  }
}

/** Runs a script with Node, which is given `node`. `on`: the core that is for a `server` or for `load`, or `any`. */
function startProcess(children, script, args, options) {
  const { on = 'any', env = {}, stdio = ['ignore', 'pipe', 'inherit'], node = [] } = options;
  const core = CORES?.[on];
  const command = [process.execPath, ...node, script, ...args];
  const [file, ...rest] = core === undefined ? command : ['taskset', '-c', String(core), ...command];
  const child = spawn(file, rest, { stdio, env: { ...process.env, ...env } });
  children.push(child);
  return child;
}

/** From now on all threads of a process run on the core of servers. */
export function pinToServer(pid) {
  if (CORES !== undefined) execFileSync('taskset', ['-acp', String(CORES.server), String(pid)], { stdio: 'ignore' });
}

/** A script of this directory that prints its port once it serves: where it is, and its process. */
export async function startSubject(start, script, args, { on = 'server', node } = {}) {
  const child = start(fileURLToPath(new URL(script, import.meta.url)), args, { on, node });
  const [port] = await once(child.stdout, 'data');
  return { port: Number(String(port).trim()), pid: child.pid, child };
}

/**
 * The real process, over `documents` (of server and sites, by file name) and a SQLite store of its own. Its log has the default
 * level, and goes to a file. `started`: milliseconds until it answered `/readyz`. `bundled` is as it is installed; otherwise each function stands in
 * a file that says what it is of.
 */
export async function startCharter(
  { start, directory },
  name,
  documents,
  { on = 'server', node, bundled = true } = {},
) {
  const place = mkdtempSync(join(directory, `${name}-`));
  const port = await freePort();
  // By itself: what else is written below a spec has it looked at again.
  const spec = join(place, 'spec');
  mkdirSync(spec);
  for (const [file, value] of Object.entries(documents(port))) writeFileSync(join(spec, file), JSON.stringify(value));
  const main = fileURLToPath(new URL(bundled ? '../dist/bundle/charter.js' : '../dist/cli/main.js', import.meta.url));
  const log = openSync(join(place, 'charter.log'), 'w');
  const began = performance.now();
  const child = start(main, ['serve', spec, '--store', join(place, 'charter.db')], {
    on,
    node,
    env: { SECRET, CHARTER_LOG_LEVEL: '' },
    stdio: ['ignore', log, log],
  });
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
    if (response?.status === 200) break;
    if (child.exitCode !== null) {
      throw new Error(
        `charter serve ended with ${child.exitCode}: ${readFileSync(join(place, 'charter.log'), 'utf8')}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { port, pid: child.pid, child, spec, started: performance.now() - began };
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

const TICKS_PER_SECOND = 100;

/** Seconds of CPU that a process has taken, all its threads together; undefined where nobody says. */
export function cpuOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return undefined;
  }
}

/** Whether what is measured against is installed: it is no part of the repository's own installation. */
export function hasPeers() {
  try {
    import.meta.resolve('oidc-provider');
    readFileSync(new URL('node_modules/oidc-provider/package.json', import.meta.url));
    return true;
  } catch {
    return false;
  }
}

export const WITHOUT_PEERS =
  'npm oidc-provider is not installed, so the rows against it are left out. `npm ci --prefix bench` installs it.';
