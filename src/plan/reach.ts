// Owns what a client holds on one side of a plan, by itself or where a user lets it act, as whom, and from when until when.
// Never compares the sides, and never decides access itself: it asks src/access at each instant at which something can begin.

import type { AccessIndex } from '../access/access-index.ts';
import { reachClientCredentials } from '../access/client-credentials.ts';
import type { AudienceAnswer, HeldScope, Question } from '../access/decision.ts';
import { heldScopes } from '../access/held-scopes.ts';
import { userGrantsOf } from '../access/reach.ts';
import { reachForUser } from '../access/user-grant.ts';
import { type ApplicationAddress, scopeAddress, type UserAddress } from '../model/address.ts';
import { periodOf } from '../model/duration.ts';
import type { ComparedSide } from './compared.ts';
import { groupBy } from './group.ts';
import { userOf } from './holding.ts';
import type { HeldAnswer, Holding } from './plan.ts';
import { sharedAnswer, sharedScope } from './shared-answer.ts';

/** What a client holds on one side, with the answer that gives it. */
export type Held = Holding & {
  readonly answer: HeldAnswer;
  /** Milliseconds since the epoch: from then on, and until then; infinite where held at the plan's instant, or without end. */
  readonly from: number;
  readonly until: number;
};

/** One client on one side, everything by the names of the plan. */
export interface Reach {
  readonly side: ComparedSide;
  readonly index: AccessIndex;
  /** As its own side calls it. */
  readonly client: ApplicationAddress;
  /** Undefined where it is not there. */
  readonly client_id: string | undefined;
  /** By which grant it is asked, and as which user's client; as its own side calls them. */
  readonly asked: Pick<Question, 'client' | 'grant_type' | 'user'>;
  /** An application that it could name, or itself, judged at an instant; undefined for another. */
  readonly judged: (instant: number, application: ApplicationAddress) => AudienceAnswer | undefined;
  /** By what is held as what by whom, each by the names that tokens say, so that none of them can change unseen. */
  readonly held: ReadonlyMap<string, Held>;
  /** The same by what is held, whoever holds it as whomever (`whatOf`). */
  readonly byWhat: ReadonlyMap<string, readonly Held[]>;
}

/** Of a client by itself; with a user, of what that user can let it obtain by any of its grants. */
export function reachOf(side: ComparedSide, called: ApplicationAddress, now: number, user?: UserAddress): Reach {
  const index = side.index();
  const client = side.own(called);
  const client_id = index.application(client)?.client_id;
  const grants = user === undefined ? ['client_credentials'] : userGrantsOf(index, client);
  const asked = { client, grant_type: grants[0] ?? 'authorization_code', user: user && side.own(user) };
  const known = new Map<number, readonly AudienceAnswer[]>();
  // Asked again for each change of the client: a refusal is of the instant, not of the change.
  const answersAt = (instant: number) => {
    const answers =
      known.get(instant) ??
      (asked.user === undefined
        ? reachClientCredentials(index, client, instant)
        : reachBySome(index, { ...asked, user: asked.user }, grants, instant));
    known.set(instant, answers);
    return answers;
  };
  const judged = (instant: number, application: ApplicationAddress) => {
    const own = side.own(application);
    const answer = answersAt(instant).find((one) => one.application === own);
    return answer && sharedAnswer(answer, side);
  };
  const held = new Map<string, Held>();
  const instants = new Set(beginnings(index, asked, now));
  // A Set is walked to its end, with what is added on the way.
  for (const instant of instants) {
    const own = answersAt(instant);
    const { scopes, until } = heldScopes(index, { ...asked, grants }, own, instant);
    for (const again of turningPoints(index, own, asked, instant)) instants.add(again);
    if (until !== undefined && until > instant) instants.add(until);
    for (const holding of [
      ...own.flatMap((answer) => audienceOf(sharedAnswer(answer, side))),
      ...scopes.map((scope) => scopeOf(sharedScope(scope, side))),
    ]) {
      const key = `${whatOf(holding)} ${userOf(holding.answer.chain) ?? ''} ${client_id}`;
      const from = instant === now ? Number.NEGATIVE_INFINITY : instant;
      held.set(key, lengthened(held.get(key), { ...holding, from, until: endOf(holding.answer) }));
    }
  }
  return { side, index, client, client_id, asked, judged, held, byWhat: groupBy([...held.values()], whatOf) };
}

/** Each audience by the first grant that gives it; where none does, by the first one. */
function reachBySome(
  index: AccessIndex,
  asked: { readonly client: ApplicationAddress; readonly grant_type: string; readonly user: UserAddress },
  grants: readonly string[],
  instant: number,
): readonly AudienceAnswer[] {
  const [first = [], ...others] = grants.map((grant_type) => reachForUser(index, { ...asked, grant_type }, instant));
  return first.map((answer, position) => {
    if (answer.granted) return answer;
    return others.map((answers) => answers[position]).find((other) => other?.granted) ?? answer;
  });
}

/** What is held, whoever holds it as whomever: an application and its identifier, or a scope. */
export function whatOf({ scope, answer }: Pick<Held, 'scope' | 'answer'>): string {
  return scope === undefined ? `${answer.application} ${answer.audience}` : scopeAddress(scope);
}

/**
 * The instant of the plan, and each later one at which a client can begin to hold something: the user begins, or the link to
 * the user ends and it acts as itself. Whatever else passes takes away.
 */
function beginnings(index: AccessIndex, { client, user }: Reach['asked'], now: number): readonly number[] {
  if (user !== undefined) {
    const { start } = periodOf(index.user(user) ?? {});
    return start > now && Number.isFinite(start) ? [now, start] : [now];
  }
  const impersonation = index.impersonates(client);
  if (impersonation === undefined) return [now];
  const { start } = periodOf(index.user(impersonation.user) ?? {});
  const later = [start, impersonation.end].filter((instant) => instant > now && Number.isFinite(instant));
  return [now, ...later.sort((a, b) => a - b)];
}

type Answered = Holding & Pick<Held, 'answer'>;

/**
 * When something can be held that is not held now, or by another way than now: where a policy is applied, a second value of a
 * name that may have one goes with the membership that gave it; a user may have another method, or the client another grant.
 */
function turningPoints(
  index: AccessIndex,
  answers: readonly AudienceAnswer[],
  { user }: Reach['asked'],
  instant: number,
): readonly number[] {
  return answers.flatMap(({ application, until }) => {
    const mayTurn = user !== undefined || index.application(application)?.policy !== undefined;
    return mayTurn && until !== undefined && until > instant ? [until] : [];
  });
}

/** What is held at two instants is held from the first of them to the end of the last. */
function lengthened(known: Held | undefined, one: Held): Held {
  if (known === undefined) return one;
  const [first, last] = known.from <= one.from ? [known, one] : [one, known];
  const until = Math.max(first.until, last.until);
  return { ...first, until, answer: { ...first.answer, until: Number.isFinite(until) ? until : undefined } };
}

function endOf({ until }: HeldAnswer): number {
  return until ?? Number.POSITIVE_INFINITY;
}

function audienceOf(answer: AudienceAnswer): readonly Answered[] {
  return answer.granted ? [{ audience: answer.audience, answer: withoutValues(answer) }] : [];
}

function scopeOf({ scope, asks, by }: HeldScope): Answered {
  return { scope, answer: { ...withoutValues(by), chain: [asks, ...by.chain] } };
}

function withoutValues(answer: Extract<AudienceAnswer, { granted: true }>): HeldAnswer {
  const { attributes: _, attributesUntil: _until, ...held } = answer;
  return held;
}
