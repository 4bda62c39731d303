// Owns what is read and written when what was issued is listed and taken back. A write runs inside a transaction that others
// share. Never begins or commits one.

import type { ApplicationAddress } from '../model/address.ts';
import type { Issued } from '../oauth/issued-port.ts';
import type { AccessTokenRow } from './grant-sql.ts';
import { byOwners, type IssuedGrantRow } from './issued-sql.ts';
import type { GroupedVerbs, ReadVerbs } from './protocol.ts';
import { accessTokenFrom, grantFrom } from './records.ts';
import type { ReadStatements, WriteStatements } from './sql.ts';

type IssuedReads = Pick<ReadVerbs, 'issuedTo' | 'findIssued'>;
type IssuedWrites = Pick<GroupedVerbs, 'endIssued' | 'endIssuedById'>;

/** Before the first page: after everything that there could be. */
const FROM_THE_NEWEST = { issued_at: Number.MAX_SAFE_INTEGER, id: '' };

export function issuedReads(sql: ReadStatements): IssuedReads {
  return {
    issuedTo(owners, { now, limit, after = FROM_THE_NEWEST }) {
      const { by, named } = byOwners(owners);
      const parameters = [...named, now, after.issued_at, after.id, limit];
      const grants = sql.issuedGrants[by].all(...parameters).map(fromGrant);
      const tokens = sql.issuedTokens[by].all(...parameters).map(fromToken);
      return [...grants, ...tokens].sort(newestFirst).slice(0, limit);
    },
    findIssued(id) {
      const grant = sql.issuedGrant.get(id);
      if (grant !== undefined) return fromGrant(grant);
      const token = sql.issuedToken.get(id);
      return token && fromToken(token);
    },
  };
}

/** As the statements order them: ids are ASCII. */
function newestFirst({ record: one }: Issued, { record: other }: Issued): number {
  return other.issued_at - one.issued_at || (one.id < other.id ? 1 : -1);
}

function fromGrant(row: IssuedGrantRow): Issued {
  const grant = grantFrom(row);
  const { refresh_issued_at, refresh_expires_at, last_refreshed, access_issued_at, access_until } = row;
  return {
    record: grant,
    grant,
    refreshToken:
      refresh_issued_at === null || refresh_expires_at === null
        ? undefined
        : { grant: row.id, issued_at: refresh_issued_at, expires_at: refresh_expires_at },
    accessUntil: access_until ?? undefined,
    lastIssued: Math.max(grant.issued_at, last_refreshed ?? 0, access_issued_at ?? 0),
  };
}

function fromToken(row: AccessTokenRow): Issued {
  const { grant: _none, ...record } = accessTokenFrom(row);
  return {
    record,
    grant: undefined,
    refreshToken: undefined,
    accessUntil: row.expires_at,
    lastIssued: row.issued_at,
  };
}

export function issuedWrites(sql: WriteStatements): IssuedWrites {
  return {
    endIssued(owners, limit) {
      const { by, named } = byOwners(owners);
      if (by === 'all') throw new Error('what everybody has is not ended at once');
      const { user } = owners;
      const ofUser = by === 'user' && user !== undefined;
      // What is still to be redeemed first, and who could silently begin anew: nothing is to come after what is ended.
      const clients = new Map<string, ApplicationAddress[]>();
      for (const { sid, client } of ofUser ? sql.clientsOfSessions.all(user, limit) : []) {
        const known = clients.get(sid) ?? [];
        clients.set(sid, client === null ? known : [...known, client as ApplicationAddress]);
      }
      const sessions = ofUser ? sql.endSessions.run(user, limit).changes : 0;
      const [codes, consents, grants, accessTokens] = [
        sql.endCodes[by],
        sql.endConsents[by],
        sql.endGrants[by],
        sql.endAccessTokens[by],
      ].map((end) => end.run(...named, limit).changes) as [number, number, number, number];
      const stays = ofUser ? [...clients].map(([sid, some]) => ({ sid, user, clients: some })) : [];
      return { sessions, codes, consents, grants, accessTokens, stays };
    },
    endIssuedById: (ids) =>
      ids.filter((id) => sql.deleteGrant.run(id).changes > 0 || sql.endAccessToken.run(id).changes > 0),
  };
}
