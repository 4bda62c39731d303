// Owns the statements about tokens, codes and the Grants that they hang on. Never runs one and never decides. It is SQL
// that PostgreSQL speaks too.

import type { Database } from 'better-sqlite3';
import { type Command, command, rows, values } from './prepared.ts';

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
  readonly grant_id: string | null;
}

export interface CodeRow {
  readonly client: string;
  readonly user: string;
  readonly session: string;
  readonly offline: number;
  /** Of a code that was redeemed. */
  readonly grant_id: string | null;
  readonly body: string;
}

export interface GrantRow {
  readonly id: string;
  readonly client: string;
  readonly user: string | null;
  readonly session: string | null;
  readonly offline: number;
  readonly expires_at: number;
  readonly body: string;
}

/** A refresh token beside its Grant, whose `expires_at` is the Grant's. */
export interface RefreshTokenRow extends GrantRow {
  readonly token_issued_at: number;
  readonly token_expires_at: number;
  readonly rotated_at: number | null;
}

const GRANT = 'grant_.id, grant_.client, grant_."user", grant_.session, grant_.offline, grant_.expires_at, grant_.body';

export function grantReads(db: Database) {
  return {
    accessToken: rows<[string], AccessTokenRow>(
      db,
      `SELECT id, client, client_id, "user", subject, audiences, scopes, generation, issued_at, expires_at, grant_id
       FROM access_token WHERE hash = ?`,
    ),
    isRevoked: values<[string], number>(db, 'SELECT 1 FROM revocation WHERE jti = ?'),
    code: rows<[string], CodeRow>(
      db,
      'SELECT client, "user", session, offline, grant_id, body FROM authorization_code WHERE hash = ?',
    ),
    grant: rows<[string], GrantRow>(db, `SELECT ${GRANT} FROM grant_ WHERE id = ?`),
    refreshToken: rows<[string], RefreshTokenRow>(
      db,
      `SELECT refresh_token.issued_at AS token_issued_at, refresh_token.expires_at AS token_expires_at,
         refresh_token.rotated_at, ${GRANT}
       FROM refresh_token JOIN grant_ ON grant_.id = refresh_token.grant_id WHERE refresh_token.hash = ?`,
    ),
  };
}

export function grantWrites(db: Database) {
  return {
    insertAccessToken: command<
      [string, string, string, string, string | null, string, string, string, number, number, number, string | null]
    >(
      db,
      `INSERT INTO access_token
         (hash, id, client, client_id, "user", subject, audiences, scopes, generation, issued_at, expires_at, grant_id)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    deleteAccessToken: command<[string]>(db, 'DELETE FROM access_token WHERE hash = ?'),
    revoke: command<[string, number]>(
      db,
      `INSERT INTO revocation (jti, expires_at) VALUES (?, ?)
       ON CONFLICT (jti) DO UPDATE SET expires_at = excluded.expires_at
       WHERE excluded.expires_at > revocation.expires_at`,
    ),
    deleteRevocation: command<[string]>(db, 'DELETE FROM revocation WHERE jti = ?'),

    insertCode: command<[string, string, string, string, number, number, string]>(
      db,
      `INSERT INTO authorization_code (hash, client, "user", session, offline, expires_at, body)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ),
    codeUse: rows<[string], { readonly grant_id: string | null; readonly expires_at: number }>(
      db,
      'SELECT grant_id, expires_at FROM authorization_code WHERE hash = ?',
    ),
    useCode: command<[string, number, string]>(
      db,
      'UPDATE authorization_code SET grant_id = ?, expires_at = ? WHERE hash = ?',
    ),

    insertGrant: command<[string, string, string | null, string | null, number, number, string]>(
      db,
      'INSERT INTO grant_ (id, client, "user", session, offline, expires_at, body) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    hasGrant: values<[string], number>(db, 'SELECT 1 FROM grant_ WHERE id = ?'),
    /** Its refresh tokens and access tokens follow: the foreign keys cascade. */
    deleteGrant: command<[string]>(db, 'DELETE FROM grant_ WHERE id = ?'),

    insertRefreshToken: command<[string, string, number, number]>(
      db,
      'INSERT INTO refresh_token (hash, grant_id, issued_at, expires_at) VALUES (?, ?, ?, ?)',
    ),
    refreshTokenUse: rows<
      [string],
      { readonly grant_id: string; readonly rotated_at: number | null; readonly sealed: string | null }
    >(db, 'SELECT grant_id, rotated_at, sealed FROM refresh_token WHERE hash = ?'),
    rotateRefreshToken: command<[number, string, number, string]>(
      db,
      'UPDATE refresh_token SET rotated_at = ?, sealed = ?, sealed_until = ? WHERE hash = ?',
    ),
    /** Milliseconds since the epoch. */
    dropSealed: command<[number]>(
      db,
      'UPDATE refresh_token SET sealed = NULL, sealed_until = NULL WHERE sealed_until <= ?',
    ),
    removeExpired: removalOfExpired(db),
  };
}

/**
 * How long what takes something away outlives what it takes away, in seconds: a clock that went ahead and comes back must revive
 * nothing. What gives something is gone for good with its row.
 */
const KEPT_BEYOND_END = 86_400;

/** One for each table in which rows end: before an instant (seconds), the oldest first, so many. */
function removalOfExpired(db: Database): readonly Command<[number, number]>[] {
  const removal = (table: string, key: string, also = '', before = '?') =>
    command<[number, number]>(
      db,
      `DELETE FROM ${table} WHERE (${key}) IN
         (SELECT ${key} FROM ${table} WHERE expires_at < ${before}${also} ORDER BY expires_at LIMIT ?)`,
    );
  const lateRemoval = (table: string, key: string) => removal(table, key, '', `? - ${KEPT_BEYOND_END}`);
  const without = (table: string) => ` AND NOT EXISTS (SELECT 1 FROM ${table} WHERE grant_id = grant_.id)`;
  return [
    removal('access_token', 'hash'),
    lateRemoval('revocation', 'jti'),
    removal('refresh_token', 'hash'),
    removal('authorization_code', 'hash'),
    lateRemoval('assertion', 'client, jti'),
    removal('session', 'hash'),
    // After all that hangs on it, which would else be deleted beyond the limit.
    removal('grant_', 'id', without('refresh_token') + without('access_token')),
  ];
}
