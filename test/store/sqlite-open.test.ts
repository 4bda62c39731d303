// Files that are no store of ours, places that cannot be used, rights that are missing, and opening for reading.

import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { digestState } from '../../src/model/digest.ts';
import { APPLICATION_ID, SCHEMA_VERSION } from '../../src/store/schema.ts';
import { openSqliteStore, type SqliteOptions } from '../../src/store/sqlite.ts';
import { applyState, requestTo, SMALL, smallWith, stateOf, temporaryDirectory } from './fixture.ts';
import { newPath, open, otherConnection } from './opening.ts';

describe('a file that is no store of ours is refused and not touched', () => {
  async function refused(path: string, code: string, message: RegExp): Promise<void> {
    const before = readFileSync(path);
    for (const readOnly of [false, true]) {
      await expect(openSqliteStore(path, { readOnly })).rejects.toMatchObject({
        name: 'Failure',
        code,
        message: expect.stringMatching(message),
      });
    }
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(join(path, '..'))).toEqual(['charter.db']);
  }

  test.each([
    ['a short text', 'hello'],
    ['a YAML file', 'server:\n  issuer: https://issuer.example\n'.repeat(200)],
    ['zeros', '\0'.repeat(8192)],
  ])('issue 3: store that is not SQLite: %s', async (_, text) => {
    const path = newPath();
    writeFileSync(path, text);
    await refused(path, 'store_foreign', /charter\.db is not a Charter store: it is no SQLite database.*--store/);
  });

  test('a SQLite database with the application_id of another program', async () => {
    const path = newPath();
    new Database(path).exec('PRAGMA application_id = 252006674; CREATE TABLE t (x)').close();
    await refused(path, 'store_foreign', /another program \(application_id 0xf055112\)/);
  });

  test('a SQLite database with tables and no application_id', async () => {
    const path = newPath();
    new Database(path).exec('CREATE TABLE entity (address TEXT)').close();
    await refused(path, 'store_foreign', /a SQLite database of another program/);
  });

  test('a SQLite database with our application_id and without our tables', async () => {
    const path = newPath();
    new Database(path).exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = 1`).close();
    await expect(openSqliteStore(path)).rejects.toMatchObject({
      code: 'store_foreign',
      message: expect.stringMatching(/changed by something other than Charter: .*no such table/),
    });
  });

  test('issue 3: store of a newer version', async () => {
    const path = newPath();
    await (await open(path)).close();
    new Database(path).exec(`PRAGMA journal_mode = DELETE; PRAGMA user_version = ${SCHEMA_VERSION + 1}`).close();
    await refused(
      path,
      'store_newer',
      new RegExp(
        `its schema has version ${SCHEMA_VERSION + 1}, this program knows ${SCHEMA_VERSION}.*newer Charter`,
        's',
      ),
    );
  });

  test('entities that something else changed are told at the next apply, and nothing is written', async () => {
    const store = await open(newPath());
    await applyState(store, SMALL);
    otherConnection(store.path).exec(`UPDATE entity SET digest = 'sha256:0' WHERE address = 'user:Example/User1'`);
    const applying = applyState(store, smallWith({ 'application:Example/Client1': undefined }));
    await expect(applying).rejects.toMatchObject({
      code: 'store_foreign',
      message: expect.stringMatching(/changed by something other than Charter.*generation 1 recorded sha256:/),
    });
    const stored = await store.read();
    expect(stored?.generation).toBe(1);
    expect(stored?.state.has('application:Example/Client1')).toBe(true);
  });

  test('a row that is gone is told at the next apply', async () => {
    const store = await open(newPath());
    await applyState(store, SMALL);
    const request = requestTo(stateOf({}), await store.read());
    otherConnection(store.path).exec(`DELETE FROM entity WHERE address = 'user:Example/User1'`);
    await expect(store.apply(request)).rejects.toMatchObject({
      code: 'store_foreign',
      message: expect.stringMatching(/user:Example\/User1 of its newest generation is missing/),
    });
  });

  test('a body that is no JSON is told', async () => {
    const store = await open(newPath());
    await applyState(store, SMALL);
    otherConnection(store.path).exec(`UPDATE entity SET body = '{' WHERE address = 'user:Example/User1'`);
    await expect(store.read()).rejects.toMatchObject({
      code: 'store_foreign',
      message: expect.stringMatching(/user:Example\/User1 is no JSON/),
    });
  });

  test.each(['{', '{}', '{"":"nowhere"}'])('places that are none are told when one is asked for: %s', async (text) => {
    const store = await open(newPath());
    await applyState(store, SMALL);
    otherConnection(store.path)
      .prepare('UPDATE entity SET origin = ? WHERE address = ?')
      .run(text, 'user:Example/User1');
    const stored = await store.read();
    const places = stored?.origins.get('user:Example/User1');
    expect(() => places?.('')).toThrow(
      expect.objectContaining({
        code: 'store_foreign',
        message: expect.stringMatching(/where user:Example\/User1 was written is told in no form/),
      }),
    );
  });
});

describe('a place that cannot be used', () => {
  test.each([
    ['a directory that is missing', 'missing/charter.db', /its directory does not exist.*\(ENOENT\)/],
    ['a file in the place of the directory', 'file/charter.db', /part of that path is a file.*\(ENOTDIR\)/],
    ['a directory in the place of the file', '.', /it is a directory.*\(EISDIR\)/],
  ])('%s', async (_, name, message) => {
    const directory = temporaryDirectory(onTestFinished);
    writeFileSync(join(directory, 'file'), '');
    for (const readOnly of [false, true]) {
      const opening = openSqliteStore(join(directory, name), { readOnly });
      await expect(opening).rejects.toMatchObject({
        code: 'store_unavailable',
        message: expect.stringMatching(message),
      });
    }
  });

  test('mustExist refuses a file that is missing and does not make it', async () => {
    const path = newPath();
    for (const readOnly of [false, true]) {
      await expect(openSqliteStore(path, { mustExist: true, readOnly })).rejects.toMatchObject({
        code: 'store_unavailable',
        message: expect.stringContaining(`There is no store at ${path}`),
      });
    }
    expect(existsSync(path)).toBe(false);
  });

  test('a damaged store', async () => {
    const path = newPath();
    const store = await open(path);
    await applyState(store, SMALL);
    await store.close();
    const bytes = readFileSync(path);
    bytes.fill(0xff, 4096);
    writeFileSync(path, bytes);
    const reading = async () => (await open(path)).read();
    await expect(reading()).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringMatching(/the file is damaged\. Restore it from a backup \(SQLITE_CORRUPT/),
    });
  });
});

/** Without rights of its own: root may do everything, so a test that runs as root asks as someone else. */
const SOMEONE = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
const BUILT = fileURLToPath(new URL('../../dist/store/sqlite.js', import.meta.url));
/** A clone in a closed directory (root's home) cannot be run by someone else. */
const RUNS_FOR_SOMEONE =
  spawnSync(process.execPath, ['-e', `require('fs').accessSync('${BUILT}')`], { ...SOMEONE }).status === 0;

describe.runIf(RUNS_FOR_SOMEONE)('rights that are missing', () => {
  /** What a process without rights of its own is told when it opens the store. */
  function told(path: string, options: SqliteOptions): string {
    const program = `import(${JSON.stringify(BUILT)})
      .then(({ openSqliteStore }) => openSqliteStore(process.argv[1], JSON.parse(process.argv[2])))
      .then((store) => store.read().then(() => store.close()).then(() => console.log('read')))
      .catch((error) => console.log(error.code + ': ' + error.message));`;
    const args = ['-e', program, path, JSON.stringify(options)];
    return spawnSync(process.execPath, args, { ...SOMEONE, encoding: 'utf8' }).stdout;
  }

  async function closedStoreWithModes(directory: number, file: number): Promise<string> {
    const path = newPath();
    const store = await open(path);
    await applyState(store, SMALL);
    await store.close();
    chmodSync(path, file);
    chmodSync(dirname(path), directory);
    onTestFinished(() => chmodSync(dirname(path), 0o700));
    return path;
  }

  test.each([
    ['a file that may not be read', 0o777, 0o000, {}],
    ['a file that may not be read, for reading', 0o777, 0o000, { readOnly: true }],
    ['a file that may be read and not written', 0o777, 0o444, {}],
    ['a directory that may not be written', 0o555, 0o666, {}],
    ['a directory that may not be entered', 0o000, 0o666, { readOnly: true }],
  ])('%s', async (_, directory, file, options) => {
    const path = await closedStoreWithModes(directory, file);
    expect(told(path, options)).toMatch(/^store_unavailable: .*charter\.db.* permission was denied\. Let the user/);
  });

  test('reading needs to write to the directory, and says so', async () => {
    const path = await closedStoreWithModes(0o555, 0o444);
    expect(told(path, { readOnly: true })).toMatch(/^store_unavailable: .*write to its directory, even to read/);
  });

  test('reading does not need to write to the file', async () => {
    const path = await closedStoreWithModes(0o777, 0o444);
    expect(told(path, { readOnly: true })).toBe('read\n');
  });
});

describe('read-only', () => {
  test('issue 3: plan against a store that is not there reads an empty one and makes no file', async () => {
    const path = newPath();
    const store = await open(path, { readOnly: true });
    expect(store.path).toBe(path);
    expect(await store.read()).toBeUndefined();
    expect(await store.verifiers()).toEqual([]);
    expect(await store.revisions(10)).toEqual([]);
    expect(await store.signingKeys()).toEqual([]);
    expect(await store.findAccessToken('h')).toBeUndefined();
    expect(await store.isJwtRevoked('j')).toBe(false);
    expect(readdirSync(join(path, '..'))).toEqual([]);
  });

  test('an empty file reads as an empty store and stays empty', async () => {
    const path = newPath();
    writeFileSync(path, '');
    expect(await (await open(path, { readOnly: true })).read()).toBeUndefined();
    expect(statSync(path).size).toBe(0);
  });

  test('reads what a running server has written, and what a closed one left', async () => {
    const path = newPath();
    const server = await open(path);
    await applyState(server, SMALL);
    const beside = await open(path, { readOnly: true });
    expect((await beside.read())?.digest).toBe(digestState(SMALL));
    await beside.close();
    await server.close();
    const bytes = readFileSync(path);
    const alone = await open(path, { readOnly: true });
    expect((await alone.read())?.generation).toBe(1);
    await alone.close();
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  test('writes are refused', async () => {
    const path = newPath();
    await (await open(path)).close();
    for (const store of [await open(path, { readOnly: true }), await open(`${path}.missing`, { readOnly: true })]) {
      await expect(applyState(store, SMALL)).rejects.toThrow(/opened for reading/);
      await expect(store.revokeJwt('j', 1)).rejects.toThrow(/opened for reading/);
      expect(await store.read()).toBeUndefined();
    }
  });
});
