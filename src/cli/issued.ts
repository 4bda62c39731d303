// Owns what `charter tokens` answers, as data: rows of what was issued, and what was taken back. The command answers it from a store, a
// server that runs over its socket, in the same words. Never prints, and never a token or its hash.

import type { ApplicationAddress } from '../model/address.ts';
import { qualifiedName } from '../model/address.ts';
import { formatInstant } from '../model/duration.ts';
import { Failure } from '../model/failure.ts';
import { type Connection, connectionsOf, endConnections, typeOf } from '../oauth/connections.ts';
import type { Ended } from '../oauth/issued-port.ts';
import type { GrantStore } from '../oauth/port.ts';
import type { Standing } from '../oauth/snapshot.ts';
import { escapeControls } from '../plan/style.ts';
import { namesOfOwners, type OwnerOptions, readOwners, type Unlisted, unlistedOf } from './token-owners.ts';

/** A row. Instants are RFC 3339. */
export interface RowBody {
  readonly id: string;
  readonly kind: 'grant' | 'access_token';
  readonly client: string;
  readonly client_id: string;
  /** Absent where the client acts as itself. */
  readonly user?: string;
  readonly type: 'Refresh, Access' | 'Access';
  readonly grant_type?: string;
  readonly since: string;
  readonly last_token?: string;
  readonly ends: string;
  readonly scopes: readonly string[];
  readonly audiences: readonly string[];
  /** The address that its tokens are for. */
  readonly bound_ip?: string;
}

export interface ListBody {
  readonly connections: readonly RowBody[];
  readonly more: boolean;
  /** Clients whose JWTs are kept nowhere, and how long one lives at most. */
  readonly not_listed: Unlisted;
}

export interface RevokeBody {
  /** Whose; absent where single rows were named. */
  readonly of?: OwnerOptions;
  /** How much of each; absent where single rows were named. */
  readonly ended?: {
    readonly sessions: number;
    readonly consents: number;
    readonly codes: number;
    readonly grants: number;
    readonly access_tokens: number;
  };
  /** The rows that were there. */
  readonly ids?: readonly string[];
  /** Clients that were sent a notice that sessions have ended, and those that have a URI for it and were sent none. */
  readonly told?: readonly string[];
  readonly not_told?: readonly string[];
  readonly not_listed?: Unlisted;
}

interface Listing {
  readonly standing: Standing;
  readonly grants: Pick<GrantStore, 'issuedTo' | 'findSessionBySid'>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export const USUAL_LIMIT = 100;

/** Throws Failure `usage` for a name that stands for nothing. */
export async function listIssued(
  asked: OwnerOptions & { readonly limit: number },
  { standing, grants, now }: Listing,
): Promise<ListBody> {
  const owners = readOwners(asked, standing);
  const connections: RowBody[] = [];
  let more = false;
  for await (const connection of connectionsOf(owners, { snapshot: standing, grants, now })) {
    more = connections.length === asked.limit;
    if (more) break;
    connections.push(rowOf(connection));
  }
  return { connections, more, not_listed: unlistedOf(owners, standing) };
}

function rowOf(connection: Connection): RowBody {
  const { issued, ends } = connection;
  const { record, grant, lastIssued } = issued;
  return {
    id: record.id,
    kind: grant === undefined ? 'access_token' : 'grant',
    client: qualifiedName(record.client),
    client_id: record.client_id,
    ...(record.user === undefined ? {} : { user: qualifiedName(record.user) }),
    type: typeOf(connection),
    ...(grant === undefined ? {} : { grant_type: grant.grant_type }),
    since: instant(record.issued_at),
    ...(grant === undefined ? {} : { last_token: instant(lastIssued) }),
    ends: instant(ends),
    scopes: record.scopes,
    audiences: record.audiences,
    ...(grant?.bound_ip === undefined ? {} : { bound_ip: grant.bound_ip }),
  };
}

/** Of seconds. */
function instant(seconds: number): string {
  return formatInstant(seconds * 1000);
}

export interface RevokeOptions extends OwnerOptions {
  readonly id?: readonly string[];
}

interface Ending {
  readonly standing: Standing;
  readonly grants: Pick<GrantStore, 'findIssued' | 'endIssued' | 'endIssuedById'>;
  /** Is called once it is certain that something is to end. */
  readonly begin?: () => Promise<void>;
  /** Sends notices to clients of sessions that have ended; absent where nobody is at hand who could. */
  readonly tell?: (stays: Ended['stays']) => Promise<readonly ApplicationAddress[]>;
  /** What lists ids, in words. */
  readonly lists: string;
}

/** Throws Failure `usage` where nobody is named, or by a name that stands for nothing; `grant_unknown` for an id of nothing. */
export async function revokeIssued(asked: RevokeOptions, ending: Ending): Promise<RevokeBody> {
  const { id, ...named } = asked;
  const { standing, grants, begin = async () => undefined, tell } = ending;
  if (id === undefined && named.user === undefined && named.client === undefined) {
    throw new Failure('usage', 'Say whose tokens end: --user NAME, --client NAME, both, or --id ID of single ones.');
  }
  if (id !== undefined) return revokeById([...new Set(id)], { ...ending, begin });
  const owners = readOwners(named, standing);
  await begin();
  const { stays, sessions, consents, codes, grants: ended, accessTokens } = await endConnections(owners, grants);
  const told = tell === undefined ? [] : await tell(stays);
  const { index } = standing;
  const wanting = [...new Set(stays.flatMap(({ clients }) => clients))].filter(
    (one) => index.application(one)?.metadata?.backchannel_logout_uri !== undefined,
  );
  return {
    of: namesOfOwners(owners),
    ended: { sessions, consents, codes, grants: ended, access_tokens: accessTokens },
    told: told.map(qualifiedName).sort(),
    not_told: wanting
      .filter((one) => !told.includes(one))
      .map(qualifiedName)
      .sort(),
    not_listed: unlistedOf(owners, standing),
  };
}

/** All or none of them. */
async function revokeById(
  ids: readonly string[],
  { grants, begin, lists }: Ending & { readonly begin: () => Promise<void> },
): Promise<RevokeBody> {
  for (const id of ids) {
    if ((await grants.findIssued(id)) !== undefined) continue;
    throw new Failure(
      'grant_unknown',
      `Nothing has the id ${escapeControls(id)}: ${lists} lists what has one. Nothing was ended.`,
    );
  }
  await begin();
  return { ids: await grants.endIssuedById(ids) };
}
