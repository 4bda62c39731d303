// Owns how a file of an older version of the schema becomes one of this version, or reads as one. Never runs anything.

import { ACCESS_TOKEN, GRANTS, REVISION, SCHEMA_VERSION, SIGNING_KEY, UNDONE, USAGE, VERIFIER } from './schema.ts';

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

${UNDONE}${USAGE}
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
`;

/** Seconds. Version 3 did not record it: a day is more than a token lived by default. */
const LONGEST_TTL_OF_3 = 86_400;

/** A key of version 3 signed from its first moment on. */
const signingKeysOf3 = (table: string) => `
SELECT kid, alg, jwk, created_at, created_at AS active_from, ${LONGEST_TTL_OF_3} AS longest_ttl FROM ${table}`;

const accessTokensOf3 = (table: string) => `
SELECT hash, id, client, client_id, "user", subject, audiences, scopes, generation, issued_at, expires_at, NULL AS grant_id
FROM ${table}`;

/** Version 3 knew no grant with a user. */
const MIGRATION_FROM_3 = `
ALTER TABLE signing_key RENAME TO signing_key_3;
${SIGNING_KEY}
INSERT INTO signing_key ${signingKeysOf3('signing_key_3')};
DROP TABLE signing_key_3;
${GRANTS}
ALTER TABLE access_token RENAME TO access_token_3;
DROP INDEX access_token_expires_at;
DROP INDEX access_token_client;
DROP INDEX access_token_user;
${ACCESS_TOKEN}
INSERT INTO access_token ${accessTokensOf3('access_token_3')};
DROP TABLE access_token_3;
`;

/** Version 4 spelled places otherwise, which who reads one knows: what is applied next spells them anew. */
const MIGRATION_FROM_4 = `PRAGMA user_version = ${SCHEMA_VERSION};`;

/** By the version of a file, what makes it one of this version. Each runs inside a transaction. */
export const MIGRATIONS: ReadonlyMap<number, string> = new Map([
  [1, MIGRATION_FROM_1 + MIGRATION_FROM_3 + MIGRATION_FROM_4],
  [2, MIGRATION_FROM_2 + MIGRATION_FROM_3 + MIGRATION_FROM_4],
  [3, MIGRATION_FROM_3 + MIGRATION_FROM_4],
  [4, MIGRATION_FROM_4],
]);

/** First, as it ends what was temporary before. */
const NO_TEMPORARY_FILE = 'PRAGMA temp_store = MEMORY;';

const VIEWS_OF_1 = `
CREATE TEMP VIEW revision AS ${revisionsOf1('main.revision')};
CREATE TEMP VIEW undone AS SELECT NULL AS digest, NULL AS generation, NULL AS resumed WHERE FALSE;
CREATE TEMP VIEW usage AS SELECT NULL AS address, NULL AS last_used WHERE FALSE;
`;

const VIEWS_OF_2 = `
CREATE TEMP VIEW revision AS ${revisionsOf2('main.revision')};
CREATE TEMP VIEW undone AS ${undoneOf2('main.undone')};
`;

const absent = (table: string, columns: readonly string[]) =>
  `CREATE TEMP VIEW ${table} AS SELECT ${columns.map((column) => `NULL AS ${column}`).join(', ')} WHERE FALSE;\n`;

/** Of the tables that version 3 did not have: those that are asked by who only reads, with the columns that are asked for. */
const VIEWS_OF_3 = `
CREATE TEMP VIEW signing_key AS ${signingKeysOf3('main.signing_key')};
CREATE TEMP VIEW access_token AS ${accessTokensOf3('main.access_token')};
${absent('grant_', ['id', 'client', '"user"', 'session', 'offline', 'expires_at', 'body'])}
${absent('authorization_code', ['hash', 'client', '"user"', 'session', 'offline', 'grant_id', 'body'])}
${absent('refresh_token', ['hash', 'grant_id', 'issued_at', 'expires_at', 'rotated_at'])}
${absent('session', ['hash', 'sid', '"user"', 'last_used', 'expires_at', 'body'])}
${absent('consent', ['"user"', 'client', 'scopes', 'generation', 'granted_at'])}
`;

/**
 * By the version of a file, what lets a connection that only reads see it as one of this version: views of its own, which the
 * names in every statement mean before the tables of the file. Nothing is written to the file, and nothing of it is copied.
 */
export const VIEWS: ReadonlyMap<number, string> = new Map([
  [1, NO_TEMPORARY_FILE + VIEWS_OF_1 + VIEWS_OF_3],
  [2, NO_TEMPORARY_FILE + VIEWS_OF_2 + VIEWS_OF_3],
  [3, NO_TEMPORARY_FILE + VIEWS_OF_3],
  [4, ''],
]);
