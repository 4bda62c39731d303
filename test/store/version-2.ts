// Owns a store as Charter's schema version 2 left it: one of version 1, brought up to date as it was then, with what came
// with that version. Never changes with the schema.

import type Database from 'better-sqlite3';
import { writeVersion1 } from './version-1.ts';

const MIGRATION = `
ALTER TABLE verifier RENAME TO verifier_1;

CREATE TABLE verifier (
  address TEXT NOT NULL REFERENCES entity (address) ON DELETE CASCADE ON UPDATE CASCADE,
  slot TEXT NOT NULL,
  phc TEXT NOT NULL,
  PRIMARY KEY (address, slot)
) STRICT;

INSERT INTO verifier SELECT address, slot, phc FROM verifier_1 WHERE address IN (SELECT address FROM entity);
DROP TABLE verifier_1;

ALTER TABLE revision RENAME TO revision_1;

CREATE TABLE revision (
  generation INTEGER NOT NULL PRIMARY KEY,
  digest TEXT NOT NULL,
  applied_at INTEGER NOT NULL,
  commit_id TEXT,
  author TEXT,
  secrets TEXT NOT NULL,
  summary TEXT NOT NULL,
  approvals TEXT NOT NULL,
  rollback_to INTEGER,
  plan TEXT NOT NULL
) STRICT;

INSERT INTO revision 
SELECT generation, digest, applied_at, commit_id, author, secrets,
  (
  SELECT json_object(
    'add', count(*) FILTER (WHERE action = 'create'),
    'change', count(*) FILTER (WHERE action = 'update'),
    'move', 0,
    'delete', count(*) FILTER (WHERE action = 'delete'),
    'access_added', 0,
    'access_removed', 0)
  FROM (SELECT json_extract(value, '$.action') AS action FROM json_each(old.plan))) AS summary, '[]' AS approvals, NULL AS rollback_to, plan
FROM revision_1 AS old;
DROP TABLE revision_1;

DROP INDEX access_token_client;
DROP INDEX access_token_user;

CREATE INDEX access_token_client ON access_token (client, expires_at);
CREATE INDEX access_token_user ON access_token ("user", expires_at);

CREATE TABLE undone (
  digest TEXT NOT NULL PRIMARY KEY,
  generation INTEGER NOT NULL
) STRICT;

CREATE TABLE usage (
  address TEXT NOT NULL PRIMARY KEY REFERENCES entity (address) ON DELETE CASCADE ON UPDATE CASCADE,
  last_used INTEGER NOT NULL
) STRICT;

PRAGMA user_version = 2;
`;

export const APPROVAL = 'deletes:Example@0123456789abcdef';
export const UNDONE = { digest: 'sha256:undone', generation: 3 };

/** Left open, so that a test may change it. */
export function writeVersion2(path: string): Database.Database {
  const db = writeVersion1(path);
  db.exec(MIGRATION);
  db.prepare('UPDATE revision SET approvals = ? WHERE generation = 2').run(JSON.stringify([APPROVAL]));
  db.prepare('INSERT INTO undone (digest, generation) VALUES (?, ?)').run(UNDONE.digest, UNDONE.generation);
  return db;
}
