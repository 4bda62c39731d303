// Owns every SQL statement of the SQLite store: the schema and the prepared statements, each prepared once per
// connection. Never runs one and never decides. Beside the schema it is SQL that PostgreSQL speaks too.

import type { Database } from 'better-sqlite3';
import type { Address } from '../model/address.ts';

/** "Chrt": what `PRAGMA application_id` of a Charter store says, so that no other program's file is taken for one. */
export const APPLICATION_ID = 0x43_68_72_74;

/** `PRAGMA user_version`: raised with every change of the schema. */
export const SCHEMA_VERSION = 1;

/**
 * `entity` and `revision` hold their long columns last: a row that overflows its page is then walked only by who wants
 * them, not by the recomputation of the digest or the look-up of the newest generation.
 */
export const SCHEMA = `
CREATE TABLE entity (
  address TEXT NOT NULL PRIMARY KEY,
  digest TEXT NOT NULL,
  since INTEGER NOT NULL,
  body TEXT NOT NULL,
  origin TEXT
) STRICT;

CREATE TABLE verifier (
  address TEXT NOT NULL REFERENCES entity (address) ON DELETE CASCADE,
  slot TEXT NOT NULL,
  phc TEXT NOT NULL,
  PRIMARY KEY (address, slot)
) STRICT;

CREATE TABLE revision (
  generation INTEGER NOT NULL PRIMARY KEY,
  digest TEXT NOT NULL,
  applied_at INTEGER NOT NULL,
  commit_id TEXT,
  author TEXT,
  secrets TEXT NOT NULL,
  plan TEXT NOT NULL
) STRICT;

CREATE TABLE signing_key (
  kid TEXT NOT NULL PRIMARY KEY,
  alg TEXT NOT NULL,
  jwk TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE access_token (
  hash TEXT NOT NULL PRIMARY KEY,
  id TEXT NOT NULL,
  client TEXT NOT NULL,
  client_id TEXT NOT NULL,
  "user" TEXT,
  subject TEXT NOT NULL,
  audiences TEXT NOT NULL,
  scopes TEXT NOT NULL,
  generation INTEGER NOT NULL,
  issued_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX access_token_expires_at ON access_token (expires_at);
CREATE INDEX access_token_client ON access_token (client);
CREATE INDEX access_token_user ON access_token ("user");

CREATE TABLE revocation (
  jti TEXT NOT NULL PRIMARY KEY,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX revocation_expires_at ON revocation (expires_at);

PRAGMA application_id = ${APPLICATION_ID};
PRAGMA user_version = ${SCHEMA_VERSION};
`;

export interface EntityRow {
  readonly address: Address;
  readonly since: number;
  /** Canonical JSON of the entity. */
  readonly body: string;
  /** JSON of a StoredOrigin; null where the apply named none. */
  readonly origin: string | null;
}

export interface VerifierRow {
  readonly address: Address;
  readonly slot: string;
  readonly phc: string;
}

export interface RevisionRow {
  readonly generation: number;
  readonly digest: string;
  readonly applied_at: number;
  readonly commit_id: string | null;
  readonly author: string | null;
  /** JSON array of addresses. */
  readonly secrets: string;
}

export interface SigningKeyRow {
  readonly kid: string;
  readonly alg: string;
  readonly jwk: string;
  readonly created_at: number;
}

export interface AccessTokenRow {
  readonly id: string;
  readonly client: string;
  readonly client_id: string;
  readonly user: string | null;
  readonly subject: string;
  readonly audiences: string;
  readonly scopes: string;
  readonly generation: number;
  readonly issued_at: number;
  readonly expires_at: number;
}

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

function rows<Parameters extends unknown[], Row>(db: Database, sql: string): Query<Parameters, Row> {
  return db.prepare<Parameters, Row>(sql);
}

/** The first column instead of the row. */
function values<Parameters extends unknown[], Value>(db: Database, sql: string): Query<Parameters, Value> {
  return db.prepare<Parameters, Value>(sql).pluck();
}

/** The columns as an array instead of an object. */
function tuples<Parameters extends unknown[], Columns>(db: Database, sql: string): Query<Parameters, Columns> {
  return db.prepare<Parameters, Columns>(sql).raw();
}

function command<Parameters extends unknown[]>(db: Database, sql: string): Command<Parameters> {
  return db.prepare<Parameters>(sql);
}

/** Entities and verifiers whole, in the order of their keys: read page by page on a connection of their own. */
export function pageStatement(db: Database, of: 'entity' | 'verifier'): Query<[], unknown> {
  return rows<[], unknown>(
    db,
    of === 'entity'
      ? 'SELECT address, since, body, origin FROM entity ORDER BY address'
      : 'SELECT address, slot, phc FROM verifier ORDER BY address, slot',
  );
}

const REVISION = 'SELECT generation, digest, applied_at, commit_id, author, secrets FROM revision';

export function newestRevisionStatement(db: Database): Query<[], RevisionRow> {
  return rows<[], RevisionRow>(db, `${REVISION} ORDER BY generation DESC LIMIT 1`);
}

const SIGNING_KEYS = 'SELECT kid, alg, jwk, created_at FROM signing_key ORDER BY alg, created_at DESC, kid';

export type ReadStatements = ReturnType<typeof readStatements>;

/** What the reading connection answers: it sees only what was committed. */
export function readStatements(db: Database) {
  return {
    revisions: rows<[number], RevisionRow>(db, `${REVISION} ORDER BY generation DESC LIMIT ?`),
    entityDigests: tuples<[], [Address, string]>(db, 'SELECT address, digest FROM entity'),
    accessToken: rows<[string], AccessTokenRow>(
      db,
      `SELECT id, client, client_id, "user", subject, audiences, scopes, generation, issued_at, expires_at
       FROM access_token WHERE hash = ?`,
    ),
    isRevoked: values<[string], number>(db, 'SELECT 1 FROM revocation WHERE jti = ?'),
    signingKeys: rows<[], SigningKeyRow>(db, SIGNING_KEYS),
  };
}

export type WriteStatements = ReturnType<typeof writeStatements>;

/** What the writing connection runs, always inside a transaction. */
export function writeStatements(db: Database) {
  return {
    newestRevision: newestRevisionStatement(db),
    insertRevision: command<[number, string, number, string | null, string | null, string, string]>(
      db,
      `INSERT INTO revision (generation, digest, applied_at, commit_id, author, secrets, plan)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ),

    entityBody: values<[string], string>(db, 'SELECT body FROM entity WHERE address = ?'),
    entityDigests: tuples<[], [Address, string]>(db, 'SELECT address, digest FROM entity'),
    insertEntity: command<[string, string, number, string, string | null]>(
      db,
      `INSERT INTO entity (address, digest, since, body, origin) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (address) DO NOTHING`,
    ),
    updateEntity: command<[string, string, string]>(db, 'UPDATE entity SET digest = ?, body = ? WHERE address = ?'),
    renewEntity: command<[number, string]>(db, 'UPDATE entity SET since = ? WHERE address = ?'),
    deleteEntity: command<[string]>(db, 'DELETE FROM entity WHERE address = ?'),
    updateOrigin: command<[string, string, string]>(
      db,
      'UPDATE entity SET origin = ? WHERE address = ? AND origin IS DISTINCT FROM ?',
    ),

    verifier: values<[string, string], string>(db, 'SELECT phc FROM verifier WHERE address = ? AND slot = ?'),
    verifierSlots: values<[string], string>(db, 'SELECT slot FROM verifier WHERE address = ?'),
    writeVerifier: command<[string, string, string]>(
      db,
      `INSERT INTO verifier (address, slot, phc) VALUES (?, ?, ?)
       ON CONFLICT (address, slot) DO UPDATE SET phc = excluded.phc`,
    ),
    deleteVerifier: command<[string, string]>(db, 'DELETE FROM verifier WHERE address = ? AND slot = ?'),

    insertAccessToken: command<
      [string, string, string, string, string | null, string, string, string, number, number, number]
    >(
      db,
      `INSERT INTO access_token
         (hash, id, client, client_id, "user", subject, audiences, scopes, generation, issued_at, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    deleteAccessToken: command<[string]>(db, 'DELETE FROM access_token WHERE hash = ?'),
    deleteTokensOfClient: command<[string]>(db, 'DELETE FROM access_token WHERE client = ?'),
    deleteTokensOfUser: command<[string]>(db, 'DELETE FROM access_token WHERE "user" = ?'),
    revoke: command<[string, number]>(
      db,
      `INSERT INTO revocation (jti, expires_at) VALUES (?, ?)
       ON CONFLICT (jti) DO UPDATE SET expires_at = excluded.expires_at
       WHERE excluded.expires_at > revocation.expires_at`,
    ),
    removeExpiredTokens: command<[number, number]>(
      db,
      `DELETE FROM access_token WHERE hash IN
         (SELECT hash FROM access_token WHERE expires_at < ? ORDER BY expires_at LIMIT ?)`,
    ),
    removeExpiredRevocations: command<[number, number]>(
      db,
      `DELETE FROM revocation WHERE jti IN
         (SELECT jti FROM revocation WHERE expires_at < ? ORDER BY expires_at LIMIT ?)`,
    ),

    signingKeys: rows<[], SigningKeyRow>(db, SIGNING_KEYS),
    insertSigningKey: command<[string, string, string, number]>(
      db,
      'INSERT INTO signing_key (kid, alg, jwk, created_at) VALUES (?, ?, ?, ?)',
    ),
  };
}
