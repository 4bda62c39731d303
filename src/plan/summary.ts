// Owns a plan in numbers. Never renders them (text.ts, json.ts do).

import type { Plan } from './plan.ts';
import type { RevisionSummary } from './port.ts';

export interface PlanSummary extends RevisionSummary {
  readonly unchanged: number;
}

/** The plan in numbers, by the names of its JSON. */
export function summarize(plan: Pick<Plan<unknown>, 'changes' | 'access' | 'unchanged'>): PlanSummary {
  const actions = { create: 0, update: 0, move: 0, delete: 0 };
  for (const { action } of plan.changes) actions[action] += 1;
  const effects = { grant: 0, revoke: 0 };
  for (const { effect } of plan.access) effects[effect] += 1;
  return {
    add: actions.create,
    change: actions.update,
    move: actions.move,
    delete: actions.delete,
    unchanged: plan.unchanged,
    access_added: effects.grant,
    access_removed: effects.revoke,
  };
}
