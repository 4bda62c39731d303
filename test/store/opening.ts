// Owns how the SQLite tests come by stores, paths and second connections, and by their end. Never asserts.

import { join } from 'node:path';
import Database from 'better-sqlite3';
import { onTestFinished } from 'vitest';
import { openSqliteStore, type SqliteOptions, type SqliteStore } from '../../src/store/sqlite.ts';
import { temporaryDirectory } from './fixture.ts';

/** Opens a store that is closed when the test has ended. */
export async function open(path: string, options?: SqliteOptions): Promise<SqliteStore> {
  const store = await openSqliteStore(path, options);
  onTestFinished(() => store.close());
  return store;
}

/** A path in a directory of its own. */
export function newPath(): string {
  return join(temporaryDirectory(onTestFinished), 'charter.db');
}

/** Another connection to the file, as another process has it. It waits for no lock. */
export function otherConnection(path: string): Database.Database {
  const db = new Database(path, { timeout: 0 });
  onTestFinished(() => void db.close());
  return db;
}
