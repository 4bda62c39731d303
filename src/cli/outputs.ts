// Owns the outputs of a command beside its text: which were asked for, and that each is written, whatever comes of the
// command. Never renders a problem or a plan.

import { readlinkSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { Diagnostic } from '../model/diagnostic.ts';
import { Failure } from '../model/failure.ts';
import { repositoryTop } from '../reconcile/git-top.ts';
import { isBelow, specRoot } from '../reconcile/walk.ts';
import type { Findings } from '../spec/outputs/findings.ts';
import { renderGithub } from '../spec/outputs/github.ts';
import { findingsToJson } from '../spec/outputs/json.ts';
import { renderJunit } from '../spec/outputs/junit.ts';
import { renderMarkdown } from '../spec/outputs/markdown.ts';
import { findingsToSarif } from '../spec/outputs/sarif.ts';
import { type ExitCode, worse } from './exit-code.ts';
import { OutputFailure, requirePlace, writeOutput } from './files-out.ts';
import { tellError } from './problem.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

/** Files to write, `-` for stdout. */
export interface OutputOptions {
  /** A plan that is saved to be applied: what `json` holds as well. */
  readonly out?: string;
  readonly json?: string;
  readonly md?: string;
  readonly sarif?: string;
  readonly junit?: string;
  /** Annotations on stdout, beside the text. */
  readonly github?: boolean;
}

/** JSON comes last: it tells the exit code, which an output that cannot be written changes. */
const FILES = ['md', 'sarif', 'junit', 'out', 'json'] as const;

/** The text of each output, made when it is written, with the code that the command ends with as far as it is known then. */
export type Outputs = Readonly<Record<Exclude<(typeof FILES)[number], 'out'> | 'github', (code: ExitCode) => string>>;

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

/** What is written to as it is, a terminal for one, may have several names and takes several outputs. */
function placeOf(path: string): string {
  if (path === '-') return '-';
  const real = realOf(path);
  return isDevice(real) ? resolve(path) : real;
}

/** Whether stdout holds one of the outputs, and so no text. */
export function takesStdout(options: OutputOptions): boolean {
  return FILES.some((name) => options[name] === '-');
}

/** Writes all of them, and tells of each that cannot be written. Answers the code that the command ends with then. */
export async function writeOutputs(
  outputs: Outputs,
  told: {
    readonly options: OutputOptions;
    readonly code: ExitCode;
    readonly applied?: { readonly generation: number } | undefined;
  },
  terminal: Terminal,
): Promise<ExitCode> {
  const { options, applied } = told;
  let { code } = told;
  if (options.github === true) terminal.out(outputs.github(code));
  for (const name of FILES) {
    const path = options[name];
    if (path === undefined) continue;
    try {
      const text = outputs[name === 'out' ? 'json' : name](code);
      if (path === '-') terminal.out(text);
      else await writeOutput(`--${name}`, path, text);
    } catch (error) {
      code = worse(code, tellError(withApplied(error, applied), terminal));
    }
  }
  return code;
}

/** Who reads that an output failed takes the command for failed. */
function withApplied(error: unknown, applied: { readonly generation: number } | undefined): unknown {
  if (applied === undefined || !(error instanceof OutputFailure)) return error;
  return new OutputFailure(error.code, `Generation ${applied.generation} is applied; ${error.message}`, {
    cause: error,
  });
}

/** What was found in a spec. `key` are the words that tell its comment from others of a pull request. */
export function outputsOfFindings(findings: Findings, key: readonly string[], fixed?: readonly Diagnostic[]): Outputs {
  const fixes = fixed?.flatMap(({ code, fixes: [fix] = [], range }) =>
    fix === undefined || range === undefined ? [] : [{ code, title: fix.title, range }],
  );
  return {
    github: () => renderGithub(findings),
    md: () => renderMarkdown(findings, key),
    sarif: () => printJson(findingsToSarif(findings, version())),
    junit: () => renderJunit(findings),
    json: (code) => printJson(findingsToJson(findings, code, fixes)),
  };
}

export function printJson(document: object): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** How other tools find the files of a spec. Each is looked up once. */
export function locator(directories: readonly string[], terminal: Terminal): Findings['located'] {
  const root = specRoot(directories);
  const known = new Map<string, string>();
  return (file) => {
    const path = known.get(file) ?? pathForTools(resolve(root, file), terminal);
    known.set(file, path);
    return path;
  };
}

/**
 * With `/` between its parts: from the top of its Git repository, wherever in it the command runs, as a pull request names
 * it; of what is in none below the workspace of GitHub, else below the working directory, else absolute.
 */
export function pathForTools(path: string, { env }: Terminal): string {
  const absolute = resolve(path);
  const real = realOf(path);
  const top = repositoryTop(real);
  if (top !== undefined) return slashes(relative(top, real) || '.');
  const workspace = env.GITHUB_WORKSPACE ?? '';
  const bases = [...(workspace === '' ? [] : [resolve(workspace)]), resolve('.')];
  const base = bases.find((one) => isBelow(absolute, one));
  return slashes(base === undefined ? absolute : relative(base, absolute) || '.');
}

function slashes(path: string): string {
  return path.split(sep).join('/');
}

/** Findings of a command that failed before it had any. */
export function failedFindings(error: unknown, located: Findings['located']): Findings {
  const failure =
    error instanceof Failure
      ? { code: error.code, message: error.message }
      : { code: 'internal', message: 'Internal error.' };
  return { diagnostics: [], files: [], located, failure };
}

/** What a command works on. */
export interface WorkedOn {
  readonly store: string | undefined;
  /** All that a spec is read from: its own, those of its overlays, that of what it is compared with. */
  readonly directories: readonly string[];
  /** The file of a saved plan. */
  readonly plan?: string | undefined;
}

/** Throws Failure `usage` where an output would be written over what the command works on. */
export function refuseOverwriting(options: OutputOptions, { store, directories, plan }: WorkedOn): void {
  const specs = directories.map(realOf);
  const saved = plan === undefined || plan === '-' ? undefined : realOf(plan);
  const own = store === undefined ? [] : ['', '-wal', '-shm'].map((end) => `${realOf(store)}${end}`);
  for (const name of FILES) {
    const path = options[name];
    if (path === undefined || path === '-') continue;
    const real = realOf(path);
    if (own.includes(real)) throw new Failure('usage', `--${name} ${path} is the store. Name another file.`);
    if (real === saved && !isDevice(real)) {
      throw new Failure('usage', `--${name} ${path} is the plan that is applied. Name another file.`);
    }
    // The name of a link makes it a file of the spec, and so does the name of the file behind it.
    const names = [real, join(realOf(dirname(resolve(path))), basename(path))];
    const isSpec = names.some((one) => /\.ya?ml$/.test(one) && specs.some((spec) => isBelow(one, spec)));
    if (isSpec) throw new Failure('usage', `--${name} ${path} would be a file of the spec. Name another file.`);
  }
}

/** Throws OutputFailure where no file can be at the path of an output: told before anything is applied, not after. */
export function requirePlaces(options: OutputOptions): void {
  for (const name of FILES) {
    const path = options[name];
    if (path === undefined || path === '-') continue;
    try {
      requirePlace(`--${name}`, path);
    } catch (error) {
      if (!(error instanceof OutputFailure)) throw error;
      throw new OutputFailure(error.code, `${error.message} Nothing was applied.`, { cause: error });
    }
  }
}

/** With links resolved as far as the path leads, also one that leads to a file that is yet to be written. */
function realOf(path: string, links = MOST_LINKS): string {
  const absolute = resolve(path);
  try {
    return realpathSync(absolute);
  } catch {
    const parent = dirname(absolute);
    if (parent === absolute) return absolute;
    const own = join(realOf(parent, links), basename(absolute));
    const target = links === 0 ? undefined : linkAt(own);
    return target === undefined ? own : realOf(resolve(dirname(own), target), links - 1);
  }
}

/** As many as Linux follows. */
const MOST_LINKS = 40;

function linkAt(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function isDevice(real: string): boolean {
  try {
    const found = statSync(real);
    return !found.isFile() && !found.isDirectory();
  } catch {
    return false;
  }
}
