// Owns one process of store.mjs that rotates refresh tokens: at the port, so many at once, or one durable commit after the other with
// nothing around the statements. Prints its figure as JSON. Never compares.

import { createHash, randomBytes } from 'node:crypto';
import Database from 'better-sqlite3';
import { memory } from './report.mjs';

const [, , subject, path, rotations, atOnce] = process.argv;
const { openSqliteStore } = await import(new URL('../dist/store/sqlite.js', import.meta.url).href);

/** Of both, so that no table is small: a family has been rotated a few times. */
const FAMILIES = 2000;
const NOW = Date.UTC(2026, 0, 1);
const EXPIRES = NOW / 1000 + 86_400;
const GRACE = 10_000;

const count = Number(rotations);
console.log(JSON.stringify(await { 'rotation-bare': bare, rotation: port }[subject]()));

/** What the port writes for one rotation, and its commit: prepared once, one after the other. */
async function bare() {
  const families = await begin();
  const db = new Database(path);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
  const use = db.prepare('SELECT grant_id, rotated_at, sealed FROM refresh_token WHERE hash = ?');
  const rotate = db.prepare('UPDATE refresh_token SET rotated_at = ?, sealed = ?, sealed_until = ? WHERE hash = ?');
  const insert = db.prepare('INSERT INTO refresh_token (hash, grant_id, issued_at, expires_at) VALUES (?, ?, ?, ?)');
  const [start, commit] = ['BEGIN IMMEDIATE', 'COMMIT'].map((sql) => db.prepare(sql));
  const steps = stepsOf(families);
  const began = performance.now();
  for (const { hash, successor } of steps) {
    start.run();
    if (use.get(hash).rotated_at !== null) throw new Error('rotated before');
    rotate.run(NOW, successor.sealed, NOW + GRACE, hash);
    const { grant, issued_at, expires_at } = successor.record;
    insert.run(successor.hash, grant, issued_at, expires_at);
    commit.run();
  }
  const ms = performance.now() - began;
  db.close();
  return { 'one commit at a time': { ms, ...memory() } };
}

async function port() {
  const families = await begin();
  const store = await openSqliteStore(path);
  const steps = stepsOf(families)[Symbol.iterator]();
  const began = performance.now();
  const work = async () => {
    for (const { hash, successor } of steps) {
      const { kind } = await store.rotateRefreshToken(hash, successor, undefined, { now: NOW, grace: GRACE });
      if (kind !== 'rotated') throw new Error(`the answer was ${kind}`);
    }
  };
  await Promise.all(Array.from({ length: Number(atOnce) }, work));
  const ms = performance.now() - began;
  await store.close();
  return { [`${atOnce} at once`]: { ms, ...memory() } };
}

/** A store with the families, and the newest token of each. */
async function begin() {
  const store = await openSqliteStore(path);
  const families = Array.from({ length: FAMILIES }, () => ({ id: identifier(), newest: token() }));
  await Promise.all(families.map(({ id, newest }) => store.insertGrant(rowsOf(id, newest))));
  await store.close();
  return families;
}

/** Each step presents the newest token of a family, of one after the other: none waits for one that is under way. */
function stepsOf(families) {
  return Array.from({ length: count }, (_, step) => {
    const family = families[step % families.length];
    const [hash, next] = [family.newest, token()];
    family.newest = next;
    return {
      hash,
      successor: { hash: next, record: record(family.id), sealed: randomBytes(60).toString('base64url') },
    };
  });
}

function rowsOf(id, newest) {
  const client = 'site:Bench/application:web';
  const grant = {
    ...{ id, client, client_id: 'web', user: 'site:Bench/user:ada', subject: 'ada', grant_type: 'authorization_code' },
    ...{ method: 'password', audiences: ['api'], scopes: ['openid', 'orders.read'], auth_time: NOW / 1000 },
    ...{ acr: undefined, session: undefined, offline: true, generation: 1, issued_at: NOW / 1000, expires_at: EXPIRES },
  };
  return { grant, refreshToken: { hash: newest, record: record(id) } };
}

function record(grant) {
  return { grant, issued_at: NOW / 1000, expires_at: EXPIRES };
}

function identifier() {
  return randomBytes(16).toString('base64url');
}

function token() {
  return createHash('sha256').update(randomBytes(32)).digest('hex');
}
