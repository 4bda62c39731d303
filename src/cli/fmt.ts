// Owns `charter fmt`: the files of a spec and their format on disk. Never writes a file that could not be read as YAML, nor
// one that is not as it was read.

import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { Readable } from 'node:stream';
import type { Diagnostic } from '../model/diagnostic.ts';
import { Failure } from '../model/failure.ts';
import { type Content, readBounded } from '../reconcile/bounded.ts';
import { emptySpec, fromContent, fromObstacle } from '../reconcile/problems.ts';
import { systemReason } from '../reconcile/system-reason.ts';
import { findFiles } from '../reconcile/walk.ts';
import { format } from '../spec/format.ts';
import { renderDiagnostics } from '../spec/frame.ts';
import { escapeControls } from '../spec/frame-line.ts';
import { MAX_FILE_BYTES, type SourceFile } from '../spec/source.ts';
import { EXIT, type ExitCode, worse } from './exit-code.ts';
import { replaceFile } from './mend.ts';
import { count } from './names.ts';
import { readStream } from './read-stream.ts';
import type { Terminal } from './terminal.ts';

export interface FmtOptions {
  /** Nothing is written; files that would be are listed, and end in exit code 1. */
  readonly check?: boolean;
}

/** A file to format. `path` is as it is shown, relative to the current directory or absolute. */
interface Target {
  readonly path: string;
  readonly real: string;
  /** The real directories that it must not leave. */
  readonly boundaries: readonly string[];
}

const STDIN = '-';

export async function fmt(
  paths: readonly string[],
  options: FmtOptions,
  input: Readable,
  terminal: Terminal,
): Promise<ExitCode> {
  if (paths.includes(STDIN)) {
    if (paths.length > 1) throw new Failure('usage', 'fmt reads stdin (-) or files, not both.');
    return fmtStdin(options, input, terminal);
  }
  const { targets, problems } = await findTargets(paths);
  tell(problems, [], terminal);
  let code: ExitCode = problems.length > 0 ? EXIT.invalid : EXIT.done;
  const changed: string[] = [];
  for (const target of targets) {
    const outcome = await fmtFile(target, options, terminal);
    code = worse(code, outcome.code);
    if (outcome.changed) changed.push(target.path);
  }
  if (options.check === true && changed.length > 0) code = worse(code, EXIT.failed);
  for (const path of changed) terminal.out(`${escapeControls(path)}\n`);
  const files = count(targets.length, 'file');
  if (options.check !== true) terminal.err(`${changed.length} of ${files} changed\n`);
  else if (changed.length > 0) terminal.err(`${changed.length} of ${files} not formatted: charter fmt does it\n`);
  else if (code === EXIT.done) terminal.err(`${files} formatted\n`);
  return code;
}

async function fmtStdin({ check }: FmtOptions, input: Readable, terminal: Terminal): Promise<ExitCode> {
  const file = textOf('<stdin>', await readStream(input, MAX_FILE_BYTES));
  if ('code' in file) {
    tell([file], [], terminal);
    return EXIT.invalid;
  }
  const text = formatted(file, terminal);
  if (text === undefined) return EXIT.invalid;
  if (check !== true) {
    terminal.out(text);
    return EXIT.done;
  }
  if (text === file.text) return EXIT.done;
  terminal.err('<stdin> is not formatted\n');
  return EXIT.failed;
}

async function fmtFile(
  { path, real, boundaries }: Target,
  { check }: FmtOptions,
  terminal: Terminal,
): Promise<{ readonly code: ExitCode; readonly changed: boolean }> {
  const file = textOf(path, await readBounded(real, MAX_FILE_BYTES));
  if ('code' in file) {
    tell([file], [], terminal);
    return { code: EXIT.invalid, changed: false };
  }
  const text = formatted(file, terminal);
  if (text === undefined) return { code: EXIT.invalid, changed: false };
  if (text === file.text || check === true) return { code: EXIT.done, changed: text !== file.text };
  const reason = await replaceFile({ root: process.cwd(), boundaries }, { ...file, path: real }, text);
  if (reason === undefined) return { code: EXIT.done, changed: true };
  terminal.err(`error: ${escapeControls(path)} is not formatted: ${reason}.\n`);
  return { code: EXIT.failed, changed: false };
}

/** The text of a file as it should be; undefined where it is left alone, for reasons that are told. */
function formatted(file: SourceFile, terminal: Terminal): string | undefined {
  const result = format(file);
  if (result.ok) return result.text;
  if (result.reason === 'invalid') {
    tell(result.diagnostics, [file], terminal);
  } else {
    terminal.err(
      `error: ${escapeControls(file.path)} is left as it is: ${result.detail}.\n` +
        'This is a bug of Charter. Please report it, with the file if that is possible.\n',
    );
  }
  return undefined;
}

async function findTargets(paths: readonly string[]): Promise<{ targets: Target[]; problems: Diagnostic[] }> {
  const targets = new Map<string, Target>();
  const problems: Diagnostic[] = [];
  for (const path of paths) {
    const directories = await directoriesOf(path);
    if (directories === undefined) {
      const target = await fileTarget(path);
      if ('code' in target) problems.push(target);
      else targets.set(target.real, target);
      continue;
    }
    const found = await findFiles(directories);
    problems.push(...found.obstacles.map(fromObstacle));
    if (found.files.length === 0 && found.obstacles.length === 0) problems.push(emptySpec([path]));
    for (const file of found.files) {
      targets.set(file.real, { path: join(path, file.path), real: file.real, boundaries: found.boundaries });
    }
  }
  return { targets: [...targets.values()], problems };
}

/** A file that was named: whatever its name, and through a link only within the link's own directory. */
async function fileTarget(path: string): Promise<Target | Diagnostic> {
  try {
    const boundary = await realpath(dirname(resolve(path)));
    const real = await realpath(path);
    const way = relative(boundary, real);
    if (way.startsWith(`..${sep}`) || isAbsolute(way)) return fromObstacle({ path, kind: 'outside', reason: real });
    return { path, real, boundaries: [boundary] };
  } catch (error) {
    return fromObstacle({ path, kind: 'missing-directory', reason: systemReason(error) });
  }
}

/** The directory with all directories of overlays in it, which the spec itself does not reach; undefined for a file. */
async function directoriesOf(path: string): Promise<readonly string[] | undefined> {
  try {
    if (!(await stat(path)).isDirectory()) return undefined;
  } catch {
    return undefined;
  }
  const directories = [path];
  const waiting = [path];
  for (let directory = waiting.pop(); directory !== undefined; directory = waiting.pop()) {
    for (const entry of await entriesOf(directory)) {
      if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
      const child = join(directory, entry.name);
      waiting.push(child);
      if (entry.name === 'overlays') directories.push(child);
    }
  }
  return directories;
}

/** None for a directory that cannot be read: findFiles tells that. */
async function entriesOf(directory: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}

function textOf(path: string, content: Content): SourceFile | Diagnostic {
  if (!content.ok) return fromContent(path, content);
  try {
    return { path, text: new TextDecoder('utf-8', { fatal: true }).decode(content.bytes) };
  } catch {
    return fromContent(path, content);
  }
}

function tell(diagnostics: readonly Diagnostic[], files: readonly SourceFile[], terminal: Terminal): void {
  if (diagnostics.length > 0) terminal.err(renderDiagnostics(diagnostics, files, { color: terminal.errColor }));
}
