// Owns `charter export`: what a store holds, as the files of a spec. Never gives out files that would not lead back to it.

import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { kindOf, qualifiedName } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { Failure } from '../model/failure.ts';
import type { State } from '../model/state.ts';
import { diffStates } from '../plan/diff.ts';
import { revisionOf, stateOf } from '../reconcile/history.ts';
import { systemReason } from '../reconcile/system-reason.ts';
import { DIAGNOSTICS, type DiagnosticCode, isWaivable } from '../spec/catalogue.ts';
import { compile } from '../spec/compile.ts';
import { escapeControls } from '../spec/frame-line.ts';
import type { SourceFile } from '../spec/source.ts';
import { writeSpec } from '../spec/write-spec.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { isMistyped, writeWhole } from './files-out.ts';
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
  terminal.err(`${count(files.length, 'file')} written to ${escapeControls(options.out)}\n`);
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

/**
 * With the waivers of errors without which it would not compile. Throws Failure `not_exportable` for a State that no spec in
 * one directory declares: files of secrets beside an overlay that lay elsewhere, or what a later Charter refuses.
 */
function filesOf(state: State): readonly SourceFile[] {
  const first = writeSpec(state);
  const files = writeSpec(state, compile(first).diagnostics.flatMap(waiverOf));
  const compiled = compile(files);
  if (!compiled.ok) throw notExportable(compiled.diagnostics);
  const changes = diffStates(state, compiled.value.state);
  if (changes.length > 0) throw new Error(`an export does not lead back to ${changes[0]?.address}`);
  return files;
}

function notExportable(diagnostics: readonly Diagnostic[]): Failure {
  const [first, ...others] = diagnostics.filter(({ severity }) => severity === 'error');
  const { address, code = '', detail = '' } = first ?? {};
  const entity = address === undefined ? '' : `${kindOf(address)} ${qualifiedName(address)}: `;
  const more = others.length === 0 ? '' : ` (and ${count(others.length, 'more error', 'more errors')})`;
  return new Failure(
    'not_exportable',
    escapeControls(
      `What is applied cannot be written as a spec in one directory: ${entity}${detail} [${code}]${more}. Nothing was ` +
        'written. Mend that in the spec, apply it, and export again.',
    ),
  );
}

function waiverOf({ severity, code, address }: Diagnostic) {
  const isKnown = (text: string): text is DiagnosticCode => Object.hasOwn(DIAGNOSTICS, text);
  if (severity !== 'error' || !isKnown(code) || !isWaivable(code)) return [];
  return [{ code, at: address === undefined ? undefined : address.slice(address.indexOf(':') + 1) }];
}

async function writeFiles(directory: string, files: readonly SourceFile[]): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
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
    const isFile = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    const reason = isFile ? 'it is a file, not a directory' : systemReason(error);
    throw new Failure(
      isFile || isMistyped(error) ? 'usage' : 'output_unwritable',
      `--out ${directory} cannot be written to: ${reason}.`,
      { cause: error },
    );
  }
}
