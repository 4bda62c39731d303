// What a server says of its store while it cannot keep what it answers: a full disk, a file that is gone.

import { execFileSync } from 'node:child_process';
import { copyFileSync, renameSync, statSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { createWorkspace, eventually, type Server, serve, token, type Workspace } from './charter.ts';
import { authorizedAccess, SECRETS, writeSubject } from './subject.ts';

let workspace: Workspace;
let server: Server;

afterEach(async () => {
  await server.stop();
  workspace.remove();
});

async function start(): Promise<void> {
  workspace = await createWorkspace();
  const subject = authorizedAccess();
  // Kept in the store: every token is a write.
  (subject.site.applications.Client1 ?? {}).tokens = { format: 'opaque' };
  writeSubject(workspace, subject);
  server = await serve(workspace, { env: SECRETS });
}

async function readiness(): Promise<unknown> {
  const response = await fetch(`http://localhost:${workspace.port}/readyz`);
  return [response.status, await response.json()];
}

const ask = async () => (await token(workspace, 'Client1', 'secret', 'Server1')).status;
const NOT_READY = [503, { status: 'not ready', reason: 'store' }];
const READY = [200, { status: 'ready' }];

/** How many lines of the log, of at least this level, hold the text. */
function logged(text: string, level: 'warn' | 'error' = 'warn'): number {
  const least = { warn: 40, error: 50 }[level];
  const lines = server
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line)).filter((line) => line.level >= least && line.msg.includes(text)).length;
}

/** The largest file that the process may write, as a disk that is full would stop it. */
function limitFiles(bytes: number | 'unlimited'): void {
  execFileSync('/usr/bin/prlimit', ['--pid', `${server.child.pid}`, `--fsize=${bytes}:unlimited`]);
}

describe.skipIf(process.platform !== 'linux')('a disk that is full', () => {
  it('is told once and makes the server not ready, and so is its end', async () => {
    await start();
    expect(await ask()).toBe(200);
    limitFiles(statSync(`${workspace.store}-wal`).size);
    const statuses = [await ask(), await ask(), await ask()];
    expect(statuses).toEqual([503, 503, 503]);
    expect(await readiness()).toEqual(NOT_READY);
    expect((await server.status()).store_problem).toContain(`The store ${workspace.store} cannot be used`);
    await server.printed('The store cannot be written');
    limitFiles('unlimited');
    await eventually(async () => expect(await readiness()).toEqual(READY), 20_000);
    await server.printed('The store can be written again.');
    expect([logged('cannot be written'), logged('written again')]).toEqual([1, 1]);
    expect(await ask()).toBe(200);
  });
});

describe('a store file that is moved away or replaced while it is served', () => {
  it('is an error in the log, makes the server not ready, and what is served goes on', async () => {
    await start();
    const { store } = workspace;
    renameSync(store, `${store}.moved`);
    await eventually(async () => expect(await readiness()).toEqual(NOT_READY), 20_000);
    expect(await ask(), 'who asks is answered').toBe(200);
    expect(logged('was deleted while it is served', 'error')).toBe(1);
    copyFileSync(`${store}.moved`, store);
    await server.printed('was replaced by another file');
    expect((await server.status()).store_problem).toContain('was replaced by another file');
    renameSync(`${store}.moved`, store);
    await eventually(async () => expect(await readiness()).toEqual(READY), 20_000);
  });
});
