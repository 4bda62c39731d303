// Owns the outputs of `validate`: which were asked for, and that each is written, whatever the spec is like. Never
// renders a problem.

import { relative, resolve, sep } from 'node:path';
import type { Diagnostic } from '../model/diagnostic.ts';
import { Failure } from '../model/failure.ts';
import { isBelow, specRoot } from '../reconcile/walk.ts';
import type { Findings } from '../spec/outputs/findings.ts';
import { renderGithub } from '../spec/outputs/github.ts';
import { findingsToJson } from '../spec/outputs/json.ts';
import { renderJunit } from '../spec/outputs/junit.ts';
import { findingsToSarif } from '../spec/outputs/sarif.ts';
import { type ExitCode, worse } from './exit-code.ts';
import { writeOutput } from './files-out.ts';
import { tellError } from './problem.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

/** Files to write, `-` for stdout. */
export interface OutputOptions {
  readonly json?: string;
  readonly sarif?: string;
  readonly junit?: string;
  /** Annotations on stdout, beside the text. */
  readonly github?: boolean;
}

/** JSON comes last: it tells the exit code, which an output that cannot be written changes. */
const FILES = ['sarif', 'junit', 'json'] as const;

/** Throws Failure `usage` where two outputs would go to one place. */
export function checkOutputs(options: OutputOptions): void {
  const asked = FILES.flatMap((name) => (options[name] === undefined ? [] : [{ name, path: options[name] }]));
  for (const { name, path } of asked) {
    if (path === '') throw new Failure('usage', `--${name} names no file: is a variable not set?`);
    const other = asked.find((one) => one.name !== name && placeOf(one.path) === placeOf(path));
    if (other !== undefined) {
      const where = path === '-' ? 'stdout' : path;
      throw new Failure('usage', `--${name} and --${other.name} would both be written to ${where}. Name another file.`);
    }
    if (path === '-' && options.github === true) {
      throw new Failure(
        'usage',
        `--${name} - and --github would both be written to stdout. Name a file for --${name}.`,
      );
    }
  }
}

function placeOf(path: string): string {
  return path === '-' ? '-' : resolve(path);
}

/** Whether stdout holds one of the outputs, and so no text. */
export function takesStdout(options: OutputOptions): boolean {
  return FILES.some((name) => options[name] === '-');
}

/** Writes all of them, and tells of each that cannot be written. Answers the code that the command ends with then. */
export async function writeOutputs(
  findings: Findings,
  told: { readonly options: OutputOptions; readonly code: ExitCode; readonly fixed?: readonly Diagnostic[] },
  terminal: Terminal,
): Promise<ExitCode> {
  const { options, fixed } = told;
  let { code } = told;
  const fixes = fixed?.flatMap(({ code: of, fixes: [fix] = [], range }) =>
    fix === undefined || range === undefined ? [] : [{ code: of, title: fix.title, range }],
  );
  if (options.github === true) terminal.out(renderGithub(findings));
  for (const name of FILES) {
    const path = options[name];
    if (path === undefined) continue;
    const text = {
      sarif: () => print(findingsToSarif(findings, version())),
      junit: () => renderJunit(findings),
      json: () => print(findingsToJson(findings, code, fixes)),
    }[name]();
    try {
      if (path === '-') terminal.out(text);
      else await writeOutput(`--${name}`, path, text);
    } catch (error) {
      code = worse(code, tellError(error, terminal));
    }
  }
  return code;
}

function print(document: object): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

/**
 * How other tools find the files of a spec: below the repository that GitHub checked out, else below the working
 * directory, else by their absolute path.
 */
export function locator(directories: readonly string[], { env }: Terminal): Findings['located'] {
  const root = specRoot(directories);
  const workspace = env.GITHUB_WORKSPACE ?? '';
  const bases = [...(workspace === '' ? [] : [resolve(workspace)]), resolve('.')];
  return (file) => {
    const path = resolve(root, file);
    const base = bases.find((one) => isBelow(path, one));
    const shown = base === undefined ? path : relative(base, path) || '.';
    return shown.split(sep).join('/');
  };
}

/** Findings of a command that failed before it had any. */
export function failedFindings(error: unknown, located: Findings['located']): Findings {
  const failure =
    error instanceof Failure
      ? { code: error.code, message: error.message }
      : { code: 'internal', message: 'Internal error.' };
  return { diagnostics: [], files: [], located, failure };
}
