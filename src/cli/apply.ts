// Owns `charter apply DIR`: the plan that `plan` shows, secrets, one transaction. A saved plan is apply-saved.ts's. Never
// asks and never serves.

import { stat } from 'node:fs/promises';
import { Failure } from '../model/failure.ts';
import { circumstancesOf } from '../plan/circumstances.ts';
import { olderCommitOf } from '../reconcile/git.ts';
import { directoriesOf } from '../reconcile/overlays.ts';
import { planAgainst } from '../reconcile/plan-against.ts';
import { type Refusal, refusalOf } from '../reconcile/refusal.ts';
import { applySaved } from './apply-saved.ts';
import { readApprovals, tellUnusedApprovals } from './approvals.ts';
import { type CarriedOut, carryOut } from './carry-out.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { type LateStore, openStoreLate } from './late-store.ts';
import { qualifiedNames } from './names.ts';
import { checkOutputs, type OutputOptions, refuseOverwriting, requirePlaces, takesStdout } from './outputs.ts';
import {
  type ShownPlan,
  specFindings,
  type TextOptions,
  type Told,
  tellPlan,
  writePlan,
  writeRefusal,
} from './plan-output.ts';
import { tellRefusal } from './problem.ts';
import { tellServer } from './running-server.ts';
import { directoriesBeside } from './saved-spec.ts';
import { readInput, type SpecOptions, tellWarnings } from './spec-input.ts';
import { storePath } from './store-path.ts';
import type { Terminal } from './terminal.ts';

export interface ApplyOptions extends SpecOptions, OutputOptions, TextOptions {
  readonly store?: string;
  readonly approve?: readonly string[];
  /** Of a saved plan: the directories of its spec, to which its files of secrets are relative. */
  readonly dir?: readonly string[];
  /** Of a saved plan: whether it may be applied to a store that moved on, where it would do the same. */
  readonly rebase?: boolean;
}

const GIT_LOCK_MS = 10_000;

export async function apply(
  directories: readonly string[],
  options: ApplyOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  checkOutputs(options);
  const saved = await Promise.all(directories.map(isSavedPlan));
  const plan = directories.length === 1 && saved[0] === true ? directories[0] : undefined;
  refuseOverwriting(options, {
    store: storePath(options.store, terminal.env),
    directories: directoriesOf(plan === undefined ? directories : directoriesBeside(options), options.overlay),
    plan,
  });
  requirePlaces(options);
  if (plan !== undefined) return await applySaved(plan, options, terminal);
  refuseForSpec(saved.includes(true), options);
  const told: Told = { command: 'apply', directories, options };
  const refuse: Refuse = async (refusal, spec) =>
    await writeRefusal(refusal, { ...told, spec, code: tellRefusal(refusal, terminal) }, terminal);
  try {
    const opening = openStoreLate(storePath(options.store, terminal.env));
    try {
      return await applyTo(opening, told, options, terminal, refuse);
    } finally {
      await opening.then((store) => store.close()).catch(() => undefined);
    }
  } catch (error) {
    return await refuse(refusalOf(error));
  }
}

/**
 * Whether an argument names a saved plan and no spec: stdin, a file of JSON, or anything else that is no directory, but for YAML, which is
 * part of a spec that somebody forgot the directory of.
 */
async function isSavedPlan(argument: string): Promise<boolean> {
  if (argument === '-' || argument.endsWith('.json')) return true;
  if (/\.ya?ml$/.test(argument)) return false;
  return await stat(argument).then(
    (found) => !found.isDirectory(),
    () => false,
  );
}

function refuseForSpec(hasSavedPlan: boolean, { dir, rebase }: ApplyOptions): void {
  if (hasSavedPlan) {
    throw new Failure(
      'usage',
      'A saved plan is applied alone: name one file, and give the directory of its spec by --dir.',
    );
  }
  if (dir === undefined && rebase === undefined) return;
  throw new Failure(
    'usage',
    `${dir === undefined ? '--rebase' : '--dir'} is for a saved plan: charter apply PLAN.json.`,
  );
}

type Refuse = (refusal: Refusal, spec?: Told['spec']) => Promise<ExitCode>;

async function applyTo(
  opening: Promise<LateStore>,
  told: Told,
  options: ApplyOptions,
  terminal: Terminal,
  refuse: Refuse,
): Promise<ExitCode> {
  const { directories } = told;
  const { overlay, secretsDir } = options;
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
  const { plan, stored, warnings } = planned;
  const shown: ShownPlan = {
    plan,
    beforeOrigins: stored?.origins ?? new Map(),
    afterOrigins: declared.origins,
    circumstances: circumstancesOf(plan, declared, Date.now()),
  };
  const { root, boundaries, files } = loaded.reading;
  tellWarnings(warnings, files, terminal);
  tellPlan(shown, options, terminal);
  const notes = tellUnusedApprovals(plan, approvals, terminal);
  const job = { planned, target: declared, sources: { root, boundaries, secretsDir }, files, needsAllSecrets: true };
  const done = await carryOut(
    store,
    { ...job, directories, overlays: overlay, standing: job.target.approvals, begun: { newest } },
    terminal,
  );
  const spec = specFindings(loaded, warnings);
  if ('refusal' in done) return await refuse(done.refusal, spec);
  tellApplied(done, options, terminal);
  const { generation, secrets } = done;
  const code = await writePlan(
    { ...shown, notes },
    { ...told, spec, code: EXIT.done, applied: { generation, secrets } },
    terminal,
  );
  if (done.happened) await tellServer(store.path, terminal, { state: declared.state, secrets });
  return code;
}

/** What becomes of drift. */
export const MENDED = ' What something else than Charter had written to the store is undone.';

/** What became of a plan, in a line. */
export function tellApplied(
  { generation, happened, mended, secrets }: CarriedOut,
  options: OutputOptions,
  terminal: Terminal,
): void {
  if (takesStdout(options)) return;
  if (!happened) {
    terminal.out('Nothing to apply.\n');
    return;
  }
  const undone = mended ? MENDED : '';
  const renewed = secrets.length > 0 ? ` New secrets: ${qualifiedNames(secrets)}.` : '';
  terminal.out(`\nApplied generation ${generation}.${undone}${renewed}\n`);
}
