// Owns the schema of the SQLite store and how a file of an older version becomes or reads as one of this version. Never
// runs anything.

/** "Chrt": what `PRAGMA application_id` of a Charter store says, so that no other program's file is taken for one. */
export const APPLICATION_ID = 0x43_68_72_74;

/** `PRAGMA user_version`: raised with every change of the schema. */
export const SCHEMA_VERSION = 3;

/** What hangs on an entity goes and moves with its row. */
const OF_ENTITY = 'REFERENCES entity (address) ON DELETE CASCADE ON UPDATE CASCADE';

const VERIFIER = `
CREATE TABLE verifier (
  address TEXT NOT NULL ${OF_ENTITY},
  slot TEXT NOT NULL,
  phc TEXT NOT NULL,
  PRIMARY KEY (address, slot)
) STRICT;
`;

const REVISION = `
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
`;

/** Live tokens of an owner are counted in the index alone. */
const ACCESS_TOKEN_INDEXES = `
CREATE INDEX access_token_client ON access_token (client, expires_at);
CREATE INDEX access_token_user ON access_token ("user", expires_at);
`;

const UNDONE = `
CREATE TABLE undone (
  digest TEXT NOT NULL PRIMARY KEY,
  generation INTEGER NOT NULL,
  resumed INTEGER NOT NULL
) STRICT;
`;

const USAGE = `
CREATE TABLE usage (
  address TEXT NOT NULL PRIMARY KEY ${OF_ENTITY},
  last_used INTEGER NOT NULL
) STRICT;
`;

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
${VERIFIER}${REVISION}
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
${ACCESS_TOKEN_INDEXES}
CREATE TABLE revocation (
  jti TEXT NOT NULL PRIMARY KEY,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX revocation_expires_at ON revocation (expires_at);
${UNDONE}${USAGE}
PRAGMA application_id = ${APPLICATION_ID};
PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** Version 1 had the changes of a plan and not their numbers; what became of access was never recorded. */
const SUMMARY_OF_PLAN = `(
  SELECT json_object(
    'add', count(*) FILTER (WHERE action = 'create'),
    'change', count(*) FILTER (WHERE action = 'update'),
    'move', 0,
    'delete', count(*) FILTER (WHERE action = 'delete'),
    'access_added', 0,
    'access_removed', 0)
  FROM (SELECT json_extract(value, '$.action') AS action FROM json_each(old.plan)))`;

/** The rows of `revision` in a file of version 1, by the columns of this version. */
const revisionsOf1 = (table: string) => `
SELECT generation, digest, applied_at, commit_id, author, secrets,
  ${SUMMARY_OF_PLAN} AS summary, '[]' AS approvals, NULL AS standing, NULL AS rollback_to, plan
FROM ${table} AS old`;

/** The same of version 2, which did not record what stood in the spec. */
const revisionsOf2 = (table: string) => `
SELECT generation, digest, applied_at, commit_id, author, secrets, summary, approvals, NULL AS standing, rollback_to, plan
FROM ${table}`;

/** Version 2 forgot what was resumed. */
const undoneOf2 = (table: string) => `SELECT digest, generation, 0 AS resumed FROM ${table}`;

const MIGRATION_FROM_1 = `
ALTER TABLE verifier RENAME TO verifier_1;
${VERIFIER}
INSERT INTO verifier SELECT address, slot, phc FROM verifier_1 WHERE address IN (SELECT address FROM entity);
DROP TABLE verifier_1;

ALTER TABLE revision RENAME TO revision_1;
${REVISION}
INSERT INTO revision ${revisionsOf1('revision_1')};
DROP TABLE revision_1;

DROP INDEX access_token_client;
DROP INDEX access_token_user;
${ACCESS_TOKEN_INDEXES}${UNDONE}${USAGE}
PRAGMA user_version = ${SCHEMA_VERSION};
`;

const MIGRATION_FROM_2 = `
ALTER TABLE revision RENAME TO revision_2;
${REVISION}
INSERT INTO revision ${revisionsOf2('revision_2')};
DROP TABLE revision_2;

ALTER TABLE undone RENAME TO undone_2;
${UNDONE}
INSERT INTO undone ${undoneOf2('undone_2')};
DROP TABLE undone_2;
PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** By the version of a file, what makes it one of this version. Each runs inside a transaction. */
export const MIGRATIONS: ReadonlyMap<number, string> = new Map([
  [1, MIGRATION_FROM_1],
  [2, MIGRATION_FROM_2],
]);

const VIEWS_OF_1 = `
PRAGMA temp_store = MEMORY;
CREATE TEMP VIEW revision AS ${revisionsOf1('main.revision')};
CREATE TEMP VIEW undone AS SELECT NULL AS digest, NULL AS generation, NULL AS resumed WHERE FALSE;
CREATE TEMP VIEW usage AS SELECT NULL AS address, NULL AS last_used WHERE FALSE;
`;

const VIEWS_OF_2 = `
PRAGMA temp_store = MEMORY;
CREATE TEMP VIEW revision AS ${revisionsOf2('main.revision')};
CREATE TEMP VIEW undone AS ${undoneOf2('main.undone')};
`;

/**
 * By the version of a file, what lets a connection that only reads see it as one of this version: views of its own, which the
 * names in every statement mean before the tables of the file. Nothing is written to the file, and nothing of it is copied.
 */
export const VIEWS: ReadonlyMap<number, string> = new Map([
  [1, VIEWS_OF_1],
  [2, VIEWS_OF_2],
]);
