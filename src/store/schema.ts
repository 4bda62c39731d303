// Owns the schema of the SQLite store. Never runs anything, and never knows an older version (versions.ts).

/** "Chrt": what `PRAGMA application_id` of a Charter store says, so that no other program's file is taken for one. */
export const APPLICATION_ID = 0x43_68_72_74;

/** `PRAGMA user_version`: raised with every change of the schema. */
export const SCHEMA_VERSION = 5;

/** What hangs on an entity goes and moves with its row. */
const OF_ENTITY = 'REFERENCES entity (address) ON DELETE CASCADE ON UPDATE CASCADE';

export const VERIFIER = `
CREATE TABLE verifier (
  address TEXT NOT NULL ${OF_ENTITY},
  slot TEXT NOT NULL,
  phc TEXT NOT NULL,
  PRIMARY KEY (address, slot)
) STRICT;
`;

export const REVISION = `
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

/** What began in a Grant ends with it. */
const OF_GRANT = 'REFERENCES grant_ (id) ON DELETE CASCADE';

/** Live tokens of an owner are counted in the index alone. */
export const ACCESS_TOKEN = `
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
  expires_at INTEGER NOT NULL,
  grant_id TEXT ${OF_GRANT}
) STRICT;
CREATE INDEX access_token_expires_at ON access_token (expires_at);
CREATE INDEX access_token_client ON access_token (client, expires_at);
CREATE INDEX access_token_user ON access_token ("user", expires_at);
CREATE INDEX access_token_grant_id ON access_token (grant_id) WHERE grant_id IS NOT NULL;
`;

export const SIGNING_KEY = `
CREATE TABLE signing_key (
  kid TEXT NOT NULL PRIMARY KEY,
  alg TEXT NOT NULL,
  jwk TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  active_from INTEGER NOT NULL,
  longest_ttl INTEGER NOT NULL
) STRICT;
`;

/**
 * What grants with a user are kept as. `body` holds what no statement looks at. `expires_at` says when the row goes: of a
 * code that was redeemed, when its Grant does, which it then names in `grant_id` whether that is still there or not.
 */
export const GRANTS = `
CREATE TABLE grant_ (
  id TEXT NOT NULL PRIMARY KEY,
  client TEXT NOT NULL,
  "user" TEXT,
  session TEXT,
  offline INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX grant_expires_at ON grant_ (expires_at);
CREATE INDEX grant_client ON grant_ (client, expires_at, "user");
CREATE INDEX grant_user ON grant_ ("user", expires_at);
CREATE INDEX grant_session ON grant_ (session) WHERE session IS NOT NULL;

CREATE TABLE authorization_code (
  hash TEXT NOT NULL PRIMARY KEY,
  client TEXT NOT NULL,
  "user" TEXT NOT NULL,
  session TEXT NOT NULL,
  offline INTEGER NOT NULL,
  grant_id TEXT,
  expires_at INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX authorization_code_expires_at ON authorization_code (expires_at);
CREATE INDEX authorization_code_client ON authorization_code (client);
CREATE INDEX authorization_code_user ON authorization_code ("user");
CREATE INDEX authorization_code_session ON authorization_code (session);

CREATE TABLE refresh_token (
  hash TEXT NOT NULL PRIMARY KEY,
  grant_id TEXT NOT NULL ${OF_GRANT},
  issued_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  rotated_at INTEGER,
  sealed TEXT,
  sealed_until INTEGER
) STRICT;
CREATE INDEX refresh_token_expires_at ON refresh_token (expires_at);
CREATE INDEX refresh_token_grant_id ON refresh_token (grant_id);
CREATE INDEX refresh_token_sealed_until ON refresh_token (sealed_until) WHERE sealed_until IS NOT NULL;

CREATE TABLE session (
  hash TEXT NOT NULL PRIMARY KEY,
  sid TEXT NOT NULL UNIQUE,
  "user" TEXT NOT NULL,
  last_used INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX session_expires_at ON session (expires_at);
CREATE INDEX session_user ON session ("user", expires_at);

CREATE TABLE session_client (
  sid TEXT NOT NULL REFERENCES session (sid) ON DELETE CASCADE,
  client TEXT NOT NULL,
  PRIMARY KEY (sid, client)
) STRICT;
CREATE INDEX session_client_client ON session_client (client);

CREATE TABLE consent (
  "user" TEXT NOT NULL,
  client TEXT NOT NULL,
  scopes TEXT NOT NULL,
  generation INTEGER NOT NULL,
  granted_at INTEGER NOT NULL,
  PRIMARY KEY ("user", client)
) STRICT;
CREATE INDEX consent_client ON consent (client);

CREATE TABLE assertion (
  client TEXT NOT NULL,
  jti TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (client, jti)
) STRICT;
CREATE INDEX assertion_expires_at ON assertion (expires_at);
`;

export const UNDONE = `
CREATE TABLE undone (
  digest TEXT NOT NULL PRIMARY KEY,
  generation INTEGER NOT NULL,
  resumed INTEGER NOT NULL
) STRICT;
`;

export const USAGE = `
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
${VERIFIER}${REVISION}${SIGNING_KEY}${GRANTS}${ACCESS_TOKEN}
CREATE TABLE revocation (
  jti TEXT NOT NULL PRIMARY KEY,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX revocation_expires_at ON revocation (expires_at);
${UNDONE}${USAGE}
PRAGMA application_id = ${APPLICATION_ID};
PRAGMA user_version = ${SCHEMA_VERSION};
`;
