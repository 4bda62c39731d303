// Owns applying a plan that was shown: what stops it, its secrets, one transaction. Shared by all commands that apply.
// Never plans, prints a plan or asks.

import { randomBytes } from 'node:crypto';
import { type Address, kindOf, qualifiedName } from '../model/address.ts';
import type { Approval } from '../model/approval.ts';
import { type Diagnostic, sortDiagnostics } from '../model/diagnostic.ts';
import { secretsWithin } from '../model/settings.ts';
import type { State } from '../model/state.ts';
import { type StoredVerifier, verifierKey } from '../model/verifier.ts';
import { createSecretChecker } from '../oauth/secret.ts';
import type { Revision } from '../plan/port.ts';
import { applyPlan } from '../reconcile/apply.ts';
import { gate } from '../reconcile/gate.ts';
import { type CommitInfo, commitOf } from '../reconcile/git.ts';
import type { Declared } from '../reconcile/load.ts';
import type { Planned } from '../reconcile/plan-against.ts';
import type { Refusal } from '../reconcile/refusal.ts';
import { resolveSecrets, type SecretSources, type SecretValues } from '../reconcile/secrets.ts';
import { outdatedVerifiers } from '../reconcile/verifiers.ts';
import { renderDiagnostics } from '../spec/frame.ts';
import type { SourceFile } from '../spec/source.ts';
import { withoutWaived } from '../spec/waivers.ts';
import { orActor } from './actor.ts';
import type { LateStore } from './late-store.ts';
import { refuseOvertaken } from './stale.ts';
import type { Terminal } from './terminal.ts';

export interface Job {
  readonly planned: Planned;
  /** What the plan leads to. */
  readonly target: Pick<Declared, 'state' | 'origins' | 'waivers'>;
  readonly sources: Omit<SecretSources, 'env' | 'stored'>;
  /** What a problem of a secret points into. */
  readonly files: readonly SourceFile[];
  /** Whether a secret must be there even if the store can check it already. */
  readonly needsAllSecrets: boolean;
  /** Whether files of secrets are looked for where nobody said that the spec is. */
  readonly asksForDir?: boolean;
  readonly directories: readonly string[];
  readonly overlays?: readonly string[] | undefined;
  /** Of what the plan was made; asked of Git where undefined. */
  readonly commit?: CommitInfo;
  readonly rollbackTo?: number;
  /** Approvals that stand in the spec; undefined where none is at hand. */
  readonly standing: readonly Approval[] | undefined;
  /**
   * The newest revision when the command began, where another State that was applied since stops it: who began does not
   * apply over what nobody looked at. What stops the plan itself is graver, and told first.
   */
  readonly begun?: { readonly newest: Revision | undefined };
}

/** What became of it. */
export interface CarriedOut {
  /** Of the store now. */
  readonly generation: number;
  /** Whether this made it. */
  readonly happened: boolean;
  /** Whether it undid what something else had written. */
  readonly mended: boolean;
  /** Entities whose secret changed its value. */
  readonly secrets: readonly Address[];
}

/** Applies the plan. Answers why not where something stops it. Throws Failures: `stale_plan`, and the store's. */
export async function carryOut(
  store: LateStore,
  job: Job,
  terminal: Terminal,
): Promise<CarriedOut | { readonly refusal: Refusal }> {
  const { planned, target } = job;
  const stopped = gate(planned, target.origins);
  if (stopped !== undefined) return { refusal: stopped };
  if (job.begun !== undefined) await refuseOvertaken(store, job.begun.newest, planned.plan.base);
  const stored = await movedVerifiers(store, planned);
  const values = await findSecrets(job, new Set(stored.map(verifierKey)), terminal);
  if ('refusal' in values) return values;
  await store.openForWriting();
  const checker = createSecretChecker({ key: randomBytes(32) });
  const verifiers = await outdatedVerifiers(values.values, stored, checker, { atOnce: 2 });
  const { plan } = planned;
  const { rollbackTo, commit } = job;
  const revision = await applyPlan(
    {
      directories: job.directories,
      overlays: job.overlays,
      store,
      clock: Date.now,
      commitOf: orActor(commit === undefined ? commitOf : async () => commit, terminal.env),
    },
    { plan, declared: target, verifiers, standing: job.standing, ...(rollbackTo === undefined ? {} : { rollbackTo }) },
  );
  const happened = revision.generation > plan.base.generation;
  if (happened) terminal.ifLost(`Generation ${revision.generation} is applied.`);
  // Where nothing happened, the revision is an older one, and so are its secrets.
  const mended = plan.drift !== undefined;
  return { generation: revision.generation, happened, mended, secrets: happened ? revision.secrets : [] };
}

/** The stored verifiers, those of what is moved where they will be. */
async function movedVerifiers(store: LateStore, { plan }: Planned): Promise<readonly StoredVerifier[]> {
  const moved = new Map(
    plan.changes.flatMap((change) => (change.action === 'move' ? [[change.from, change.address] as const] : [])),
  );
  const verifiers = await store.verifiers();
  return verifiers.map((verifier) => ({ ...verifier, address: moved.get(verifier.address) ?? verifier.address }));
}

async function findSecrets(
  { target, sources, files, needsAllSecrets, asksForDir = false }: Job,
  stored: ReadonlySet<string>,
  terminal: Terminal,
): Promise<{ readonly values: SecretValues } | { readonly refusal: Refusal }> {
  const { state, origins, waivers } = target;
  const from = { ...sources, env: terminal.env, ...(needsAllSecrets ? {} : { stored }) };
  const { values, problems, warnings: all } = await resolveSecrets(state, origins, from, Date.now());
  const warnings = withoutWaived(all, waivers);
  if (problems.length > 0) {
    const told = asksForDir ? problems.map((problem) => withDir(problem, target.state)) : problems;
    const diagnostics = sortDiagnostics([...told, ...warnings]).map(withOwner);
    return { refusal: { reason: 'secrets', diagnostics, files } };
  }
  if (warnings.length > 0) terminal.err(renderDiagnostics(warnings, files, { color: terminal.errColor }));
  return { values };
}

/** A problem that no place leads to says of whom it is: a rollback, for one, has no spec to point into. */
function withOwner(problem: Diagnostic): Diagnostic {
  const { address, range, detail } = problem;
  if (range !== undefined || address === undefined) return problem;
  return { ...problem, detail: `${kindOf(address)} ${qualifiedName(address)}: ${detail}` };
}

/** Of a secret in a file: it is looked for beside the spec, and where that is, somebody may have to say. */
function withDir(problem: Diagnostic, state: State): Diagnostic {
  const { address, code, help = '' } = problem;
  const entity = address === undefined ? undefined : state.get(address);
  const isInFile = entity !== undefined && secretsWithin(entity).some(({ secret }) => 'file' in secret);
  if (!isInFile || (code !== 'secret.missing' && code !== 'secret.outside')) return problem;
  return { ...problem, help: `${help} The spec is taken to be in the current directory: where it is, --dir says.` };
}
