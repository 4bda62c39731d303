// Owns the statements by which what was issued is listed and ended by its owners. Never runs one and never decides. It is SQL
// that PostgreSQL speaks too, where `body` is of type json.

import type { Database } from 'better-sqlite3';
import type { Owners } from '../oauth/issued-port.ts';
import type { AccessTokenRow, GrantRow } from './grant-sql.ts';
import { type Command, command, type Query, rows } from './prepared.ts';

/** With what is known of the tokens of a Grant. */
export interface IssuedGrantRow extends GrantRow {
  readonly issued_at: number;
  readonly refresh_issued_at: number | null;
  readonly refresh_expires_at: number | null;
  readonly last_refreshed: number | null;
  readonly access_issued_at: number | null;
  readonly access_until: number | null;
}

/** By whom rows are named: each has statements of its own, so that each uses its index. */
type By = 'all' | 'user' | 'client' | 'both';

const OF: Readonly<Record<By, string>> = {
  all: '1 = 1',
  user: '"user" = ?',
  client: 'client = ?',
  both: '"user" = ? AND client = ?',
};

/** How the owners are named, and the parameters that name them. */
export function byOwners({ user, client }: Owners): { readonly by: By; readonly named: readonly string[] } {
  if (user !== undefined && client !== undefined) return { by: 'both', named: [user, client] };
  if (user !== undefined) return { by: 'user', named: [user] };
  return client === undefined ? { by: 'all', named: [] } : { by: 'client', named: [client] };
}

function ofEach<Statement>(make: (where: string) => Statement): Readonly<Record<By, Statement>> {
  return { all: make(OF.all), user: make(OF.user), client: make(OF.client), both: make(OF.both) };
}

/** The page first: what is known of its tokens is looked up for so many rows alone. */
function grantPage(page: string): string {
  return `SELECT page.*, newest.issued_at AS refresh_issued_at, newest.expires_at AS refresh_expires_at,
      (SELECT max(issued_at) FROM refresh_token WHERE grant_id = page.id) AS last_refreshed,
      (SELECT max(issued_at) FROM access_token WHERE grant_id = page.id) AS access_issued_at,
      (SELECT max(expires_at) FROM access_token WHERE grant_id = page.id) AS access_until
    FROM (${page}) AS page
    LEFT JOIN refresh_token AS newest ON newest.grant_id = page.id AND newest.rotated_at IS NULL
    ORDER BY page.issued_at DESC, page.id DESC`;
}

const ISSUED_AT = "CAST(body ->> 'issued_at' AS INTEGER)";
const GRANT = `SELECT id, client, "user", session, offline, expires_at, body, ${ISSUED_AT} AS issued_at FROM grant_`;
const TOKEN = `SELECT id, client, client_id, "user", subject, audiences, scopes, generation, issued_at, expires_at, grant_id
  FROM access_token`;

/** The owners, `now`, the place after which the page begins (seconds, id), how many. */
type PageParameters = (string | number)[];

export function issuedReads(db: Database) {
  return {
    issuedGrants: ofEach(
      (where): Query<PageParameters, IssuedGrantRow> =>
        rows(
          db,
          grantPage(`${GRANT} WHERE ${where} AND expires_at > ? AND (${ISSUED_AT}, id) < (?, ?)
            ORDER BY issued_at DESC, id DESC LIMIT ?`),
        ),
    ),
    issuedTokens: ofEach(
      (where): Query<PageParameters, AccessTokenRow> =>
        rows(
          db,
          `${TOKEN} WHERE ${where} AND grant_id IS NULL AND expires_at > ? AND (issued_at, id) < (?, ?)
           ORDER BY issued_at DESC, id DESC LIMIT ?`,
        ),
    ),
    issuedGrant: rows<[string], IssuedGrantRow>(db, grantPage(`${GRANT} WHERE id = ?`)),
    issuedToken: rows<[string], AccessTokenRow>(db, `${TOKEN} WHERE id = ? AND grant_id IS NULL`),
  };
}

export function issuedWrites(db: Database) {
  /** The owners, then how many at most. */
  const ending = (table: string, key: string, also = '') =>
    ofEach(
      (where): Command<(string | number)[]> =>
        command(
          db,
          `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE ${where}${also} LIMIT ?)`,
        ),
    );
  const sessions = 'FROM session WHERE "user" = ? ORDER BY hash LIMIT ?';
  return {
    endCodes: ending('authorization_code', 'hash', ' AND grant_id IS NULL'),
    endConsents: ending('consent', '"user", client'),
    endGrants: ending('grant_', 'id'),
    endAccessTokens: ending('access_token', 'hash', ' AND grant_id IS NULL'),
    clientsOfSessions: rows<[string, number], { readonly sid: string; readonly client: string | null }>(
      db,
      `SELECT stay.sid, client FROM (SELECT sid ${sessions}) AS stay
       LEFT JOIN session_client ON session_client.sid = stay.sid ORDER BY stay.sid, client`,
    ),
    endSessions: command<[string, number]>(db, `DELETE FROM session WHERE hash IN (SELECT hash ${sessions})`),
    endAccessToken: command<[string]>(db, 'DELETE FROM access_token WHERE id = ? AND grant_id IS NULL'),
  };
}
