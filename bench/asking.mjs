// Owns how a benchmark has a server asked: the requests as they go over the wire, and one slice of load with what the server took
// for it. Never compares.

import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { cpuOf } from './processes.mjs';

/** A form as it goes over the wire. */
export function post(path, port, fields, headers = {}) {
  const body = new URLSearchParams(fields).toString();
  const lines = {
    Host: `127.0.0.1:${port}`,
    'Content-Type': 'application/x-www-form-urlencoded',
    'Content-Length': body.length,
    ...headers,
  };
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${path} HTTP/1.1\r\n${head.join('')}\r\n${body}`;
}

/** Asks once, and answers the JSON. */
export async function askOnce(path, port, fields) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    body: new URLSearchParams(fields),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${path} answered ${response.status}: ${text}`);
  return JSON.parse(text);
}

/** What asks, in a process of its own: load.mjs, or another script that takes jobs. */
export function startLoad(start, name = 'load.mjs') {
  const script = fileURLToPath(new URL(name, import.meta.url));
  const child = start(script, [], { on: 'load', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return async (job) => {
    child.send(job);
    const [{ result, error }] = await once(child, 'message');
    if (error !== undefined) throw new Error(error);
    return result;
  };
}

/**
 * One slice of load on `{ port, pid, … }`, with what the job says beside: answers a second, microseconds of the server's CPU for each of them, its
 * latencies in milliseconds, and the share of time in which the client was busy.
 */
export async function slice(load, { pid, child: _, ...subject }, job) {
  const before = cpuOf(pid);
  const { answers, seconds, p50, p99, busy } = await load({ ...subject, ...job });
  const after = cpuOf(pid);
  const cpu = before === undefined || after === undefined ? undefined : ((after - before) * 1e6) / answers;
  return { rate: answers / seconds, cpu, p50, p99, busy };
}

/**
 * Asks until the server runs the code that it will run from then on: so many requests, as a time means little on a machine that does
 * other things beside. A quick run warms nothing.
 */
export async function warmUp(load, subjects, { connections, seconds }) {
  for (const one of subjects) await slice(load, one, { connections, seconds: 60, count: seconds < 1 ? 50 : 15_000 });
}

/** Waits until a process has nothing to do, for two minutes at most. */
export async function untilIdle(pid) {
  for (let second = 0, before = cpuOf(pid); second < 120; second += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const now = cpuOf(pid);
    if (now === undefined || now - before < 0.05) return;
    before = now;
  }
}
