// Owns what a client holds on one side of a plan, as whom, and from when until when. Never compares the sides, and never
// decides access itself: it asks src/access at each instant at which something can begin.

import type { AccessIndex } from '../access/access-index.ts';
import { reachClientCredentials, scopesClientCredentials } from '../access/client-credentials.ts';
import type { AudienceAnswer, HeldScope } from '../access/decision.ts';
import { type ApplicationAddress, scopeAddress } from '../model/address.ts';
import { periodOf } from '../model/duration.ts';
import type { ComparedSide } from './compared.ts';
import { groupBy } from './group.ts';
import { userOf } from './holding.ts';
import type { Holding } from './plan.ts';
import { sharedAnswer, sharedScope } from './shared-answer.ts';

export type Granted = Extract<AudienceAnswer, { granted: true }>;

/** What a client holds on one side, with the answer that gives it. */
export type Held = Holding & {
  readonly answer: Granted;
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
  /** An application that it could name, or itself, judged at an instant; undefined for another. */
  readonly judged: (instant: number, application: ApplicationAddress) => AudienceAnswer | undefined;
  /** By what is held as what by whom, each by the names that tokens say, so that none of them can change unseen. */
  readonly held: ReadonlyMap<string, Held>;
  /** The same by what is held, whoever holds it as whomever (`whatOf`). */
  readonly byWhat: ReadonlyMap<string, readonly Held[]>;
}

export function reachOf(side: ComparedSide, called: ApplicationAddress, now: number): Reach {
  const index = side.index();
  const client = side.own(called);
  const client_id = index.application(client)?.client_id;
  const known = new Map<number, readonly AudienceAnswer[]>();
  // Asked again for each change of the client: a refusal is of the instant, not of the change.
  const answersAt = (instant: number) => {
    const answers = known.get(instant) ?? reachClientCredentials(index, client, instant);
    known.set(instant, answers);
    return answers;
  };
  const judged = (instant: number, application: ApplicationAddress) => {
    const own = side.own(application);
    const answer = answersAt(instant).find((one) => one.application === own);
    return answer && sharedAnswer(answer, side);
  };
  const held = new Map<string, Held>();
  for (const instant of beginnings(index, client, now)) {
    const own = answersAt(instant);
    const scopes = scopesClientCredentials(index, client, own).map((scope) => sharedScope(scope, side));
    for (const holding of [
      ...own.flatMap((answer) => audienceOf(sharedAnswer(answer, side))),
      ...scopes.map(scopeOf),
    ]) {
      const { answer } = holding;
      const key = `${whatOf(holding)} ${userOf(answer.chain) ?? ''} ${client_id}`;
      const from = instant === now ? Number.NEGATIVE_INFINITY : instant;
      // What is held at two of these instants is held from the first to the second.
      if (!held.has(key)) held.set(key, { ...holding, from, until: answer.until ?? Number.POSITIVE_INFINITY });
    }
  }
  return { side, index, client, client_id, judged, held, byWhat: groupBy([...held.values()], whatOf) };
}

/** What is held, whoever holds it as whomever: an application and its identifier, or a scope. */
export function whatOf({ scope, answer }: Pick<Held, 'scope' | 'answer'>): string {
  return scope === undefined ? `${answer.application} ${answer.audience}` : scopeAddress(scope);
}

/**
 * The instant of the plan, and each later one at which a client can begin to hold something: its user begins, or the link to
 * the user ends and it acts as itself. Whatever else passes takes away.
 */
function beginnings(index: AccessIndex, client: ApplicationAddress, now: number): readonly number[] {
  const impersonation = index.impersonates(client);
  if (impersonation === undefined) return [now];
  const { start } = periodOf(index.user(impersonation.user) ?? {});
  const later = [start, impersonation.end].filter((instant) => instant > now && Number.isFinite(instant));
  return [now, ...later.sort((a, b) => a - b)];
}

type Answered = Holding & Pick<Held, 'answer'>;

function audienceOf(answer: AudienceAnswer): readonly Answered[] {
  return answer.granted ? [{ audience: answer.audience, answer }] : [];
}

function scopeOf({ scope, asks, by }: HeldScope): Answered {
  return { scope, answer: { ...by, chain: [asks, ...by.chain] } };
}
