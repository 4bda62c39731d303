// Owns `charter plan`. Never writes to the store and never resolves a secret.

import { isEmptyPlan } from '../plan/plan.ts';
import { gate } from '../reconcile/gate.ts';
import { olderCommitOf } from '../reconcile/git.ts';
import { directoriesOf } from '../reconcile/overlays.ts';
import { planAgainst } from '../reconcile/plan-against.ts';
import { refusalOf } from '../reconcile/refusal.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { readApprovals } from './approvals.ts';
import { EXIT, type ExitCode, exitCodeOfRefusal } from './exit-code.ts';
import { type ShownPlan, tellPlan, writePlanJson, writeRefusalJson } from './plan-output.ts';
import { tellRefusal } from './problem.ts';
import { readInput, type SpecOptions } from './spec-input.ts';
import { storePath } from './store-path.ts';
import type { Terminal } from './terminal.ts';

export interface PlanOptions extends SpecOptions {
  readonly store?: string;
  readonly json?: string;
  readonly detailedExitcode?: boolean;
  readonly approve?: readonly string[];
}

export async function plan(
  directories: readonly string[],
  options: PlanOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  try {
    const input = await readInput(directories, options, terminal);
    if (!input.ok) {
      const code = tellRefusal(input.refusal, terminal);
      await writeRefusalJson(input.refusal, options.json, terminal);
      return code;
    }
    const store = await openSqliteStore(storePath(options.store, terminal.env), { readOnly: true });
    try {
      const planned = await planAgainst(store, input.declared, {
        now: Date.now(),
        approvals: readApprovals(options.approve),
        olderCommit: (applied) => olderCommitOf(directoriesOf(directories, options.overlay), applied),
      });
      const shown: ShownPlan = {
        plan: planned.plan,
        beforeOrigins: planned.stored?.origins ?? new Map(),
        afterOrigins: input.declared.origins,
      };
      const pending = options.detailedExitcode === true && !isEmptyPlan(planned.plan);
      const stopped = gate(planned, input.declared.origins);
      const code = stopped !== undefined ? exitCodeOfRefusal(stopped) : pending ? EXIT.pending : EXIT.done;
      tellPlan(shown, options.json, terminal);
      await writePlanJson(shown, options.json, code, terminal);
      return code;
    } finally {
      await store.close();
    }
  } catch (error) {
    const refusal = refusalOf(error);
    const code = tellRefusal(refusal, terminal);
    await writeRefusalJson(refusal, options.json, terminal);
    return code;
  }
}
