// Owns the way from directories to a compiled spec: read, compile, all problems together. Never touches a store.

import { type Checked, sortDiagnostics } from '../model/diagnostic.ts';
import type { CompiledSpec } from '../spec/compile.ts';
import type { SourceFile } from '../spec/source.ts';
import type { CompileOptions } from './compile-protocol.ts';
import { type Reading, type ReadOptions, readSpec, type SpecReading } from './read.ts';

/** What compiling gives: the declared State, where each entity was written, and what else the spec says of it. */
export type Declared = CompiledSpec;

/** Entities, and where they were written. */
export type Written = Pick<Declared, 'state' | 'origins'>;

/** `compile` of spec/compile.ts, or a stand-in that runs it elsewhere and stops, with an AbortError, at the signal. */
export type Compile = (
  files: readonly SourceFile[],
  options: CompileOptions,
  circumstances?: CompileCircumstances,
) => Checked<Declared> | Promise<Checked<Declared>>;

/** Nothing of these changes what a compile says. */
export interface CompileCircumstances {
  readonly signal?: AbortSignal | undefined;
  /** What is in memory anyway: where the spec says the same, its entities and Origins are these, and not once more. */
  readonly served?: Written | undefined;
}

export interface LoadedSpec {
  readonly reading: SpecReading;
  /** With the problems of reading among its diagnostics; sorted. */
  readonly checked: Checked<Declared>;
}

export interface LoadOptions extends ReadOptions {
  readonly compile: Compile;
  readonly secretsDir?: string | undefined;
  /** Milliseconds since the epoch: what has ended is told as of then. */
  readonly clock?: () => number;
}

/** Reads and compiles: what was read first, while it is waited for whether that stands, and anew only where it does not. */
export async function loadSpec(directories: readonly string[], options: LoadOptions): Promise<LoadedSpec> {
  const begun = new Map<string, Promise<Checked<Declared>>>();
  const onFirst = (reading: Reading): void => {
    const checked = Promise.resolve().then(() => compileReading(reading, options));
    // That it failed counts where it is what was wanted.
    checked.catch(() => undefined);
    begun.set(reading.digest, checked);
  };
  const reading = await readSpec(directories, { ...options, onFirst });
  return { reading, checked: await (begun.get(reading.digest) ?? compileReading(reading, options)) };
}

/** Compiles what was read. */
export async function compileReading(
  reading: Reading,
  { compile, secretsDir, signal, clock = Date.now }: Pick<LoadOptions, 'compile' | 'secretsDir' | 'signal' | 'clock'>,
): Promise<Checked<Declared>> {
  // Without a file of the spec itself there is nothing to say but why there is none.
  if (reading.files.every(({ overlay }) => overlay !== undefined))
    return { ok: false, diagnostics: sortDiagnostics(reading.problems) };
  // What a file that could not be read would have declared is unknown: nobody can say that it is missing.
  const incomplete = reading.problems.length > 0;
  const { files, overlays } = reading;
  const where = overlays === undefined ? {} : { overlays };
  const options = { secretsDir: secretsDir !== undefined, incomplete, now: clock(), ...where };
  const checked = await compile(files, options, { signal });
  if (!incomplete) return checked;
  return { ok: false, diagnostics: sortDiagnostics([...reading.problems, ...checked.diagnostics]) };
}
