// Owns the reads of one row by its key that requests of tokens wait for, over whichever connection. Never writes.

import type { ReadVerbs } from './protocol.ts';
import { accessTokenFrom, codeFrom, consentFrom, grantFrom, refreshTokenFrom, sessionFrom } from './records.ts';
import type { PointStatements } from './sql.ts';

export type PointVerb =
  | 'findAccessToken'
  | 'isJwtRevoked'
  | 'findCode'
  | 'findGrant'
  | 'findRefreshToken'
  | 'findSession'
  | 'findSessionBySid'
  | 'findConsent';

export type PointVerbs = Pick<ReadVerbs, PointVerb>;

export function pointVerbs(sql: PointStatements): PointVerbs {
  return {
    findAccessToken: (hash) => known(sql.accessToken.get(hash), accessTokenFrom),
    isJwtRevoked: (jti) => sql.isRevoked.get(jti) !== undefined,
    findCode: (hash) => known(sql.code.get(hash), codeFrom),
    findGrant: (id) => known(sql.grant.get(id), grantFrom),
    findRefreshToken: (hash) => known(sql.refreshToken.get(hash), refreshTokenFrom),
    findSession: (hash) => known(sql.session.get(hash), sessionFrom),
    findSessionBySid: (sid) => known(sql.sessionBySid.get(sid), sessionFrom),
    findConsent: (user, client) => known(sql.consent.get(user, client), consentFrom),
  };
}

function known<Row, Found>(row: Row | undefined, read: (row: Row) => Found): Found | undefined {
  return row === undefined ? undefined : read(row);
}
