// Owns how a plan is put together from two States. Never chooses: what apply does is what this says.

import { digestState } from '../model/digest.ts';
import type { Origins } from '../model/origin.ts';
import type { State } from '../model/state.ts';
import { diffAccess } from './access-diff.ts';
import { diffStates } from './diff.ts';
import { endingSoon } from './ending.ts';
import type { Plan, PlanBase } from './plan.ts';

export interface PlanInput {
  /** What is applied now, with where each entity was written when it was applied. */
  readonly base: PlanBase & { readonly state: State; readonly origins: Origins };
  readonly after: State;
  readonly origins: Origins;
  /** Milliseconds since the epoch: the instant for which access is compared, the same on both sides; what ends soon ends
   * soon after it. */
  readonly now: number;
}

/** The plan that leads from the base to `after`. */
export function makePlan(input: PlanInput): Plan {
  const { kind, generation, digest, state: before, origins: beforeOrigins } = input.base;
  const changes = diffStates(before, input.after);
  const touched = changes.filter((change) => change.action !== 'create').length;
  return {
    base: { kind, generation, digest },
    changes,
    access: diffAccess({ before, after: input.after, beforeOrigins, afterOrigins: input.origins, changes }, input.now),
    ending: endingSoon(input.after, input.origins, input.now),
    unchanged: before.size - touched,
    resultDigest: digestState(input.after),
  };
}
