// Owns what is left of an access token when it is used: alive, its owners still the same, and as much of it as
// today's access gives. Shared by introspection and userinfo. Never decides access itself.

import { reviewClientCredentials } from '../access/client-credentials.ts';
import type { Attributes, Decision } from '../access/decision.ts';
import type { Address } from '../model/address.ts';
import type { AccessTokenRecord } from './port.ts';
import type { Snapshot } from './snapshot.ts';

/** Why a token gives nothing, for the log alone. */
export type Dead = { readonly alive: false; readonly why: string };

/** `decision` holds the audiences and scopes that are left, in the order of the token. */
export type Alive = { readonly alive: true; readonly record: AccessTokenRecord; readonly decision: Decision };

/** `now` in milliseconds since the epoch. */
export function useToken(record: AccessTokenRecord, snapshot: Snapshot, now: number): Alive | Dead {
  if (now >= record.expires_at * 1000) return { alive: false, why: 'expired' };
  if (!outlives(record, record.client, snapshot)) return { alive: false, why: 'older than its client' };
  if (record.user !== undefined && !outlives(record, record.user, snapshot)) {
    return { alive: false, why: 'older than the impersonated user' };
  }
  const { client, audiences, scopes } = record;
  const decision = reviewClientCredentials(snapshot.index, { client, audiences, scopes }, now);
  if (!decision.allowed) return { alive: false, why: decision.description };
  // The token says as whom its client acts. Acting as somebody else by now is another grant, not what is left of this.
  if (decision.user !== record.user) return { alive: false, why: 'the client impersonates another user' };
  return { alive: true, record, decision };
}

/** What the policy of one of the token's audiences releases to it; undefined where it has none. */
export function releasedTo({ decision }: Alive, audience: string): Attributes | undefined {
  const answer = decision.reasons.find((one) => one.audience === audience);
  return answer?.granted === true ? answer.attributes : undefined;
}

/**
 * Seconds since the epoch at which the token ends for one of its audiences: with itself, or earlier with what gives that
 * audience. Who keeps an answer until then keeps none that has become wrong by itself.
 */
export function expiresFor({ record, decision }: Alive, audience: string): number {
  const answer = decision.reasons.find((one) => one.audience === audience);
  const ends = answer?.granted === true ? [answer.until, answer.attributesUntil] : [];
  return Math.min(
    record.expires_at,
    ...ends.map((end) => (end === undefined ? record.expires_at : Math.floor(end / 1000))),
  );
}

/** Whether the owner is there and the token was issued in or after the generation from which its tokens count. */
function outlives(record: AccessTokenRecord, owner: Address, snapshot: Snapshot): boolean {
  const since = snapshot.since.get(owner);
  return snapshot.state.has(owner) && since !== undefined && record.generation >= since;
}
