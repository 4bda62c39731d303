// The queue of writes: what a failure of one verb, of a commit or of the whole transaction means for the others.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import type { Request } from '../../src/store/protocol.ts';
import { WriteQueue } from '../../src/store/write-queue.ts';

/** A queue whose verbs are SQL texts, with what it told each request. */
function queueOfSql(
  schema: string,
  {
    path = ':memory:',
    afterRollback = () => undefined,
    pump = () => undefined,
    checkpoint = () => undefined,
  }: { path?: string; afterRollback?: () => void; pump?: () => void; checkpoint?: () => void } = {},
) {
  const db = new Database(path, { timeout: 0 });
  onTestFinished(() => void db.close());
  db.exec(schema);
  const told = new Map<number, string>();
  const prepare = db.prepare.bind(db);
  db.prepare = ((text: string) => {
    const statement = prepare(text);
    if (text !== 'ROLLBACK') return statement;
    return {
      run() {
        statement.run();
        afterRollback();
      },
    };
  }) as typeof db.prepare;
  const queue = new WriteQueue({
    db,
    path: 'memory',
    isLone: () => false,
    run: ({ args }) => db.exec(String(args[0])),
    pump,
    checkpoint,
    answer: (id) => void told.set(id, 'answered'),
    refuse: (id, error) => void told.set(id, error instanceof Error ? error.message : String(error)),
  });
  const drain = (...texts: string[]) => {
    texts.forEach((text, id) => {
      queue.push({ id, verb: 'revokeJwt', args: [text] } satisfies Request);
    });
    queue.drain();
    return [...told.entries()].sort(([a], [b]) => a - b).map(([, outcome]) => outcome);
  };
  return { drain, count: () => prepare('SELECT count(*) FROM t').pluck().get() };
}

test('a verb that fails is undone alone', () => {
  const { drain, count } = queueOfSql('CREATE TABLE t (x UNIQUE)');
  const half = 'INSERT INTO t VALUES (2); INSERT INTO t VALUES (1)';
  expect(drain('INSERT INTO t VALUES (1)', half, 'INSERT INTO t VALUES (3)')).toEqual([
    'answered',
    expect.stringContaining('UNIQUE'),
    'answered',
  ]);
  expect(count()).toBe(2);
});

test('a verb that fails by itself is undone whole', () => {
  const { drain, count } = queueOfSql('CREATE TABLE t (x UNIQUE)');
  expect(drain('INSERT INTO t VALUES (1)')).toEqual(['answered']);
  expect(drain('INSERT INTO t VALUES (2); INSERT INTO t VALUES (1)')).toEqual([expect.stringContaining('UNIQUE')]);
  expect(count()).toBe(1);
});

test('where another has the lock after one failed, those beside it wait and are done when it is free', () => {
  const directory = mkdtempSync(join(tmpdir(), 'charter-queue-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'queue.db');
  const other = new Database(path);
  onTestFinished(() => void other.close());
  other.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (x UNIQUE)');
  let waited = 0;
  const { drain, count } = queueOfSql('', {
    path,
    afterRollback() {
      if (waited === 0) other.exec('BEGIN IMMEDIATE');
    },
    pump() {
      waited += 1;
      if (waited === 3) other.exec('COMMIT');
    },
  });
  expect(drain('INSERT INTO t VALUES (1)', 'INSERT INTO t VALUES (1)', 'INSERT INTO t VALUES (3)')).toEqual([
    'answered',
    expect.stringContaining('UNIQUE'),
    'answered',
  ]);
  expect(waited).toBeGreaterThan(3);
  expect(count()).toBe(2);
});

test('a commit that fails refuses everybody and keeps nothing, and the next commit works', () => {
  const { drain, count } = queueOfSql(`
    PRAGMA foreign_keys = ON;
    CREATE TABLE t (x PRIMARY KEY, parent REFERENCES t DEFERRABLE INITIALLY DEFERRED)`);
  const failed = expect.stringContaining('FOREIGN KEY');
  expect(drain('INSERT INTO t VALUES (1, NULL)', 'INSERT INTO t VALUES (2, 77)')).toEqual([failed, failed]);
  expect(count()).toBe(0);
  expect(drain('INSERT INTO t VALUES (1, NULL)', 'INSERT INTO t VALUES (2, 1)')).toEqual(['answered', 'answered']);
  expect(count()).toBe(2);
});

test('answers go out after the commit and before anything goes back from the log into the file', () => {
  const seen: string[] = [];
  const { drain, count } = queueOfSql('CREATE TABLE t (x UNIQUE)', {
    pump: () => void seen.push(`answers of ${count()}`),
    checkpoint: () => void seen.push('checkpoint'),
  });
  drain('INSERT INTO t VALUES (1)', 'INSERT INTO t VALUES (2)');
  expect(seen).toEqual(['answers of 2', 'checkpoint']);
});

test('an error that ends the whole transaction refuses everybody, those before it too', () => {
  const { drain, count } = queueOfSql('CREATE TABLE t (x UNIQUE)');
  drain('INSERT INTO t VALUES (1)');
  // What SQLite does by itself on a full disk.
  const ending = 'INSERT INTO t VALUES (3); INSERT OR ROLLBACK INTO t VALUES (1)';
  const failed = expect.stringContaining('UNIQUE');
  expect(drain('INSERT INTO t VALUES (2)', ending, 'INSERT INTO t VALUES (4)')).toEqual([failed, failed, failed]);
  expect(count()).toBe(1);
  expect(drain('INSERT INTO t VALUES (2)')[0]).toBe('answered');
  expect(count()).toBe(2);
});
