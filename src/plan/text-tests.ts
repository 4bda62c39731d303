// Owns how the tests of a spec read in a plan: how many passed, of each that failed what is wrong, and which of the base are
// gone. Never runs one.

import { count } from '../model/count.ts';
import { formatPlace } from '../model/origin.ts';
import { type Line, layOut, plainLine } from './columns.ts';
import type { Limits } from './limits.ts';
import type { Plan, TestResult } from './plan.ts';
import { cut, escapeControls } from './style.ts';
import type { Rendered, Telling } from './telling.ts';
import type { TestChange } from './test-changes.ts';
import { formerPlace } from './text-change.ts';

/** The first line says how many; none where the spec has no test, and its base had none. */
export function renderTests(
  { tests }: Pick<Plan, 'tests'>,
  { style, limits }: Telling,
  changed: readonly TestChange[] = [],
): Rendered {
  if (tests.length + changed.length === 0) return { lines: [], cut: false };
  const failed = tests.filter(({ outcome }) => outcome === 'failed');
  const passed = tests.length - failed.length;
  const mended = tests.filter(({ outcome, before }) => outcome === 'passed' && before === 'failed').length;
  const counts = [
    ...(passed > 0 || (failed.length === 0 && tests.length > 0)
      ? [`${passed} passed${mended === 0 ? '' : ` (${mended} failed before)`}`]
      : []),
    ...(failed.length > 0 ? [`${failed.length} failed`] : []),
    ...countTestChanges(changed),
  ].join(', ');
  const shown = failed.slice(0, limits.entries);
  const gone = changed.slice(0, limits.entries);
  const lines = [
    ...shown.flatMap((test) => failureLines(test, limits)),
    ...moreLines(failed.length - shown.length),
    ...gone.map((change) => changeLine(change, limits)),
    ...moreLines(changed.length - gone.length),
  ];
  const isCut =
    shown.length < failed.length ||
    gone.length < changed.length ||
    shown.some(({ problems }) => problems.length > limits.items);
  return { lines: [`${style.heading('Tests')}   ${counts}`, ...layOut(lines, style)], cut: isCut };
}

/** `1 removed`, `2 changed`: of the tests that the base has. */
export function countTestChanges(changed: readonly TestChange[]): readonly string[] {
  const of = (action: TestChange['action']) => changed.filter((change) => change.action === action).length;
  const [removed, other] = [of('remove'), of('change')];
  return [...(removed === 0 ? [] : [`${removed} removed`]), ...(other === 0 ? [] : [`${other} changed`])];
}

function moreLines(hidden: number): readonly Line[] {
  return hidden > 0 ? [plainLine(`… and ${hidden} more`)] : [];
}

function changeLine(change: TestChange, limits: Limits): Line {
  const text = escapeControls(cut(change.name, limits.line));
  return change.action === 'change'
    ? { indent: 2, sign: '~', text, place: escapeControls(formatPlace(change.range)) }
    : { indent: 2, sign: '-', text, place: formerPlace(change.was) };
}

/** Whether the change does it, or it was so before; of what is new there is nothing to compare. */
const SINCE = {
  passed: 'newly failing',
  failed: 'already failing',
  absent: 'failing, what it asks about is new',
} as const satisfies Record<TestResult['before'], string>;

function failureLines({ name, range, before, problems }: TestResult, limits: Limits): readonly Line[] {
  const shown = problems.slice(0, limits.items);
  const hidden = problems.length - shown.length;
  return [
    {
      indent: 2,
      sign: '✗',
      text: `${escapeControls(cut(name, limits.line))} (${SINCE[before]})`,
      place: escapeControls(formatPlace(range)),
    },
    ...shown.map((problem) => plainLine(escapeControls(cut(problem, limits.line)), 6)),
    ...(hidden > 0 ? [plainLine(`… and ${hidden} more`, 6)] : []),
  ];
}

/** Of a plan that changes nothing: that all is as it should be; empty where there is no test, or one that fails. */
export function speakPassed({ tests }: Pick<Plan, 'tests'>): string {
  const isRight = tests.length > 0 && tests.every(({ outcome }) => outcome === 'passed');
  return isRight ? `${count(tests.length, 'test')} passed.` : '';
}
