// Owns what is left of an access token when it is used: alive, its owners still the same, and as much of it as
// today's access gives. Shared by introspection, userinfo and the grants that go on. Never decides access itself.

import { reviewClientCredentials } from '../access/client-credentials.ts';
import type { Attributes, Decision, Permission, Refusal } from '../access/decision.ts';
import { bindsAddress } from '../access/token-address.ts';
import { admitRequest, reviewForUser } from '../access/user-grant.ts';
import type { Address } from '../model/address.ts';
import type { PresentedToken } from './access-token.ts';
import { keepDecisions } from './kept-decision.ts';
import type { AccessTokenRecord, Grant } from './port.ts';
import type { Snapshot, Standing } from './snapshot.ts';

/** Why a token gives nothing, for the log alone. */
export type Dead = { readonly alive: false; readonly why: string };

/** `decision` holds the audiences and scopes that are left, in the order of the token. */
export type Alive = {
  readonly alive: true;
  readonly record: AccessTokenRecord;
  /** Of a token that a user let the client have. */
  readonly grant: Grant | undefined;
  readonly decision: Decision;
};

/** `now` in milliseconds since the epoch. */
export function useToken({ record, grant }: PresentedToken, snapshot: Snapshot, now: number): Alive | Dead {
  if (now >= record.expires_at * 1000) return { alive: false, why: 'expired' };
  const orphaned = orphanedBy(record, snapshot);
  if (orphaned !== undefined) return { alive: false, why: orphaned };
  const { client, audiences, scopes } = record;
  const decision = reviewGranted({ client, audiences, scopes, ...(grant && { grant }) }, snapshot, now);
  if (!decision.allowed) return { alive: false, why: decision.description };
  // The token says as whom its client acts. Acting as somebody else by now is another grant, not what is left of this.
  if (decision.user !== record.user) return { alive: false, why: 'the client impersonates another user' };
  return { alive: true, record, grant, decision };
}

/** Why what was issued to a client, for a user, counts no more; undefined where both are there and the same as then. */
export function orphanedBy(
  issued: Pick<AccessTokenRecord, 'client' | 'user' | 'generation'>,
  snapshot: Pick<Standing, 'state' | 'since'>,
): string | undefined {
  if (!outlives(issued, issued.client, snapshot)) return 'older than its client';
  if (issued.user !== undefined && !outlives(issued, issued.user, snapshot)) return 'older than its user';
  return undefined;
}

/**
 * What today's access leaves of audiences and scopes; `as` is the grant by which they are asked for anew. The client still needs the
 * grant type by which its user let it: without that, what it would get is dead wherever it is used.
 */
export function reviewGranted(
  granted: Pick<Grant, 'client' | 'audiences' | 'scopes'> & {
    readonly grant?: Pick<Grant, 'user' | 'grant_type' | 'method' | 'bound_ip'>;
  },
  { index }: Pick<Snapshot, 'index'>,
  now: number,
  as?: string,
): Decision | Refusal {
  const { client, audiences, scopes, grant } = granted;
  if (grant?.user === undefined) return reviewOnce(index, { client, audiences, scopes }, now);
  const { user, method, bound_ip } = grant;
  if (as !== undefined) {
    const admitted = admitRequest(index, { client, grant_type: grant.grant_type, scope: undefined }, now);
    if ('allowed' in admitted) return admitted;
  }
  const grant_type = as ?? grant.grant_type;
  const question = { client, audiences, scopes, user, method, bound_ip, grant_type };
  const name = [client, user, grant_type, method, bound_ip ?? '', ...audiences, '', ...scopes].join('\n');
  const answer = keepUserReviews(index, name, now, () => reviewForUser(index, question, now));
  return 'decision' in answer ? answer.decision : answer;
}

/** To which user agent a token is bound, where its client binds; undefined where no user let the client have it. */
export function bindingOf({ grant }: Alive): { readonly to: string | undefined } | undefined {
  return grant?.user === undefined ? undefined : { to: grant.bound_ip };
}

/** The address, to resource servers that ask: they know for whom they are called. Nothing where the client does not bind. */
export function boundTold(used: Alive, { index }: Pick<Snapshot, 'index'>): { readonly bound_ip?: string | undefined } {
  return bindsAddress(index, used.decision) ? { bound_ip: bindingOf(used)?.to } : {};
}

/** By all that a token was issued with: whoever serves an API asks about tokens of the same few clients again and again. */
const keepReviews = keepDecisions(() => undefined);
/** The same of users: one that has a token is asked about with each request of a session. */
const keepUserReviews = keepDecisions(() => undefined);

function reviewOnce(
  index: Snapshot['index'],
  granted: Parameters<typeof reviewClientCredentials>[1],
  now: number,
): Decision | Refusal {
  // No name holds a line break or is empty; that of a client may hold a space.
  const question = [granted.client, ...granted.audiences, '', ...granted.scopes].join('\n');
  const answer = keepReviews(index, question, now, () => reviewClientCredentials(index, granted, now));
  return 'decision' in answer ? answer.decision : answer;
}

/** What the policy of one of the token's audiences releases to it; undefined where it has none. */
export function releasedTo({ decision }: Alive, audience: string): Attributes | undefined {
  const answer = decision.reasons.find((one) => one.audience === audience);
  return answer?.granted === true ? answer.attributes : undefined;
}

/** What the token lets its client do today (SEMANTICS A-14): none of it where the client has no permission scope. */
export function permissionsTold({ permissions }: Decision): { readonly permissions?: readonly Permission[] } {
  return permissions === undefined ? {} : { permissions };
}

/**
 * Seconds since the epoch at which the token ends for one of its audiences: with itself, or earlier with what gives that
 * audience. Who keeps an answer until then keeps none that has become wrong by itself.
 */
export function expiresFor({ record, decision }: Alive, audience: string): number {
  const answer = decision.reasons.find((one) => one.audience === audience);
  const ends = [decision.permissionsUntil, ...(answer?.granted === true ? [answer.until, answer.attributesUntil] : [])];
  return Math.min(
    record.expires_at,
    ...ends.map((end) => (end === undefined ? record.expires_at : Math.floor(end / 1000))),
  );
}

/** Whether the owner is there and the token was issued in or after the generation from which its tokens count. */
export function outlives(
  issued: Pick<AccessTokenRecord, 'generation'>,
  owner: Address,
  snapshot: Pick<Standing, 'state' | 'since'>,
): boolean {
  const since = snapshot.since.get(owner);
  return snapshot.state.has(owner) && since !== undefined && issued.generation >= since;
}
