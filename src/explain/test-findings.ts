// Owns what outputs for machines tell of the tests of a spec: those that failed, and the links that no test would miss.
// Never renders one.

import { canonicalJson } from '../model/digest.ts';
import { PLAN_CODES } from '../plan/finding-codes.ts';
import { testFinding } from '../plan/findings.ts';
import type { Finding, Rule } from '../spec/outputs/findings.ts';
import type { Tested } from './test-json.ts';
import { resultsOf } from './test-report.ts';
import { speakUncovered, uncoveredPlaces } from './test-text.ts';

export const TEST_REPORT_CODES = {
  'test.failed': PLAN_CODES['test.failed'],
  'link.untested': {
    severity: 'note',
    summary: 'No test would miss the link',
    explanation:
      'Without the link every test of access still passes, so nobody would be told if it were removed by mistake. Write a test that rests on it, or remove it.',
  },
} as const satisfies Record<string, Rule>;

/** Failed tests, then what is not covered where that was asked. */
export function testFindings({ report, origins }: Tested): readonly Finding[] {
  const failed = resultsOf(report)
    .filter(({ outcome }) => outcome === 'failed')
    .map((result) => testFinding({ ...result, before: 'absent' }));
  const uncovered = report.coverage === undefined ? [] : uncoveredPlaces(report.coverage, origins);
  const { severity, summary } = TEST_REPORT_CODES['link.untested'];
  return [
    ...failed,
    ...uncovered.map((place): Finding => {
      const [{ at, relation, from, to }] = place.links;
      return {
        severity,
        code: 'link.untested',
        summary,
        detail: speakUncovered(place),
        address: at.address,
        identity: canonicalJson([relation, from, to]),
        ...(place.range === undefined ? {} : { range: place.range }),
      };
    }),
  ];
}
