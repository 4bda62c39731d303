// Owns what is written when codes are issued and redeemed, Grants begin and end, and refresh tokens are rotated. Each verb
// runs inside a transaction and decides by what it reads there. Never begins or commits one.

import type { AccessTokenRecord, Grant, IssuedRows, Kept, RefreshToken } from '../oauth/port.ts';
import type { GroupedVerbs } from './protocol.ts';
import { bodyOfCode, bodyOfGrant } from './records.ts';
import type { WriteStatements } from './sql.ts';

type GrantVerbs = Pick<GroupedVerbs, 'insertCode' | 'redeemCode' | 'insertGrant' | 'endGrant' | 'rotateRefreshToken'>;

export function grantVerbs(sql: WriteStatements): GrantVerbs {
  return {
    insertCode({ hash, record }) {
      const { client, user, session, offline, expires_at } = record;
      sql.insertCode.run(hash, client, user, session, offline ? 1 : 0, expires_at, bodyOfCode(record));
    },
    redeemCode(hash, rows) {
      const code = sql.codeUse.get(hash);
      if (code === undefined) return 'unknown';
      if (code.grant_id !== null) {
        sql.deleteGrant.run(code.grant_id);
        return 'replayed';
      }
      sql.useCode.run(rows.grant.id, Math.max(code.expires_at, rows.grant.expires_at), hash);
      writeGrant(sql, rows);
      return 'redeemed';
    },
    insertGrant: (rows) => writeGrant(sql, rows),
    endGrant(id) {
      sql.deleteGrant.run(id);
    },
    rotateRefreshToken(hash, successor, accessToken, { now, grace }) {
      const known = sql.refreshTokenUse.get(hash);
      if (known === undefined) return { kind: 'unknown' };
      const { grant_id, rotated_at, sealed } = known;
      if (rotated_at === null) {
        sql.rotateRefreshToken.run(now, successor.sealed, now + grace, hash);
        writeRefreshToken(sql, successor);
        if (accessToken !== undefined) writeAccessToken(sql, accessToken);
        return { kind: 'rotated' };
      }
      // Without a grace never: a request that began before the first one may come here after it.
      if (grace > 0 && sealed !== null && now < rotated_at + grace) {
        if (accessToken !== undefined) writeAccessToken(sql, accessToken);
        return { kind: 'repeated', sealed };
      }
      sql.deleteGrant.run(grant_id);
      return { kind: 'reused' };
    },
  };
}

function writeGrant(sql: WriteStatements, rows: IssuedRows & { readonly grant: Grant }): void {
  const { grant, accessToken, refreshToken } = rows;
  const { id, client, user = null, session = null, offline, expires_at } = grant;
  sql.insertGrant.run(id, client, user, session, offline ? 1 : 0, expires_at, bodyOfGrant(grant));
  if (session !== null) sql.insertClientOfSession.run(client, session);
  if (accessToken !== undefined) writeAccessToken(sql, accessToken);
  if (refreshToken !== undefined) writeRefreshToken(sql, refreshToken);
}

function writeRefreshToken(sql: WriteStatements, { hash, record }: Kept<RefreshToken>): void {
  sql.insertRefreshToken.run(hash, record.grant, record.issued_at, record.expires_at);
}

/** Nothing where its Grant has ended meanwhile: it is dead before it is given out. */
export function writeAccessToken(sql: WriteStatements, { hash, record }: Kept<AccessTokenRecord>): void {
  if (record.grant !== undefined && sql.hasGrant.get(record.grant) === undefined) return;
  sql.insertAccessToken.run(
    hash,
    record.id,
    record.client,
    record.client_id,
    record.user ?? null,
    record.subject,
    JSON.stringify(record.audiences),
    JSON.stringify(record.scopes),
    record.generation,
    record.issued_at,
    record.expires_at,
    record.grant ?? null,
  );
}
