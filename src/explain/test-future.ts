// Owns when a test that passes will fail without any change of the spec, because something in it begins or ends. Never judges
// a test itself, and never tells of one that fails already.

import type { AccessIndex } from '../access/access-index.ts';
import type { Assertion } from '../model/access-test.ts';
import { periodOf } from '../model/duration.ts';
import type { Entity } from '../model/entity.ts';
import type { State } from '../model/state.ts';
import { judgeTest } from '../plan/run-tests.ts';
import type { TestProblem } from '../plan/test-problem.ts';

export interface LaterFailure {
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly problems: readonly TestProblem[];
}

/** Every test is judged at each of them. */
const MOST_INSTANTS = 100;

/**
 * The next instants at which access in a State can begin or end by itself, the first one first; of very many only those.
 * `now` in milliseconds since the epoch.
 */
export function nextInstants(state: State, now: number): readonly number[] {
  const instants = new Set<number>();
  for (const entity of state.values()) {
    for (const instant of instantsOf(entity)) if (instant > now && Number.isFinite(instant)) instants.add(instant);
  }
  return [...instants].sort((a, b) => a - b).slice(0, MOST_INSTANTS);
}

function instantsOf(entity: Entity): readonly number[] {
  switch (entity.kind) {
    case 'application':
      return boundsOf(entity, ...(entity.allowed_to ?? []));
    case 'user':
      return boundsOf(entity, ...(entity.impersonated_by ?? []));
    case 'group':
      return boundsOf(...(entity.members ?? []));
    default:
      return [];
  }
}

function boundsOf(...all: readonly Parameters<typeof periodOf>[0][]): readonly number[] {
  return all.flatMap((one) => {
    const { start, end } = periodOf(one);
    return [start, end];
  });
}

/**
 * The first of the instants at which a test that passes now fails; undefined for one that names a time of its own, and for one
 * about every time.
 */
export function laterFailure(
  assertion: Assertion,
  index: AccessIndex,
  instants: readonly number[],
): LaterFailure | undefined {
  if (assertion.kind === 'never' || timeOf(assertion) !== undefined) return undefined;
  for (const from of instants) {
    const problems = judgeTest(assertion, index, from);
    if (problems.length > 0) return { from, problems };
  }
  return undefined;
}

function timeOf(assertion: Exclude<Assertion, { kind: 'never' }>): number | undefined {
  return assertion.kind === 'who_can' ? assertion.who.time : assertion.request.time;
}
