// Owns `charter apply`: the plan that `plan` shows, secrets, one transaction. Never asks and never serves.

import { randomBytes } from 'node:crypto';
import { sortDiagnostics } from '../model/diagnostic.ts';
import { createSecretChecker } from '../oauth/secret.ts';
import { applyPlan } from '../reconcile/apply.ts';
import { commitOf } from '../reconcile/git.ts';
import type { Declared, LoadedSpec } from '../reconcile/load.ts';
import { planAgainst } from '../reconcile/plan-against.ts';
import { type Refusal, refusalOf } from '../reconcile/refusal.ts';
import { resolveSecrets, type SecretValues } from '../reconcile/secrets.ts';
import { outdatedVerifiers } from '../reconcile/verifiers.ts';
import { renderDiagnostics } from '../spec/frame.ts';
import { withoutWaived } from '../spec/waivers.ts';
import { openSqliteStore, type SqliteStore } from '../store/sqlite.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { qualifiedNames } from './names.ts';
import { type ShownPlan, tellPlan, writePlanJson, writeRefusalJson } from './plan-output.ts';
import { tellRefusal } from './problem.ts';
import { readInput, type SpecOptions } from './spec-input.ts';
import { storePath } from './store-path.ts';
import type { Terminal } from './terminal.ts';

export interface ApplyOptions extends SpecOptions {
  readonly store?: string;
  readonly json?: string;
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
    const input = await readInput(directories, options, terminal, GIT_LOCK_MS);
    if (!input.ok) return await refuse(input.refusal);
    const values = await findSecrets(input.declared, input.loaded, options, terminal);
    if (!isValues(values)) return await refuse(values);
    const store = await openSqliteStore(storePath(options.store, terminal.env));
    try {
      return await applyTo(store, { directories, declared: input.declared, values }, options, terminal);
    } finally {
      await store.close();
    }
  } catch (error) {
    return await refuse(refusalOf(error));
  }
}

async function findSecrets(
  { state, origins, waivers }: Declared,
  { reading }: LoadedSpec,
  { secretsDir }: SpecOptions,
  terminal: Terminal,
): Promise<SecretValues | Refusal> {
  const sources = { ...reading, env: terminal.env, secretsDir };
  const { values, problems, warnings: all } = await resolveSecrets(state, origins, sources, Date.now());
  const warnings = withoutWaived(all, waivers);
  if (problems.length > 0) {
    return { reason: 'secrets', diagnostics: sortDiagnostics([...problems, ...warnings]), files: reading.files };
  }
  if (warnings.length > 0) {
    terminal.err(renderDiagnostics(warnings, reading.files, { color: terminal.errColor }));
  }
  return values;
}

function isValues(found: SecretValues | Refusal): found is SecretValues {
  return !('reason' in found);
}

interface Wanted {
  readonly directories: readonly string[];
  readonly declared: Declared;
  readonly values: SecretValues;
}

async function applyTo(
  store: SqliteStore,
  { directories, declared, values }: Wanted,
  { json, overlay }: ApplyOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const clock = Date.now;
  const { plan, stored } = await planAgainst(store, declared, clock());
  const shown: ShownPlan = { plan, beforeOrigins: stored?.origins ?? new Map(), afterOrigins: declared.origins };
  tellPlan(shown, json, terminal);

  const checker = createSecretChecker({ key: randomBytes(32) });
  const verifiers = await outdatedVerifiers(values, await store.verifiers(), checker, { atOnce: 2 });
  const revision = await applyPlan(
    { directories, overlays: overlay, store, clock, commitOf },
    { plan, declared, verifiers },
  );

  const generation = revision.generation;
  const happened = generation > plan.base.generation;
  // Where nothing happened, the revision is an older one, and so are its secrets.
  const secrets = happened ? revision.secrets : [];
  if (json !== '-') {
    const told = secrets.length > 0 ? ` New secrets: ${qualifiedNames(secrets)}.` : '';
    terminal.out(happened ? `\nApplied generation ${generation}.${told}\n` : 'Nothing to apply.\n');
  }
  await writePlanJson(shown, json, EXIT.done, terminal, { generation, secrets });
  return EXIT.done;
}
