// Rotating a client's secret on a running server (DESIGN 6, DEMANDS 5): two overlap, clients move one by one, the old one
// ends at its instant, and no request of a client that uses a secret in its time fails.

import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { formatGeneratedSecret } from '../../src/model/generated-secret.ts';
import {
  charter,
  createWorkspace,
  eventually,
  freePort,
  type Server,
  serve,
  settled,
  token,
  type Workspace,
} from './charter.ts';
import { authorizedAccess, SECRETS, writeSubject } from './subject.ts';

let workspace: Workspace;
let server: Server | undefined;
const loads: Load[] = [];

afterEach(async () => {
  await Promise.allSettled(loads.splice(0).map((one) => one.stop()));
  await server?.stop();
  server = undefined;
  workspace.remove();
});

/** Writes the spec with these secrets of Client1. */
function declare(...secrets: readonly object[]): void {
  const subject = authorizedAccess();
  const { secret: _, ...client } = subject.site.applications.Client1 ?? {};
  subject.site.applications.Client1 = { ...client, secrets: [...secrets] };
  writeSubject(workspace, subject);
}

interface Sent {
  readonly began: number;
  readonly ended: number;
  readonly status: number;
}

interface Load {
  readonly sent: readonly Sent[];
  stop(): Promise<readonly Sent[]>;
}

/** Clients that ask for a token again and again until they are told to stop. */
function load(secret: string): Load {
  const sent: Sent[] = [];
  let stopped = false;
  const work = async (): Promise<void> => {
    while (!stopped) {
      const began = Date.now();
      const { status } = await token(workspace, 'Client1', secret, 'Server1');
      sent.push({ began, ended: Date.now(), status });
    }
  };
  const working = Promise.all([work(), work()]);
  const started: Load = {
    sent,
    async stop() {
      stopped = true;
      await working;
      return sent;
    },
  };
  loads.push(started);
  return started;
}

/** Declares secrets that change at an instant to come, and is served before it, however slow the machine is. */
async function declareInTime(
  running: Server,
  secrets: (instant: string) => readonly object[],
): Promise<{ readonly served: number; readonly at: number }> {
  for (;;) {
    const at = Date.now() + 1500;
    declare(...secrets(new Date(at).toISOString()));
    await settled(running);
    const served = Date.now();
    if (served < at) return { served, at };
  }
}

/** Resolves when so many more requests were answered. */
async function more({ sent }: Load, count = 20): Promise<void> {
  const before = sent.length;
  await eventually(() => expect(sent.length).toBeGreaterThanOrEqual(before + count));
}

/** How many were answered with each status. */
function counted(sent: readonly Sent[]): Readonly<Record<number, number>> {
  const counts: Record<number, number> = {};
  for (const { status } of sent) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

function storedSlots(): unknown {
  const database = new Database(workspace.store, { readonly: true });
  try {
    return database.prepare("SELECT slot FROM verifier WHERE address = 'application:Example/Client1'").pluck().all();
  } finally {
    database.close();
  }
}

function generated(): string {
  return formatGeneratedSecret(randomBytes(32));
}

describe('rotating a secret', () => {
  it('two overlap, the old one ends at its instant without a reload, and no request in time fails', async () => {
    const [a, b] = [generated(), generated()];
    workspace = await createWorkspace({ 'next.secret': `${b}\n` });
    const A = { env: 'CLIENT1_A' };
    const B = { file: 'next.secret' };
    declare(A);
    const running = await serve(workspace, { env: { ...SECRETS, CLIENT1_A: a } });
    server = running;

    const clientsOfA = load(a);
    await more(clientsOfA);
    declare(A, B);
    await settled(running);
    const clientsOfB = load(b);
    await Promise.all([more(clientsOfA), more(clientsOfB)]);
    await eventually(() => expect(storedSlots()).toEqual(['env:CLIENT1_A', 'file:next.secret']));
    expect(Object.keys(counted(clientsOfA.sent))).toEqual(['200']);

    const { served, at: end } = await declareInTime(running, (instant) => [{ ...A, expires: instant }, B]);
    const { generation } = await running.status();
    await eventually(() => expect(clientsOfA.sent.at(-1)?.status).toBe(401));
    await more(clientsOfA, 4);
    expect((await running.status()).generation).toBe(generation);
    const sentWithA = await clientsOfA.stop();
    // The server reads its clock somewhere between the two ends of a request.
    const inTime = sentWithA.filter(({ began, ended }) => began >= served && ended < end);
    expect(inTime.filter(({ status }) => status !== 200)).toEqual([]);
    expect(Object.keys(counted(sentWithA.filter(({ began }) => began >= end)))).toEqual(['401']);

    await more(clientsOfB);
    declare(B);
    await settled(running);
    await more(clientsOfB);
    expect(storedSlots()).toEqual(['file:next.secret']);
    expect(Object.keys(counted(await clientsOfB.stop()))).toEqual(['200']);
    await running.stop();

    server = await serve(workspace, { env: SECRETS });
    expect((await token(workspace, 'Client1', b, 'Server1')).status).toBe(200);
    expect((await token(workspace, 'Client1', a, 'Server1')).status).toBe(401);
    expect((await server.status()).degraded).toBe(false);
    expect(storedSlots()).toEqual(['file:next.secret']);
  });

  it('a secret that is over needs no value; the next one of a file changed in place is seen', async () => {
    const [b, c] = [generated(), generated()];
    workspace = await createWorkspace({ 'next.secret': b, 'gone.secret': 'over-and-done-with' });
    declare(
      { env: 'CLIENT1_GONE', expires: '2020-01-01' },
      { file: 'gone.secret', expires: '2020-01-01' },
      { file: 'next.secret' },
    );
    rmSync(join(workspace.spec, 'gone.secret'));
    const applied = await charter(['apply', workspace.spec, '--store', workspace.store], { env: SECRETS });
    expect(applied.code, applied.stderr).toBe(0);
    server = await serve(workspace, { env: SECRETS });
    const { degraded, last_reload } = await server.status();
    expect({ degraded, last_reload }).toMatchObject({ degraded: false, last_reload: { warnings: 4, errors: 0 } });
    // Two that are over, and the two of the resource servers, which could be guessed: told, in the log too.
    for (const told of [applied.stderr, server.output()]) {
      expect(told).toContain('warning[secret.weak] Secret can be guessed');
      expect(told).not.toContain(SECRETS.SERVER1_SECRET);
    }
    expect(server.output()).toMatch(/"warnings":\[.*"example\.yaml:\d+:\d+ warning\[secret\.weak\]/);
    expect((await token(workspace, 'Client1', b, 'Server1')).status).toBe(200);
    expect((await token(workspace, 'Client1', 'over-and-done-with', 'Server1')).status).toBe(401);

    workspace.write('next.secret', c);
    await eventually(async () => expect((await token(workspace, 'Client1', c, 'Server1')).status).toBe(200));
    expect((await token(workspace, 'Client1', b, 'Server1')).status).toBe(401);
  });

  it('the new value of a variable that an apply stores counts on the running server, which goes on with it', async () => {
    const [a, b, file] = [generated(), generated(), generated()];
    workspace = await createWorkspace({ 'next.secret': file });
    declare({ env: 'CLIENT1_A' });
    server = await serve(workspace, { env: { ...SECRETS, CLIENT1_A: a } });
    const apply = (value: string) =>
      charter(['apply', workspace.spec, '--store', workspace.store], { env: { ...SECRETS, CLIENT1_A: value } });
    const { code, stdout, stderr } = await apply(b);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('New secrets: Example/Client1.');
    expect(stderr).toContain('Set CLIENT1_A there too before its next start, which brings in what it finds.');
    const works = async (secret: string) => (await token(workspace, 'Client1', secret, 'Server1')).status;
    expect([await works(b), await works(a)]).toEqual([200, 401]);
    await server.printed('Another process stored new secrets of Example/Client1, and they count');
    // Nothing of its own is written, whatever makes it look again.
    await server.reload();
    declare({ env: 'CLIENT1_A' }, { file: 'next.secret' });
    await settled(server);
    await server.reload();
    expect([await works(b), await works(a), await works(file)]).toEqual([200, 401, 200]);
    expect((await server.status()).generation).toBe(3);
    expect(server.output().match(/Another process stored/g), 'on the terminal and in the log').toHaveLength(2);
    await server.stop();
    // A start is as good as an apply.
    server = await serve(workspace, { env: { ...SECRETS, CLIENT1_A: a } });
    await server.printed('new secrets of Example/Client1');
    expect([await works(b), await works(a)]).toEqual([401, 200]);
    // A file is read by both: nothing has to be said of it.
    declare({ file: 'next.secret' });
    await settled(server);
    expect((await apply(b)).stderr).not.toContain('before its next start');
  });

  it('two servers of a store with different values of a variable do not write over each other', async () => {
    const [a, b] = [generated(), generated()];
    workspace = await createWorkspace();
    declare({ env: 'CLIENT1_A' });
    server = await serve(workspace, { env: { ...SECRETS, CLIENT1_A: a } });
    const port = await freePort();
    const other = await serve(workspace, { env: { ...SECRETS, CLIENT1_A: b }, args: ['--port', `${port}`] });
    try {
      const at = { ...workspace, issuer: workspace.issuer.replace(`:${workspace.port}`, `:${port}`) };
      const works = async (where: Workspace, secret: string) =>
        (await token(where, 'Client1', secret, 'Server1')).status;
      await other.printed('new secrets of Example/Client1');
      await eventually(async () => {
        expect([await works(workspace, b), await works(workspace, a)]).toEqual([200, 401]);
        expect([await works(at, b), await works(at, a)]).toEqual([200, 401]);
      });
      await Promise.all([server.reload(), server.reload()]);
      expect((await server.status()).generation).toBe(2);
    } finally {
      await other.stop();
    }
  });

  it('one that is to come must be there, and works from its first instant without a reload', async () => {
    const [a, b] = [generated(), generated()];
    workspace = await createWorkspace();
    const A = { env: 'CLIENT1_A' };
    declare(A, { env: 'CLIENT1_B', not_before: '2999-01-01' });
    const args = ['apply', workspace.spec, '--store', workspace.store];
    const missing = await charter(args, { env: { ...SECRETS, CLIENT1_A: a } });
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain('error[secret.missing]');
    expect(missing.stderr).toContain('CLIENT1_B');

    server = await serve(workspace, { env: { ...SECRETS, CLIENT1_A: a, CLIENT1_B: b } });
    expect((await token(workspace, 'Client1', b, 'Server1')).status).toBe(401);
    const clientsOfA = load(a);
    const { at: begins } = await declareInTime(server, (not_before) => [A, { env: 'CLIENT1_B', not_before }]);
    const clientsOfB = load(b);
    await eventually(() => expect(clientsOfB.sent.at(-1)?.status).toBe(200));
    const sent = await clientsOfB.stop();
    expect(sent.filter(({ ended, status }) => ended < begins && status !== 401)).toEqual([]);
    expect(sent.filter(({ began, status }) => began >= begins && status !== 200)).toEqual([]);
    expect(Object.keys(counted(await clientsOfA.stop()))).toEqual(['200']);
  });
});
