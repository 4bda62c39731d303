// Owns by which method a login counts where one proof, a password or a certificate, is that of several (SEMANTICS N-46). Never looks
// at the proof, and never decides what the user may: it asks access of each.

import type { Question } from '../access/decision.ts';
import { decideForUser } from '../access/user-grant.ts';
import type { Context } from './endpoint.ts';

/** The one that opens most, of those the first: as who asks beforehand is told. */
export function loginMethod(
  methods: readonly [string, ...string[]],
  question: Omit<Question, 'method'>,
  { snapshot: { index }, now }: Pick<Context, 'snapshot' | 'now'>,
): string {
  const [first, ...others] = methods;
  if (others.length === 0) return first;
  let best = { method: first, opens: 0 };
  for (const method of methods) {
    const answer = decideForUser(index, { ...question, method }, now);
    const opens = answer.allowed ? answer.audiences.length : 0;
    if (opens > best.opens) best = { method, opens };
  }
  return best.method;
}
