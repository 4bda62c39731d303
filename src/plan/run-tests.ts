// Owns how the tests of a spec end: on the State after a plan, and on the one before it. Never judges one itself.

import type { AccessIndex } from '../access/access-index.ts';
import { type AccessTest, type Assertion, renameIn, type TestTarget } from '../model/access-test.ts';
import { type Address, scopeAddress } from '../model/address.ts';
import { isStandardScope } from '../model/registered-scope.ts';
import { judgeNever } from './judge-never.ts';
import { judgeRequest } from './judge-request.ts';
import { judgeWhoCan } from './judge-who-can.ts';
import type { TestResult } from './plan.ts';
import type { TestProblem } from './test-problem.ts';
import type { Concerned } from './token-ways.ts';

/** Both sides of a plan; `before` is undefined where there is nothing yet. */
export interface Sides {
  readonly before: AccessIndex | undefined;
  /** How an entity is called there: before the plan, what it renames has its old name. */
  nameBefore<A extends Address>(address: A): A;
  readonly after: AccessIndex;
}

/** In the order of the tests. `now` in milliseconds since the epoch, the same for both sides. */
export function runTests(tests: readonly AccessTest[], sides: Sides, now: number): readonly TestResult[] {
  return tests.map((test) => {
    const problems = judgeTest(test.assertion, sides.after, now);
    return {
      name: test.name,
      range: test.range,
      outcome: problems.length === 0 ? 'passed' : 'failed',
      before: outcomeBefore(test, sides, now),
      problems: problems.map(({ text }) => text),
    };
  });
}

function outcomeBefore(test: AccessTest, { before, nameBefore }: Sides, now: number): TestResult['before'] {
  const assertion = renameIn(test.assertion, nameBefore);
  if (before === undefined || !isThere(assertion, before)) return 'absent';
  return judgeTest(assertion, before, now).length === 0 ? 'passed' : 'failed';
}

/** Whether what a test asks about is there: of what is not, no answer says anything. */
function isThere(assertion: Assertion, index: AccessIndex): boolean {
  const isKnown = (address: Address | undefined) => address === undefined || index.state.has(address);
  switch (assertion.kind) {
    case 'who_can': {
      const { target, client } = assertion.who;
      const isStandard = 'scope' in target && isStandardScope(target.scope);
      return (isStandard || isKnown(addressOfTarget(target))) && isKnown(client);
    }
    case 'never':
      return true;
    default:
      return [assertion.request.client, assertion.request.user, assertion.request.resource].every(isKnown);
  }
}

function addressOfTarget(target: TestTarget): Address {
  if ('scope' in target) return scopeAddress(target.scope);
  return 'audience' in target ? target.audience : target.resource;
}

/**
 * What is otherwise than a test expects; none for one that passes. `now` in milliseconds since the epoch, for what the test
 * gives no time of its own. Of a State that differs from one in which the test passes, `only` says whom that can concern.
 */
export function judgeTest(
  assertion: Assertion,
  index: AccessIndex,
  now: number,
  only?: Concerned,
): readonly TestProblem[] {
  switch (assertion.kind) {
    case 'who_can':
      return judgeWhoCan(assertion, index, now, only);
    case 'never':
      return judgeNever(assertion.never, index, now, only);
    default:
      return judgeRequest(assertion, index, now);
  }
}
