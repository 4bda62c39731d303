// Owns what a plan begins with when that is no store, and the plan that begins with it. Never writes, and never applies:
// there is nothing to apply to.

import { join } from 'node:path';
import type { AccessTest } from '../model/access-test.ts';
import type { Approval } from '../model/approval.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { digestState } from '../model/digest.ts';
import type { Origins, SourceRange } from '../model/origin.ts';
import type { State } from '../model/state.ts';
import { makePlan } from '../plan/make-plan.ts';
import type { Note } from '../plan/notes.ts';
import type { Plan, PlanBase, StoreBase } from '../plan/plan.ts';
import { approve } from '../plan/risks.ts';
import { diffTests, type TestChange } from '../plan/test-changes.ts';
import type { SourceFile } from '../spec/source.ts';
import { compileReading, type LoadOptions } from './load.ts';
import { unsettled } from './pass.ts';
import type { Target } from './plan-against.ts';
import { planWarnings } from './plan-warnings.ts';
import { readSpec, type SpecReading } from './read.ts';

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

/** Reads and compiles the spec of another directory. Throws Failure `spec_unsettled`. */
export async function readDirectoryBase(path: string, options: BaseOptions): Promise<BaseRead> {
  const reading = await readSpec([path], { overlays: options.overlays });
  if (!reading.settled) throw unsettled();
  return await compileBase(reading, options, {
    describe: (digest) => ({ kind: 'dir', path, digest }),
    shownAs: (file) => join(path, file),
    notes: [],
  });
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
