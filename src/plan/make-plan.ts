// Owns how a plan is put together from two States. Never chooses: what apply does is what this says.

import type { AccessIndex } from '../access/access-index.ts';
import type { AccessTest } from '../model/access-test.ts';
import type { Address } from '../model/address.ts';
import { digestStateAfter } from '../model/digest.ts';
import type { Move } from '../model/move.ts';
import type { Origins } from '../model/origin.ts';
import type { State } from '../model/state.ts';
import { diffAccess } from './access-diff.ts';
import { type Compared, comparedSides } from './compared.ts';
import { changedAddresses, diffStates } from './diff.ts';
import { endingSoon } from './ending.ts';
import { impactOf } from './impact.ts';
import { diffLogins } from './logins.ts';
import { renamesOf } from './moves.ts';
import { diffPermissions } from './permitted.ts';
import type { Plan, PlanBase } from './plan.ts';
import { digestPlan } from './plan-digest.ts';
import { diffReleased } from './released.ts';
import { judgeRisks } from './risks.ts';
import { runTests, type Sides } from './run-tests.ts';
import { diffTokens } from './token-diff.ts';
import { diffUses } from './uses.ts';

export interface PlanInput<Base extends PlanBase = PlanBase> {
  readonly base: Base;
  /** What is there now, and where each entity of it was written. */
  readonly before: State;
  readonly beforeOrigins: Origins;
  /** `digestEntity` of what is there now, in address order, as far as it is at hand: only the others are hashed. */
  readonly beforeDigests?: ReadonlyMap<Address, string>;
  /** The index of what is there now, where somebody has it. */
  readonly beforeIndex?: AccessIndex | undefined;
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
  const { base, before, after, afterOrigins, now } = input;
  const renames = renamesOf(before, after, input.moves ?? []);
  const changes = diffStates(before, after, renames);
  const compared = comparedSides({ ...input, changes, renames });
  const access = diffAccess(compared, now);
  const released = diffReleased(compared, now);
  const uses = diffUses(compared, now);
  const permissions = diffPermissions(compared, now);
  const logins = diffLogins(compared, now);
  const { tests = [] } = input;
  const sides = sidesOf(tests, compared);
  const touched = changes.filter((change) => change.action !== 'create').length;
  return {
    base,
    changes,
    access,
    released,
    ...(uses === undefined ? {} : { uses }),
    permissions,
    ...(logins === undefined ? {} : { logins }),
    tokens: sides === undefined ? [] : diffTokens(tests, sides, now),
    tests: sides === undefined ? [] : runTests(tests, sides, now),
    risks: judgeRisks({ before, after, changes, access, permissions }),
    impact: impactOf(compared.before, changes, access),
    drift: undefined,
    ending: endingSoon(after, afterOrigins, now),
    unchanged: before.size - touched,
    digest: digestPlan({
      ...{ changes, access, released, permissions },
      ...(uses === undefined ? {} : { uses }),
      ...(logins === undefined ? {} : { logins }),
    }),
    resultDigest: digestStateAfter(input.beforeDigests ?? new Map(), changedAddresses(changes), after),
  };
}

/** Undefined where there is no test, so that nothing is indexed. */
function sidesOf(tests: readonly AccessTest[], { before, after }: Compared): Sides | undefined {
  if (tests.length === 0) return undefined;
  return { before: before.state.size === 0 ? undefined : before.index(), nameBefore: before.own, after: after.index() };
}
