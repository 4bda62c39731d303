// Owns `charter apply PLAN.json`: a saved plan, carried out as it was reviewed or not at all. What it says is believed as
// far as its digests go: the plan is made again from the store, and has to come out the same. Never asks.

import { resolve } from 'node:path';
import type { Approval } from '../model/approval.ts';
import { digestState } from '../model/digest.ts';
import { Failure } from '../model/failure.ts';
import { originFrom } from '../model/origin.ts';
import { EMPTY_STATE } from '../model/state.ts';
import { applyChanges } from '../plan/diff.ts';
import { planFromJson, type ReadDocument } from '../plan/json.ts';
import { originFromJson } from '../plan/json-places.ts';
import type { PlanJson } from '../plan/json-types.ts';
import type { Change, StoreBase } from '../plan/plan.ts';
import { isPlan } from '../plan/saved-plan.ts';
import { completeChanges, type Incomplete } from '../plan/saved-plan-complete.ts';
import { olderCommitOf } from '../reconcile/git.ts';
import { readRecorded } from '../reconcile/history.ts';
import { type Declared, loadSpec } from '../reconcile/load.ts';
import { directoriesOf } from '../reconcile/overlays.ts';
import { type Planned, planAgainst, type Target } from '../reconcile/plan-against.ts';
import { type Refusal, refusalOf } from '../reconcile/refusal.ts';
import { specRoot } from '../reconcile/walk.ts';
import { compile } from '../spec/compile.ts';
import type { ApplyOptions } from './apply.ts';
import { tellApplied } from './apply.ts';
import { readApprovals } from './approvals.ts';
import { carryOut } from './carry-out.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { type LateStore, openStoreLate } from './late-store.ts';
import { checkOutputs } from './outputs.ts';
import { readPlanFile } from './plan-file.ts';
import { type ShownPlan, type Told, tellPlan, writePlan, writeRefusal } from './plan-output.ts';
import { tellRefusal } from './problem.ts';
import { staleSavedPlan } from './stale.ts';
import { storePath } from './store-path.ts';
import type { Terminal } from './terminal.ts';

export async function applySaved(path: string, options: ApplyOptions, terminal: Terminal): Promise<ExitCode> {
  checkOutputs(options);
  const told: Told = { command: 'apply', directories: [options.dir ?? '.'], options };
  const refuse = async (refusal: Refusal): Promise<ExitCode> =>
    await writeRefusal(refusal, { ...told, code: tellRefusal(refusal, terminal) }, terminal);
  try {
    const approvals = readApprovals(options.approve);
    const { document, read, base } = await readSaved(path);
    const store = await openStoreLate(storePath(options.store, terminal.env));
    try {
      return await applyTo(store, { path, document, read, base, approvals }, told, terminal, refuse);
    } finally {
      await store.close();
    }
  } catch (error) {
    return await refuse(refusalOf(error));
  }
}

interface Saved {
  readonly path: string;
  readonly document: PlanJson;
  readonly read: ReadDocument;
  readonly base: StoreBase;
  /** Beside those of the document. */
  readonly approvals: readonly Approval[];
}

/** Throws Failure `plan_not_applicable` for a document that holds no plan against a store. */
async function readSaved(path: string): Promise<Pick<Saved, 'document' | 'read' | 'base'>> {
  const document = await readPlanFile(path, process.stdin);
  if (!isPlan(document)) {
    throw new Failure(
      'plan_not_applicable',
      `${path} says why no plan was made, and holds none. charter show ${path} tells it.`,
    );
  }
  const read = planFromJson(document);
  const { base } = read.plan;
  if (base.kind === 'store') return { document, read, base };
  throw new Failure(
    'plan_not_applicable',
    `${path} compares with ${base.kind === 'ref' ? base.ref : base.path}, which is no store, so there is nothing to apply it to. ` +
      'Plan against the store: charter plan DIR --out FILE',
  );
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
  const [newest] = await store.revisions(1);
  const isStale = (newest?.generation ?? 0) !== saved.base.generation;
  if (isStale && !rebase) throw await staleSavedPlan(store, saved.base, saved.path);

  const recorded = await readRecorded(store);
  const state = recorded?.stored.state ?? EMPTY_STATE;
  const declared = await declaredIn(dir, options);
  const completed = completeChanges(saved.read.plan.changes, { stored: state, declared: declared?.state });
  if (!completed.ok) throw incomplete(saved.path, completed.missing, dir);
  const target = targetOf(saved, completed.changes, applyChanges(state, completed.changes), declared);
  const made = await planAgainst(store, target, {
    now: Date.now(),
    approvals: saved.approvals,
    olderCommit: (applied) => olderCommit(saved, directoriesOf([dir], overlay), applied),
  });
  requireSame(saved, made, isStale);
  const planned = target.tests.length > 0 ? made : withTestsOf(saved, made);
  const shown: ShownPlan = {
    plan: planned.plan,
    beforeOrigins: planned.stored?.origins ?? new Map(),
    afterOrigins: saved.read.places.afterOrigins,
    context: { ...saved.read.context },
  };
  tellPlan(shown, options, terminal);
  const root = specRoot([dir]);
  const done = await carryOut(
    store,
    {
      planned,
      target,
      sources: { root, boundaries: [resolve(dir)], secretsDir },
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
  return await writePlan(shown, { ...told, code: EXIT.done, applied: { generation, secrets } }, terminal);
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

/** The spec at hand, where it is valid: it may have the written hashes that no plan document holds. */
async function declaredIn(dir: string, { secretsDir, overlay: overlays }: ApplyOptions): Promise<Declared | undefined> {
  const { checked } = await loadSpec([dir], { compile, secretsDir, overlays });
  return checked.ok ? checked.value : undefined;
}

/** The commit that the plan was made of, where the plan or Git says that it is an older one. */
async function olderCommit({ document }: Saved, directories: readonly string[], applied: string) {
  const commit = document.config?.commit;
  if (commit === undefined) return undefined;
  return document.risks.some(({ kind }) => kind === 'older-commit')
    ? commit
    : await olderCommitOf(directories, applied, commit);
}

/** What is applied is what was reviewed: the same changes of the same entities, with the same gains and losses of access. */
function requireSame({ path, read: { plan } }: Saved, { plan: made }: Planned, isRebased: boolean): void {
  if (made.digest === plan.digest && (isRebased || made.resultDigest === plan.resultDigest)) return;
  throw new Failure(
    'stale_plan',
    isRebased
      ? `What ${path} would do now is not what was reviewed: entities that it changes, or access that rests on them, changed ` +
          'since. Nothing was written. Plan again and apply that.'
      : `What ${path} would do now is not what was reviewed: access that it tells of has begun or ended since it was made. ` +
          'Nothing was written. Plan again and apply that.',
  );
}

function incomplete(path: string, missing: readonly Incomplete[], dir: string): Failure {
  const [first] = missing;
  const at = first === undefined ? '' : `${first.address}${first.pointers.map((pointer) => ` ${pointer}`).join(',')}`;
  switch (first?.reason) {
    case 'hash-missing':
      return new Failure(
        'plan_invalid',
        `${path} holds no written hash, and that of ${at} is neither in the store nor in ${dir}. ` +
          'Give the spec that the plan was made of: --dir DIR',
      );
    case 'member-unknown':
      return new Failure(
        'plan_invalid',
        `${path} was written by a newer Charter: this one does not know ${at}. Plan again with this one, or apply with that.`,
      );
    default:
      return new Failure('plan_invalid', `${path} was damaged: ${at} is not what its digest stands for. Plan again.`);
  }
}
