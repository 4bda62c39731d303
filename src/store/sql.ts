// Owns the prepared statements of the SQLite store, each prepared once per connection. Never runs one and never decides.
// Beside the slicing of a plan, and texts that come as bytes, it is SQL that PostgreSQL speaks too.

import type { Database } from 'better-sqlite3';
import type { Address } from '../model/address.ts';
import type { AppliedMove } from '../model/move.ts';
import type { Undone } from '../plan/port.ts';
import { grantReads, grantWrites } from './grant-sql.ts';
import { issuedReads, issuedWrites } from './issued-sql.ts';
import { keyReads, keyWrites } from './key-sql.ts';
import { ownerWrites } from './owner-sql.ts';
import { command, type Query, rows, tuples, values } from './prepared.ts';
import { sessionReads, sessionWrites } from './session-sql.ts';

export interface EntityRow {
  readonly address: Address;
  readonly digest: string;
  readonly since: number;
  /** Canonical JSON of the entity. */
  readonly body: string;
  /** As model/origin-text.ts writes it; null where the apply named none. */
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
  /** JSON of a RevisionSummary. */
  readonly summary: string;
  /** JSON array of strings. */
  readonly approvals: string;
  /** The same; null where it is not known. */
  readonly standing: string | null;
  readonly rollback_to: number | null;
}

export interface UsageRow {
  readonly address: Address;
  readonly last_used: number;
}

const PAGES = {
  entity: 'SELECT address, digest, since, body, origin FROM entity ORDER BY address',
  verifier: 'SELECT address, slot, phc FROM verifier ORDER BY address, slot',
} as const;

/** Entities and verifiers whole, in the order of their keys: read page by page on a connection of their own. */
export function pageStatement(db: Database, of: keyof typeof PAGES): Query<[], unknown> {
  return rows<[], unknown>(db, PAGES[of]);
}

/**
 * The changes of a plan as texts of JSON, read page by page on a connection of their own. SQLite walks an array from its
 * first element to its last; to order them would first hold all of them.
 */
export function changesStatement(db: Database): Query<[number], string> {
  return values<[number], string>(
    db,
    'SELECT part.value FROM revision, json_each(revision.plan) AS part WHERE generation = ?',
  );
}

const REVISION = `SELECT generation, digest, applied_at, commit_id, author, secrets, summary, approvals, standing, rollback_to
  FROM revision`;
const NEWEST_FIRST = 'ORDER BY generation DESC LIMIT';

/** What pages are of. No more of the row: in a file of version 1 the rest of it is worked out from the plan. */
export type RevisionMark = Pick<RevisionRow, 'generation' | 'digest'>;

export function newestMarkStatement(db: Database): Query<[], RevisionMark> {
  return rows<[], RevisionMark>(db, `SELECT generation, digest FROM revision ${NEWEST_FIRST} 1`);
}

/** All that were ever applied, the oldest first. */
export function movesStatement(db: Database): Query<[], AppliedMove> {
  return rows<[], AppliedMove>(
    db,
    `SELECT revision.generation, json_extract(change.value, '$.from') AS "from", json_extract(change.value, '$.address') AS "to"
     FROM revision, json_each(revision.plan) AS change
     WHERE json_extract(revision.summary, '$.move') > 0 AND json_extract(change.value, '$.action') = 'move'
     ORDER BY revision.generation`,
  );
}

export function markStatement(db: Database): Query<[number], RevisionMark> {
  return rows<[number], RevisionMark>(db, 'SELECT generation, digest FROM revision WHERE generation = ?');
}

/** How many addresses one question about usage may name. */
export const USAGE_ADDRESSES = 64;
const ADDRESSES = Array.from({ length: USAGE_ADDRESSES }, () => '?').join(', ');

/** An address, or a place that is not needed. */
type Place = Address | null;

type Owner = 'client' | '"user"';

/** The addresses, and an instant in seconds since the epoch, as often as it is asked for. */
type Counted<Instants extends number[]> = Query<[...Place[], ...Instants], readonly [Address, number]>;

function counted<Instants extends number[] = [number]>(
  db: Database,
  { of, by, count = 'count(*)', where = '' }: { of: string; by: Owner; count?: string; where?: string },
): Counted<Instants> {
  return tuples<[...Place[], ...Instants], [Address, number]>(
    db,
    `SELECT ${by}, ${count} FROM ${of} WHERE ${by} IN (${ADDRESSES}) AND expires_at > ?${where} GROUP BY ${by}`,
  );
}

/** A Grant with a refresh token that may be used. */
function families(db: Database, by: Owner): Counted<[number, number]> {
  const isFamily = `EXISTS (SELECT 1 FROM refresh_token AS newest
    WHERE newest.grant_id = grant_.id AND newest.rotated_at IS NULL AND newest.expires_at > ?)`;
  return counted(db, { of: 'grant_', by, where: ` AND ${isFamily}` });
}

export type ReadStatements = ReturnType<typeof readStatements>;

/** What the reading connection answers: it sees only what was committed. */
export function readStatements(db: Database) {
  return {
    revisions: rows<[number], RevisionRow>(db, `${REVISION} ${NEWEST_FIRST} ?`),
    liveTokensOfClients: counted(db, { of: 'access_token', by: 'client' }),
    liveTokensOfUsers: counted(db, { of: 'access_token', by: '"user"' }),
    familiesOfClients: families(db, 'client'),
    familiesOfUsers: families(db, '"user"'),
    usersOfClients: counted(db, { of: 'grant_', by: 'client', count: 'count(DISTINCT "user")' }),
    sessionsOfUsers: counted(db, { of: 'session', by: '"user"' }),
    usage: rows<Place[], UsageRow>(db, `SELECT address, last_used FROM usage WHERE address IN (${ADDRESSES})`),
    undone: rows<[], Undone>(db, 'SELECT digest, generation FROM undone WHERE resumed = 0 ORDER BY generation DESC'),
    resumed: values<[], number>(db, 'SELECT generation FROM undone WHERE resumed = 1 ORDER BY generation'),
    entityDigests: tuples<[], [Address, string]>(db, 'SELECT address, digest FROM entity'),
    ...pointStatements(db),
    ...issuedReads(db),
    ...keyReads(db),
  };
}

export type PointStatements = ReturnType<typeof pointStatements>;

/** One row by its key each. */
export function pointStatements(db: Database) {
  return { ...grantReads(db), ...sessionReads(db) };
}

/** A text that may come as its UTF-8. */
const TEXT = 'CAST(? AS TEXT)';

export type WriteStatements = ReturnType<typeof writeStatements>;

/** What the writing connection runs, always inside a transaction. */
export function writeStatements(db: Database) {
  return {
    newestRevision: rows<[], RevisionRow>(db, `${REVISION} ${NEWEST_FIRST} 1`),
    // Another one only when another connection has committed something.
    dataVersion: values<[], number>(db, 'PRAGMA data_version'),
    revisionsAfter: rows<[number, number], RevisionRow>(db, `${REVISION} WHERE generation > ? ${NEWEST_FIRST} ?`),
    insertRevision: command<
      [
        number,
        string,
        number,
        string | null,
        string | null,
        string,
        string,
        string,
        string | null,
        number | null,
        string | Uint8Array,
      ]
    >(
      db,
      `INSERT INTO revision
         (generation, digest, applied_at, commit_id, author, secrets, summary, approvals, standing, rollback_to, plan)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ${TEXT})`,
    ),
    deleteUndone: command<[]>(db, 'DELETE FROM undone'),
    deleteUndoneOf: command<[string]>(db, 'DELETE FROM undone WHERE digest = ?'),
    resumeUndone: command<[]>(db, 'UPDATE undone SET resumed = 1 WHERE resumed = 0'),
    deleteResumed: command<[]>(db, 'DELETE FROM undone WHERE resumed = 1'),
    insertUndone: command<[string, number]>(db, 'INSERT INTO undone (digest, generation, resumed) VALUES (?, ?, 0)'),

    entityBody: values<[string], string>(db, 'SELECT body FROM entity WHERE address = ?'),
    entityDigests: tuples<[], [Address, string]>(db, 'SELECT address, digest FROM entity'),
    insertEntity: command<[string, string, number, Uint8Array, Uint8Array | null]>(
      db,
      `INSERT INTO entity (address, digest, since, body, origin) VALUES (?, ?, ?, ${TEXT}, ${TEXT})
       ON CONFLICT (address) DO NOTHING`,
    ),
    updateEntity: command<[string, string, string]>(db, 'UPDATE entity SET digest = ?, body = ? WHERE address = ?'),
    renewEntity: command<[number, string]>(db, 'UPDATE entity SET since = ? WHERE address = ?'),
    deleteEntity: command<[string]>(db, 'DELETE FROM entity WHERE address = ?'),
    /** Verifiers and usage follow: the foreign keys cascade. */
    moveEntity: command<[string, string]>(db, 'UPDATE entity SET address = ? WHERE address = ?'),
    restoreEntity: command<[string, string, number, string]>(
      db,
      `INSERT INTO entity (address, digest, since, body) VALUES (?, ?, ?, ?)
       ON CONFLICT (address) DO UPDATE SET digest = excluded.digest, body = excluded.body`,
    ),
    entitiesAfter: rows<[string, number], Pick<EntityRow, 'address' | 'digest' | 'body'>>(
      db,
      'SELECT address, digest, body FROM entity WHERE address > ? ORDER BY address LIMIT ?',
    ),
    updateOrigin: command<[Uint8Array, string, Uint8Array]>(
      db,
      `UPDATE entity SET origin = ${TEXT} WHERE address = ? AND origin IS DISTINCT FROM ${TEXT}`,
    ),

    verifier: values<[string, string], string>(db, 'SELECT phc FROM verifier WHERE address = ? AND slot = ?'),
    verifierSlots: values<[string], string>(db, 'SELECT slot FROM verifier WHERE address = ?'),
    writeVerifier: command<[string, string, string]>(
      db,
      `INSERT INTO verifier (address, slot, phc) VALUES (?, ?, ?)
       ON CONFLICT (address, slot) DO UPDATE SET phc = excluded.phc`,
    ),
    deleteVerifier: command<[string, string]>(db, 'DELETE FROM verifier WHERE address = ? AND slot = ?'),

    /** Only for what is an entity. */
    recordUse: command<[number, string]>(
      db,
      `INSERT INTO usage (address, last_used) SELECT address, ? FROM entity WHERE address = ?
       ON CONFLICT (address) DO UPDATE SET last_used = excluded.last_used
       WHERE excluded.last_used > usage.last_used`,
    ),
    ...grantWrites(db),
    ...sessionWrites(db),
    ...issuedWrites(db),
    ...keyWrites(db),
    ...ownerWrites(db),
  };
}
