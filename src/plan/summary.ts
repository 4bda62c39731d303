// Owns a plan in numbers. Never renders them (text.ts, json.ts do).

import type { Plan } from './plan.ts';
import type { RevisionSummary } from './port.ts';

export interface PlanSummary extends RevisionSummary {
  readonly unchanged: number;
}

/** `+1 ~2 −0`, of claims that are released otherwise; empty where none is. */
export function speakReleased(summary: ReleasedNumbers): string {
  const { released_added = 0, released_changed = 0, released_removed = 0 } = summary;
  if (released_added + released_changed + released_removed === 0) return '';
  return `+${released_added} ~${released_changed} −${released_removed}`;
}

type ReleasedNumbers = Pick<RevisionSummary, 'released_added' | 'released_changed' | 'released_removed'>;

/** `+1 −0`, of permissions; empty where none changes. */
export function speakPermissions(summary: Pick<RevisionSummary, 'permissions_added' | 'permissions_removed'>): string {
  const { permissions_added = 0, permissions_removed = 0 } = summary;
  return permissions_added + permissions_removed === 0 ? '' : `+${permissions_added} −${permissions_removed}`;
}

/** The plan in numbers, by the names of its JSON. */
export function summarize(
  plan: Pick<Plan<unknown>, 'changes' | 'access' | 'released' | 'permissions' | 'unchanged'>,
): PlanSummary {
  const actions = { create: 0, update: 0, move: 0, delete: 0 };
  for (const { action } of plan.changes) actions[action] += 1;
  const effects = { grant: 0, revoke: 0 };
  for (const { effect } of plan.access) effects[effect] += 1;
  const released = { add: 0, change: 0, remove: 0 };
  for (const { effect } of plan.released) released[effect] += 1;
  const permissions = { grant: 0, revoke: 0 };
  for (const { effect } of plan.permissions) permissions[effect] += 1;
  return {
    add: actions.create,
    change: actions.update,
    move: actions.move,
    delete: actions.delete,
    unchanged: plan.unchanged,
    access_added: effects.grant,
    access_removed: effects.revoke,
    ...(plan.released.length === 0
      ? {}
      : { released_added: released.add, released_changed: released.change, released_removed: released.remove }),
    ...(plan.permissions.length === 0
      ? {}
      : { permissions_added: permissions.grant, permissions_removed: permissions.revoke }),
  };
}
