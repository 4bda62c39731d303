// Owns decisions that are kept for the next request that asks the same: nothing of access is worked out twice while nothing can have
// changed. Never decides, and never keeps a refusal.
//
// What is kept dies with the index that it was decided by, so with its generation; at the first instant at which anything that the
// answer looked at ends; and one lifetime of a token before what it rests on does: from then on tokens are shortened, each by its own
// time. Before the instant at which it was decided it counts no more than after its end: clocks are set back.

import type { AccessIndex } from '../access/access-index.ts';
import { untilOf } from '../access/activity.ts';
import type { Decision, Refusal } from '../access/decision.ts';
import { type BoundedCache, boundedCache } from './bounded-cache.ts';

/** Of one generation, a few kilobytes each: more clients than ask again and again within minutes. */
const KEPT_AT_MOST = 10_000;
/** A question is what somebody wrote in a request, and may be as long as that: longer ones are decided each time. */
const LONGEST_QUESTION = 1000;

/** A decision, and what was made of it once. */
export interface Prepared<Made> {
  readonly allowed: true;
  readonly decision: Decision;
  readonly made: Made;
}

interface Kept<Made> {
  readonly prepared: Prepared<Made>;
  /** Milliseconds since the epoch: from when on it counts, and from when on no more. */
  readonly from: number;
  readonly until: number;
}

/**
 * Answers what is kept under `question`, else what `decide` does. The question says all that is asked but the time. `make` works out
 * what follows from a decision and its index alone.
 */
export function keepDecisions<Made>(
  make: (decision: Decision, index: AccessIndex) => Made,
): (index: AccessIndex, question: string, now: number, decide: () => Decision | Refusal) => Prepared<Made> | Refusal {
  const tables = new WeakMap<AccessIndex, BoundedCache<Kept<Made>>>();
  return (index, question, now, decide) => {
    const table = tables.get(index);
    const known = table?.get(question);
    if (known !== undefined && now >= known.from && now < known.until) return known.prepared;
    const answer = decide();
    if (!answer.allowed) return answer;
    const prepared: Prepared<Made> = { allowed: true, decision: answer, made: make(answer, index) };
    const until = keptUntil(answer);
    if (until <= now || question.length > LONGEST_QUESTION) return prepared;
    const kept = table ?? boundedCache<Kept<Made>>(KEPT_AT_MOST);
    kept.set(question, { prepared, from: now, until });
    tables.set(index, kept);
    return prepared;
  };
}

/** Milliseconds since the epoch; infinite where nothing ends. */
function keptUntil({ until, lifetime, reasons }: Decision): number {
  // Also of what was not granted: it may be, once something that stood in its way has ended.
  const looked = reasons.flatMap((one) => [one.until, one.granted ? one.attributesUntil : undefined]);
  const first = untilOf(...looked) ?? Number.POSITIVE_INFINITY;
  // Up to the last instant, included, `lifetime` is what a token gets; of none it would be `until` itself.
  return until === undefined ? first : Math.min(first, until, until - lifetime * 1000 + 1);
}
