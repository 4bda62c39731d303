// Owns how a statement is prepared, with the types of its parameters and of what it answers. Never knows a table.

import type { Database } from 'better-sqlite3';

/** A prepared SELECT. */
export interface Query<Parameters extends unknown[], Row> {
  get(...parameters: Parameters): Row | undefined;
  all(...parameters: Parameters): Row[];
  iterate(...parameters: Parameters): IterableIterator<Row>;
}

/** A prepared INSERT, UPDATE or DELETE. */
export interface Command<Parameters extends unknown[]> {
  run(...parameters: Parameters): { readonly changes: number };
}

export function rows<Parameters extends unknown[], Row>(db: Database, sql: string): Query<Parameters, Row> {
  return db.prepare<Parameters, Row>(sql);
}

/** The first column instead of the row. */
export function values<Parameters extends unknown[], Value>(db: Database, sql: string): Query<Parameters, Value> {
  return db.prepare<Parameters, Value>(sql).pluck();
}

/** The columns as an array instead of an object. */
export function tuples<Parameters extends unknown[], Columns>(db: Database, sql: string): Query<Parameters, Columns> {
  return db.prepare<Parameters, Columns>(sql).raw();
}

export function command<Parameters extends unknown[]>(db: Database, sql: string): Command<Parameters> {
  return db.prepare<Parameters>(sql);
}
