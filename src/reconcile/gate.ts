// Owns what stops a plan that is right in itself: failed tests, then risks that nobody approved. Asked by whoever applies,
// after the plan was shown. Never approves anything.

import type { Origins } from '../model/origin.ts';
import { unapproved } from '../plan/approving.ts';
import type { Plan } from '../plan/plan.ts';
import type { Planned } from './plan-against.ts';
import type { Refusal } from './refusal.ts';

/** Why the plan must not be applied; undefined when it may be. */
export function gate(
  { plan, stored, warnings }: Planned,
  afterOrigins: Origins,
): Extract<Refusal, { reason: 'tests' | 'risks' }> | undefined {
  const reason = stopOf(plan);
  if (reason === undefined) return undefined;
  return { reason, held: { plan, beforeOrigins: stored?.origins ?? new Map(), afterOrigins, warnings } };
}

/** What would stop the plan; undefined when nothing does. */
export function stopOf({ tests, risks }: Pick<Plan, 'tests' | 'risks'>): 'tests' | 'risks' | undefined {
  if (tests.some(({ outcome }) => outcome === 'failed')) return 'tests';
  return unapproved(risks).length > 0 ? 'risks' : undefined;
}
