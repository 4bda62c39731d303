// Owns a store as Charter's schema version 3 left it: one of version 2, brought up to date as it was then, with what came
// with that version. Never changes with the schema.

import type Database from 'better-sqlite3';
import { writeVersion2 } from './version-2.ts';

const MIGRATION = `
ALTER TABLE revision RENAME TO revision_2;

CREATE TABLE revision (
  generation INTEGER NOT NULL PRIMARY KEY,
  digest TEXT NOT NULL,
  applied_at INTEGER NOT NULL,
  commit_id TEXT,
  author TEXT,
  secrets TEXT NOT NULL,
  summary TEXT NOT NULL,
  approvals TEXT NOT NULL,
  standing TEXT,
  rollback_to INTEGER,
  plan TEXT NOT NULL
) STRICT;

INSERT INTO revision 
SELECT generation, digest, applied_at, commit_id, author, secrets, summary, approvals, NULL AS standing, rollback_to, plan
FROM revision_2;
DROP TABLE revision_2;

ALTER TABLE undone RENAME TO undone_2;

CREATE TABLE undone (
  digest TEXT NOT NULL PRIMARY KEY,
  generation INTEGER NOT NULL,
  resumed INTEGER NOT NULL
) STRICT;

INSERT INTO undone SELECT digest, generation, 0 AS resumed FROM undone_2;
DROP TABLE undone_2;
PRAGMA user_version = 3;
`;

export const STANDING = ['deletes:Example@fedcba9876543210'];

/** Left open, so that a test may change it. */
export function writeVersion3(path: string): Database.Database {
  const db = writeVersion2(path);
  db.exec(MIGRATION);
  db.prepare('UPDATE revision SET standing = ? WHERE generation = 2').run(JSON.stringify(STANDING));
  db.prepare('UPDATE undone SET resumed = 1').run();
  db.prepare('INSERT INTO signing_key VALUES (?, ?, ?, ?)').run('newer', 'ES256', '{"kty":"EC"}', 1_700_000_000_000);
  return db;
}
