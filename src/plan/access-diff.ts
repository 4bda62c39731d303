// Owns the access half of a plan: which client gains or loses which audience or scope, as whom and for how long, and the link
// that caused it. Never decides access itself: both sides are asked of src/access. Users are told together by user-access.ts.

import { isScopeOf } from '../access/access-index.ts';
import { decide } from '../access/decide.ts';
import type { AudienceAnswer } from '../access/decision.ts';
import { type ApplicationAddress, scopeAddress, type UserAddress } from '../model/address.ts';
import { areWithin, type Networks } from '../model/network.ts';
import { isStandardScope } from '../model/registered-scope.ts';
import { affectedClients } from './affected.ts';
import { type CauseSides, causeOf } from './cause.ts';
import type { Compared } from './compared.ts';
import { compareAccessChanges } from './holding.ts';
import { inheritance } from './inherited.ts';
import type { AccessChange, Span } from './plan.ts';
import { type Held, type Reach, reachOf, whatOf } from './reach.ts';
import { sharedPlace } from './shared-answer.ts';
import { diffUserAccess } from './user-access.ts';

type Refused = Extract<AudienceAnswer, { granted: false }>;

/**
 * Every audience and scope that a client gains or loses, now or at any later time, in their total order. `now` in
 * milliseconds since the epoch: an end that passes by itself is no change. Who is known to others by another client_id, or
 * acts as another user, loses all that it held and gains what it holds: its tokens speak for somebody else. So does the
 * holder of an audience that another application takes over.
 */
export function diffAccess(compared: Compared, now: number): readonly AccessChange[] {
  const { before, after, changes } = compared;
  const clients = affectedClients(compared);
  if (clients === undefined) return [];
  const changed = new Map(changes.map((change) => [change.address, change]));
  const causes = { before, after, changed, inheritance: inheritance() };
  const diff = (client: ApplicationAddress, user?: UserAddress) =>
    diffReach(reachOf(before, client, now, user), reachOf(after, client, now, user), { client, user }, causes, now);
  return [...[...clients].flatMap((client) => diff(client)), ...diffUserAccess(compared, clients, diff)].sort(
    compareAccessChanges,
  );
}

/** What one client, or one user through it, gains and loses. */
function diffReach(
  before: Reach,
  after: Reach,
  { client, user }: { readonly client: ApplicationAddress; readonly user: UserAddress | undefined },
  causes: Omit<CauseSides, 'now'>,
  now: number,
): AccessChange[] {
  const changes: AccessChange[] = [];
  for (const [effect, lacking, holding] of [['grant', before, after] as const, ['revoke', after, before] as const]) {
    const { client_id = '' } = holding;
    for (const [key, one] of holding.held) {
      const also = lacking.held.get(key);
      const begin = firstBeyond(one, also);
      if (begin === undefined) continue;
      const instant = Math.max(begin, now);
      const { answer: held, from, until: _, ...what } = one;
      const alike = heldAlike(one, also, lacking, instant);
      const isRenamed = alike !== undefined && lacking.client_id !== holding.client_id;
      const instead = isRenamed ? undefined : alike?.answer;
      const isElsewhere = also !== undefined && !isFrom(one, also);
      const other = alike === undefined ? refusalOf(lacking, one, instant) : undefined;
      const uncaused = { ...what, effect, client, client_id, held, other };
      changes.push({
        ...uncaused,
        ...(Number.isFinite(from) ? { from } : {}),
        ...(also === undefined ? {} : { otherwise: spanOf(also) }),
        cause: causeOf({ ...uncaused, user, instead, isRenamed, isElsewhere }, { ...causes, now: instant }),
      });
    }
  }
  return changes;
}

/** From when on something is held, from some address, while the other side does not hold it; undefined when there is no such time. */
function firstBeyond(one: Held, other: Held | undefined): number | undefined {
  if (other === undefined || one.from < other.from) return one.from;
  if (!isFrom(one, other)) return one.from;
  return one.until > other.until ? Math.max(one.from, other.until) : undefined;
}

/** Whether whoever may hold the one by where it is may hold the other. */
function isFrom(one: Held, other: Held): boolean {
  return areWithin(networksOf(one), networksOf(other));
}

function networksOf({ answer }: Held): readonly Networks[] {
  return answer.networks ?? [];
}

/** What the side that lacks it has at that instant in its place: the same, held as another user or by another client_id. */
function heldAlike(one: Held, also: Held | undefined, lacking: Reach, instant: number): Held | undefined {
  return lacking.byWhat.get(whatOf(one))?.find((held) => held !== also && held.from <= instant && instant < held.until);
}

function spanOf({ from, until, answer: { networks } }: Held): Span {
  return {
    from: Number.isFinite(from) ? from : undefined,
    until: Number.isFinite(until) ? until : undefined,
    ...(networks === undefined ? {} : { networks }),
  };
}

/**
 * Why the side that lacks an audience or a scope lacks it; undefined when the client, the application or the scope is
 * not there, or one of them is known there by another identifier.
 */
function refusalOf(lacking: Reach, held: Held, instant: number): Refused | undefined {
  const { index, side, client } = lacking;
  if (index.application(client) === undefined) return undefined;
  const { answer, scope } = held;
  if (scope !== undefined && !isScopeOf(index.allowList(client), scope)) {
    const isKnown = side.state.has(scopeAddress(scope)) || isStandardScope(scope);
    return isKnown ? refusalOfNaming(lacking, held, instant) : undefined;
  }
  // A scope that is listed is held by any audience: what stands in the way is what stands in the way of that one.
  if (index.application(side.own(answer.application))?.client_id !== answer.audience) return undefined;
  const judged = lacking.judged(instant, answer.application);
  if (judged !== undefined) return judged.granted ? undefined : judged;
  return refusalOfNaming(lacking, { audience: answer.audience, answer }, instant);
}

/** The client does not list it: what would it be told that asked for it all the same? */
function refusalOfNaming(
  { index, side, client, asked }: Reach,
  { scope, audience, answer }: Pick<Held, 'scope' | 'audience' | 'answer'>,
  instant: number,
): Refused | undefined {
  const wanted = scope ?? audience ?? answer.audience;
  const told = decide(index, { ...asked, scope: [wanted] }, instant);
  if (told.allowed) return undefined;
  const naming = scope !== undefined && told.code === 'SCOPE_NOT_ALLOWED';
  const missing = naming ? { address: client, pointer: '/metadata/scope' } : told.missing;
  return {
    audience: answer.audience,
    application: answer.application,
    granted: false,
    chain: [],
    code: told.code,
    missing: sharedPlace(missing ?? { address: client, pointer: '' }, side),
    until: told.until,
  };
}
