// Owns how the tests of a spec read in a plan: how many passed, and of each that failed what is wrong. Never runs one.

import { count } from '../model/count.ts';
import { formatPlace } from '../model/origin.ts';
import { type Line, layOut, plainLine } from './columns.ts';
import type { Limits } from './limits.ts';
import type { Plan, TestResult } from './plan.ts';
import { cut, escapeControls } from './style.ts';
import type { Rendered, Telling } from './telling.ts';

/** The first line says how many; none where the spec has no test. */
export function renderTests({ tests }: Pick<Plan, 'tests'>, { style, limits }: Telling): Rendered {
  if (tests.length === 0) return { lines: [], cut: false };
  const failed = tests.filter(({ outcome }) => outcome === 'failed');
  const passed = tests.length - failed.length;
  const mended = tests.filter(({ outcome, before }) => outcome === 'passed' && before === 'failed').length;
  const counts = [
    ...(passed > 0 || failed.length === 0
      ? [`${passed} passed${mended === 0 ? '' : ` (${mended} failed before)`}`]
      : []),
    ...(failed.length > 0 ? [`${failed.length} failed`] : []),
  ].join(', ');
  const shown = failed.slice(0, limits.entries);
  const lines = shown.flatMap((test) => failureLines(test, limits));
  const hidden = failed.length - shown.length;
  const more = hidden > 0 ? [plainLine(`… and ${hidden} more`)] : [];
  const isCut = hidden > 0 || shown.some(({ problems }) => problems.length > limits.items);
  return { lines: [`${style.heading('Tests')}   ${counts}`, ...layOut([...lines, ...more], style)], cut: isCut };
}

/** Whether the change does it, or it was so before; of what is new there is nothing to compare. */
const SINCE = {
  passed: 'newly failing',
  failed: 'already failing',
  absent: 'failing, its client is new',
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
