// Owns how the tests of a spec read: of each that failed what is wrong and by which links, of the links which no test
// would miss, and how many there are. Never runs one.

import type { Place, Step } from '../access/decision.ts';
import { compareText, qualifiedName } from '../model/address.ts';
import { count } from '../model/count.ts';
import { formatPlace, type Origins, type SourceRange } from '../model/origin.ts';
import { type Line, layOut, plainLine } from '../plan/columns.ts';
import type { Naming } from '../plan/naming.ts';
import { speakInstant } from '../plan/period-words.ts';
import { escapeControls, styleFor } from '../plan/style.ts';
import type { TestProblem } from '../plan/test-problem.ts';
import type { Coverage } from './coverage.ts';
import { stepWords } from './link-words.ts';
import { failedOf, failingLater, percentOf, type TestedTest, type TestReport } from './test-report.ts';

interface TestTextOptions {
  readonly color: boolean;
  /** What was tested, as the command line named it. */
  readonly spec: string;
}

/** The failed tests, those that will fail, the links that are not covered, and the counts; with a line break at its end. */
export function renderTestReport(report: TestReport, origins: Origins, { color, spec }: TestTextOptions): string {
  const style = styleFor({ color });
  const failed = failedOf(report);
  const later = failingLater(report).flatMap((test) => laterLines(test));
  const uncovered = report.coverage === undefined ? [] : uncoveredLines(report.coverage, origins);
  const parts = [
    layOut(
      failed.flatMap((test) => failureLines(test, origins)),
      style,
    ),
    later.length === 0 ? [] : [style.heading('Will fail by time alone'), ...layOut(later, style)],
    uncovered.length === 0 ? [] : [style.heading('No test would miss'), ...layOut(uncovered, style)],
    [`${escapeControls(spec)}: ${speakCounts(report)}`],
  ];
  const told = parts.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `${told.join('\n\n')}\n`;
}

/** With its site: the problems of tests name entities so, and any two of a spec are told apart by it. */
const QUALIFIED: Naming = { name: (address) => escapeControls(qualifiedName(address)) };

/** `Example/User1 is a member of Example/Group2`, ready for a terminal. */
export function speakLink(link: Step): string {
  return stepWords(link, QUALIFIED);
}

function failureLines({ name, range, problems }: TestedTest, origins: Origins): readonly Line[] {
  return [
    { indent: 0, sign: '✗', text: escapeControls(name), place: escapeControls(formatPlace(range)) },
    ...problems.flatMap((problem) => problemLines(problem, origins)),
  ];
}

/** What is wrong then, without its links: they are told when it is. */
function laterLines({ name, range, later }: ReturnType<typeof failingLater>[number]): readonly Line[] {
  return [
    {
      indent: 2,
      text: `${escapeControls(name)}, from ${speakInstant(later.from)} on`,
      place: escapeControls(formatPlace(range)),
    },
    ...later.problems.map(({ text }) => plainLine(escapeControls(text), 6)),
  ];
}

function problemLines({ text, chain, missing }: TestProblem, origins: Origins): readonly Line[] {
  return [
    plainLine(escapeControls(text), 4),
    ...chain.map((step) => placed(speakLink(step), rangeAt(step.at, origins), 6)),
    ...(missing === undefined ? [] : [placed(speakMissing(missing, chain), rangeAt(missing, origins), 6)]),
  ];
}

/** `missing: members of group Example/Group1`, `too many values: single_value of policy Example/duties` */
function speakMissing({ address, pointer }: Place, chain: readonly Step[]): string {
  const what = chain.some(({ value }) => value !== undefined) ? 'too many values' : 'missing';
  const member = pointer.split('/').filter((part) => part !== '' && !/^\d+$/.test(part));
  const entity =
    address === 'server' ? 'the server' : `${address.slice(0, address.indexOf(':'))} ${qualifiedName(address)}`;
  return `${what}: ${escapeControls(member.length === 0 ? entity : `${member.join('.')} of ${entity}`)}`;
}

function placed(text: string, range: SourceRange | undefined, indent: number): Line {
  return range === undefined ? plainLine(text, indent) : { indent, text, place: escapeControls(formatPlace(range)) };
}

function rangeAt({ address, pointer }: Place, origins: Origins): SourceRange | undefined {
  return origins.get(address)?.(pointer);
}

/** Links that one place in a file makes: of a default one for each entity that it is for. */
interface UncoveredPlace {
  readonly links: readonly [Step, ...Step[]];
  readonly range: SourceRange | undefined;
}

/** The links that are not covered by where they are written, in the order of the files. */
export function uncoveredPlaces({ uncovered }: Coverage, origins: Origins): readonly UncoveredPlace[] {
  const places = new Map<string, { links: [Step, ...Step[]]; range: SourceRange | undefined }>();
  for (const link of uncovered) {
    const range = rangeAt(link.at, origins);
    const key = `${range === undefined ? `${link.at.address}${link.at.pointer}` : formatPlace(range)} ${link.relation}`;
    const known = places.get(key);
    if (known === undefined) places.set(key, { links: [link], range });
    else known.links.push(link);
  }
  return [...places.values()].sort((a, b) => compareRanges(a.range, b.range));
}

function compareRanges(a: SourceRange | undefined, b: SourceRange | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return compareText(a.file, b.file) || a.start.offset - b.start.offset;
}

const MOST_NAMED = 3;

/**
 * `Example/Client1 may ask for Server1, Server2`; of a line that is for several entities
 * `Example/Client1 has client.credentials.1; and by the same line Example/Server1 and 4 more`
 */
export function speakUncovered({ links: [first, ...others] }: UncoveredPlace): string {
  const isOfOne = others.every(({ at }) => at.address === first.at.address);
  const names = others.map((link) => qualifiedName(isOfOne ? link.to : link.at.address));
  if (names.length === 0) return speakLink(first);
  const more = names.length - MOST_NAMED;
  const told = `${names.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return isOfOne ? `${speakLink(first)}, ${told}` : `${speakLink(first)}; and by the same line ${told}`;
}

function uncoveredLines(coverage: Coverage, origins: Origins): readonly Line[] {
  return uncoveredPlaces(coverage, origins).map((place) => placed(speakUncovered(place), place.range, 2));
}

/** `41 tests passed`, `40 tests passed, 1 failed; 12 were left out. 30 of 34 links are covered (88 %).` */
function speakCounts(report: TestReport): string {
  const { tests, leftOut, coverage } = report;
  const failed = failedOf(report).length;
  const passed = tests.length - failed;
  const outcome = [
    ...(passed > 0 || failed === 0 ? [`${count(passed, 'test')} passed`] : []),
    ...(failed > 0 ? [`${passed > 0 ? failed : count(failed, 'test')} failed`] : []),
  ].join(', ');
  const aside = leftOut === 0 ? '' : `; ${leftOut} left out by --filter`;
  const covered =
    coverage === undefined
      ? ''
      : ` ${coverage.covered} of ${count(coverage.links, 'link')} ${coverage.links === 1 ? 'is' : 'are'} covered (${percentOf(coverage)} %).`;
  return `${outcome}${aside}.${covered}`;
}
