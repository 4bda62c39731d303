// Owns how the file is opened: whose it is, which version, its schema on first use, and the settings of each connection.
// Runs in the worker thread, but for the connection of point-reader.ts. Never touches a file that is not a Charter store.

import { accessSync, chmodSync, closeSync, constants, existsSync, openSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import {
  foreignStore,
  isLocked,
  LOCK_TIMEOUT,
  missingStore,
  newerStore,
  notSqlite,
  noWriteAheadLog,
} from './problem.ts';
import { APPLICATION_ID, SCHEMA, SCHEMA_VERSION } from './schema.ts';
import { MIGRATIONS, VIEWS } from './versions.ts';

export interface OpenOptions {
  /** Opens an existing store for reading; a missing or empty file is an empty store, and none is made. */
  readonly readOnly: boolean;
  /** Refuses a file that is missing instead of making it. */
  readonly mustExist: boolean;
}

export interface Connections {
  /** With symbolic links resolved. */
  readonly path: string;
  /** Undefined when the store is read-only. */
  readonly writer: Database.Database | undefined;
  /** Sees only what was committed, also while `writer` is inside a transaction. */
  readonly reader: Database.Database;
  /** Another reading connection, for who keeps one snapshot over several calls. The caller closes it. */
  readonly connect: () => Database.Database;
}

/** How long one attempt at the write lock may hold up the thread, in milliseconds: reads are answered in between. */
const LOCK_ATTEMPT = 20;

/** Throws Failure `store_foreign`, `store_newer`, `store_unavailable`, or what the system said (see storeFailure). */
export function openConnections(wanted: string, options: OpenOptions): Connections {
  const path = realPath(wanted);
  if (options.readOnly) return openReadOnly(path, options.mustExist);
  makeFile(path, options.mustExist);
  const writer = new Database(path, { fileMustExist: true, timeout: LOCK_TIMEOUT });
  try {
    if (versionOf(writer, path) < SCHEMA_VERSION) bringUpToDate(writer, path);
    useWriteAheadLog(writer, path);
    settleWriter(writer);
  } catch (error) {
    writer.close();
    throw error;
  }
  const connect = () => connectReader(path);
  return { path, writer, reader: connect(), connect };
}

function openReadOnly(path: string, mustExist: boolean): Connections {
  if (!existsSync(path)) {
    if (mustExist) throw missingStore(path);
    return emptyStore(path);
  }
  accessSync(path, constants.R_OK);
  if (statSync(path).isDirectory()) throw notAFile();
  const reader = connectAlone(path);
  if (reader === undefined) return emptyStore(path);
  return { path, writer: undefined, reader, connect: () => connectAlone(path) ?? emptyDatabase() };
}

/** A connection for a process that does not write, so that a file of an older version stays one; undefined when empty. */
function connectAlone(path: string): Database.Database | undefined {
  const db = connectReader(path);
  try {
    const version = versionOf(db, path);
    db.exec(VIEWS.get(version) ?? '');
    if (version !== EMPTY) return db;
  } catch (error) {
    db.close();
    throw error;
  }
  db.close();
  return undefined;
}

/** What reads as a store to which nothing was ever applied, without a file. */
function emptyStore(path: string): Connections {
  return { path, writer: undefined, reader: emptyDatabase(), connect: emptyDatabase };
}

function emptyDatabase(): Database.Database {
  const db = new Database(':memory:');
  db.exec(SCHEMA);
  return db;
}

/** The real path of the file, or, where it is not there yet, its name in its real directory. */
function realPath(wanted: string): string {
  // Absolute, so that SQLite never reads it as a URI (file:…) or as :memory:.
  const path = resolve(wanted);
  try {
    return realpathSync(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
    return join(realpathSync(dirname(path)), basename(path));
  }
}

/** Private from its first byte: SQLite gives -wal and -shm the mode of the file. The umask can only take rights away. */
function makeFile(path: string, mustExist: boolean): void {
  accessSync(dirname(path), constants.W_OK);
  if (!existsSync(path)) {
    if (mustExist) throw missingStore(path);
    try {
      closeSync(openSync(path, 'wx', 0o600));
    } catch (error) {
      // Another process was first: its file is as good.
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  }
  if (statSync(path).isDirectory()) throw notAFile();
  // SQLite would fall back to reading without a word.
  accessSync(path, constants.R_OK | constants.W_OK);
}

/** What versionOf answers of a file in which nothing is yet. */
const EMPTY = 0;

/** The version of the file's schema. Throws when what is there is not ours, or newer than this program. */
function versionOf(db: Database.Database, path: string): number {
  try {
    // One read transaction, so that another process's first use is seen whole or not at all.
    return db.transaction(() => {
      const id = Number(db.pragma('application_id', { simple: true })) >>> 0;
      const version = Number(db.pragma('user_version', { simple: true }));
      const tables = Number(db.prepare<[], number>('SELECT count(*) FROM sqlite_schema').pluck().get());
      if (id === 0 && version === 0 && tables === 0) return EMPTY;
      if (id === 0) throw foreignStore(path, 'it is a SQLite database of another program');
      if (id !== APPLICATION_ID) {
        throw foreignStore(path, `it is the SQLite database of another program (application_id 0x${id.toString(16)})`);
      }
      if (version > SCHEMA_VERSION) throw newerStore(path, version);
      if (version < 1) throw foreignStore(path, `no Charter ever wrote schema version ${version}`);
      return version;
    })();
  } catch (error) {
    if (error instanceof Database.SqliteError && error.code === 'SQLITE_NOTADB') throw notSqlite(path);
    throw error;
  }
}

/** Makes the schema, or of an older one this one, in one transaction; of two processes at once, the second finds it made. */
function bringUpToDate(db: Database.Database, path: string): void {
  db.transaction(() => {
    const version = versionOf(db, path);
    if (version === EMPTY) {
      chmodSync(path, 0o600);
      db.exec(SCHEMA);
    }
    db.exec(MIGRATIONS.get(version) ?? '');
  }).immediate();
}

/**
 * WAL: readers and the writer do not wait for each other, and a commit is one append. The switch, made once in a
 * file's life, needs it alone, and SQLite does not wait for that by itself.
 */
function useWriteAheadLog(db: Database.Database, path: string): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (const end = performance.now() + LOCK_TIMEOUT; ; Atomics.wait(pause, 0, 0, 10)) {
    try {
      if (db.pragma('journal_mode = WAL', { simple: true }) === 'wal') return;
      throw noWriteAheadLog(path);
    } catch (error) {
      if (!isLocked(error) || performance.now() > end) throw error;
    }
  }
}

function settleWriter(db: Database.Database): void {
  // An answer means that it is durable (DESIGN 6): the log is synced at every commit.
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
  // 2 MiB. It serves writes only: a large apply goes to the log as it grows instead of into memory.
  db.pragma('cache_size = -2048');
  // Not inside a commit: who waits for its answer would wait for that too (checkpoint.ts).
  db.pragma('wal_autocheckpoint = 0');
  // Gives the disk back after a large apply.
  db.pragma('journal_size_limit = 67108864');
  db.pragma(`busy_timeout = ${LOCK_ATTEMPT}`);
}

/** For what is long, or read page by page. */
function connectReader(path: string): Database.Database {
  return connectReadOnly(path, { timeout: LOCK_TIMEOUT, cacheKiB: 8192 });
}

/** For the thread that serves: it never waits for a lock. What is looked up stays in memory, 64 MiB at most, taken as it is used. */
export function connectPointReader(path: string): Database.Database {
  return connectReadOnly(path, { timeout: 0, cacheKiB: 65_536 });
}

function connectReadOnly(
  path: string,
  { timeout, cacheKiB }: { readonly timeout: number; readonly cacheKiB: number },
): Database.Database {
  const db = new Database(path, { readonly: true, fileMustExist: true, timeout });
  // No mmap: a disk error would end the process.
  db.pragma(`cache_size = -${cacheKiB}`);
  return db;
}

function notAFile(): Error {
  return Object.assign(new Error('is a directory'), { code: 'EISDIR' });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
