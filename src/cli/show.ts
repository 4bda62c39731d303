// Owns `charter show`: a plan that was saved, told again. Needs no store and no spec, and never judges anew what the plan
// judged.

import type { Readable } from 'node:stream';
import { planFromJson, type ReadDocument } from '../plan/json.ts';
import type { RefusalJson } from '../plan/json-types.ts';
import type { PlanBase } from '../plan/plan.ts';
import { isPlan } from '../plan/saved-plan.ts';
import { renderPlan } from '../plan/text.ts';
import { renderDiagnostics } from '../spec/frame.ts';
import { escapeControls } from '../spec/frame-line.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { qualifiedNames } from './names.ts';
import { readPlanFile } from './plan-file.ts';
import type { TextOptions } from './plan-output.ts';
import type { Terminal } from './terminal.ts';

/** The text that `plan` told, on stdout; what is known of the plan itself beside it. Throws as readPlanFile does. */
export async function show(path: string, options: TextOptions, stdin: Readable, terminal: Terminal): Promise<ExitCode> {
  const document = await readPlanFile(path, stdin);
  if (!isPlan(document)) {
    terminal.out(refusalText(document, terminal));
    return EXIT.done;
  }
  const read = planFromJson(document);
  terminal.err(`${describe(read)}\n`);
  const { groupBy, full } = options;
  const { applied, notes = [], diagnostics = [], testChanges } = read.context;
  for (const note of notes) terminal.err(`note: ${escapeControls(note)}\n`);
  if (diagnostics.length > 0) terminal.err(framesOf(diagnostics, terminal.errColor));
  terminal.out(renderPlan(read.plan, read.places, { color: terminal.outColor, groupBy, full, testChanges }));
  if (applied !== undefined) {
    const renewed = applied.secrets.length > 0 ? ` New secrets: ${qualifiedNames(applied.secrets)}.` : '';
    terminal.out(`\nIt was applied: generation ${applied.generation}.${renewed}\n`);
  }
  return EXIT.done;
}

/** `Plan against generation 7 of a store, made 2026-11-22T04:20:00.000Z by Charter 1.2.3 of commit 0123456789ab.` */
function describe({ plan: { base }, context: { engine_version, timestamp, config } }: ReadDocument): string {
  const made = [
    ...(timestamp === undefined ? [] : [new Date(timestamp).toISOString()]),
    ...(engine_version === undefined ? [] : [`by Charter ${engine_version}`]),
    ...(config?.commit === undefined ? [] : [`of commit ${config.commit.slice(0, 12)}`]),
    ...(config?.dirty === true ? ['with changes that are not committed'] : []),
    ...(config?.author === undefined ? [] : [`(${config.author})`]),
  ];
  return escapeControls(`Plan against ${speakBase(base)}${made.length === 0 ? '' : `, made ${made.join(' ')}`}.`);
}

function speakBase(base: PlanBase): string {
  if (base.kind === 'ref') return base.ref;
  if (base.kind === 'dir') return base.path;
  return base.generation === 0 ? 'an empty store' : `generation ${base.generation} of a store`;
}

function refusalText({ outcome, diagnostics, error }: RefusalJson, terminal: Terminal): string {
  const head = `No plan was made (exit code ${outcome.exit_code}).`;
  if (diagnostics === undefined) return `${head} ${escapeControls(error?.message ?? '')}`.trimEnd().concat('\n');
  return `${head}\n\n${framesOf(diagnostics, terminal.outColor)}`;
}

/** Frames name no entity, and the files that they would quote are not at hand. */
function framesOf(diagnostics: NonNullable<RefusalJson['diagnostics']>, color: boolean): string {
  const told = diagnostics.map(({ address: _address, ...one }) => one);
  return renderDiagnostics(told, [], { color });
}
