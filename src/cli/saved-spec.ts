// Owns the spec that is at hand where a saved plan is applied: it has the tests, the written hashes and the places of files
// that no plan holds. Never applies anything.

import { digestState } from '../model/digest.ts';
import { Failure } from '../model/failure.ts';
import { compileOnce } from '../reconcile/compile-once.ts';
import { type Declared, loadSpec } from '../reconcile/load.ts';
import type { SpecReading } from '../reconcile/read.ts';
import { unsettled } from '../reconcile/read.ts';
import type { Refusal } from '../reconcile/refusal.ts';
import { escapeControls } from '../spec/frame-line.ts';
import type { Saved } from './saved-plan.ts';
import { type SpecOptions, specWords } from './spec-input.ts';

export interface SpecBesideOptions extends SpecOptions {
  /** The directories of the spec that the plan was made of. */
  readonly dir?: readonly string[];
}

export interface SpecBeside {
  readonly reading: SpecReading;
  /** Undefined where nobody named a spec, and the current directory holds none. */
  readonly declared: Declared | undefined;
  /** The digest of its State. */
  readonly digest: string | undefined;
}

/** The directories where nobody named one. */
export function directoriesBeside({ dir = ['.'] }: SpecBesideOptions): readonly string[] {
  return dir;
}

/** A spec that somebody named has to be one, even beside a plan that needs nothing of it. Throws Failure `spec_unsettled`. */
export async function readSpecBeside(
  options: SpecBesideOptions,
): Promise<{ readonly spec: SpecBeside } | { readonly refusal: Refusal }> {
  const { secretsDir, overlay: overlays } = options;
  const { checked, reading } = await loadSpec(directoriesBeside(options), {
    compile: compileOnce,
    secretsDir,
    overlays,
  });
  if (checked.ok) {
    if (isNamed(options) && !reading.settled) throw unsettled();
    return { spec: { reading, declared: checked.value, digest: digestState(checked.value.state) } };
  }
  if (!isNamed(options)) return { spec: { reading, declared: undefined, digest: undefined } };
  return { refusal: { reason: 'spec', diagnostics: checked.diagnostics, files: reading.files } };
}

/** Throws Failure `stale_plan` where a spec was named and is not the one that the plan was made of. */
export function requireSpecOf(
  { name, document, read }: Saved,
  { digest }: SpecBeside,
  options: SpecBesideOptions,
): void {
  if (!isNamed(options) || digest === read.plan.resultDigest) return;
  const { commit, dirty } = document.config ?? {};
  const made =
    commit === undefined
      ? 'what it was made of'
      : `what it was made of, commit ${escapeControls(commit.slice(0, 12))}${dirty === true ? ' with changes that were not committed' : ''}`;
  throw new Failure(
    'stale_plan',
    `${name} was not made of the spec in ${escapeControls(specWords(directoriesBeside(options), options, ' and '))}, which declares ` +
      `something else than the plan leads to. Nothing was written. Check out ${made}, and give --dir and --overlay as the ` +
      'plan was made with; or plan again and apply that.',
  );
}

function isNamed({ dir, overlay }: SpecBesideOptions): boolean {
  return dir !== undefined || overlay !== undefined;
}
