// Owns `charter plan`. Never writes to the store and never resolves a secret.

import type { Approval } from '../model/approval.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { circumstancesOf } from '../plan/circumstances.ts';
import { isEmptyPlan, type Plan } from '../plan/plan.ts';
import { stopOf } from '../reconcile/gate.ts';
import { headOf, olderCommitOf } from '../reconcile/git.ts';
import type { Declared } from '../reconcile/load.ts';
import { directoriesOf } from '../reconcile/overlays.ts';
import { planAgainst } from '../reconcile/plan-against.ts';
import { type Refusal, refusalOf } from '../reconcile/refusal.ts';
import { type Against, refuseOut, refuseStoreBeside } from './against.ts';
import { readApprovals, tellUnusedApprovals } from './approvals.ts';
import { compareWith } from './compare.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { checkOutputs, type OutputOptions, refuseOverwriting } from './outputs.ts';
import {
  type ShownPlan,
  specFindings,
  type TextOptions,
  type Told,
  tellPlan,
  writePlan,
  writeRefusal,
} from './plan-output.ts';
import { tellRefusal, tellStop } from './problem.ts';
import { readInput, type SpecOptions, tellWarnings } from './spec-input.ts';
import { storePath } from './store-path.ts';
import type { Terminal } from './terminal.ts';

export interface PlanOptions extends SpecOptions, OutputOptions, TextOptions {
  readonly against?: Against;
  readonly store?: string;
  readonly detailedExitcode?: boolean;
  readonly approve?: readonly string[];
}

export async function plan(
  directories: readonly string[],
  options: PlanOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  checkOutputs(options);
  const { against = { kind: 'store' } } = options;
  refuseOut(against, options.out);
  refuseOverwriting(options, {
    store: storePath(options.store, terminal.env),
    directories: directoriesOf(against.kind === 'dir' ? [...directories, against.path] : directories, options.overlay),
  });
  const told: Told = { command: 'plan', directories, options };
  const refuse = async (refusal: Refusal): Promise<ExitCode> =>
    await writeRefusal(refusal, { ...told, code: tellRefusal(refusal, terminal) }, terminal);
  try {
    refuseStoreBeside(against, options.store);
    const approvals = readApprovals(options.approve);
    const input = await readInput(directories, options, terminal);
    if (!input.ok) return await refuse(input.refusal);
    const spec = { directories, declared: input.declared };
    const found =
      against.kind === 'store'
        ? await planStore(spec, { ...options, approvals }, terminal)
        : await compareWith(against, spec, { ...options, approvals }, terminal);
    if ('refusal' in found) return await writeRefusal(found.refusal, { ...told, code: found.code }, terminal);
    const { plan: made, beforeOrigins, warnings, notes = [], testChanges } = found;
    tellWarnings(warnings, input.loaded.reading.files, terminal);
    const planned = {
      plan: made,
      beforeOrigins,
      afterOrigins: input.declared.origins,
      testChanges,
      circumstances: circumstancesOf(made, input.declared, Date.now()),
      ...(await contextOf(directories, options)),
    };
    tellPlan(planned, options, terminal);
    const shown: ShownPlan = { ...planned, notes: [...notes, ...tellUnusedApprovals(made, approvals, terminal)] };
    const code = judgeCode(made, options, terminal);
    return await writePlan(shown, { ...told, spec: specFindings(input.loaded, warnings), code }, terminal);
  } catch (error) {
    return await refuse(refusalOf(error));
  }
}

/** What the plan was made of: the commit, and whether the directories are as they were committed. */
async function contextOf(
  directories: readonly string[],
  { overlay }: PlanOptions,
): Promise<Pick<ShownPlan, 'context'>> {
  const config = await headOf(directoriesOf(directories, overlay));
  return { context: { timestamp: Date.now(), ...(config.commit === undefined ? {} : { config }) } };
}

async function planStore(
  { directories, declared }: { readonly directories: readonly string[]; readonly declared: Declared },
  { store: path, overlay, approvals }: PlanOptions & { readonly approvals: readonly Approval[] },
  terminal: Terminal,
): Promise<
  Pick<ShownPlan, 'plan' | 'beforeOrigins' | 'notes' | 'testChanges'> & { readonly warnings: readonly Diagnostic[] }
> {
  const { openSqliteStore } = await import('../store/sqlite.ts');
  const store = await openSqliteStore(storePath(path, terminal.env), { readOnly: true });
  try {
    const { plan, stored, warnings } = await planAgainst(store, declared, {
      now: Date.now(),
      approvals,
      olderCommit: (applied) => olderCommitOf(directoriesOf(directories, overlay), applied),
    });
    return { plan, warnings, beforeOrigins: stored?.origins ?? new Map() };
  } finally {
    await store.close();
  }
}

/** The code, with what stops the plan told. */
function judgeCode(plan: Plan, { detailedExitcode = false }: PlanOptions, terminal: Terminal): ExitCode {
  const stop = stopOf(plan);
  if (stop !== undefined) return tellStop(stop, plan, 'The plan cannot be applied like this.', terminal);
  return detailedExitcode && !isEmptyPlan(plan) ? EXIT.pending : EXIT.done;
}
