// Owns what is connected (SEMANTICS N-63): what was issued and still counts, as rows, and that all of an owner's ends. Never tells
// it to anybody.

import { tokenSettings } from '../model/settings.ts';
import type { Ended, Issued, Owners } from './issued-port.ts';
import type { GrantStore } from './port.ts';
import { endOfToken, faultOfRefresh } from './refresh-token.ts';
import type { Standing } from './snapshot.ts';
import { orphanedBy } from './token-in-use.ts';

/** One row: a Grant, or an opaque access token that hangs on none. */
export interface Connection {
  readonly issued: Issued;
  /** By a refresh token that can be used: `Refresh, Access`, else `Access`. That access is suspended does not matter: it is there. */
  readonly refreshes: boolean;
  /** Seconds since the epoch: when its last token ends if it is refreshed no more. */
  readonly ends: number;
}

/** `now` in milliseconds since the epoch. */
interface Seen {
  readonly snapshot: Standing;
  readonly grants: Pick<GrantStore, 'issuedTo' | 'findSessionBySid'>;
  readonly now: number;
}

/** The name that N-63 has for a row. */
export function typeOf({ refreshes }: Pick<Connection, 'refreshes'>): 'Refresh, Access' | 'Access' {
  return refreshes ? 'Refresh, Access' : 'Access';
}

/** Rows of one page that is read ahead of who asks. */
const PAGE = 256;

/** What there is of the owners, the newest first, read a page at a time as it is asked for. */
export async function* connectionsOf(owners: Owners, seen: Seen): AsyncGenerator<Connection> {
  const now = Math.floor(seen.now / 1000);
  for (let after: Issued['record'] | undefined; ; ) {
    const page = await seen.grants.issuedTo(owners, {
      now,
      limit: PAGE,
      ...(after === undefined ? {} : { after: { id: after.id, issued_at: after.issued_at } }),
    });
    for (const issued of page) {
      const connection = await connectionOf(issued, seen);
      if (connection !== undefined) yield connection;
    }
    if (page.length < PAGE) return;
    after = page.at(-1)?.record;
  }
}

/** Undefined where nothing of it is alive: Grants are kept for a while after their last token. */
export async function connectionOf(issued: Issued, seen: Seen): Promise<Connection | undefined> {
  const { record, grant, refreshToken, accessUntil, lastIssued } = issued;
  const { index } = seen.snapshot;
  const application = index.application(record.client);
  if (application === undefined || orphanedBy(record, seen.snapshot) !== undefined) return undefined;
  // A JWT is kept nowhere: it ends by the settings that it was most likely issued by.
  const accessEnds = accessUntil ?? lastIssued + tokenSettings(index.server, application).access_ttl;
  const refreshes =
    grant !== undefined &&
    refreshToken !== undefined &&
    (await faultOfRefresh({ record: refreshToken, grant, rotated_at: undefined }, application, seen)) === undefined;
  const ends = refreshes ? Math.max(accessEnds, endOfToken(refreshToken, grant, application)) : accessEnds;
  return seen.now < ends * 1000 ? { issued, refreshes, ends } : undefined;
}

/** Rows of each kind that end in one transaction: others write meanwhile. */
const AT_ONCE = 500;

/** Ends all that there is of the owners. What somebody begins meanwhile may stay. */
export async function endConnections(owners: Owners, grants: Pick<GrantStore, 'endIssued'>): Promise<Ended> {
  const total = { sessions: 0, codes: 0, consents: 0, grants: 0, accessTokens: 0 };
  const names = Object.keys(total) as (keyof typeof total)[];
  const stays: Ended['stays'][number][] = [];
  for (;;) {
    const ended = await grants.endIssued(owners, AT_ONCE);
    for (const name of names) total[name] += ended[name];
    stays.push(...ended.stays);
    if (names.every((name) => ended[name] < AT_ONCE)) return { ...total, stays };
  }
}
