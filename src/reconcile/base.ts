// Owns what a plan begins with when that is no store, and the plan that begins with it. Never writes, and never applies:
// there is nothing to apply to.

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { AccessTest } from '../model/access-test.ts';
import type { Approval } from '../model/approval.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { digestState } from '../model/digest.ts';
import type { Origins, SourceRange } from '../model/origin.ts';
import type { State } from '../model/state.ts';
import { approve } from '../plan/approving.ts';
import { makePlan } from '../plan/make-plan.ts';
import type { Note } from '../plan/notes.ts';
import type { Plan, PlanBase, StoreBase } from '../plan/plan.ts';
import { diffTests, type TestChange } from '../plan/test-changes.ts';
import type { SourceFile } from '../spec/source.ts';
import { compileReading, type LoadOptions } from './load.ts';
import { isPath, placesOf } from './overlays.ts';
import type { Target } from './plan-against.ts';
import { planWarnings } from './plan-warnings.ts';
import { readSpec, type SpecReading, unsettled } from './read.ts';

export type ComparedBase = Exclude<PlanBase, StoreBase>;

/** A plan that shows what differs. It cannot be applied. */
export type Comparison = Plan & { readonly base: ComparedBase };

/** What is compared with: the spec of a commit, or of another directory. */
export interface Base {
  readonly base: ComparedBase;
  readonly state: State;
  readonly origins: Origins;
  readonly tests: readonly AccessTest[];
}

export type BaseRead =
  /** `notes` say what the base lacks. */
  | { readonly ok: true; readonly base: Base; readonly notes: readonly Note[] }
  /** The base is no valid spec. The diagnostics and files are named by the base too (`main:config/x.yaml`). */
  | {
      readonly ok: false;
      readonly diagnostics: readonly Diagnostic[];
      readonly files: readonly SourceFile[];
      readonly notes: readonly Note[];
    };

/** As those with which the spec itself is read. */
export type BaseOptions = Pick<LoadOptions, 'compile' | 'secretsDir' | 'overlays' | 'clock'>;

/** The plan that leads from the base to a compiled spec. Without drift and usage: there is no store. */
export function planBetween(
  { base, state, origins, tests }: Base,
  target: Target,
  { now, approvals = [] }: { readonly now: number; readonly approvals?: readonly Approval[] },
): {
  readonly plan: Comparison;
  readonly warnings: readonly Diagnostic[];
  readonly testChanges: readonly TestChange[];
} {
  const made = makePlan({
    base,
    before: state,
    beforeOrigins: origins,
    after: target.state,
    afterOrigins: target.origins,
    moves: target.moves,
    tests: target.tests,
    now,
  });
  const plan = { ...made, risks: approve(made.risks, [...target.approvals, ...approvals]) };
  const renames = new Map(
    plan.changes.flatMap((change) => (change.action === 'move' ? [[change.from, change.address] as const] : [])),
  );
  return { plan, warnings: planWarnings(plan, state, target), testChanges: diffTests(tests, target.tests, renames) };
}

/**
 * Reads and compiles the spec of another directory. An overlay that it lacks is told in a note: it is read without it.
 * Throws Failure `spec_unsettled`.
 */
export async function readDirectoryBase(path: string, options: BaseOptions): Promise<BaseRead> {
  const absent = await overlaysNotIn(path, options.overlays);
  const overlays = options.overlays?.filter((overlay) => !absent.includes(overlay));
  const reading = await readSpec([path], { overlays });
  if (!reading.settled) throw unsettled();
  return await compileBase(reading, options, {
    describe: (digest) => ({ kind: 'dir', path, digest }),
    shownAs: (file) => join(path, file),
    notes: absent.map((overlay) => absentOverlay(overlay, (quote) => quote(path))),
  });
}

/** Those by a name: one by a path is the same directory on both sides, and what is wrong with it is told of the spec. */
async function overlaysNotIn(path: string, overlays: readonly string[] = []): Promise<readonly string[]> {
  // Of no directory nothing is compared.
  if (!(await isThere(path))) return [];
  const named = overlays.filter((overlay) => !isPath(overlay));
  const there = await Promise.all(named.flatMap((overlay) => placesOf(overlay, [path]).map(isThere)));
  return named.filter((_, position) => there[position] === false);
}

/** What cannot be looked at may be there. */
async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    (error) => !isAbsence(error),
  );
}

/** Whether a system call failed because nothing is there. */
export function isAbsence(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

export type Quote = (name: string) => string;

/** `inBase` names the base. */
export function absentOverlay(overlay: string, inBase: (quote: Quote) => string): Note {
  const say = (quote: Quote): string =>
    `The overlay ${quote(overlay)} is not in ${inBase(quote)}: compared with the spec without it.`;
  return { isCaution: false, say };
}

export interface AboutBase {
  readonly describe: (digest: string) => ComparedBase;
  /** How a file of the base is named beside those of the spec, which may have the same path. */
  readonly shownAs: (file: string) => string;
  readonly notes: readonly Note[];
}

/** Its warnings are told nowhere: nobody can mend them there. */
export async function compileBase(
  reading: SpecReading,
  options: BaseOptions,
  { describe, shownAs, notes }: AboutBase,
): Promise<BaseRead> {
  const checked = await compileReading(reading, options);
  if (checked.ok) {
    const { state, origins, tests } = checked.value;
    return { ok: true, base: { base: describe(digestState(state)), state, origins, tests }, notes };
  }
  return {
    ok: false,
    diagnostics: checked.diagnostics.map((diagnostic) => renamed(diagnostic, shownAs)),
    files: reading.files.map((file) => ({ ...file, path: shownAs(file.path) })),
    notes,
  };
}

/** Without fixes: what the base says is past. */
function renamed({ fixes: _, range, related, ...told }: Diagnostic, shownAs: (file: string) => string): Diagnostic {
  const place = (one: SourceRange): SourceRange => ({ ...one, file: shownAs(one.file) });
  return {
    ...told,
    ...(range === undefined ? {} : { range: place(range) }),
    ...(related === undefined ? {} : { related: related.map((one) => ({ ...one, range: place(one.range) })) }),
  };
}
