// Owns `charter init`: the project that it begins, on disk. Never changes a file that is there, but for lines that
// .gitignore lacks.

import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { Failure } from '../model/failure.ts';
import { systemReason } from '../reconcile/system-reason.ts';
import { findFiles, isBelow } from '../reconcile/walk.ts';
import { escapeControls } from '../spec/frame-line.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { escapeLines } from './harmless.ts';
import { type Answers, collectAnswers, type Given } from './init/answers.ts';
import { shell } from './init/ci-files.ts';
import { IGNORED, projectFiles, specFiles, variableOf } from './init/spec-files.ts';
import type { Terminal } from './terminal.ts';

export interface InitOptions extends Given {
  readonly yes?: boolean;
}

/** Where the answers come from. A person is asked only when both ends are a terminal. */
export interface Dialogue {
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly output: Writable & { readonly isTTY?: boolean };
}

/** Throws Failure `usage` for an answer that will not do, `output_unwritable` for a file that cannot be written. */
export async function init(
  directory: string,
  options: InitOptions,
  dialogue: Dialogue,
  terminal: Terminal,
): Promise<ExitCode> {
  const answers = await answersOf(options, dialogue, terminal);
  if (answers === undefined) {
    terminal.err('\nThe questions were not answered to the end: nothing was written.\n');
    return EXIT.failed;
  }
  const spec = resolve(directory);
  // What Git, editors and the CI read stands at the top of the project: here, unless the spec is to be somewhere else.
  const project = isBelow(spec, process.cwd()) ? process.cwd() : spec;
  const way = relative(project, spec).split(sep).join('/') || '.';
  const hasSpec = (await findFiles([spec]).catch(() => undefined))?.files.length ?? 0;
  const files = new Map([...(hasSpec > 0 ? [] : specFiles(way, answers)), ...projectFiles(way, answers)]);
  const tell = (what: string, path: string) =>
    terminal.out(`${what.padEnd(9)}${escapeControls(shownFrom(project, path))}\n`);
  if (hasSpec > 0) terminal.out(`kept     ${escapeControls(directory)}: a spec is there, nothing is added to it\n`);
  for (const [path, text] of files) tell((await writeNew(join(project, path), text)) ? 'wrote' : 'kept', path);
  tell(await ignore(join(project, '.gitignore')), '.gitignore');
  terminal.out(escapeLines(nextSteps(shell(directory), answers, hasSpec > 0)));
  return EXIT.done;
}

function shownFrom(project: string, path: string): string {
  return relative(process.cwd(), join(project, path)) || path;
}

function nextSteps(directory: string, { issuer, client }: Answers, isOld: boolean): string {
  const loopback = issuer.startsWith('http://');
  const serve = loopback ? '' : ' --tls-cert cert.pem --tls-key key.pem';
  const lines = [
    ...(isOld ? [] : [`export ${variableOf(client)}="$(charter secret generate)"`]),
    `charter validate ${directory}`,
    `charter serve ${directory}${serve}`,
  ];
  return `\nGo on with:\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

/** Undefined when the person went away (Ctrl-C, Ctrl-D). */
async function answersOf(
  options: InitOptions,
  { input, output }: Dialogue,
  terminal: Terminal,
): Promise<Answers | undefined> {
  const isPerson = input.isTTY === true && output.isTTY === true && options.yes !== true;
  if (!isPerson) return collectAnswers(options, undefined, terminal.err);
  const lines = createInterface({ input, output });
  // Not `question`: it loses lines that were typed ahead.
  const typed = lines[Symbol.asyncIterator]();
  let isGone = false;
  const ask = async (question: string): Promise<string> => {
    lines.setPrompt(question);
    lines.prompt();
    const { value, done } = await typed.next();
    isGone = done === true;
    if (isGone) throw new Error('the person went away');
    return value;
  };
  try {
    return await collectAnswers(options, ask, (fault) => terminal.err(`${fault}\n`));
  } catch (error) {
    if (isGone) return undefined;
    throw error;
  } finally {
    lines.close();
  }
}

/** False when there is a file already. */
async function writeNew(path: string, text: string): Promise<boolean> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw unwritable(path, error);
  }
}

/** Adds the lines that are missing. `wrote`, `added` or `kept`, as it is told. */
async function ignore(path: string): Promise<string> {
  if (await writeNew(path, IGNORED.map((line) => `${line}\n`).join(''))) return 'wrote';
  try {
    const text = await readFile(path, 'utf8');
    const missing = IGNORED.filter((line) => !text.split(/\r?\n/).includes(line));
    if (missing.length === 0) return 'kept';
    const start = text === '' || text.endsWith('\n') ? '' : '\n';
    await appendFile(path, start + missing.map((line) => `${line}\n`).join(''));
    return 'added to';
  } catch (error) {
    throw unwritable(path, error);
  }
}

function unwritable(path: string, error: unknown): Failure {
  return new Failure('output_unwritable', `${path} cannot be written: ${systemReason(error)}.`, { cause: error });
}
