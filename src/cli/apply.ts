// Owns `charter apply DIR`: the plan that `plan` shows, secrets, one transaction. Never asks and never serves.

import { olderCommitOf } from '../reconcile/git.ts';
import { directoriesOf } from '../reconcile/overlays.ts';
import { planAgainst } from '../reconcile/plan-against.ts';
import { type Refusal, refusalOf } from '../reconcile/refusal.ts';
import { readApprovals } from './approvals.ts';
import { carryOut } from './carry-out.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { type LateStore, openStoreLate } from './late-store.ts';
import { qualifiedNames } from './names.ts';
import { type ShownPlan, tellPlan, writePlanJson, writeRefusalJson } from './plan-output.ts';
import { tellRefusal } from './problem.ts';
import { readInput, type SpecOptions } from './spec-input.ts';
import { refuseOvertaken } from './stale.ts';
import { storePath } from './store-path.ts';
import type { Terminal } from './terminal.ts';

export interface ApplyOptions extends SpecOptions {
  readonly store?: string;
  readonly json?: string;
  readonly approve?: readonly string[];
}

const GIT_LOCK_MS = 10_000;

export async function apply(
  directories: readonly string[],
  options: ApplyOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const refuse = async (refusal: Refusal): Promise<ExitCode> => {
    const code = tellRefusal(refusal, terminal);
    await writeRefusalJson(refusal, options.json, terminal);
    return code;
  };
  try {
    const opening = openStoreLate(storePath(options.store, terminal.env));
    try {
      return await applyTo(opening, directories, options, terminal, refuse);
    } finally {
      await opening.then((store) => store.close()).catch(() => undefined);
    }
  } catch (error) {
    return await refuse(refusalOf(error));
  }
}

async function applyTo(
  opening: Promise<LateStore>,
  directories: readonly string[],
  options: ApplyOptions,
  terminal: Terminal,
  refuse: (refusal: Refusal) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { overlay, secretsDir, json } = options;
  const approvals = readApprovals(options.approve);
  // Before the spec is read: of two that begin at once, the second must not apply over what it has not seen.
  const begun = opening.then((store) => store.revisions(1));
  // What is wrong with the store is told after what is wrong with the spec.
  await begun.catch(() => undefined);
  const input = await readInput(directories, options, terminal, GIT_LOCK_MS);
  if (!input.ok) return await refuse(input.refusal);
  const store = await opening;
  const [newest] = await begun;
  const { declared, loaded } = input;
  const places = directoriesOf(directories, overlay);
  const planned = await planAgainst(store, declared, {
    now: Date.now(),
    approvals,
    olderCommit: (applied) => olderCommitOf(places, applied),
  });
  const { plan, stored } = planned;
  await refuseOvertaken(store, newest, plan.base);
  const shown: ShownPlan = { plan, beforeOrigins: stored?.origins ?? new Map(), afterOrigins: declared.origins };
  tellPlan(shown, json, terminal);

  const { root, boundaries, files } = loaded.reading;
  const job = { planned, target: declared, sources: { root, boundaries, secretsDir }, files, needsAllSecrets: true };
  const done = await carryOut(store, { ...job, directories, overlays: overlay }, terminal);
  if ('refusal' in done) return await refuse(done.refusal);
  const { generation, happened, secrets } = done;
  if (json !== '-') {
    const told = secrets.length > 0 ? ` New secrets: ${qualifiedNames(secrets)}.` : '';
    terminal.out(happened ? `\nApplied generation ${generation}.${told}\n` : 'Nothing to apply.\n');
  }
  await writePlanJson(shown, json, EXIT.done, terminal, { generation, secrets });
  return EXIT.done;
}
