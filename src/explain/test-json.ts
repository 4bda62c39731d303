// Owns the tests of a spec as JSON: a public contract, versioned, described by schema/test.schema.json. Never runs one.

import type { Place, Step } from '../access/decision.ts';
import type { Address } from '../model/address.ts';
import type { Origins, SourceRange } from '../model/origin.ts';
import { instantToJson, sourceMember, sourceToJson } from '../plan/json-places.ts';
import type { TestProblem } from '../plan/test-problem.ts';
import type { Findings } from '../spec/outputs/findings.ts';
import { type DiagnosticJson, diagnosticsToJson } from '../spec/outputs/json.ts';
import type { Coverage } from './coverage.ts';
import { failedOf, percentOf, type TestReport } from './test-report.ts';
import { speakLink } from './test-text.ts';

/** Minor: members were added, ignore what you do not know. Major: read no further. */
const FORMAT_VERSION = '1.0';

interface PlaceJson extends Place {
  readonly source?: SourceRange;
}

interface LinkJson {
  readonly relation: Step['relation'];
  readonly from: Address;
  readonly to: Address;
  readonly at: PlaceJson;
  readonly text: string;
  readonly value?: NonNullable<Step['value']>;
  readonly function?: string;
  readonly customer?: Address;
}

interface ProblemJson {
  readonly text: string;
  readonly reason?: string;
  readonly via: readonly LinkJson[];
  readonly missing?: PlaceJson;
}

interface TestReportJson {
  readonly format_version: string;
  readonly engine_version: string;
  readonly outcome: { readonly exit_code: number };
  readonly root: string;
  readonly timestamp?: string;
  readonly summary: {
    readonly tests: number;
    readonly passed: number;
    readonly failed: number;
    readonly left_out: number;
  };
  readonly tests: readonly {
    readonly name: string;
    readonly source: SourceRange;
    readonly outcome: 'passed' | 'failed';
    readonly problems: readonly ProblemJson[];
    readonly fails_from?: string;
  }[];
  readonly coverage?: {
    readonly links: number;
    readonly covered: number;
    readonly percent: number;
    readonly uncovered: readonly LinkJson[];
  };
  readonly diagnostics: readonly DiagnosticJson[];
  readonly error?: { readonly code: string; readonly message: string };
}

/** What was tested, with where it is written; undefined where the tests could not be run. */
export interface Tested {
  readonly report: TestReport;
  readonly origins: Origins;
}

/** Plain data, ready for JSON.stringify; equal reports give equal text. */
export function testReportToJson(
  tested: Tested | undefined,
  findings: Pick<Findings, 'diagnostics' | 'located' | 'failure'>,
  about: { readonly exitCode: number; readonly engineVersion: string },
): TestReportJson {
  const { failure } = findings;
  const tests = tested?.report.tests ?? [];
  const failed = failedOf({ tests }).length;
  const coverage = tested?.report.coverage;
  const origins: Origins = tested?.origins ?? new Map();
  return {
    format_version: FORMAT_VERSION,
    engine_version: about.engineVersion,
    outcome: { exit_code: about.exitCode },
    root: findings.located(''),
    ...(tested === undefined ? {} : { timestamp: instantToJson(tested.report.now) }),
    summary: {
      tests: tests.length,
      passed: tests.length - failed,
      failed,
      left_out: tested?.report.leftOut ?? 0,
    },
    tests: tests.map(({ name, range, problems, later }) => ({
      name,
      source: sourceToJson(range),
      outcome: problems.length === 0 ? 'passed' : 'failed',
      problems: problems.map((problem) => problemToJson(problem, origins)),
      ...(later === undefined ? {} : { fails_from: instantToJson(later.from) }),
    })),
    ...(coverage === undefined ? {} : { coverage: coverageToJson(coverage, origins) }),
    diagnostics: diagnosticsToJson(findings.diagnostics),
    ...(failure === undefined ? {} : { error: { code: failure.code, message: failure.message } }),
  };
}

function problemToJson({ text, code, chain, missing }: TestProblem, origins: Origins): ProblemJson {
  return {
    text,
    ...(code === undefined ? {} : { reason: code }),
    via: chain.map((step) => linkToJson(step, origins)),
    ...(missing === undefined ? {} : { missing: placeToJson(missing, origins) }),
  };
}

function coverageToJson(coverage: Coverage, origins: Origins): NonNullable<TestReportJson['coverage']> {
  const { links, covered, uncovered } = coverage;
  return {
    links,
    covered,
    percent: percentOf(coverage),
    uncovered: uncovered.map((link) => linkToJson(link, origins)),
  };
}

function linkToJson(step: Step, origins: Origins): LinkJson {
  const { relation, from, to, at, value, function: name, customer } = step;
  const told = { relation, from, to, at: placeToJson(at, origins), text: speakLink(step) };
  return {
    ...told,
    ...(value === undefined ? {} : { value }),
    ...(name === undefined ? {} : { function: name }),
    ...(customer === undefined ? {} : { customer }),
  };
}

function placeToJson({ address, pointer }: Place, origins: Origins): PlaceJson {
  return { address, pointer, ...sourceMember(origins.get(address)?.(pointer)) };
}
