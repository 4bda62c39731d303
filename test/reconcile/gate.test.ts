// What stops a plan, in which order, and what does not.

import { expect, it } from 'vitest';
import { createState } from '../../src/model/state.ts';
import { approvalOf, approve } from '../../src/plan/approving.ts';
import type { Risk, TestResult } from '../../src/plan/plan.ts';
import { gate, stopOf } from '../../src/reconcile/gate.ts';
import { unusedApproval } from '../../src/spec/approvals.ts';
import { planOf } from '../plan/make.ts';

const AT = { line: 1, column: 1, offset: 0 };

function test(outcome: TestResult['outcome']): TestResult {
  return { name: outcome, range: { file: 'a.yaml', start: AT, end: AT }, outcome, before: 'absent', problems: [] };
}

function risk(kind: Risk['kind'], approvable = true): Risk {
  const digest = '0123456789abcdef';
  return { kind, subject: 'A', digest, summary: '', items: [], approvable, approved: undefined };
}

const RISK = risk('deletes');
const PROTECTED = risk('protected', false);

it('a failed test stops a plan, then a risk that nobody approved; nothing else does', () => {
  expect(stopOf({ tests: [], risks: [] })).toBeUndefined();
  expect(stopOf({ tests: [test('passed')], risks: [] })).toBeUndefined();
  expect(stopOf({ tests: [test('passed'), test('failed')], risks: [RISK] })).toBe('tests');
  expect(stopOf({ tests: [test('passed')], risks: [RISK] })).toBe('risks');
});

it('each risk needs its own approval, and no approval lifts what is protected', () => {
  const approved = approve([RISK, PROTECTED], [approvalOf(RISK), approvalOf(PROTECTED)]);
  expect(approved.map((one) => one.approved !== undefined)).toEqual([true, false]);
  expect(stopOf({ tests: [], risks: approved.slice(0, 1) })).toBeUndefined();
  expect(stopOf({ tests: [], risks: approved })).toBe('risks');
  expect(stopOf({ tests: [], risks: [...approved.slice(0, 1), risk('emptied')] })).toBe('risks');
  const other = approve([RISK], [{ ...approvalOf(RISK), digest: 'fedcba9876543210' }]);
  expect(stopOf({ tests: [], risks: other })).toBe('risks');
});

it('what is stopped is given out with its plan, the places that it tells of, and what is wrong with its spec', () => {
  const state = createState([['site:A', { kind: 'site' }]]);
  const plan = { ...planOf(new Map(), state), risks: [RISK] };
  const origins = new Map();
  const digest = '0123456789abcdef';
  const warnings = [unusedApproval({ risk: 'deletes', subject: 'A', digest })];
  expect(gate({ plan, stored: undefined, isUnread: false, warnings }, origins)).toEqual({
    reason: 'risks',
    held: { plan, beforeOrigins: new Map(), afterOrigins: origins, warnings },
  });
  expect(
    gate({ plan: { ...plan, risks: [] }, stored: undefined, isUnread: false, warnings: [] }, origins),
  ).toBeUndefined();
});
