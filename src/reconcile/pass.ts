// Owns one pass: from the spec on disk to an applied generation and its snapshot. Never publishes, reports or repeats
// itself; the loop does.

import type { Address } from '../model/address.ts';
import type { Approval } from '../model/approval.ts';
import { type Checked, type Diagnostic, sortDiagnostics } from '../model/diagnostic.ts';
import { differences } from '../model/differences.ts';
import { digestsAfter } from '../model/digest.ts';
import { Failure } from '../model/failure.ts';
import { type State, serverOf } from '../model/state.ts';
import type { SigningKey } from '../oauth/port.ts';
import type { SecretChecker } from '../oauth/secret.ts';
import type { Snapshot } from '../oauth/snapshot.ts';
import { changedAddresses } from '../plan/diff.ts';
import { isEmptyPlan, type StorePlan } from '../plan/plan.ts';
import type { ConfigStore, Revision, StoredConfiguration } from '../plan/port.ts';
import { withoutWaived } from '../spec/waivers.ts';
import { applyPlan } from './apply.ts';
import { snapshotAfter, withGeneration } from './build-snapshot.ts';
import { gate } from './gate.ts';
import type { CommitInfo } from './git.ts';
import type { VerifierKeeper } from './keep-verifiers.ts';
import { type Compile, compileReading, type Declared } from './load.ts';
import { directoriesOf } from './overlays.ts';
import { type Planned, planAgainst } from './plan-against.ts';
import {
  type EarlyReading,
  type Reading,
  type ReadOptions,
  readAhead,
  readSpec,
  type SpecReading,
  unsettled,
} from './read.ts';
import type { Refusal } from './refusal.ts';
import { digestSecrets, type LastingValues, type ResolvedSecrets, resolveSecrets } from './secrets.ts';

export interface PassPorts {
  readonly directories: readonly string[];
  /** The overlays in order: names, or paths of directories. */
  readonly overlays?: readonly string[] | undefined;
  readonly secretsDir?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly store: ConfigStore;
  /** The signing keys, asked for when a snapshot of a State is built (keyring.ts). */
  readonly keys: (state: State) => readonly SigningKey[] | Promise<readonly SigningKey[]>;
  readonly checker: SecretChecker;
  /** What counts of the values that were resolved (keep-verifiers.ts). */
  readonly weigh: VerifierKeeper['weigh'];
  readonly compile: Compile;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly commitOf: (directories: readonly string[]) => Promise<CommitInfo>;
  /** The commit of the directories when it is an ancestor of the one that is given. */
  readonly olderCommitOf: (directories: readonly string[], applied: string) => Promise<string | undefined>;
  /** Bytes of this process: keys the digest by which changed secrets are noticed. */
  readonly digestKey: Uint8Array;
  readonly lasting?: LastingValues;
  readonly remember?: NonNullable<ReadOptions['remember']>;
  readonly settleMs?: number;
  readonly gitLockMs?: number;
  readonly onFirst?: NonNullable<ReadOptions['onFirst']>;
  readonly signal?: AbortSignal;
}

/** A compiled reading. Kept, whatever came of it: equal contents are not compiled twice. */
export interface Compilation {
  readonly reading: Reading;
  readonly checked: Checked<Declared>;
}

/** What a pass found, kept so that the next one can see that nothing changed. */
export interface Prepared {
  readonly reading: SpecReading;
  readonly declared: Declared;
  readonly warnings: readonly Diagnostic[];
  readonly secrets: ResolvedSecrets;
  readonly secretsDigest: string;
}

export type Preparation = { readonly compilation: Compilation | undefined } & (
  | { readonly ok: true; readonly prepared: Prepared }
  /** `partly` is what could be prepared of a spec that only lacks a secret: its secret files are known and watched. */
  | { readonly ok: false; readonly reading: SpecReading; readonly refusal: Refusal; readonly partly?: Prepared }
);

/** Reads the spec, compiles it unless its contents are those of `known`, and resolves its secrets. */
export async function prepare(
  ports: PassPorts,
  known: Compilation | undefined,
  earlier?: EarlyReading,
): Promise<Preparation> {
  const reading = await readSpec(ports.directories, { gitLockMs: 10_000, ...ports, earlier });
  if (!reading.settled) {
    return { ok: false, reading, refusal: { reason: 'failure', failure: unsettled() }, compilation: known };
  }
  const isKnown = known?.reading.digest === reading.digest && !isOfItsTime(known.checked.diagnostics);
  const checked = isKnown ? known.checked : await compileReading(reading, ports);
  const compilation = { reading, checked };
  if (!checked.ok) {
    const refusal: Refusal = { reason: 'spec', diagnostics: checked.diagnostics, files: reading.files };
    return { ok: false, reading, refusal, compilation };
  }
  const { state, origins, waivers } = checked.value;
  const secrets = await resolveSecrets(state, origins, { ...ports, ...reading }, ports.clock());
  const weak = withoutWaived(secrets.warnings, waivers);
  const prepared: Prepared = {
    reading,
    declared: checked.value,
    warnings: sortDiagnostics([...checked.diagnostics, ...weak]),
    secrets,
    secretsDigest: digestSecrets(secrets, ports.digestKey),
  };
  if (secrets.problems.length === 0) return { ok: true, prepared, compilation };
  const diagnostics = sortDiagnostics([...secrets.problems, ...weak]);
  const refusal: Refusal = { reason: 'secrets', diagnostics, files: reading.files };
  return { ok: false, reading, refusal, partly: prepared, compilation };
}

/** What a pass may find that is made in a moment. */
export interface Ahead {
  readonly earlier: EarlyReading;
  readonly compilation: Compilation;
}

/** Reads the spec once and compiles it, ahead of a pass that takes this over where it finds the same; undefined while Git works on it. */
export async function prepareAhead(ports: PassPorts, known: Compilation | undefined): Promise<Ahead | undefined> {
  const earlier = await readAhead(ports.directories, ports);
  if (earlier === undefined) return undefined;
  const { reading } = earlier;
  if (known?.reading.digest === reading.digest) return { earlier, compilation: known };
  return { earlier, compilation: { reading, checked: await compileReading(reading, ports) } };
}

/** Whether a refusal may be gone by now without an edit: a time without a secret ends by itself. */
function isOfItsTime(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ code }) => code === 'secret.gap');
}

/** A generation that is applied and ready to be served. */
export interface Achieved {
  readonly snapshot: Snapshot;
  readonly plan: StorePlan;
  readonly planned: Planned;
  readonly revision: Revision;
  /** Applications whose value is another than in the snapshot before. */
  readonly changedSecrets: readonly Address[];
  /** What the store holds now, where the next plan may be made against it without reading it. */
  readonly applied: StoredConfiguration | undefined;
}

/** How often another writer may come first. */
const STALE_ATTEMPTS = 5;

/** A plan, and why it must not be applied, where it must not be. */
export interface Judged {
  readonly planned: Planned;
  readonly refusal: Refusal | undefined;
}

/** What this process applied or held last: the digest of the reading, and that of the State which was in the store then. */
export interface Considered {
  readonly reading: string;
  readonly stored: string;
}

/** What a pass begins with. */
export interface Standing {
  readonly serving: Snapshot | undefined;
  /** Of operators, beside those of the spec. */
  readonly approvals: readonly Approval[];
  readonly considered: Considered | undefined;
  /** Of the last pass that applied something. */
  readonly applied: StoredConfiguration | undefined;
}

/** Plans what was prepared. Throws the Failures of planAgainst. */
export async function judge(ports: PassPorts, prepared: Prepared, standing: Standing): Promise<Judged> {
  const judged = await judgeAgainst(ports, prepared, standing);
  // What is shown to somebody tells what else was written to the store.
  const isShown = judged.refusal !== undefined && judged.planned.isUnread;
  return isShown ? await judgeAgainst(ports, prepared, { ...standing, applied: undefined }) : judged;
}

async function judgeAgainst(
  ports: PassPorts,
  { declared, reading }: Prepared,
  { serving, approvals, considered, applied }: Standing,
): Promise<Judged> {
  refuseChangedIssuer(serving, declared);
  const directories = directoriesOf(ports.directories, ports.overlays);
  const planned = await planAgainst(ports.store, declared, {
    now: ports.clock(),
    approvals,
    olderCommit: (commit) => ports.olderCommitOf(directories, commit),
    serving,
    applied,
  });
  const undone = (await ports.store.undone()).find(({ digest }) => digest === planned.plan.resultDigest);
  // What an operator rolled back does not come back by itself, least of all because it is still on disk.
  if (undone !== undefined) return { planned, refusal: { reason: 'undone', undone } };
  const { plan } = planned;
  // A spec that stood still is not newer than what somebody applied since, from a checkout that went ahead of it perhaps.
  const isOvertaken = reading.digest === considered?.reading && plan.base.digest !== considered.stored;
  if (isOvertaken && plan.changes.length > 0)
    return { planned, refusal: { reason: 'overtaken', generation: plan.base.generation } };
  return { planned, refusal: gate(planned, declared.origins) };
}

/**
 * Plans what was prepared, builds the next snapshot, and applies the plan. `first` is the plan where one was made
 * already. Answers a refusal where the plan must not be applied. Throws Failures: `stale_plan` when other writers keep
 * coming first, `restart_needed`, and the store's.
 */
export async function achieve(
  ports: PassPorts,
  prepared: Prepared,
  standing: Standing,
  first?: Judged,
): Promise<Achieved | { readonly refusal: Refusal }> {
  const { declared, secrets } = prepared;
  let applied = standing.applied;
  for (let attempt = 1; ; attempt += 1) {
    const judged =
      attempt === 1 && first !== undefined ? first : await judge(ports, prepared, { ...standing, applied });
    if (judged.refusal !== undefined) return { refusal: judged.refusal };
    const { planned } = judged;
    const { plan, stored } = planned;
    const { state } = declared;
    const isAlone = standing.serving?.generation === plan.base.generation;
    const weighed = await ports.weigh(secrets.values, {
      renamed: stillCalled(plan),
      known: { digest: prepared.secretsDigest, isAlone },
    });
    const snapshot = snapshotAfter({
      plan,
      stored,
      serving: standing.serving,
      state,
      weighed,
      keys: await ports.keys(state),
      checker: ports.checker,
    });
    try {
      const revision = await applyPlan(ports, {
        ...{ plan, declared, verifiers: [], standing: declared.approvals },
        before: planned,
      });
      return {
        snapshot:
          revision.generation === snapshot.generation ? snapshot : withGeneration(snapshot, revision.generation),
        plan,
        planned,
        revision,
        changedSecrets: changedSecrets(standing.serving, snapshot),
        // A plan that is read and empty writes nothing, and checks nothing.
        applied:
          planned.isUnread || !isEmptyPlan(plan)
            ? configurationAfter(planned, declared, revision, snapshot)
            : undefined,
      };
    } catch (error) {
      applied = undefined;
      const stale = error instanceof Failure && error.code === 'stale_plan';
      if (!stale || attempt === STALE_ATTEMPTS) throw error;
    }
  }
}

/** What the store holds after an apply, as reading it would tell. */
function configurationAfter(
  { plan, stored }: Planned,
  { state, origins }: Declared,
  { generation }: Revision,
  { moves, since }: Snapshot,
): StoredConfiguration {
  const digests = digestsAfter(stored?.digests ?? new Map(), changedAddresses(plan.changes), state);
  return { generation, digest: plan.resultDigest, state, digests, origins, drifted: undefined, moves, since };
}

/** Of each entity that the plan renames, what the store still calls it. */
function stillCalled({ changes }: StorePlan): ReadonlyMap<Address, Address> {
  return new Map(
    changes.flatMap((change) => (change.action === 'move' ? [[change.address, change.from] as const] : [])),
  );
}

function refuseChangedIssuer(serving: Snapshot | undefined, declared: Declared): void {
  const served = serving === undefined ? undefined : serverOf(serving.state)?.issuer;
  const wanted = serverOf(declared.state)?.issuer;
  if (served === undefined || served === wanted) return;
  throw new Failure(
    'restart_needed',
    `server.issuer changed from ${served} to ${wanted}. A running server keeps its issuer: a changed issuer needs a ` +
      'restart, with a store of its own (--store). Until then the last good generation is served.',
  );
}

/** Only values that this process knew before can be told to differ. */
function changedSecrets(before: Snapshot | undefined, after: Snapshot): Address[] {
  const changed: Address[] = [];
  if (before === undefined) return changed;
  for (const [address, known = [], verifiers = []] of differences(before.verifiers, after.verifiers)) {
    const isChanged = verifiers.some((now) => {
      const was = known.find(({ slot }) => slot === now.slot);
      return was?.kind === 'keyed' && now.kind === 'keyed' && Buffer.compare(was.mac, now.mac) !== 0;
    });
    if (isChanged) changed.push(address);
  }
  return changed;
}
