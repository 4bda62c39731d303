// Owns `charter export`: what a store holds, as the files of a spec. Never gives out files that would not lead back to it.

import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Diagnostic } from '../model/diagnostic.ts';
import { Failure } from '../model/failure.ts';
import type { State } from '../model/state.ts';
import { diffStates } from '../plan/diff.ts';
import { stateOf } from '../reconcile/history.ts';
import { systemReason } from '../reconcile/system-reason.ts';
import { DIAGNOSTICS, type DiagnosticCode, isWaivable } from '../spec/catalogue.ts';
import { compile } from '../spec/compile.ts';
import type { SourceFile } from '../spec/source.ts';
import { writeSpec } from '../spec/write-spec.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { writeWhole } from './files-out.ts';
import { revisionOf } from './history.ts';
import { count } from './names.ts';
import { storePath } from './store-path.ts';
import type { Terminal } from './terminal.ts';

export interface ExportOptions {
  readonly store?: string;
  /** A directory without a spec. Undefined: stdout, as one file of several documents. */
  readonly out?: string;
  /** The newest where undefined. */
  readonly generation?: number;
}

export async function exportSpec(options: ExportOptions, terminal: Terminal): Promise<ExitCode> {
  const files = filesOf(await exportedState(options, terminal));
  if (options.out === undefined) {
    terminal.out(files.map(({ text }) => text).join('---\n'));
    return EXIT.done;
  }
  await writeFiles(options.out, files);
  terminal.err(`${count(files.length, 'file')} written to ${options.out}\n`);
  return EXIT.done;
}

/** As it was recorded: what something else wrote into the rows is not exported as if it had been applied. */
async function exportedState({ store: path, generation }: ExportOptions, terminal: Terminal): Promise<State> {
  const store = await openSqliteStore(storePath(path, terminal.env), { readOnly: true, mustExist: true });
  try {
    const [newest] = await store.revisions(1);
    return await stateOf(store, await revisionOf(store, generation ?? newest?.generation ?? 1));
  } finally {
    await store.close();
  }
}

/** With the waivers of errors without which it would not compile. */
function filesOf(state: State): readonly SourceFile[] {
  const first = writeSpec(state);
  const files = writeSpec(state, compile(first).diagnostics.flatMap(waiverOf));
  const compiled = compile(files);
  if (!compiled.ok || diffStates(state, compiled.value.state).length > 0) {
    throw new Error(`the exported spec does not lead back to the store: ${JSON.stringify(compiled.diagnostics)}`);
  }
  return files;
}

function waiverOf({ severity, code, address }: Diagnostic) {
  const isKnown = (text: string): text is DiagnosticCode => Object.hasOwn(DIAGNOSTICS, text);
  if (severity !== 'error' || !isKnown(code) || !isWaivable(code)) return [];
  return [{ code, at: address === undefined ? undefined : address.slice(address.indexOf(':') + 1) }];
}

async function writeFiles(directory: string, files: readonly SourceFile[]): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
    if (!(await stat(directory)).isDirectory()) throw Object.assign(new Error('a file'), { code: 'ENOTDIR' });
    const present = (await readdir(directory, { recursive: true })).filter((name) => /\.ya?ml$/.test(name));
    if (present.length > 0) {
      throw new Failure(
        'usage',
        `${directory} holds a spec already (${present[0]}). Export into a directory without one, and compare: ` +
          `charter plan ${directory} --against dir:OTHER`,
      );
    }
    for (const { path, text } of files) await writeWhole(join(directory, path), text);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure('output_unwritable', `--out ${directory} cannot be written to: ${systemReason(error)}.`, {
      cause: error,
    });
  }
}
