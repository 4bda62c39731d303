// Owns the statements about sessions, consents and the assertions that were used. Never runs one and never decides. It is
// SQL that PostgreSQL speaks too.

import type { Database } from 'better-sqlite3';
import { command, rows, values } from './prepared.ts';

export interface SessionRow {
  readonly sid: string;
  readonly user: string;
  readonly last_used: number;
  readonly expires_at: number;
  readonly body: string;
}

export interface ConsentRow {
  readonly user: string;
  readonly client: string;
  readonly scopes: string;
  readonly generation: number;
  readonly granted_at: number;
}

const SESSION = 'SELECT sid, "user", last_used, expires_at, body FROM session WHERE';

export function sessionReads(db: Database) {
  return {
    session: rows<[string], SessionRow>(db, `${SESSION} hash = ?`),
    sessionBySid: rows<[string], SessionRow>(db, `${SESSION} sid = ?`),
    consent: rows<[string, string], ConsentRow>(
      db,
      'SELECT "user", client, scopes, generation, granted_at FROM consent WHERE "user" = ? AND client = ?',
    ),
  };
}

export function sessionWrites(db: Database) {
  return {
    /** The newest cookie of a session is its only one; its clients stay. */
    writeSession: command<[string, string, string, number, number, string]>(
      db,
      `INSERT INTO session (hash, sid, "user", last_used, expires_at, body) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (sid) DO UPDATE SET hash = excluded.hash, "user" = excluded."user", last_used = excluded.last_used,
         expires_at = excluded.expires_at, body = excluded.body`,
    ),
    /** Where the hash is that of another session. Its clients follow: the foreign keys cascade. */
    deleteOtherSession: command<[string, string]>(db, 'DELETE FROM session WHERE hash = ? AND sid <> ?'),
    touchSession: command<[number, string, number]>(
      db,
      'UPDATE session SET last_used = ? WHERE hash = ? AND last_used < ?',
    ),
    deleteSession: command<[string]>(db, 'DELETE FROM session WHERE sid = ?'),
    clientsOfSession: values<[string], string>(db, 'SELECT client FROM session_client WHERE sid = ? ORDER BY client'),
    /** Only of a session that is there. */
    insertClientOfSession: command<[string, string]>(
      db,
      `INSERT INTO session_client (sid, client) SELECT sid, ? FROM session WHERE sid = ?
       ON CONFLICT (sid, client) DO NOTHING`,
    ),
    deleteGrantsOfSession: command<[string]>(db, 'DELETE FROM grant_ WHERE session = ? AND offline = 0'),
    deleteCodesOfSession: command<[string]>(
      db,
      'DELETE FROM authorization_code WHERE session = ? AND offline = 0 AND grant_id IS NULL',
    ),

    writeConsent: command<[string, string, string, number, number]>(
      db,
      `INSERT INTO consent ("user", client, scopes, generation, granted_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT ("user", client) DO UPDATE SET scopes = excluded.scopes, generation = excluded.generation,
         granted_at = excluded.granted_at`,
    ),
    deleteConsent: command<[string, string]>(db, 'DELETE FROM consent WHERE "user" = ? AND client = ?'),
    deleteGrantsBetween: command<[string, string]>(db, 'DELETE FROM grant_ WHERE "user" = ? AND client = ?'),
    deleteCodesBetween: command<[string, string]>(
      db,
      'DELETE FROM authorization_code WHERE "user" = ? AND client = ? AND grant_id IS NULL',
    ),

    insertAssertion: command<[string, string, number]>(
      db,
      'INSERT INTO assertion (client, jti, expires_at) VALUES (?, ?, ?) ON CONFLICT (client, jti) DO NOTHING',
    ),
  };
}
