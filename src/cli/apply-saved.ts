// Owns `charter apply PLAN.json`: a saved plan, carried out as it was reviewed or not at all. What it says is believed as
// far as its digests go: the plan is made again from the store, and has to come out the same. Never asks.

import type { Approval } from '../model/approval.ts';
import { digestState } from '../model/digest.ts';
import { originFrom } from '../model/origin.ts';
import { EMPTY_STATE } from '../model/state.ts';
import { approve } from '../plan/approving.ts';
import { applyChanges } from '../plan/diff.ts';
import { originFromJson } from '../plan/json-places.ts';
import type { Change } from '../plan/plan.ts';
import type { ReadPlan } from '../plan/read-plan.ts';
import { completeChanges } from '../plan/saved-plan-complete.ts';
import { stopOf } from '../reconcile/gate.ts';
import { type CommitInfo, olderCommitOf } from '../reconcile/git.ts';
import { readRecorded } from '../reconcile/history.ts';
import { directoriesOf } from '../reconcile/overlays.ts';
import { type Planned, planAgainst, type Target } from '../reconcile/plan-against.ts';
import { type Refusal, refusalOf } from '../reconcile/refusal.ts';
import { escapeControls } from '../spec/frame-line.ts';
import type { ApplyOptions } from './apply.ts';
import { tellApplied } from './apply.ts';
import { readApprovals, tellUnusedApprovals } from './approvals.ts';
import { carryOut } from './carry-out.ts';
import { EXIT, type ExitCode, worse } from './exit-code.ts';
import { type LateStore, openStoreLate } from './late-store.ts';
import { type ShownPlan, type Told, tellPlan, writePlan, writeRefusal } from './plan-output.ts';
import { tellRefusal, tellStop } from './problem.ts';
import { tellServer } from './running-server.ts';
import { changedSince, incomplete, isBase, isSame, readSaved, type Saved } from './saved-plan.ts';
import { directoriesBeside, readSpecBeside, requireSpecOf, type SpecBeside } from './saved-spec.ts';
import { tellWarnings } from './spec-input.ts';
import { hadBase, otherThanReviewed, staleSavedPlan } from './stale.ts';
import { storePath } from './store-path.ts';
import type { Terminal } from './terminal.ts';

export async function applySaved(path: string, options: ApplyOptions, terminal: Terminal): Promise<ExitCode> {
  const told: Told = {
    command: 'apply',
    directories: directoriesBeside(options),
    options,
    again: againOf(path, options),
  };
  const refuse = async (refusal: Refusal, plan?: ReadPlan): Promise<ExitCode> => {
    const own = tellRefusal(refusal, terminal);
    const stop = plan === undefined ? undefined : stopOf(plan);
    const code = plan === undefined || stop === undefined ? own : worse(own, tellStop(stop, plan, BESIDES, terminal));
    return await writeRefusal(refusal, { ...told, code }, terminal);
  };
  let reviewed: ReadPlan | undefined;
  try {
    const approvals = readApprovals(options.approve);
    const saved = await readSaved(path);
    const beside = await readSpecBeside(options);
    if ('refusal' in beside) return await refuse(beside.refusal);
    const store = await openStoreLate(storePath(options.store, terminal.env));
    try {
      reviewed = { ...saved.read.plan, risks: approve(saved.read.plan.risks, approvals) };
      return await applyTo(store, { ...saved, approvals, spec: beside.spec }, told, terminal, refuse);
    } finally {
      await store.close();
    }
  } catch (error) {
    const refusal = refusalOf(error);
    // A plan that was stopped when it was made is so still, stale or not.
    const isStale = refusal.reason === 'failure' && refusal.failure.code === 'stale_plan';
    return await refuse(refusal, isStale ? reviewed : undefined);
  }
}

/** Said of what stops a plan that is stale besides. */
const BESIDES = 'That alone would stop it.';

/** The command line that applies it, without what is approved. */
function againOf(path: string, { dir = [], overlay = [], secretsDir }: ApplyOptions): readonly string[] {
  return [
    path,
    ...dir.flatMap((one) => ['--dir', one]),
    ...overlay.flatMap((one) => ['--overlay', one]),
    ...(secretsDir === undefined ? [] : ['--secrets-dir', secretsDir]),
  ];
}

async function applyTo(
  store: LateStore,
  saved: Saved & { readonly spec: SpecBeside },
  told: Told & { readonly options: ApplyOptions },
  terminal: Terminal,
  refuse: (refusal: Refusal) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { options } = told;
  const { overlay, secretsDir, rebase = false } = options;
  const { base, name, spec } = saved;
  const directories = directoriesBeside(options);
  const recorded = await readRecorded(store);
  const stale = { name, path: escapeControls(saved.path), base, resultDigest: saved.read.plan.resultDigest };
  if (!isBase(base, recorded?.stored) && !(rebase && (await hadBase(store, base)))) {
    throw await staleSavedPlan(store, stale);
  }
  requireSpecOf(saved, spec, options);

  const state = recorded?.stored.state ?? EMPTY_STATE;
  const { declared, reading } = spec;
  const completed = completeChanges(saved.read.plan.changes, { stored: state, declared: declared?.state });
  if (!completed.ok) {
    // The store has what a plan of its generation begins with.
    if (completed.missing.some(({ side, reason }) => side === 'before' && reason === 'hash-missing')) {
      throw await otherThanReviewed(store, stale, changedSince(saved.read.plan, state));
    }
    throw incomplete(name, completed.missing, { directories, isValid: declared !== undefined });
  }
  const { written, byHand } = approvalsIn(saved);
  const target = targetOf(saved, completed.changes, applyChanges(state, completed.changes), written);
  const made = await planAgainst(store, target, {
    now: Date.now(),
    approvals: saved.approvals,
    earlier: { approvals: byHand, generation: base.generation },
    olderCommit: (applied) => olderCommit(saved, directoriesOf(directories, overlay), applied),
  });
  // Another may have come between the two readings.
  if (!rebase && !isBase(base, made.plan.base)) throw await staleSavedPlan(store, stale);
  if (!isSame(saved, made, rebase)) throw await otherThanReviewed(store, stale, changedSince(saved.read.plan, state));
  const planned = target.tests.length > 0 ? made : withTestsOf(saved, made);
  const shown: ShownPlan = {
    plan: planned.plan,
    beforeOrigins: planned.stored?.origins ?? new Map(),
    afterOrigins: saved.read.places.afterOrigins,
    context: { ...saved.read.context },
  };
  tellWarnings(
    planned.warnings.filter(({ code }) => code === 'approval.spent'),
    reading.files,
    terminal,
  );
  tellPlan(shown, options, terminal);
  tellUnusedApprovals(planned.plan, saved.approvals, terminal);
  const done = await carryOut(
    store,
    {
      planned,
      target,
      sources: { root: reading.root, boundaries: reading.boundaries, secretsDir },
      files: [],
      needsAllSecrets: false,
      standing: spec.declared?.approvals,
      asksForDir: options.dir === undefined,
      directories,
      commit: commitIn(saved),
    },
    terminal,
  );
  if ('refusal' in done) return await refuse(done.refusal);
  tellApplied(done, options, terminal);
  const { generation, secrets } = done;
  const code = await writePlan(shown, { ...told, code: EXIT.done, applied: { generation, secrets } }, terminal);
  if (done.happened) await tellServer(store.path, terminal, { state: target.state, secrets });
  return code;
}

/** What the changes lead to. Where nothing of an entity changed, the store knows where it is written. */
function targetOf(
  { document, spec: { declared, digest } }: Saved & { readonly spec: SpecBeside },
  changes: readonly Change[],
  state: Target['state'],
  approvals: Target['approvals'],
): Target {
  const origins = new Map(
    Object.entries(document.origins ?? {}).map(([address, origin]) => [address, originFrom(originFromJson(origin))]),
  ) as unknown as Target['origins'];
  const moves = changes.flatMap((change) =>
    change.action === 'move' ? [{ from: change.from, to: change.address, range: undefined }] : [],
  );
  // Where the spec at hand is the one that the plan was made of, its tests run again.
  const isThatSpec = declared !== undefined && digest === digestState(state);
  return {
    state,
    origins,
    moves,
    approvals,
    tests: isThatSpec ? declared.tests : [],
    waivers: declared?.waivers ?? [],
  };
}

/** What was approved when the plan was made: by the spec, and by hand. */
function approvalsIn({ read }: Saved): { readonly written: readonly Approval[]; readonly byHand: readonly Approval[] } {
  const all = read.plan.risks.flatMap(({ approved }) => (approved === undefined ? [] : [approved]));
  return {
    written: all.filter(({ range }) => range !== undefined),
    byHand: all.filter(({ range }) => range === undefined),
  };
}

/** A revision names no commit that does not contain what it applied. */
function commitIn({ document: { config = {} } }: Saved): CommitInfo {
  const { dirty, ...commit } = config;
  return dirty === true ? {} : commit;
}

/** Without the spec, what its tests said when the plan was made: the same digest is the same State. */
function withTestsOf({ read: { plan } }: Saved, planned: Planned): Planned {
  return { ...planned, plan: { ...planned.plan, tests: plan.tests, tokens: plan.tokens } };
}

/** The commit that the plan was made of, where the plan or Git says that it is an older one. */
async function olderCommit({ document }: Saved, directories: readonly string[], applied: string) {
  const commit = document.config?.commit;
  if (commit === undefined) return undefined;
  return document.risks.some(({ kind }) => kind === 'older-commit')
    ? commit
    : await olderCommitOf(directories, applied, commit);
}
