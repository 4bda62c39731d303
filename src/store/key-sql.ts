// Owns the statements about signing keys. Never runs one and never decides. It is SQL that PostgreSQL speaks too.

import type { Database } from 'better-sqlite3';
import { command, rows } from './prepared.ts';

export interface SigningKeyRow {
  readonly kid: string;
  readonly alg: string;
  readonly jwk: string;
  readonly created_at: number;
  readonly active_from: number;
  readonly longest_ttl: number;
}

const SIGNING_KEYS = `SELECT kid, alg, jwk, created_at, active_from, longest_ttl FROM signing_key
  ORDER BY alg, created_at DESC, kid`;

export function keyReads(db: Database) {
  return { signingKeys: rows<[], SigningKeyRow>(db, SIGNING_KEYS) };
}

export function keyWrites(db: Database) {
  return {
    signingKeys: rows<[], SigningKeyRow>(db, SIGNING_KEYS),
    insertSigningKey: command<[string, string, string, number, number, number]>(
      db,
      `INSERT INTO signing_key (kid, alg, jwk, created_at, active_from, longest_ttl) VALUES (?, ?, ?, ?, ?, ?)`,
    ),
    extendSigningKeys: command<[number, number]>(db, 'UPDATE signing_key SET longest_ttl = ? WHERE longest_ttl < ?'),
    // Whoever else deletes at the same time: an algorithm without a key could sign nothing.
    deleteSigningKey: command<[string]>(
      db,
      `DELETE FROM signing_key WHERE kid = ? AND EXISTS (
        SELECT 1 FROM signing_key AS other WHERE other.alg = signing_key.alg AND other.kid <> signing_key.kid)`,
    ),
  };
}
