// Owns `charter apply PLAN.json`: a saved plan, carried out as it was reviewed or not at all. What it says is believed as
// far as its digests go: the plan is made again from the store, and has to come out the same. Never asks.

import { stat } from 'node:fs/promises';
import { digestState } from '../model/digest.ts';
import { originFrom } from '../model/origin.ts';
import { EMPTY_STATE } from '../model/state.ts';
import { applyChanges } from '../plan/diff.ts';
import { originFromJson } from '../plan/json-places.ts';
import type { Change } from '../plan/plan.ts';
import type { ReadPlan } from '../plan/read-plan.ts';
import { approve } from '../plan/risks.ts';
import { completeChanges } from '../plan/saved-plan-complete.ts';
import { stopOf } from '../reconcile/gate.ts';
import { olderCommitOf } from '../reconcile/git.ts';
import { readRecorded } from '../reconcile/history.ts';
import { type Declared, loadSpec } from '../reconcile/load.ts';
import { directoriesOf } from '../reconcile/overlays.ts';
import { type Planned, planAgainst, type Target } from '../reconcile/plan-against.ts';
import { fromObstacle } from '../reconcile/problems.ts';
import { type Refusal, refusalOf } from '../reconcile/refusal.ts';
import { systemReason } from '../reconcile/system-reason.ts';
import { compile } from '../spec/compile.ts';
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
import { otherThanReviewed, staleSavedPlan } from './stale.ts';
import { storePath } from './store-path.ts';
import type { Terminal } from './terminal.ts';

export async function applySaved(path: string, options: ApplyOptions, terminal: Terminal): Promise<ExitCode> {
  const { dir } = options;
  const told: Told = { command: 'apply', directories: [dir ?? '.'], options, again: againOf(path, options) };
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
    const missing = dir === undefined ? undefined : await missingDirectory(dir);
    if (missing !== undefined) return await refuse(missing);
    const store = await openStoreLate(storePath(options.store, terminal.env));
    try {
      reviewed = { ...saved.read.plan, risks: approve(saved.read.plan.risks, approvals) };
      return await applyTo(store, { ...saved, approvals }, told, terminal, refuse);
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
function againOf(path: string, { dir, overlay = [], secretsDir }: ApplyOptions): readonly string[] {
  return [
    path,
    ...(dir === undefined ? [] : ['--dir', dir]),
    ...overlay.flatMap((one) => ['--overlay', one]),
    ...(secretsDir === undefined ? [] : ['--secrets-dir', secretsDir]),
  ];
}

/** A directory that was named and is none is a mistake, even of a plan that needs nothing of it. */
async function missingDirectory(dir: string): Promise<Refusal | undefined> {
  const reason = await stat(dir).then(
    (found) => (found.isDirectory() ? undefined : 'it is not a directory'),
    (error: unknown) => systemReason(error),
  );
  if (reason === undefined) return undefined;
  return { reason: 'spec', diagnostics: [fromObstacle({ path: dir, kind: 'missing-directory', reason })], files: [] };
}

async function applyTo(
  store: LateStore,
  saved: Saved,
  told: Told & { readonly options: ApplyOptions },
  terminal: Terminal,
  refuse: (refusal: Refusal) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { options } = told;
  const { dir = '.', overlay, secretsDir, rebase = false } = options;
  const { base, name } = saved;
  const recorded = await readRecorded(store);
  const stale = { name, path: escapeControls(saved.path), base, resultDigest: saved.read.plan.resultDigest };
  if (!rebase && !isBase(base, recorded?.stored)) throw await staleSavedPlan(store, stale);

  const state = recorded?.stored.state ?? EMPTY_STATE;
  const loaded = await loadSpec([dir], { compile, secretsDir, overlays: overlay });
  const declared = loaded.checked.ok ? loaded.checked.value : undefined;
  const completed = completeChanges(saved.read.plan.changes, { stored: state, declared: declared?.state });
  if (!completed.ok) {
    // The store has what a plan of its generation begins with.
    if (completed.missing.some(({ side, reason }) => side === 'before' && reason === 'hash-missing')) {
      throw await otherThanReviewed(store, stale, changedSince(saved.read.plan, state));
    }
    throw incomplete(name, completed.missing, { dir, isValid: declared !== undefined });
  }
  const target = targetOf(saved, completed.changes, applyChanges(state, completed.changes), declared);
  const made = await planAgainst(store, target, {
    now: Date.now(),
    approvals: saved.approvals,
    olderCommit: (applied) => olderCommit(saved, directoriesOf([dir], overlay), applied),
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
  tellPlan(shown, options, terminal);
  tellUnusedApprovals(planned.plan, saved.approvals, terminal);
  const done = await carryOut(
    store,
    {
      planned,
      target,
      sources: { root: loaded.reading.root, boundaries: loaded.reading.boundaries, secretsDir },
      files: [],
      needsAllSecrets: false,
      directories: [dir],
      commit: saved.document.config ?? {},
    },
    terminal,
  );
  if ('refusal' in done) return await refuse(done.refusal);
  tellApplied(done, options, terminal);
  const { generation, secrets } = done;
  const code = await writePlan(shown, { ...told, code: EXIT.done, applied: { generation, secrets } }, terminal);
  if (done.happened) await tellServer(store.path, terminal);
  return code;
}

/** What the changes lead to. Where nothing of an entity changed, the store knows where it is written. */
function targetOf(
  { document, read }: Saved,
  changes: readonly Change[],
  state: Target['state'],
  declared: Declared | undefined,
): Target {
  const origins = new Map(
    Object.entries(document.origins ?? {}).map(([address, origin]) => [address, originFrom(originFromJson(origin))]),
  ) as unknown as Target['origins'];
  const moves = changes.flatMap((change) =>
    change.action === 'move' ? [{ from: change.from, to: change.address, range: undefined }] : [],
  );
  const approvals = read.plan.risks.flatMap(({ approved }) => (approved === undefined ? [] : [approved]));
  // Where the spec at hand is the one that the plan was made of, its tests run again.
  const isThatSpec = declared !== undefined && digestState(declared.state) === digestState(state);
  return {
    state,
    origins,
    moves,
    approvals,
    tests: isThatSpec ? declared.tests : [],
    waivers: declared?.waivers ?? [],
  };
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
