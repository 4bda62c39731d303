// Owns when a no becomes a yes by time alone: something begins, or what stood in the way ends. Never decides: each answer
// is one of the engine's.

import type { AccessIndex } from '../access/access-index.ts';
import type { Decision, Question } from '../access/decision.ts';
import { speakInstant } from '../plan/period-words.ts';
import { answersFrom } from '../plan/token-ways.ts';
import { isYes } from './asking.ts';

/** The first yes after `now`, and its instant in milliseconds since the epoch; undefined where time alone brings none. */
export function laterYes(
  index: AccessIndex,
  question: Question,
  now: number,
): { readonly from: number; readonly decision: Decision } | undefined {
  for (const [from, answer] of answersFrom(index, question, now, true)) {
    if (from > now && answer.allowed && isYes(answer, question)) return { from, decision: answer };
  }
  return undefined;
}

/** `from 2030-01-01 on`; nothing where it is now or never. */
export function laterWords(from: number | undefined): readonly string[] {
  return from === undefined ? [] : [`from ${speakInstant(from)} on`];
}
