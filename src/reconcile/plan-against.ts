// Owns planning against a store: the one way by which plan, apply and serve come to the same Plan. Never applies.

import type { Approval } from '../model/approval.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { digestState } from '../model/digest.ts';
import { Failure } from '../model/failure.ts';
import type { State } from '../model/state.ts';
import { EMPTY_STATE, serverOf } from '../model/state.ts';
import type { Snapshot } from '../oauth/snapshot.ts';
import { approve, unapproved, unusedApprovals } from '../plan/approving.ts';
import { ownersOf, withUsage } from '../plan/impact.ts';
import { makePlan } from '../plan/make-plan.ts';
import { isEmptyPlan, type StorePlan } from '../plan/plan.ts';
import type { ConfigStore, StoredConfiguration } from '../plan/port.ts';
import { compareRisks, judgeOlderCommit } from '../plan/risks.ts';
import { readRecorded } from './history.ts';
import type { Declared } from './load.ts';
import { planWarnings } from './plan-warnings.ts';
import { type SpentApproval, spentApprovals } from './spent-approvals.ts';

export interface Planned {
  readonly plan: StorePlan;
  /** What it begins with; undefined when nothing was ever applied. */
  readonly stored: StoredConfiguration | undefined;
  /** Whether that is what was applied last, and was not read. */
  readonly isUnread: boolean;
  /** What is wrong with what the spec says of its plan. */
  readonly warnings: readonly Diagnostic[];
}

export interface PlanOptions {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Given for this plan, beside those of the spec: they count whatever was used before. */
  readonly approvals?: readonly Approval[];
  /** Given for a plan that was saved when that generation was the newest: what was used since then is spent too. */
  readonly earlier?: { readonly approvals: readonly Approval[]; readonly generation: number };
  /** The spec's commit when it is an older one than that which is applied. Asked only when something would change. */
  readonly olderCommit?: (applied: string) => Promise<string | undefined>;
  /** What is served, whose index is that of the store's State where the two have one digest. */
  readonly serving?: Pick<Snapshot, 'digest' | 'index'> | undefined;
  /**
   * What this process applied last. Where that is still the newest generation, the plan is made against it without reading the store:
   * what else may have been written there is found when it is applied (`sequel` of plan/port.ts).
   */
  readonly applied?: StoredConfiguration | undefined;
}

/** What of a store a plan asks for. */
export type PlanStore = Pick<ConfigStore, 'read' | 'changesOf' | 'usage' | 'revisions' | 'resumed'>;

/** What a plan leads to: a compiled spec, or what was one once. */
export type Target = Pick<Declared, 'state' | 'origins' | 'moves' | 'tests' | 'approvals' | 'waivers'>;

/**
 * The plan that leads from the store's newest generation to the declared State.
 * Throws Failure `store_other_issuer` when the store belongs to another issuer, and `store_unavailable`.
 */
export async function planAgainst(store: PlanStore, target: Target, options: PlanOptions): Promise<Planned> {
  const known = await stillNewest(store, options.applied);
  const recorded = known === undefined ? await readRecorded(store) : { stored: known, drift: undefined };
  const stored = recorded?.stored;
  refuseOtherIssuer(stored, target.state);
  const made = makePlan({
    base: {
      kind: 'store',
      generation: stored?.generation ?? 0,
      digest: stored?.digest ?? digestState(EMPTY_STATE),
    },
    before: stored?.state ?? EMPTY_STATE,
    beforeOrigins: stored?.origins ?? new Map(),
    beforeDigests: stored?.digests ?? new Map(),
    beforeIndex: options.serving?.digest === stored?.digest ? options.serving?.index : undefined,
    after: target.state,
    afterOrigins: target.origins,
    moves: target.moves,
    tests: target.tests,
    now: options.now,
  });
  const whole = { ...made, drift: recorded?.drift };
  const used = isEmptyPlan(whole) ? whole : await withFacts(whole, store, options);
  const { counting, spent } = await judgeApprovals(used, target, store, options);
  const plan = { ...used, risks: approve(used.risks, counting) };
  const warnings = planWarnings(plan, stored?.state ?? EMPTY_STATE, target, spent);
  return { plan, stored, isUnread: known !== undefined, warnings };
}

/** A configuration as long as nobody has recorded another. */
async function stillNewest(
  store: Pick<ConfigStore, 'revisions'>,
  known: StoredConfiguration | undefined,
): Promise<StoredConfiguration | undefined> {
  if (known === undefined) return undefined;
  const [newest] = await store.revisions(1);
  return newest?.generation === known.generation && newest.digest === known.digest ? known : undefined;
}

/** The approvals that count, and those that would, had they not been used before. */
async function judgeApprovals(
  { risks, base }: StorePlan,
  { approvals: written }: Pick<Target, 'approvals'>,
  store: PlanStore,
  { approvals: given = [], earlier = { approvals: [], generation: 0 } }: PlanOptions,
): Promise<{ readonly counting: readonly Approval[]; readonly spent: readonly SpentApproval[] }> {
  const standing = [...written, ...earlier.approvals];
  // Asked only about those that would let something pass.
  const open = unapproved(approve(risks, given));
  const unused = new Set(unusedApprovals(open, standing));
  const asked = standing.filter((approval) => !unused.has(approval));
  const spent = (await spentApprovals(store, asked, base.generation)).filter(
    ({ approval, used }) => !(earlier.approvals.includes(approval) && used <= earlier.generation),
  );
  const lost = new Set(spent.map(({ approval }) => approval));
  // Those that are given come first: what a plan is saved with says then that somebody gave it, whatever the spec says.
  return { counting: [...given, ...standing.filter((approval) => !lost.has(approval))], spent };
}

/** With what only the store and the history of the spec know. */
async function withFacts(plan: StorePlan, store: PlanStore, options: PlanOptions): Promise<StorePlan> {
  const usage = await store.usage([...ownersOf(plan).values()], options.now);
  const { base } = plan;
  const used = { ...withUsage(plan, usage), base };
  const applied = (await store.revisions(NEWEST)).find(({ commit }) => commit !== undefined)?.commit;
  const older = applied === undefined ? undefined : await options.olderCommit?.(applied);
  if (applied === undefined || older === undefined) return used;
  return { ...used, risks: [...used.risks, judgeOlderCommit(used, older, applied)].sort(compareRisks) };
}

/** How far back an applied commit is looked for: revisions of secrets, and of work that is not committed, have none. */
const NEWEST = 50;

/** Tokens, clients and verifiers of resource servers know one issuer: a store cannot pass from one to another. */
function refuseOtherIssuer(stored: StoredConfiguration | undefined, state: State): void {
  const held = stored === undefined ? undefined : serverOf(stored.state)?.issuer;
  const wanted = serverOf(state)?.issuer;
  if (held === undefined || wanted === undefined || held === wanted) return;
  throw new Failure(
    'store_other_issuer',
    `The store belongs to the issuer ${held}, and this spec's issuer is ${wanted}. Correct server.issuer, ` +
      'or give the new issuer a store of its own with --store: tokens of one issuer mean nothing to another.',
  );
}
