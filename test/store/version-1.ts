// Owns a store as Charter's schema version 1 left it, with rows of every table. Never changes with the schema.

import Database from 'better-sqlite3';
import { canonicalJson, digestBody, digestEntries, digestState } from '../../src/model/digest.ts';
import { EMPTY_STATE, type State } from '../../src/model/state.ts';
import { diffStates } from '../../src/plan/diff.ts';
import { application, SMALL, smallWith, user } from './fixture.ts';

const SCHEMA = `
CREATE TABLE entity (
  address TEXT NOT NULL PRIMARY KEY,
  digest TEXT NOT NULL,
  since INTEGER NOT NULL,
  body TEXT NOT NULL,
  origin TEXT
) STRICT;

CREATE TABLE verifier (
  address TEXT NOT NULL REFERENCES entity (address) ON DELETE CASCADE,
  slot TEXT NOT NULL,
  phc TEXT NOT NULL,
  PRIMARY KEY (address, slot)
) STRICT;

CREATE TABLE revision (
  generation INTEGER NOT NULL PRIMARY KEY,
  digest TEXT NOT NULL,
  applied_at INTEGER NOT NULL,
  commit_id TEXT,
  author TEXT,
  secrets TEXT NOT NULL,
  plan TEXT NOT NULL
) STRICT;

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
CREATE INDEX access_token_client ON access_token (client);
CREATE INDEX access_token_user ON access_token ("user");

CREATE TABLE revocation (
  jti TEXT NOT NULL PRIMARY KEY,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX revocation_expires_at ON revocation (expires_at);

PRAGMA application_id = 1130918516;
PRAGMA user_version = 1;
`;

/** What the file holds: the newest of its three generations, of which the last changed a secret alone. */
export const HELD = smallWith({
  'application:Example/Client2': application('Client2', { enabled: false }),
  'user:Example/User1': undefined,
  'user:Example/User2': user('User2'),
  'user:Example/User3': user('User3'),
});

/** Writes the file in write-ahead mode and answers the connection: until it is closed, the newest rows are in the log. */
export function writeVersion1(path: string): Database.Database {
  const db = new Database(path);
  db.pragma('journal_mode = WAL');
  db.exec(SCHEMA);
  const revision = db.prepare('INSERT INTO revision VALUES (?, ?, ?, ?, ?, ?, ?)');
  const record = (generation: number, from: State, to: State, secrets: readonly string[] = []) =>
    revision.run(
      generation,
      digestState(to),
      1000 * generation,
      generation === 2 ? 'c0ffee' : null,
      generation === 2 ? 'A. Uthor <a@b>' : null,
      JSON.stringify(secrets),
      JSON.stringify(diffStates(from, to)),
    );
  db.transaction(() => {
    record(1, EMPTY_STATE, SMALL);
    record(2, SMALL, HELD);
    record(3, HELD, HELD, ['application:Example/Client1']);
    const entity = db.prepare('INSERT INTO entity VALUES (?, ?, ?, ?, ?)');
    const entries = [...HELD].map(([address, value]) => {
      const body = canonicalJson(value);
      entity.run(address, digestBody(body), 1, body, null);
      return [address, digestBody(body)] as const;
    });
    if (digestEntries(entries) !== digestState(HELD)) throw new Error('the rows are not the State');
    db.prepare('INSERT INTO verifier VALUES (?, ?, ?)').run(
      'application:Example/Client1',
      'env:Client1_SECRET',
      '$one',
    );
    db.prepare('INSERT INTO signing_key VALUES (?, ?, ?, ?)').run('k', 'ES256', '{"kty":"EC"}', 1);
    db.prepare('INSERT INTO access_token VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)').run(
      ...['h', 'id', 'application:Example/Client1', 'Client1', 'user:Example/User2', 'User2', '[]', '[]'],
      ...[1, 1000, 2000],
    );
    db.prepare('INSERT INTO revocation VALUES (?, ?)').run('j', 2000);
  })();
  return db;
}
