// Owns short forms for tests of plans of two States. Never decides what is expected.

import type { AccessTest } from '../../src/model/access-test.ts';
import type { ApplicationAddress } from '../../src/model/address.ts';
import { digestState } from '../../src/model/digest.ts';
import type { Move } from '../../src/model/move.ts';
import type { State } from '../../src/model/state.ts';
import { affectedClients } from '../../src/plan/affected.ts';
import { comparedSides } from '../../src/plan/compared.ts';
import { diffStates } from '../../src/plan/diff.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { renamesOf } from '../../src/plan/moves.ts';
import type { StorePlan } from '../../src/plan/plan.ts';
import { renderPlan } from '../../src/plan/text.ts';
import type { Places } from '../../src/plan/text-changes.ts';
import { originsOf } from '../model/example-state.ts';

export function placesOf(before: State, after: State): Places {
  return { beforeOrigins: originsOf(before), afterOrigins: originsOf(after) };
}

export function planOf(
  before: State,
  after: State,
  now = 0,
  tests: readonly AccessTest[] = [],
  moves: readonly Move[] = [],
): StorePlan {
  return makePlan({
    base: { kind: 'store', generation: 7, digest: digestState(before) },
    before,
    beforeOrigins: originsOf(before),
    after,
    afterOrigins: originsOf(after),
    tests,
    moves,
    now,
  });
}

/** The clients that the changes between two States can affect, by address. */
export function affectedBy(before: State, after: State, moves: readonly Move[] = []): readonly ApplicationAddress[] {
  const renames = renamesOf(before, after, moves);
  const changes = diffStates(before, after, renames);
  const affected = affectedClients(comparedSides({ before, after, ...placesOf(before, after), changes, renames }));
  return [...(affected ?? [])].sort();
}

/** The plan as text without colour, its lines. */
export function linesOf(before: State, after: State): readonly string[] {
  return renderPlan(planOf(before, after), placesOf(before, after), { color: false }).split('\n');
}
