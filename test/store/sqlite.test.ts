// The SQLite store: the conformance suite, and its file: mode, mark, names, first use.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { digestState } from '../../src/model/digest.ts';
import { APPLICATION_ID, SCHEMA_VERSION } from '../../src/store/schema.ts';
import { conformance } from './conformance.ts';
import {
  accessToken,
  applyState,
  codeOf,
  grantOf,
  refreshToken,
  requestTo,
  SMALL,
  sessionOf,
  stateOf,
  successor,
  temporaryDirectory,
  tokenRecord,
} from './fixture.ts';
import { newPath, open, otherConnection } from './opening.ts';

conformance('SQLite', async () => {
  const path = newPath();
  const meddle = (sql: string) => void otherConnection(path).exec(sql);
  return { store: await open(path), another: () => open(path), meddle };
});

describe('the file', () => {
  test('DESIGN 3: a new store, its log and its shared memory have mode 0600, whatever the umask', async () => {
    const mask = process.umask(0);
    onTestFinished(() => void process.umask(mask));
    const store = await open(newPath());
    await applyState(store, SMALL);
    const modes = [store.path, `${store.path}-wal`, `${store.path}-shm`].map((file) => statSync(file).mode & 0o777);
    expect(modes).toEqual([0o600, 0o600, 0o600]);
  });

  test('an empty file becomes a store, for its owner alone', async () => {
    const path = newPath();
    closeSync(openSync(path, 'w', 0o644));
    const store = await open(path);
    await applyState(store, SMALL);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('DESIGN 6: it is named by an application_id and a schema version, and keeps a write-ahead log', async () => {
    const store = await open(newPath());
    const db = otherConnection(store.path);
    expect(db.pragma('application_id', { simple: true })).toBe(APPLICATION_ID);
    expect(db.pragma('user_version', { simple: true })).toBe(SCHEMA_VERSION);
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
  });

  test('path is the real path', async () => {
    const path = newPath();
    const link = join(temporaryDirectory(onTestFinished), 'link.db');
    await (await open(path)).close();
    symlinkSync(path, link);
    expect((await open(link)).path).toBe(path);
  });

  test('a path that SQLite would read as a URI or as memory is a file', async () => {
    const directory = temporaryDirectory(onTestFinished);
    const back = process.cwd();
    process.chdir(directory);
    onTestFinished(() => process.chdir(back));
    await open(':memory:');
    await open('file:x?mode=memory');
    expect(readdirSync(directory)).toEqual(expect.arrayContaining([':memory:', 'file:x?mode=memory']));
  });

  test('what was applied is there after closing and opening again, in one file', async () => {
    const store = await open(newPath());
    await applyState(store, SMALL);
    await store.close();
    expect(readdirSync(join(store.path, '..'))).toEqual(['charter.db']);
    const again = await open(store.path, { mustExist: true });
    expect((await again.read())?.digest).toBe(digestState(SMALL));
  });

  test('a revision keeps the changes of its plan, with before and after', async () => {
    const store = await open(newPath());
    await applyState(store, SMALL);
    const request = requestTo(stateOf({}), await store.read());
    await store.apply(request);
    const plan = otherConnection(store.path).prepare('SELECT plan FROM revision WHERE generation = 2').pluck().get();
    expect(JSON.parse(String(plan))).toEqual(request.plan.changes);
  });

  test('codes, refresh tokens, opaque tokens and cookies are not in the file, nor in its log: their hashes are', async () => {
    const store = await open(newPath());
    const secrets = [
      'the-code',
      'the-access-token',
      'first-refresh-token',
      'second-refresh-token',
      'the-cookie',
    ] as const;
    const [code, access, first, second, cookie] = secrets.map((text) =>
      createHash('sha256').update(text).digest('hex'),
    ) as [string, string, string, string, string];
    await store.insertSession({ hash: cookie, record: sessionOf('sid-1') });
    await store.insertCode({ hash: code, record: codeOf() });
    await store.redeemCode(code, {
      grant: grantOf('g', { session: 'sid-1' }),
      accessToken: accessToken(access, 'g', { id: 'id-1' }),
      refreshToken: refreshToken(first, 'g'),
    });
    await store.rotateRefreshToken(first, successor(second, 'g'), undefined, { now: 1_000_000, grace: 1000 });
    const inFile = () => ['', '-wal'].map((suffix) => readFileSync(`${store.path}${suffix}`, 'latin1')).join();
    const held = inFile();
    for (const hash of [code, access, first, second, cookie]) expect(held).toContain(hash);
    for (const text of secrets) expect(held).not.toContain(text);
    const sealed = () =>
      otherConnection(store.path).prepare('SELECT sealed FROM refresh_token ORDER BY sealed').pluck().all();
    expect(sealed()).toEqual([null, `sealed ${second}`]);
    await store.removeExpired(2000, 10);
    expect(sealed(), 'what was sealed goes with the grace').toEqual([null, null]);
  });

  test('whether it can be written is tried by a write that changes nothing', async () => {
    const store = await open(newPath());
    const other = otherConnection(store.path);
    const version = () => other.pragma('data_version', { simple: true });
    const before = version();
    await store.tryWriting();
    expect(version(), 'something was committed').not.toBe(before);
    expect(other.prepare('SELECT count(*) FROM revocation').pluck().get()).toBe(0);
  });

  test('a table that fills fast does not keep the others from being swept', async () => {
    const store = await open(newPath());
    const tokens = Array.from({ length: 300 }, (_, index) => `h${index}`);
    await Promise.all(tokens.map((hash) => store.insertAccessToken(hash, tokenRecord({ id: hash, expires_at: 10 }))));
    await store.revokeJwt('jti', 20);
    await store.insertSession({ hash: 's', record: sessionOf('sid-1', { expires_at: 20 }) });
    await store.insertGrant({ grant: grantOf('g', { expires_at: 20 }) });
    expect(await store.removeExpired(100 + 86_400, 100)).toBe(100);
    expect(await store.isJwtRevoked('jti')).toBe(false);
    expect(await store.findSession('s')).toBeUndefined();
    expect(await store.findGrant('g')).toBeUndefined();
  });

  test('four processes that open a new store at once all succeed', async () => {
    const path = newPath();
    const program = `
      const { openSqliteStore } = await import(${JSON.stringify(new URL('../../dist/store/sqlite.js', import.meta.url))});
      const store = await openSqliteStore(process.argv[1]);
      await store.revokeJwt(String(process.pid), 1);
      await store.close();
      process.stdout.write(String(process.pid));`;
    const run = promisify(execFile);
    const children = await Promise.all(
      Array.from({ length: 4 }, () => run(process.execPath, ['--input-type=module', '-e', program, path])),
    );
    const store = await open(path);
    for (const { stdout } of children) expect(await store.isJwtRevoked(stdout)).toBe(true);
  });

  test('many threads that open a new store at once all succeed', async () => {
    const path = newPath();
    const stores = await Promise.all(Array.from({ length: 8 }, () => open(path)));
    await Promise.all(stores.map((store, index) => store.revokeJwt(`j${index}`, 1)));
    expect(await stores[0]?.removeExpired(2 + 86_400, 100)).toBe(8);
  });
});
