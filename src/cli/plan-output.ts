// Owns how commands give out a plan, or why there is none: as text, and as each output that was asked for. Never makes
// a plan.

import type { Address } from '../model/address.ts';
import { type Diagnostic, sortDiagnostics } from '../model/diagnostic.ts';
import type { Origins } from '../model/origin.ts';
import type { Circumstances } from '../plan/circumstances.ts';
import { PLAN_CODES } from '../plan/finding-codes.ts';
import { planFindings } from '../plan/findings.ts';
import { type PlanContext, planToJson } from '../plan/json.ts';
import { type RefusalReason, refusalToJson } from '../plan/json-refusal.ts';
import { planToMarkdown } from '../plan/markdown.ts';
import { type Note, noteText } from '../plan/notes.ts';
import { isEmptyPlan, type Plan } from '../plan/plan.ts';
import { planSuites } from '../plan/suites.ts';
import type { TestChange } from '../plan/test-changes.ts';
import { type PlanTextOptions, renderPlan } from '../plan/text.ts';
import type { LoadedSpec } from '../reconcile/load.ts';
import type { Refusal } from '../reconcile/refusal.ts';
import { type Finding, type Findings, gravestFirst } from '../spec/outputs/findings.ts';
import { renderGithub } from '../spec/outputs/github.ts';
import { diagnosticsToJson } from '../spec/outputs/json.ts';
import { renderJunit } from '../spec/outputs/junit.ts';
import { findingsToSarif } from '../spec/outputs/sarif.ts';
import type { ExitCode } from './exit-code.ts';
import {
  failedFindings,
  locator,
  type OutputOptions,
  type Outputs,
  outputsOfFindings,
  pathForTools,
  printJson,
  takesStdout,
  writeOutputs,
} from './outputs.ts';
import { shellWord } from './shell-word.ts';
import type { SpecOptions } from './spec-input.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

export interface ShownPlan {
  readonly plan: Plan;
  readonly beforeOrigins: Origins;
  readonly afterOrigins: Origins;
  readonly circumstances?: Circumstances;
  /** What the JSON tells of how the plan came about. */
  readonly context?: Pick<PlanContext, 'timestamp' | 'config'>;
  /** What is to be known of the plan beside it. */
  readonly notes?: readonly Note[] | undefined;
  /** Undefined where the tests of the base are not known. */
  readonly testChanges?: readonly TestChange[] | undefined;
}

/** The command whose outputs they are. */
export interface Told {
  /** `plan`, `apply`. */
  readonly command: string;
  readonly directories: readonly string[];
  readonly options: OutputOptions & SpecOptions;
  /** Of a saved plan: what follows `charter apply` to apply it. */
  readonly again?: readonly string[];
  /** What the check of the spec found, where one was made; the files are those that were read. */
  readonly spec?: Pick<Findings, 'diagnostics' | 'files'> | undefined;
}

/** What the check of a spec found; `later` is what planning it did. */
export function specFindings(
  { checked, reading }: LoadedSpec,
  later: readonly Diagnostic[] = [],
): NonNullable<Told['spec']> {
  return { diagnostics: sortDiagnostics([...checked.diagnostics, ...later]), files: reading.files };
}

/** What a plan became. `secrets` are the entities whose secret alone changed; the JSON names them, never a value. */
export interface Applied {
  readonly generation: number;
  readonly secrets: readonly Address[];
}

/** Text for people, on stdout unless stdout is asked to hold one of the outputs. */
export function tellPlan(
  { plan, testChanges, ...places }: ShownPlan,
  options: OutputOptions & TextOptions,
  terminal: Terminal,
): void {
  if (takesStdout(options)) return;
  const { groupBy, full, hasSpec } = options;
  terminal.out(renderPlan(plan, places, { color: terminal.outColor, groupBy, full, hasSpec, testChanges }));
}

/** How much a plan's text tells, and in which order. */
export type TextOptions = Pick<PlanTextOptions, 'groupBy' | 'full' | 'hasSpec'>;

/**
 * Every output of a plan, with how the command ends and, when it was applied, what it became. Answers the code that the
 * command ends with: another where one of them cannot be written.
 */
export async function writePlan(
  shown: ShownPlan,
  told: Told & { readonly code: ExitCode; readonly applied?: Applied | undefined },
  terminal: Terminal,
): Promise<ExitCode> {
  return await writeOutputs(outputsOfPlan(shown, told, terminal), told, terminal);
}

/** GitHub shows no more results of code scanning than this: the gravest. */
const MOST_RESULTS = 5_000;

function outputsOfPlan(
  { plan, context, notes = [], testChanges, ...places }: ShownPlan,
  told: Told & { readonly applied?: Applied | undefined },
  terminal: Terminal,
): Outputs {
  const { applied, command, directories } = told;
  const spec: Findings = {
    diagnostics: [],
    files: [],
    ...told.spec,
    located: locator(directories, terminal),
    notes: notes.map(noteText),
  };
  const findings = (): Findings<Finding> => ({
    ...spec,
    diagnostics: gravestFirst([...planFindings(plan, places), ...spec.diagnostics]),
    rules: PLAN_CODES,
  });
  return {
    github: () => renderGithub(findings()),
    md: () =>
      planToMarkdown(plan, places, {
        key: keyOf(told, terminal),
        apply: applyCommand(told.again ?? specArguments(told)),
        isSaved: told.again !== undefined,
        applied: applied?.generation,
        spec: told.spec,
        notes,
        testChanges,
      }),
    sarif: () => printJson(findingsToSarif(findings(), version(), MOST_RESULTS)),
    junit: () => renderJunit(spec, command, planSuites(plan, places, spec.located)),
    json: (code) => {
      const changes = !isEmptyPlan(plan) || (applied !== undefined && applied.secrets.length > 0);
      const outcome = { exit_code: code, changes };
      const about = {
        ...context,
        engine_version: version(),
        notes: spec.notes,
        diagnostics: diagnosticsToJson(spec.diagnostics),
        testChanges,
        ...(applied === undefined ? {} : { applied }),
      };
      return printJson(planToJson(plan, places, outcome, about));
    },
  };
}

/**
 * Every output that was asked for, when there is no plan or it must not be applied: without them, whoever reads the files
 * would take older ones for these. A plan that is only stopped is given out as one.
 */
export async function writeRefusal(
  refusal: Refusal,
  told: Told & { readonly code: ExitCode },
  terminal: Terminal,
): Promise<ExitCode> {
  if (refusal.reason === 'tests' || refusal.reason === 'risks') return await writePlan(refusal.held, told, terminal);
  const located = locator(told.directories, terminal);
  const findings =
    refusal.reason === 'spec' || refusal.reason === 'secrets'
      ? { diagnostics: refusal.diagnostics, files: refusal.files, located }
      : failedFindings(errorOf(refusal), located);
  const outputs = {
    ...outputsOfFindings(findings, keyOf(told, terminal)),
    json: (code: ExitCode) => printJson(refusalToJson(reasonOf(findings), code, { engine_version: version() })),
  };
  return await writeOutputs(outputs, told, terminal);
}

function errorOf(refusal: Refusal): unknown {
  if (refusal.reason === 'failure') return refusal.failure;
  return refusal.reason === 'bug' ? refusal.error : undefined;
}

function reasonOf({ diagnostics, failure }: Findings): RefusalReason {
  return failure === undefined ? { diagnostics } : { error: failure };
}

/** The spec as the command line names it, by paths that do not depend on where the command ran. */
function keyOf({ directories, options: { overlay = [] } }: Told, terminal: Terminal): readonly string[] {
  return [
    ...directories.map((directory) => pathForTools(directory, terminal)),
    ...overlay.map((one) => `overlay:${one}`),
  ];
}

function specArguments({ directories, options: { overlay = [] } }: Told): readonly string[] {
  return [...directories, ...overlay.flatMap((one) => ['--overlay', one])];
}

/** As a shell takes it. */
function applyCommand(words: readonly string[]): string {
  return ['charter', 'apply', ...words.map(shellWord)].join(' ');
}
