// Owns the plan of a spec from a base that is no store. Never opens a store, and never writes.

import type { Approval } from '../model/approval.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { Failure } from '../model/failure.ts';
import { formatPlace, type Origins } from '../model/origin.ts';
import { type Note, noteText } from '../plan/notes.ts';
import type { TestChange } from '../plan/test-changes.ts';
import { type BaseRead, type Comparison, planBetween, readDirectoryBase } from '../reconcile/base.ts';
import { readCommitBase } from '../reconcile/base-commit.ts';
import type { Declared } from '../reconcile/load.ts';
import type { Refusal } from '../reconcile/refusal.ts';
import { renderDiagnostics } from '../spec/frame.ts';
import { escapeControls } from '../spec/frame-line.ts';
import type { AgainstSpec } from './against.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { tellError } from './problem.ts';
import { compileFor, type SpecOptions, specWords } from './spec-input.ts';
import type { Terminal } from './terminal.ts';

export type Compared =
  | {
      readonly plan: Comparison;
      readonly warnings: readonly Diagnostic[];
      readonly beforeOrigins: Origins;
      readonly notes: readonly Note[];
      readonly testChanges: readonly TestChange[];
    }
  /** The base is no valid spec: told, and what remains to be written and how the command ends. */
  | { readonly refusal: Refusal; readonly code: ExitCode };

/** The plan from the base to a spec that is valid. Throws Failures `usage`, `base_unreadable` and `spec_unsettled`. */
export async function compareWith(
  against: AgainstSpec,
  spec: { readonly directories: readonly string[]; readonly declared: Declared },
  options: SpecOptions & { readonly approvals: readonly Approval[] },
  terminal: Terminal,
): Promise<Compared> {
  const { secretsDir, overlay: overlays, approvals } = options;
  // What has ended by now has ended on both sides.
  const now = Date.now();
  const how = { compile: compileFor(options), secretsDir, overlays, clock: () => now };
  const read =
    against.kind === 'ref'
      ? await readCommitBase(against.ref, spec.directories, { ...how, path: against.path })
      : await readDirectoryBase(against.path, how);
  if (!read.ok) return tellInvalid(read, against, specWords(spec.directories, options), terminal);
  for (const note of read.notes) terminal.err(`${note.isCaution ? 'warning' : 'note'}: ${noteText(note)}\n`);
  const { base, notes } = read;
  return { ...planBetween(base, spec.declared, { now, approvals }), beforeOrigins: base.origins, notes };
}

/** The frames are told only here: the places of another commit mean nothing to who annotates this one. */
function tellInvalid(
  { diagnostics, files, notes }: Extract<BaseRead, { ok: false }>,
  against: AgainstSpec,
  spec: string,
  terminal: Terminal,
): Extract<Compared, { refusal: Refusal }> {
  const [name, advice] =
    against.kind === 'ref'
      ? [
          `ref:${against.ref}${against.path === undefined ? '' : `:${against.path}`}`,
          'Name a commit whose spec is valid',
        ]
      : [`dir:${against.path}`, 'Mend it, or name another base'];
  // What is not there may be all that is wrong with the rest.
  const lacking = notes.map((note) => ` ${noteText(note)}`).join('');
  const elsewhere =
    against.kind === 'ref' && notes.some(({ isCaution }) => isCaution)
      ? ` Where it was elsewhere then, name a directory of the commit that holds the whole spec: --against ref:${against.ref}:PATH.`
      : '';
  const sentence = escapeControls(
    `The base ${name} is no valid spec, so ${spec}, which is valid, cannot be compared with it. ${advice}.${lacking}${elsewhere}`,
  );
  tellError(new Failure('base_unreadable', sentence), terminal);
  terminal.err(`\n${renderDiagnostics(diagnostics, files, { color: terminal.errColor })}`);
  const first = diagnostics.find(({ severity }) => severity === 'error');
  const where = first?.range === undefined ? '' : `${formatPlace(first.range)}: `;
  const problem = first === undefined ? '' : ` ${escapeControls(`${where}${first.summary}: ${first.detail}`)}`;
  const failure = new Failure('base_unreadable', `${sentence}${problem}`);
  return { refusal: { reason: 'failure', failure }, code: EXIT.invalid };
}
