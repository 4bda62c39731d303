// Owns the way from directories to a compiled spec: read, compile, all problems together. Never touches a store.

import { type Checked, sortDiagnostics } from '../model/diagnostic.ts';
import type { Origins } from '../model/origin.ts';
import type { State } from '../model/state.ts';
import type { SourceFile } from '../spec/source.ts';
import { type ReadOptions, readSpec, type SpecReading } from './read.ts';

/** What compiling gives: the declared State, and where each entity was written. */
export interface Declared {
  readonly state: State;
  readonly origins: Origins;
}

/** `compile` of spec/compile.ts, or a stand-in that runs it elsewhere. */
export type Compile = (
  files: readonly SourceFile[],
  options: { readonly secretsDir: boolean; readonly incomplete: boolean },
) => Checked<Declared> | Promise<Checked<Declared>>;

export interface LoadedSpec {
  readonly reading: SpecReading;
  /** With the problems of reading among its diagnostics; sorted. */
  readonly checked: Checked<Declared>;
}

export interface LoadOptions extends ReadOptions {
  readonly compile: Compile;
  readonly secretsDir?: string | undefined;
}

/** Reads and compiles. */
export async function loadSpec(directories: readonly string[], options: LoadOptions): Promise<LoadedSpec> {
  const reading = await readSpec(directories, options);
  return { reading, checked: await compileReading(reading, options) };
}

/** Compiles what was read. */
export async function compileReading(
  reading: SpecReading,
  { compile, secretsDir }: Pick<LoadOptions, 'compile' | 'secretsDir'>,
): Promise<Checked<Declared>> {
  // Without a file there is nothing to say but why there is none.
  if (reading.files.length === 0) return { ok: false, diagnostics: sortDiagnostics(reading.problems) };
  // What a file that could not be read would have declared is unknown: nobody can say that it is missing.
  const incomplete = reading.problems.length > 0;
  const checked = await compile(reading.files, { secretsDir: secretsDir !== undefined, incomplete });
  if (!incomplete) return checked;
  return { ok: false, diagnostics: sortDiagnostics([...reading.problems, ...checked.diagnostics]) };
}
