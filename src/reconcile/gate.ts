// Owns what stops a plan that is right in itself: failed tests, then risks that nobody approved. Asked by whoever applies,
// after the plan was shown. Never approves anything.

import type { Origins } from '../model/origin.ts';
import { unapproved } from '../plan/risks.ts';
import type { Planned } from './plan-against.ts';
import type { Refusal } from './refusal.ts';

/** Why the plan must not be applied; undefined when it may be. */
export function gate(
  { plan, stored }: Planned,
  afterOrigins: Origins,
): Extract<Refusal, { reason: 'tests' | 'risks' }> | undefined {
  const held = { plan, beforeOrigins: stored?.origins ?? new Map(), afterOrigins };
  if (plan.tests.some(({ outcome }) => outcome === 'failed')) return { reason: 'tests', held };
  return unapproved(plan.risks).length > 0 ? { reason: 'risks', held } : undefined;
}
