// What an operator does to a running server: delete and add again, rotate a secret, stop, kill, start with a broken spec.

import { statSync } from 'node:fs';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Address } from '../../src/model/address.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import {
  charter,
  createWorkspace,
  eventually,
  introspect,
  post,
  type Server,
  serve,
  settled,
  token,
  userinfo,
  type Workspace,
} from './charter.ts';
import { authorizedAccess, SECRETS, type Subject, writeSubject } from './subject.ts';

let workspace: Workspace;
let server: Server | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
  workspace.remove();
});

async function start(subject: Subject, env: Record<string, string> = SECRETS): Promise<Server> {
  workspace = await createWorkspace();
  writeSubject(workspace, subject);
  server = await serve(workspace, { env });
  return server;
}

/** Approves the one risk that is held, of the kind and subject. */
async function approveHeld(running: Server, risk: string): Promise<void> {
  const held = await eventually(async () => {
    const status = (await running.status()) as unknown as { readonly held: readonly string[] };
    if (status.held.length === 0) throw new Error('nothing is held');
    return status.held;
  });
  expect(held).toEqual([expect.stringMatching(new RegExp(`^${risk}@[0-9a-f]{16}$`))]);
  const approved = await charter(['approve', held[0] as string, '--store', workspace.store]);
  expect(approved.code, approved.stderr).toBe(0);
}

describe('since: what is older than its client or user is dead (DESIGN 5)', () => {
  it.each(['jwt', 'opaque'])('a client deleted and added again: its old %s tokens stay dead', async (format) => {
    const subject = authorizedAccess();
    (subject.site.applications.Client1 ?? {}).tokens = { format };
    const running = await start(subject);
    const { body } = await token(workspace, 'Client1', 'secret', 'Server1');
    const active = async () => (await introspect(workspace, body.access_token, 'Server1', SECRETS.SERVER1_SECRET)).body;
    expect((await active()).active).toBe(true);

    const without = structuredClone(subject);
    delete without.site.applications.Client1;
    writeSubject(workspace, without);
    // Tokens of the store would end: that has to be approved. JWTs are told, and no risk.
    if (format === 'opaque') await approveHeld(running, 'live-tokens:Example/Client1');
    await settled(running);
    expect(await active()).toEqual({ active: false });

    writeSubject(workspace, subject);
    await settled(running);
    expect(await active()).toEqual({ active: false });
    expect((await userinfo(workspace, body.access_token)).status).toBe(401);
    const fresh = await token(workspace, 'Client1', 'secret', 'Server1');
    expect((await introspect(workspace, fresh.body.access_token, 'Server1', SECRETS.SERVER1_SECRET)).body.active).toBe(
      true,
    );
  });

  it('S:R-4 a disabled client or user: tokens die and stay dead when it is enabled again', async () => {
    for (const disable of [
      (subject: Subject) => ((subject.site.applications.Client1 ?? {}).enabled = false),
      (subject: Subject) => ((subject.site.users.User1 ?? {}).enabled = false),
    ]) {
      const subject = authorizedAccess();
      const running = await start(subject);
      const { body } = await token(workspace, 'Client1', 'secret', 'Server1');
      const disabled = structuredClone(subject);
      disable(disabled);
      writeSubject(workspace, disabled);
      await settled(running);
      writeSubject(workspace, subject);
      await settled(running);
      const seen = await introspect(workspace, body.access_token, 'Server1', SECRETS.SERVER1_SECRET);
      expect(seen.body).toEqual({ active: false });
      await running.stop();
      workspace.remove();
    }
    workspace = await createWorkspace();
  });
});

describe('secrets (DESIGN 6)', () => {
  it('a secret changed in the environment: the next start takes it, the plan stays empty', async () => {
    const running = await start(authorizedAccess());
    expect((await token(workspace, 'Client1', 'secret', 'Server1')).status).toBe(200);
    await running.stop();

    const rotated = { ...SECRETS, CLIENT1_SECRET: 'another-secret' };
    server = await serve(workspace, { env: rotated });
    expect((await token(workspace, 'Client1', 'another-secret', 'Server1')).status).toBe(200);
    expect((await token(workspace, 'Client1', 'secret', 'Server1')).status).toBe(401);
    const planned = await charter(['plan', workspace.spec, '--store', workspace.store, '--detailed-exitcode']);
    expect(planned.code, planned.stdout).toBe(0);
  });

  it('applying twice: the second finds nothing to do although salts are random', async () => {
    workspace = await createWorkspace();
    writeSubject(workspace, authorizedAccess());
    const apply = () => charter(['apply', workspace.spec, '--store', workspace.store], { env: SECRETS });
    const first = await apply();
    expect(first.code, first.stderr).toBe(0);
    expect(first.stdout).toContain('generation 1');
    const second = await apply();
    expect(second.code, second.stderr).toBe(0);
    expect(second.stdout).toMatch(/No changes/);
    const changed = await charter(['apply', workspace.spec, '--store', workspace.store], {
      env: { ...SECRETS, CLIENT1_SECRET: 'another-secret' },
    });
    expect(changed.code).toBe(0);
    expect(changed.stdout + changed.stderr).toContain('Client1');
  });

  it('a secret file that changes is a reload', async () => {
    const subject = authorizedAccess();
    (subject.site.applications.Client1 ?? {}).secret = { file: 'client1.secret' };
    workspace = await createWorkspace({ 'client1.secret': 'from-a-file\n' });
    writeSubject(workspace, subject);
    server = await serve(workspace, { env: SECRETS });
    expect((await token(workspace, 'Client1', 'from-a-file', 'Server1')).status).toBe(200);
    workspace.write('client1.secret', 'rotated\n');
    await eventually(async () => {
      expect((await token(workspace, 'Client1', 'rotated', 'Server1')).status).toBe(200);
    });
    expect((await token(workspace, 'Client1', 'from-a-file', 'Server1')).status).toBe(401);
  });
});

describe('starting and stopping', () => {
  it('SIGTERM: what is in flight is answered, the socket is removed, the exit code is 0', async () => {
    const running = await start(authorizedAccess());
    const replies = Array.from({ length: 20 }, () => token(workspace, 'Client1', 'secret', 'Server1'));
    await Promise.race(replies);
    const finished = await running.stop();
    expect(finished.code, finished.stderr).toBe(0);
    const answered = (await Promise.allSettled(replies)).filter((reply) => reply.status === 'fulfilled');
    for (const reply of answered) expect(reply.value.status).toBe(200);
    expect(answered.length).toBeGreaterThan(0);
    expect(() => statSync(`${workspace.store}.sock`)).toThrow();
  });

  it('SIGHUP is a reload: a pass is made now, and what is served goes on', async () => {
    const running = await start(authorizedAccess());
    const passed = async () => ((await running.status()) as unknown as { last_reload: { at: string } }).last_reload.at;
    const before = await passed();
    running.child.kill('SIGHUP');
    await eventually(async () => expect(Date.parse(await passed())).toBeGreaterThan(Date.parse(before)));
    await running.printed('SIGHUP: reading everything again');
    expect((await token(workspace, 'Client1', 'secret', 'Server1')).status).toBe(200);
    expect(running.output()).not.toContain('not reloaded');
  });

  it('the store and the operator socket are for their owner only', async () => {
    await start(authorizedAccess());
    for (const suffix of ['', '-wal', '-shm', '.sock']) {
      expect(statSync(`${workspace.store}${suffix}`).mode & 0o777, suffix).toBe(0o600);
    }
  });

  it('who was given a token is in the store when it has stopped', async () => {
    const running = await start(authorizedAccess());
    const before = Date.now();
    await token(workspace, 'Client1', 'secret', 'Server1');
    expect((await token(workspace, 'Server1', 'wrong', 'Server1')).status).toBe(401);
    const finished = await running.stop();
    expect(finished.code, finished.stderr).toBe(0);
    const store = await openSqliteStore(workspace.store, { readOnly: true });
    onTestFinished(() => store.close());
    const asked: Address[] = ['application:Example/Client1', 'user:Example/User1', 'application:Example/Server1'];
    const usage = await store.usage(asked, Date.now());
    expect([...usage.keys()]).toEqual(asked.slice(0, 2));
    for (const { lastUsed } of usage.values()) expect(lastUsed).toBeGreaterThanOrEqual(before);
  });

  it('kill -9 and start again: tokens and keys survive, the stale socket is replaced', async () => {
    const running = await start(authorizedAccess());
    const { body } = await token(workspace, 'Client1', 'secret', 'Server1');
    await running.stop('SIGKILL');
    server = await serve(workspace, { env: SECRETS });
    const seen = await introspect(workspace, body.access_token, 'Server1', SECRETS.SERVER1_SECRET);
    expect(seen.body.active).toBe(true);
    expect((await server.status()).generation).toBe(1);
  });

  it('a spec that does not compile: the last generation of the store is served, degraded, and said so', async () => {
    const running = await start(authorizedAccess());
    const subject = workspace.read('example.yaml');
    await running.stop();
    workspace.write('example.yaml', subject.replace('"allowed_to"', '"alowed_to"'));
    server = await serve(workspace, { env: SECRETS });
    expect(server.output()).toMatch(/example\.yaml:\d+:\d+/);
    expect(server.output()).toMatch(/degraded/i);
    expect((await token(workspace, 'Client1', 'secret', 'Server1')).status).toBe(200);
    workspace.write('example.yaml', subject);
    await eventually(async () => expect((await server?.status())?.degraded).toBe(false));
  });

  it('without any generation, a broken spec is exit 3 and a missing secret exit 1', async () => {
    workspace = await createWorkspace();
    writeSubject(workspace, authorizedAccess());
    const args = ['serve', workspace.spec, '--store', workspace.store];
    const missing = await charter(args, { env: { CLIENT1_SECRET: 'secret', SERVER1_SECRET: 'secret1' } });
    expect(missing.code, missing.stderr).toBe(1);
    expect(missing.stderr).toContain('SERVER2_SECRET');
    expect(missing.stderr).toMatch(/example\.yaml:\d+:\d+/);
    workspace.write('example.yaml', workspace.read('example.yaml').replace('"allowed_to"', '"alowed_to"'));
    expect((await charter(args, { env: SECRETS })).code).toBe(3);
  });

  it('a revoked token is dead at once and stays dead over a restart (R-3)', async () => {
    const running = await start(authorizedAccess());
    const { body } = await token(workspace, 'Client1', 'secret', 'Server1');
    const revoked = await post(workspace, '/oauth2/revocation', {
      token: body.access_token,
      client_id: 'Client1',
      client_secret: 'secret',
    });
    expect({ status: revoked.status, body: revoked.body }).toEqual({ status: 200, body: {} });
    const seen = () => introspect(workspace, body.access_token, 'Server1', SECRETS.SERVER1_SECRET);
    expect((await seen()).body).toEqual({ active: false });
    await running.stop();
    server = await serve(workspace, { env: SECRETS });
    expect((await seen()).body).toEqual({ active: false });
  });
});
