// Owns how a plan is put together from two States. Never chooses: what apply does is what this says.

import type { AccessTest } from '../model/access-test.ts';
import type { Address } from '../model/address.ts';
import { digestEntity, digestState, digestValue } from '../model/digest.ts';
import { type Move, type Renames, renameState } from '../model/move.ts';
import type { Origins } from '../model/origin.ts';
import type { State } from '../model/state.ts';
import { diffAccess } from './access-diff.ts';
import { diffStates } from './diff.ts';
import { endingSoon } from './ending.ts';
import { userOf } from './holding.ts';
import { impactOf } from './impact.ts';
import { renamesOf } from './moves.ts';
import type { AccessChange, Change, Plan, PlanBase } from './plan.ts';
import { judgeRisks } from './risks.ts';

export interface PlanInput<Base extends PlanBase = PlanBase> {
  readonly base: Base;
  /** What is there now, and where each entity of it was written. */
  readonly before: State;
  readonly beforeOrigins: Origins;
  readonly after: State;
  readonly afterOrigins: Origins;
  readonly moves?: readonly Move[];
  readonly tests?: readonly AccessTest[];
  /** Milliseconds since the epoch: the instant for which access is compared, the same on both sides; what ends soon ends
   * soon after it. */
  readonly now: number;
}

/** The plan that leads from the base to `after`. Of what only a store knows (drift, live tokens) it has nothing. */
export function makePlan<Base extends PlanBase>(input: PlanInput<Base>): Plan & { readonly base: Base } {
  const { base, before, beforeOrigins, after, afterOrigins, now } = input;
  const renames = renamesOf(before, after, input.moves ?? []);
  const changes = diffStates(before, after, renames);
  // A client that is called otherwise is no other client: access is compared under the new names.
  const renamed = renameState(before, renames);
  const access = diffAccess(
    {
      before: renamed,
      after,
      beforeOrigins: renameOrigins(beforeOrigins, renames),
      afterOrigins,
      changes: renames.size === 0 ? changes : diffStates(renamed, after),
    },
    now,
  );
  const touched = changes.filter((change) => change.action !== 'create').length;
  return {
    base,
    changes,
    access,
    tokens: [],
    tests: [],
    risks: judgeRisks({ before: renamed, after, changes, access }),
    impact: impactOf(before, changes, access),
    drift: undefined,
    ending: endingSoon(after, afterOrigins, now),
    unchanged: before.size - touched,
    digest: digestPlan(changes, access),
    resultDigest: digestState(after),
  };
}

function renameOrigins(origins: Origins, renames: Renames): Origins {
  if (renames.size === 0) return origins;
  return new Map([...origins].map(([address, origin]) => [renames.get(address) ?? address, origin]));
}

/** Of what a reviewer approves: each change by what it makes of what, and each gain and loss of access. */
function digestPlan(changes: readonly Change[], access: readonly AccessChange[]): string {
  const content = [
    changes.map((change): readonly (string | null)[] => [
      change.action,
      change.address,
      change.action === 'move' ? change.from : null,
      change.action === 'create' ? null : digestEntity(change.before),
      change.action === 'delete' ? null : digestEntity(change.after),
    ]),
    access.map(({ effect, client, audience, scope, held }): readonly (Address | string | null)[] => [
      effect,
      client,
      audience ?? null,
      scope ?? null,
      held.application,
      userOf(held.chain) ?? null,
    ]),
  ];
  return digestValue(content);
}
