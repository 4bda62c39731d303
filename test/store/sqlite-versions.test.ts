// A file of an older schema version: how it becomes one of today's, and how it is read by who must not write.

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { digestState } from '../../src/model/digest.ts';
import { EMPTY_STATE } from '../../src/model/state.ts';
import { diffStates } from '../../src/plan/diff.ts';
import { SCHEMA_VERSION } from '../../src/store/schema.ts';
import { openSqliteStore, type SqliteStore } from '../../src/store/sqlite.ts';
import {
  accessToken,
  applyState,
  grantOf,
  live,
  NO_CHANGES,
  originsOf,
  rangeAt,
  refreshToken,
  SMALL,
  sessionOf,
} from './fixture.ts';
import { newPath, open, otherConnection } from './opening.ts';
import { HELD, writeVersion1 } from './version-1.ts';
import { APPROVAL, UNDONE, writeVersion2 } from './version-2.ts';
import { STANDING, writeVersion3 } from './version-3.ts';

const CLIENT1 = 'application:Example/Client1' as const;

/** A closed file of version 1. */
function version1(): string {
  const path = newPath();
  writeVersion1(path).close();
  return path;
}

async function expectHeld(store: SqliteStore): Promise<void> {
  const stored = await store.read();
  expect(stored).toMatchObject({ generation: 3, digest: digestState(HELD), drifted: undefined });
  expect([...(stored?.state ?? [])]).toEqual([...HELD]);
  expect(await store.revisions(9)).toEqual([
    {
      generation: 3,
      digest: digestState(HELD),
      appliedAt: 3000,
      commit: undefined,
      author: undefined,
      secrets: [CLIENT1],
      summary: NO_CHANGES,
      approvals: [],
      standing: undefined,
      rollbackTo: undefined,
    },
    {
      generation: 2,
      digest: digestState(HELD),
      appliedAt: 2000,
      commit: 'c0ffee',
      author: 'A. Uthor <a@b>',
      secrets: [],
      summary: { ...NO_CHANGES, add: 2, change: 1, delete: 1 },
      approvals: [],
      standing: undefined,
      rollbackTo: undefined,
    },
    expect.objectContaining({ generation: 1, summary: { ...NO_CHANGES, add: SMALL.size } }),
  ]);
  expect(await store.changesOf(1)).toEqual(diffStates(EMPTY_STATE, SMALL));
  expect(await store.changesOf(2)).toEqual(diffStates(SMALL, HELD));
  expect(await store.changesOf(3)).toEqual([]);
  expect(await store.changesOf(4)).toBeUndefined();
  expect(await store.verifiers()).toEqual([{ address: CLIENT1, slot: 'env:Client1_SECRET', phc: '$one' }]);
  expect(await store.undone()).toEqual([]);
  expect([...(await store.usage([CLIENT1, 'user:Example/User2'], 1_000_000))]).toEqual([
    [CLIENT1, live(1, undefined)],
    ['user:Example/User2', live(1, undefined)],
  ]);
  expect((await store.findAccessToken('h'))?.client).toBe(CLIENT1);
  expect(await store.isJwtRevoked('j')).toBe(true);
  expect(await store.signingKeys()).toHaveLength(1);
}

/** Tables and indexes as they were written. */
function schemaOf(path: string): unknown {
  const rows = otherConnection(path).prepare('SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name');
  return rows.all();
}

describe('opened for writing', () => {
  test('it becomes a file of this version with all that it held', async () => {
    const path = version1();
    const store = await open(path);
    await expectHeld(store);
    expect(otherConnection(path).pragma('user_version', { simple: true })).toBe(SCHEMA_VERSION);
    await store.close();
    await expectHeld(await open(path));
  });

  test('its schema is that of a new file', async () => {
    const [old, fresh] = [version1(), newPath()];
    await (await open(old)).close();
    await (await open(fresh)).close();
    expect(schemaOf(old)).toEqual(schemaOf(fresh));
  });

  test('it goes on from there: apply, moved verifiers, usage, rollback', async () => {
    const path = version1();
    const store = await open(path);
    await store.recordUse(new Map([[CLIENT1, 7]]));
    await applyState(store, SMALL, { rollbackTo: 1 });
    expect(await store.undone()).toEqual([{ digest: digestState(HELD), generation: 4 }]);
    expect((await store.usage([CLIENT1], 0)).get(CLIENT1)?.lastUsed).toBe(7);
  });

  test('many that open it at once all succeed', async () => {
    const path = version1();
    const program = `
      const { openSqliteStore } = await import(${JSON.stringify(new URL('../../dist/store/sqlite.js', import.meta.url))});
      const store = await openSqliteStore(process.argv[1]);
      await store.recordUse(new Map([['${CLIENT1}', 9]]));
      await store.close();`;
    const run = promisify(execFile);
    const children = Array.from({ length: 2 }, () =>
      run(process.execPath, ['--input-type=module', '-e', program, path]),
    );
    const stores = await Promise.all(Array.from({ length: 3 }, () => open(path)));
    await Promise.all(children);
    for (const store of stores) expect((await store.read())?.generation).toBe(3);
    expect((await stores[0]?.usage([CLIENT1], 0))?.get(CLIENT1)?.lastUsed).toBe(9);
  });

  test('a plan in it that is no JSON is told, and it stays as it was', async () => {
    const path = newPath();
    const db = writeVersion1(path);
    db.exec(`UPDATE revision SET plan = '[{' WHERE generation = 2`);
    db.close();
    const before = readFileSync(path);
    await expect(open(path)).rejects.toMatchObject({
      code: 'store_foreign',
      message: expect.stringMatching(/changed by something other than Charter: SQLite says "malformed JSON"/),
    });
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(new Database(path, { readonly: true }).pragma('user_version', { simple: true })).toBe(1);
  });
});

describe('opened for reading', () => {
  test('it reads as a file of this version, and no byte of it changes', async () => {
    const path = version1();
    const before = readFileSync(path);
    const store = await open(path, { readOnly: true });
    await expectHeld(store);
    await expect(store.resume()).rejects.toThrow(/opened for reading/);
    await store.close();
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test('what is only in its log is read too, and the process that wrote it goes on', async () => {
    const path = newPath();
    const db = writeVersion1(path);
    onTestFinished(() => void db.close());
    await expectHeld(await open(path, { readOnly: true }));
    db.exec(`INSERT INTO revocation VALUES ('later', 1)`);
    expect(db.pragma('user_version', { simple: true })).toBe(1);
  });

  test('it goes on reading when another process brings the file up to date', async () => {
    const path = version1();
    const reader = await open(path, { readOnly: true });
    expect((await reader.read())?.generation).toBe(3);
    const writer = await open(path);
    await applyState(writer, SMALL);
    expect((await reader.read())?.digest).toBe(digestState(SMALL));
    expect((await reader.revisions(1))[0]?.summary).toEqual({ ...NO_CHANGES, add: 1, change: 1, delete: 2 });
    expect(await reader.changesOf(4)).toEqual(diffStates(HELD, SMALL));
  });
});

describe('a file of version 2', () => {
  function version2(): string {
    const path = newPath();
    writeVersion2(path).close();
    return path;
  }

  async function expectThere(store: SqliteStore): Promise<void> {
    expect(await store.read()).toMatchObject({ generation: 3, digest: digestState(HELD), drifted: undefined });
    expect((await store.revisions(9)).map(({ approvals, standing }) => [approvals, standing])).toEqual([
      [[], undefined],
      [[APPROVAL], undefined],
      [[], undefined],
    ]);
    expect(await store.undone()).toEqual([UNDONE]);
    expect(await store.resumed()).toEqual([]);
  }

  test('opened for writing becomes one of this version, like a new file, and goes on', async () => {
    const [path, fresh] = [version2(), newPath()];
    const store = await open(path);
    await expectThere(store);
    expect(await store.resume()).toBe(true);
    expect(await store.resumed()).toEqual([UNDONE.generation]);
    await applyState(store, SMALL);
    await store.close();
    await (await open(fresh)).close();
    expect(schemaOf(path)).toEqual(schemaOf(fresh));
  });

  test('opened for reading reads as one of this version, and no byte of it changes', async () => {
    const path = version2();
    const before = readFileSync(path);
    await expectThere(await open(path, { readOnly: true }));
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});

describe('a file of version 3', () => {
  function version3(): string {
    const path = newPath();
    writeVersion3(path).close();
    return path;
  }

  const KEY = { alg: 'ES256', jwk: { kty: 'EC' }, longest_ttl: 86_400 };

  async function expectThere(store: SqliteStore): Promise<void> {
    expect(await store.read()).toMatchObject({ generation: 3, digest: digestState(HELD), drifted: undefined });
    expect((await store.revisions(9)).map(({ standing }) => standing)).toEqual([undefined, STANDING, undefined]);
    expect(await store.resumed()).toEqual([UNDONE.generation]);
    expect(await store.signingKeys(), 'a key signed from its first moment on').toEqual([
      { ...KEY, kid: 'newer', created_at: 1_700_000_000_000, active_from: 1_700_000_000_000 },
      { ...KEY, kid: 'k', created_at: 1, active_from: 1 },
    ]);
    const token = await store.findAccessToken('h');
    expect(token).toMatchObject({ client: CLIENT1, user: 'user:Example/User2', expires_at: 2000 });
    expect(token?.grant).toBeUndefined();
    expect([...(await store.usage([CLIENT1, 'user:Example/User2'], 1_000_000))]).toEqual([
      [CLIENT1, live(1, undefined)],
      ['user:Example/User2', live(1, undefined)],
    ]);
    expect(await store.isJwtRevoked('j')).toBe(true);
    expect(await store.findCode('h')).toBeUndefined();
    expect(await store.findGrant('g')).toBeUndefined();
    expect(await store.findRefreshToken('h')).toBeUndefined();
    expect(await store.findSession('h')).toBeUndefined();
    expect(await store.findSessionBySid('s')).toBeUndefined();
    expect(await store.findConsent('user:Example/User2', CLIENT1)).toBeUndefined();
  }

  test('opened for writing becomes one of this version, like a new file, and goes on', async () => {
    const [path, fresh] = [version3(), newPath()];
    const store = await open(path);
    await expectThere(store);
    await store.insertSession({ hash: 's', record: sessionOf('sid') });
    await store.insertGrant({
      grant: grantOf('g', { session: 'sid' }),
      accessToken: accessToken('a', 'g'),
      refreshToken: refreshToken('r', 'g'),
    });
    await store.extendSigningKeys(100_000);
    expect((await store.signingKeys()).map(({ longest_ttl }) => longest_ttl)).toEqual([100_000, 100_000]);
    expect(await store.endSession('sid')).toEqual([CLIENT1]);
    expect(await store.findAccessToken('a')).toBeUndefined();
    expect(await store.findAccessToken('h')).toBeDefined();
    await store.close();
    await (await open(fresh)).close();
    expect(schemaOf(path)).toEqual(schemaOf(fresh));
  });

  test('opened for reading reads as one of this version, and no byte of it changes', async () => {
    const path = version3();
    const before = readFileSync(path);
    await expectThere(await open(path, { readOnly: true }));
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});

describe('the places of version 4, which spelled them as members', () => {
  const written = { '': rangeAt('a.yaml', 4), '/metadata': rangeAt('b.yaml', 7) };

  /** A closed file of that version: it differs in nothing else. */
  async function version4(): Promise<string> {
    const path = newPath();
    const store = await open(path);
    await applyState(store, SMALL);
    await store.close();
    const db = otherConnection(path);
    db.prepare('UPDATE entity SET origin = ? WHERE address = ?').run(JSON.stringify(written), CLIENT1);
    db.pragma('user_version = 4');
    db.close();
    return path;
  }

  test.each([false, true])('are read where they stand (read-only: %s)', async (readOnly) => {
    const path = await version4();
    const store = readOnly ? await openSqliteStore(path, { readOnly }) : await open(path);
    onTestFinished(() => store.close());
    const origin = (await store.read())?.origins.get(CLIENT1);
    expect([origin?.(''), origin?.('/metadata/scope')]).toEqual([written[''], written['/metadata']]);
    expect(otherConnection(path).pragma('user_version', { simple: true })).toBe(readOnly ? 4 : SCHEMA_VERSION);
  });

  test('are spelled anew by the next apply', async () => {
    const path = await version4();
    await applyState(await open(path), SMALL);
    const row = otherConnection(path).prepare('SELECT origin FROM entity WHERE address = ?').get(CLIENT1);
    expect(row).toEqual({ origin: originsOf(SMALL).get(CLIENT1) });
  });
});
