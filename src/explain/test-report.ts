// Owns how the tests of one State end, and what they cover: the value that every output of `charter test` tells. Never
// judges one itself, and never renders.

import { indexState } from '../access/access-index.ts';
import type { AccessTest } from '../model/access-test.ts';
import type { SourceRange } from '../model/origin.ts';
import type { State } from '../model/state.ts';
import type { TestResult } from '../plan/plan.ts';
import { judgeTest } from '../plan/run-tests.ts';
import type { TestProblem } from '../plan/test-problem.ts';
import { type Coverage, coverageOf } from './coverage.ts';
import { type LaterFailure, laterFailure, nextInstants } from './test-future.ts';

export interface TestedTest {
  readonly name: string;
  readonly range: SourceRange;
  /** None of one that passes. */
  readonly problems: readonly TestProblem[];
  /** When one that passes will fail by time alone. */
  readonly later: LaterFailure | undefined;
}

export interface TestReport {
  /** Milliseconds since the epoch: the instant for which the tests were run. */
  readonly now: number;
  readonly tests: readonly TestedTest[];
  /** Tests that were not run, because their names were not asked for. */
  readonly leftOut: number;
  /** Undefined where nobody asked for it. */
  readonly coverage: Coverage | undefined;
}

export interface ReportOptions {
  /** Only tests whose names hold this text. */
  readonly filter?: string | undefined;
  readonly coverage?: boolean | undefined;
}

/** Runs the tests in their order. `now` in milliseconds since the epoch. */
export function reportTests(
  state: State,
  tests: readonly AccessTest[],
  { filter, coverage = false }: ReportOptions,
  now: number,
): TestReport {
  const asked = filter === undefined ? tests : tests.filter(({ name }) => name.includes(filter));
  const index = indexState(state);
  const instants = nextInstants(state, now);
  return {
    now,
    tests: asked.map(({ name, range, assertion }) => {
      const problems = judgeTest(assertion, index, now);
      const later = problems.length > 0 ? undefined : laterFailure(assertion, index, instants);
      return { name, range, problems, later };
    }),
    leftOut: tests.length - asked.length,
    coverage: coverage ? coverageOf(state, asked, now) : undefined,
  };
}

/** As a plan tells them: the problems are sentences. */
export function resultsOf({ tests }: Pick<TestReport, 'tests'>): readonly Omit<TestResult, 'before'>[] {
  return tests.map(({ name, range, problems }) => ({
    name,
    range,
    outcome: problems.length === 0 ? 'passed' : 'failed',
    problems: problems.map(({ text }) => text),
  }));
}

/** Those that pass and will not for ever, the first to fail first. */
export function failingLater({ tests }: Pick<TestReport, 'tests'>): readonly (TestedTest & {
  readonly later: LaterFailure;
})[] {
  return tests
    .flatMap((test) => (test.later === undefined ? [] : [{ ...test, later: test.later }]))
    .sort((a, b) => a.later.from - b.later.from);
}

export function failedOf({ tests }: Pick<TestReport, 'tests'>): readonly TestedTest[] {
  return tests.filter(({ problems }) => problems.length > 0);
}

/** How much of the links is covered, in whole percent, never rounded up: 100 is all of them. */
export function percentOf({ links, covered }: Pick<Coverage, 'links' | 'covered'>): number {
  return links === 0 ? 100 : Math.floor((100 * covered) / links);
}
