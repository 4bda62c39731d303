// Owns the statements by which what was issued for a client or a user ends or moves with it. Never runs one and never
// decides. It is SQL that PostgreSQL speaks too.

import type { Database } from 'better-sqlite3';
import { type Command, command } from './prepared.ts';

/** What hangs on a Grant or a session follows by itself: the foreign keys cascade. */
export interface OwnerStatements {
  /** The owner's address. */
  readonly end: readonly Command<[string]>[];
  /** The new address, then the old one. Nothing is left at the new one but assertions. */
  readonly move: readonly Command<[string, string]>[];
}

const OF_CLIENT = ['access_token', 'authorization_code', 'grant_', 'session_client', 'consent'];
const OF_USER = ['access_token', 'authorization_code', 'grant_', 'session', 'consent'];

export function ownerWrites(db: Database): { readonly ofClient: OwnerStatements; readonly ofUser: OwnerStatements } {
  const of = (tables: readonly string[], owner: string): OwnerStatements => ({
    end: tables.map((table) => command<[string]>(db, `DELETE FROM ${table} WHERE ${owner} = ?`)),
    move: tables.map((table) => command<[string, string]>(db, `UPDATE ${table} SET ${owner} = ? WHERE ${owner} = ?`)),
  });
  const ofClient = of(OF_CLIENT, 'client');
  // What an assertion was used for does not matter: it stays used until it has expired, whatever becomes of its client.
  const moveAssertions = command<[string, string]>(
    db,
    `INSERT INTO assertion (client, jti, expires_at) SELECT ?, jti, expires_at FROM assertion WHERE client = ?
     ON CONFLICT (client, jti) DO NOTHING`,
  );
  return { ofClient: { ...ofClient, move: [...ofClient.move, moveAssertions] }, ofUser: of(OF_USER, '"user"') };
}
