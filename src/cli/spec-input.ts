// Owns how a command gets its spec: loaded once, or told what is wrong with it. Never touches a store.

import type { Diagnostic } from '../model/diagnostic.ts';
import { compileCached, compileOnce } from '../reconcile/compile-once.ts';
import type { Compile, Declared, LoadedSpec } from '../reconcile/load.ts';
import { loadSpec } from '../reconcile/load.ts';
import { unsettled } from '../reconcile/read.ts';
import type { Refusal } from '../reconcile/refusal.ts';
import { renderDiagnostics } from '../spec/frame.ts';
import type { SourceFile } from '../spec/source.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

export interface SpecOptions {
  readonly secretsDir?: string;
  /** Names or paths, in order. */
  readonly overlay?: readonly string[];
  /** Whether what was parsed may come from the user's cache: of commands that only tell. */
  readonly cache?: boolean;
}

/** How a command compiles. Only one that has the option has a cache. */
export function compileFor({ cache }: { readonly cache?: boolean | undefined }): Compile {
  return cache === true ? compileCached(version()) : compileOnce;
}

/** A valid spec with its warnings told, or why there is none. Throws Failure `spec_unsettled`. */
export type SpecInput =
  | { readonly ok: true; readonly declared: Declared; readonly loaded: LoadedSpec }
  | { readonly ok: false; readonly refusal: Refusal; readonly loaded: LoadedSpec };

export async function readInput(
  directories: readonly string[],
  { secretsDir, overlay: overlays, cache }: SpecOptions,
  terminal: Terminal,
  /** Milliseconds to wait for Git: 0 where a commit hook, which holds its lock, may be the caller. */
  gitLockMs = 0,
): Promise<SpecInput> {
  const compile = compileFor({ cache });
  const loaded = await loadSpec(directories, { compile, secretsDir, overlays, gitLockMs });
  const { checked, reading } = loaded;
  if (!reading.settled) throw unsettled();
  if (!checked.ok) {
    return { ok: false, loaded, refusal: { reason: 'spec', diagnostics: checked.diagnostics, files: reading.files } };
  }
  tellWarnings(checked.diagnostics, reading.files, terminal);
  return { ok: true, declared: checked.value, loaded };
}

/** Tells warnings that were found after the spec was read. */
export function tellWarnings(warnings: readonly Diagnostic[], files: readonly SourceFile[], terminal: Terminal): void {
  if (warnings.length > 0) terminal.err(renderDiagnostics(warnings, files, { color: terminal.errColor }));
}

/** What the spec is, as the command line gave it: `config`, `config with overlay prod`. */
export function specWords(directories: readonly string[], { overlay = [] }: SpecOptions, separator = ' '): string {
  const overlays = overlay.length === 0 ? '' : ` with overlay ${overlay.join(', ')}`;
  return `${directories.join(separator)}${overlays}`;
}
