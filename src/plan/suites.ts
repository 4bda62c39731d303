// Owns what a JUnit report says of a plan: each test of access and each risk is a test case. Never judges one.

import { type Findings, messageOf } from '../spec/outputs/findings.ts';
import type { Case, Suite } from '../spec/outputs/junit.ts';
import { riskFinding } from './findings.ts';
import { namingOf } from './naming.ts';
import type { Plan, TestResult } from './plan.ts';
import type { Places } from './text-changes.ts';

/** A suite of what was tested and one of what is risked; a suite without a case is left out. */
export function planSuites(plan: Plan, places: Places, located: Findings['located']): readonly Suite[] {
  return [testSuite(plan.tests, located), { name: 'risks', cases: riskCases(plan, places, located) }].filter(
    ({ cases }) => cases.length > 0,
  );
}

/** Each test of access is a test case. */
export function testSuite(
  tests: readonly Pick<TestResult, 'name' | 'range' | 'outcome' | 'problems'>[],
  located: Findings['located'],
): Suite {
  const cases = tests.map(({ name, range, outcome, problems }): Case => {
    const named = { classname: 'charter.test', name, file: located(range.file) };
    if (outcome === 'passed') return named;
    const text = [`${named.file}:${range.start.line}:${range.start.column}`, ...problems].join('\n');
    return { ...named, failure: { type: 'test.failed', message: problems[0] ?? 'not as expected', text } };
  });
  return { name: 'access tests', cases };
}

function riskCases(plan: Plan, places: Places, located: Findings['located']): readonly Case[] {
  const naming = namingOf(plan);
  return plan.risks.map((risk) => {
    const { kind, subject, summary, approved } = risk;
    const finding = riskFinding(risk, plan, places, naming);
    const file = finding.range === undefined ? undefined : located(finding.range.file);
    const named = { classname: 'charter.risk', name: `${kind}:${subject}`, file };
    const text = messageOf(finding);
    if (approved !== undefined) return { ...named, output: text };
    return { ...named, failure: { type: finding.code, message: summary, text } };
  });
}
