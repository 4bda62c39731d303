// Owns how plan and apply give out a plan: as text, as JSON in a file, as JSON instead of the text. Never makes one.

import type { Address } from '../model/address.ts';
import type { Origins } from '../model/origin.ts';
import { planToJson } from '../plan/json.ts';
import { isEmptyPlan, type Plan } from '../plan/plan.ts';
import { renderPlan } from '../plan/text.ts';
import type { Refusal } from '../reconcile/refusal.ts';
import { diagnosticsToJson } from '../spec/outputs/json.ts';
import { type ExitCode, exitCodeOfFailure, exitCodeOfRefusal } from './exit-code.ts';
import { OutputFailure, writeOutput } from './files-out.ts';
import type { Terminal } from './terminal.ts';

export interface ShownPlan {
  readonly plan: Plan;
  readonly beforeOrigins: Origins;
  readonly afterOrigins: Origins;
}

/** Text for people, on stdout unless stdout is asked to hold the JSON. */
export function tellPlan({ plan, ...places }: ShownPlan, json: string | undefined, terminal: Terminal): void {
  if (json !== '-') terminal.out(renderPlan(plan, places, { color: terminal.outColor }));
}

/** What a plan became. `secrets` are the entities whose secret alone changed; the JSON names them, never a value. */
export interface Applied {
  readonly generation: number;
  readonly secrets: readonly Address[];
}

/** The plan as JSON with how the command ends and, when it was applied, what it became. */
export async function writePlanJson(
  { plan, ...places }: ShownPlan,
  json: string | undefined,
  code: ExitCode,
  terminal: Terminal,
  applied?: Applied,
): Promise<void> {
  const changes = !isEmptyPlan(plan) || (applied !== undefined && applied.secrets.length > 0);
  const document = planToJson(plan, places, { exit_code: code, changes });
  await writeJson(applied === undefined ? document : { ...document, applied }, json, terminal);
}

/**
 * What stands in the JSON when there is no plan: how the command ended and why. Without it, whoever reads the file
 * would take an older plan for this one.
 */
export async function writeRefusalJson(refusal: Refusal, json: string | undefined, terminal: Terminal): Promise<void> {
  // The file itself is what is wrong, and that is told already.
  if (refusal.reason === 'failure' && refusal.failure instanceof OutputFailure) return;
  const reasons =
    refusal.reason === 'spec' || refusal.reason === 'secrets'
      ? { diagnostics: diagnosticsToJson(refusal.diagnostics) }
      : refusal.reason === 'failure'
        ? { error: { code: refusal.failure.code, message: refusal.failure.message } }
        : { error: { code: 'internal', message: 'Internal error.' } };
  const code = refusal.reason === 'failure' ? exitCodeOfFailure(refusal.failure) : exitCodeOfRefusal(refusal);
  await writeJson({ format_version: '1.0', outcome: { exit_code: code, changes: false }, ...reasons }, json, terminal);
}

async function writeJson(document: object, json: string | undefined, terminal: Terminal): Promise<void> {
  if (json === undefined) return;
  const text = `${JSON.stringify(document, null, 2)}\n`;
  if (json === '-') terminal.out(text);
  else await writeOutput('--json', json, text);
}
