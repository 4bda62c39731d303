// Owns what an operator is told when the store's file cannot be used: each message names the file, what was found and
// what to do. Never opens anything.

import Database from 'better-sqlite3';
import { Failure } from '../model/failure.ts';
import { SCHEMA_VERSION } from './schema.ts';

/** How long a verb waits for another process that holds the write lock, in milliseconds. */
export const LOCK_TIMEOUT = 5000;

export function missingStore(path: string): Failure {
  return new Failure(
    'store_unavailable',
    `There is no store at ${path}. Name the right one with --store, or make it with "charter apply".`,
  );
}

export function notSqlite(path: string): Failure {
  return new Failure(
    'store_foreign',
    `${path} is not a Charter store: it is no SQLite database. Nothing was written to it. Name another file with --store.`,
  );
}

export function foreignStore(path: string, found: string): Failure {
  return new Failure(
    'store_foreign',
    `${path} is not a Charter store: ${found}. Nothing was written to it. Name another file with --store.`,
  );
}

export function newerStore(path: string, version: number): Failure {
  return new Failure(
    'store_newer',
    `${path} was written by a newer Charter: its schema has version ${version}, this program knows ${SCHEMA_VERSION}. ` +
      'Nothing was written to it. Use that newer Charter, or name another file with --store.',
  );
}

/** Rows that Charter did not leave so: what it recorded of them says something else. */
export function changedByOthers(path: string, what: string): Failure {
  return new Failure(
    'store_foreign',
    `${path} was changed by something other than Charter: ${what}. ` +
      'Restore it from a backup, or apply the spec to a new store (its tokens and keys are then new too).',
  );
}

export function lockedStore(path: string): Failure {
  return new Failure(
    'store_unavailable',
    `${path} is locked: another process has been writing to it for over ${LOCK_TIMEOUT / 1000} seconds. ` +
      'Try again when it has finished; "fuser" with the path names it.',
  );
}

export function noWriteAheadLog(path: string): Failure {
  return new Failure(
    'store_unavailable',
    `The store ${path} cannot be used: its file system has no shared memory, which SQLite's write-ahead log needs. ` +
      'Name a file on a local disk with --store.',
  );
}

export function closedStore(path: string): Failure {
  return new Failure('store_unavailable', `The store ${path} was closed.`);
}

/** The thread that talks to SQLite is gone, and with it whatever had not been answered. */
export function lostStore(path: string, reason: string): Failure {
  return new Failure(
    'store_unavailable',
    `The store ${path} can no longer be reached: its thread ended (${reason}). ` +
      'What had been answered is durable. Start Charter again.',
  );
}

const FILE_PROBLEMS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'its directory does not exist. Make it, or name another file with --store'],
  ['ENOTDIR', 'part of that path is a file, not a directory. Name another file with --store'],
  ['EISDIR', 'it is a directory. Name a file in it with --store'],
  ['EACCES', 'permission was denied. Let the user that runs Charter read and write the file and its directory'],
  ['EPERM', 'permission was denied. Let the user that runs Charter own the file and write to its directory'],
  ['EROFS', 'the file system is mounted read-only. Name a file elsewhere with --store'],
  ['ENOSPC', 'the disk is full. Free some space and try again'],
  ['ELOOP', 'its symbolic links lead in a circle. Mend them, or name another file with --store'],
  ['ENAMETOOLONG', 'the path is too long. Name another file with --store'],
]);

const DIRECTORY_NEEDED =
  'The user that runs Charter must be able to write to its directory, even to read: SQLite keeps the files -wal and ' +
  '-shm there';

/** By the beginning of SQLite's code; the first that fits. */
const SQLITE_PROBLEMS: readonly (readonly [prefix: string, text: string])[] = [
  ['SQLITE_FULL', 'the disk is full. Free some space and try again'],
  ['SQLITE_CORRUPT', 'the file is damaged. Restore it from a backup'],
  ['SQLITE_IOERR', 'the disk reported an error. Check the disk and the space left on it'],
  ['SQLITE_READONLY_ROLLBACK', 'its first use was cut short. Run "charter apply" once, which mends it'],
  ['SQLITE_READONLY_', `its log cannot be opened. ${DIRECTORY_NEEDED}`],
  ['SQLITE_READONLY', 'it may not be written. Let the user that runs Charter write to the file'],
  ['SQLITE_CANTOPEN', `SQLite cannot open it. ${DIRECTORY_NEEDED}`],
  ['SQLITE_PERM', 'permission was denied. Let the user that runs Charter read and write the file and its directory'],
  ['SQLITE_NOMEM', 'memory ran out'],
];

/** What a system call or SQLite said, as the Failure that an operator can act on; undefined when it is no such error. */
export function storeFailure(path: string, error: unknown): Failure | undefined {
  if (error instanceof Failure) return error;
  const code = errorCode(error);
  if (code === undefined) return undefined;
  if (code === 'SQLITE_NOTADB') return notSqlite(path);
  if (isLocked(error)) return lockedStore(path);
  const text = FILE_PROBLEMS.get(code) ?? SQLITE_PROBLEMS.find(([prefix]) => code.startsWith(prefix))?.[1];
  if (text === undefined) return undefined;
  return new Failure('store_unavailable', `The store ${path} cannot be used: ${text} (${code}).`, { cause: error });
}

/** As storeFailure, for what went wrong before the store was open: a missing table is then not our mistake. */
export function openingFailure(path: string, error: unknown): Failure | undefined {
  if (errorCode(error) !== 'SQLITE_ERROR' || !(error instanceof Error)) return storeFailure(path, error);
  return changedByOthers(path, `SQLite says "${error.message}"`);
}

/** Whether another connection holds the lock that was wanted. */
export function isLocked(error: unknown): boolean {
  return error instanceof Database.SqliteError && /^SQLITE_(BUSY|LOCKED)/.test(error.code);
}

function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
