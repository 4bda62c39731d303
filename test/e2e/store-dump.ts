// Owns a look into the file of a store as somebody who stole it has it: each column of each table, and the bytes of all
// its files. Never writes.

import { existsSync, readFileSync } from 'node:fs';
import Database from 'better-sqlite3';

/** By `table.column` the values of all its rows. */
export function dumpStore(path: string): ReadonlyMap<string, string> {
  const database = new Database(path, { readonly: true });
  try {
    const columns = new Map<string, string>();
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all() as string[];
    for (const table of tables) {
      const rows = database.prepare(`SELECT * FROM "${table}"`).all() as Record<string, unknown>[];
      for (const row of rows) {
        for (const [column, value] of Object.entries(row)) {
          const name = `${table}.${column}`;
          columns.set(name, `${columns.get(name) ?? ''}${String(value)}\n`);
        }
      }
    }
    return columns;
  } finally {
    database.close();
  }
}

/** The bytes of the file and of what SQLite keeps beside it. */
export function storeBytes(path: string): Buffer {
  return Buffer.concat(
    ['', '-wal', '-shm', '-journal']
      .map((end) => path + end)
      .filter(existsSync)
      .map((file) => readFileSync(file)),
  );
}
