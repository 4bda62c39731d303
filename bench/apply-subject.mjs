// Owns one process of store.mjs that writes many new applications: makes what is written, applies it, or inserts the rows that an apply
// leaves with nothing around them. Prints its figure as JSON. Never compares.

import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import Database from 'better-sqlite3';
import { memory } from './report.mjs';
import { specFiles } from './spec.mjs';

const dist = (path) => import(new URL(`../dist/${path}`, import.meta.url).href);
const { canonicalJson, digestBody, digestState } = await dist('model/digest.js');
const { createState, EMPTY_STATE } = await dist('model/state.js');
const { openSqliteStore } = await dist('store/sqlite.js');

const [, , subject, path, store, applications] = process.argv;
console.log(JSON.stringify(await { 'apply-rows': makeRows, 'apply-bare': bare, apply }[subject]()));

/** Each entity with where it was written, as a compile of the spec gives them. */
async function makeRows() {
  const { compile } = await dist('spec/compile.js');
  const { textOf } = await dist('model/origin-text.js');
  const count = Number(applications);
  const files = specFiles({ applications: count, files: Math.ceil(count / 100) });
  const compiled = compile(files);
  if (!compiled.ok) throw new Error(`the spec has faults: ${compiled.diagnostics[0]?.detail}`);
  const { state, origins } = compiled.value;
  const file = openSync(path, 'w');
  for (const [address, entity] of state) {
    const origin = textOf(entity, origins.get(address));
    writeSync(file, `${JSON.stringify([address, entity, origin])}\n`);
  }
  closeSync(file);
  return { bytes: files.reduce((sum, { text }) => sum + text.length, 0) };
}

/** The rows as they stand in the table afterwards: one prepared statement, one transaction, durable. */
async function bare() {
  const made = readRows().map(([address, entity, origin]) => {
    const body = canonicalJson(entity);
    return [address, digestBody(body), 1, body, origin];
  });
  await (await openSqliteStore(store)).close();
  const db = new Database(store);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  const insert = db.prepare('INSERT INTO entity (address, digest, since, body, origin) VALUES (?, ?, ?, ?, ?)');
  const began = performance.now();
  db.transaction(() => {
    for (const row of made) insert.run(row);
  })();
  const ms = performance.now() - began;
  db.close();
  return { 'bulk insert': { ms, ...memory() } };
}

/** At the port, of a plan that was made. */
async function apply() {
  const made = readRows();
  const state = createState(made.map(([address, entity]) => [address, entity]));
  const plan = {
    base: { kind: 'store', generation: 0, digest: digestState(EMPTY_STATE) },
    changes: [...state].map(([address, after]) => ({ action: 'create', address, after })),
    resultDigest: digestState(state),
    ...{ access: [], released: [], permissions: [], unchanged: 0, risks: [], tests: [], drift: undefined },
  };
  const origins = new Map(made.map(([address, , origin]) => [address, origin]));
  const opened = await openSqliteStore(store);
  const began = performance.now();
  const { generation } = await opened.apply({
    plan,
    origins,
    verifiers: [],
    appliedAt: Date.UTC(2026, 0, 1),
    approvals: [],
  });
  const ms = performance.now() - began;
  if (generation !== 1) throw new Error(`generation ${generation} was applied`);
  await opened.close();
  return { apply: { ms, ...memory() } };
}

function readRows() {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
