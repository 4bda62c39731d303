// Owns `charter test`: the tests of access of a spec, run against what the spec declares. Never needs a store or a secret,
// and never judges a test itself.

import { firstTests } from '../explain/first-tests.ts';
import { TEST_REPORT_CODES, testFindings } from '../explain/test-findings.ts';
import { type Tested, testReportToJson } from '../explain/test-json.ts';
import { percentOf, reportTests, resultsOf, type TestReport } from '../explain/test-report.ts';
import { renderTestReport } from '../explain/test-text.ts';
import { Failure } from '../model/failure.ts';
import { testSuite } from '../plan/suites.ts';
import { directoriesOf } from '../reconcile/overlays.ts';
import { escapeControls } from '../spec/frame-line.ts';
import { type Finding, type Findings, gravestFirst } from '../spec/outputs/findings.ts';
import { renderGithub } from '../spec/outputs/github.ts';
import { renderJunit } from '../spec/outputs/junit.ts';
import { findingsToSarif } from '../spec/outputs/sarif.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import {
  checkOutputs,
  failedFindings,
  locator,
  type OutputOptions,
  type Outputs,
  outputsOfFindings,
  printJson,
  refuseOverwriting,
  takesStdout,
  writeOutputs,
} from './outputs.ts';
import { tellError, tellRefusal, tellSentence, tellStop } from './problem.ts';
import { readInput, type SpecOptions, specWords } from './spec-input.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

export interface TestOptions extends SpecOptions, Omit<OutputOptions, 'md' | 'out'> {
  readonly filter?: string;
  readonly coverage?: boolean;
  /** Percent. */
  readonly coverageMin?: number;
  /** Milliseconds since the epoch: the instant for which the tests are run. */
  readonly at?: number;
}

export async function test(
  directories: readonly string[],
  options: TestOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  checkOutputs(options);
  refuseOverwriting(options, { store: undefined, directories: directoriesOf(directories, options.overlay) });
  const located = locator(directories, terminal);
  const write = async (findings: Findings, tested: Tested | undefined, code: ExitCode): Promise<ExitCode> =>
    await writeOutputs(outputsOf(findings, tested, directories), { options, code }, terminal);
  try {
    const input = await readInput(directories, options, terminal);
    const { checked, reading } = input.loaded;
    const findings: Findings = { diagnostics: checked.diagnostics, files: reading.files, located };
    if (!input.ok) return await write(findings, undefined, tellRefusal(input.refusal, terminal));
    const { state, origins, tests } = input.declared;
    const coverage = options.coverage === true || options.coverageMin !== undefined;
    const report = reportTests(state, tests, { filter: options.filter, coverage }, options.at ?? Date.now());
    refuseNothing(report, options);
    if (!takesStdout(options)) {
      const spec = specWords(directories, options);
      terminal.out(
        tests.length === 0
          ? `${escapeControls(spec)}: there is no test. Write what must stay true, whoever changes what, for example:\n\n${firstTests(state, report.now)}`
          : renderTestReport(report, origins, { color: terminal.outColor, spec }),
      );
    }
    return await write(findings, { report, origins }, judgeCode(report, options, terminal));
  } catch (error) {
    return await write(failedFindings(error, located), undefined, tellError(error, terminal));
  }
}

/** Throws Failure `usage` where --filter left nothing: a run of no test must not look like one that passes. */
function refuseNothing({ tests, leftOut }: TestReport, { filter = '' }: TestOptions): void {
  if (tests.length > 0 || leftOut === 0) return;
  throw new Failure('usage', `--filter ${JSON.stringify(filter)}: none of the ${leftOut} tests has this in its name.`);
}

function judgeCode(report: TestReport, { coverageMin = 0 }: TestOptions, terminal: Terminal): ExitCode {
  const { coverage } = report;
  const tests = resultsOf(report).map((result) => ({ ...result, before: 'absent' as const }));
  const isFailed = tests.some(({ outcome }) => outcome === 'failed');
  if (isFailed) tellStop('tests', { tests, risks: [] }, 'No spec with a failed test is applied.', terminal);
  const isLow = coverage !== undefined && 100 * coverage.covered < coverageMin * coverage.links;
  if (isLow) {
    const told = `${percentOf(coverage)} % of the links are covered, and --coverage-min asks for ${coverageMin} %.`;
    tellSentence(told, terminal);
  }
  return isFailed || isLow ? EXIT.test : EXIT.done;
}

function outputsOf(spec: Findings, tested: Tested | undefined, key: readonly string[]): Outputs {
  const told = (exitCode: number) => printJson(testReportToJson(tested, spec, { exitCode, engineVersion: version() }));
  if (tested === undefined) return { ...outputsOfFindings(spec, key), json: told };
  const findings = (): Findings<Finding> => ({
    ...spec,
    diagnostics: gravestFirst([...testFindings(tested), ...spec.diagnostics]),
    rules: TEST_REPORT_CODES,
  });
  return {
    ...outputsOfFindings(spec, key),
    github: () => renderGithub(findings()),
    sarif: () => printJson(findingsToSarif(findings(), version())),
    junit: () => renderJunit(spec, 'test', [testSuite(resultsOf(tested.report), spec.located)]),
    json: told,
  };
}
