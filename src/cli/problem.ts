// Owns how what went wrong is told on stderr: frames for a spec, a sentence for a failure, one line for a bug.
// Never a stack trace, unless CHARTER_DEBUG asks for it.

import { randomBytes } from 'node:crypto';
import { formatApproval } from '../model/approval.ts';
import { Failure } from '../model/failure.ts';
import { formatPlace } from '../model/origin.ts';
import { approvalOf, unapproved } from '../plan/approving.ts';
import type { Plan } from '../plan/plan.ts';
import type { Refusal } from '../reconcile/refusal.ts';
import { renderDiagnostics } from '../spec/frame.ts';
import { escapeControls } from '../spec/frame-line.ts';
import { EXIT, type ExitCode, exitCodeOfFailure, exitCodeOfRefusal } from './exit-code.ts';
import { escapeLines } from './harmless.ts';
import { isLeftAlone, speakLeftAlone } from './left-alone.ts';
import type { Terminal } from './terminal.ts';

/** Tells an error and answers the code that the command ends with. */
export function tellError(error: unknown, terminal: Terminal): ExitCode {
  if (error instanceof Failure) {
    terminal.err(`${paint('error', terminal.errColor)}: ${escapeLines(error.message)}\n`);
    debug(error, terminal);
    return exitCodeOfFailure(error);
  }
  const reference = randomBytes(4).toString('hex');
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  terminal.err(
    `${paint('internal error', terminal.errColor)} ${reference}: ${escapeControls(reason.replaceAll('\n', ' '))}\n` +
      'This is a bug of Charter. Please report it with the reference; CHARTER_DEBUG=1 prints where it happened.\n',
  );
  debug(error, terminal);
  return EXIT.failed;
}

/** Tells something that is wrong, and nobody's failure, in one sentence. */
export function tellSentence(text: string, terminal: Terminal): void {
  terminal.err(`${paint('error', terminal.errColor)}: ${escapeControls(text)}\n`);
}

/** Tells why a pass changed nothing and answers the code that `apply` ends with. */
export function tellRefusal(refusal: Refusal, terminal: Terminal): ExitCode {
  if (refusal.reason === 'spec' || refusal.reason === 'secrets') {
    terminal.err(renderDiagnostics(refusal.diagnostics, refusal.files, { color: terminal.errColor }));
    return exitCodeOfRefusal(refusal);
  }
  if (refusal.reason === 'failure') return tellError(refusal.failure, terminal);
  if (refusal.reason === 'bug') return tellError(refusal.error, terminal);
  if (isLeftAlone(refusal)) {
    terminal.err(`${paint('error', terminal.errColor)}: ${speakLeftAlone(refusal, '')}\n`);
    return exitCodeOfRefusal(refusal);
  }
  return tellStop(refusal.reason, refusal.held.plan, 'Nothing was applied.', terminal);
}

/** Tells what stops a plan that is right in itself, with `consequence` in between, and answers the code. */
export function tellStop(
  reason: 'tests' | 'risks',
  plan: Pick<Plan, 'tests' | 'risks'>,
  consequence: string,
  terminal: Terminal,
): ExitCode {
  tellSentence(reason === 'tests' ? speakTests(plan, consequence) : speakRisks(plan, consequence), terminal);
  return reason === 'tests' ? EXIT.test : EXIT.risk;
}

function speakTests({ tests }: Pick<Plan, 'tests'>, consequence: string): string {
  const failed = tests.filter(({ outcome }) => outcome === 'failed');
  const [first] = failed;
  const one = first === undefined ? '' : `${first.name} (${formatPlace(first.range)})`;
  return failed.length === 1
    ? `A test of access failed: ${one}. ${consequence}`
    : `${failed.length} tests of access failed, the first of them: ${one}. ${consequence}`;
}

/** With what approves them: who reads only stderr has no plan before them. */
function speakRisks({ risks }: Pick<Plan, 'risks'>, consequence: string): string {
  const open = unapproved(risks);
  const never = open.filter(({ approvable }) => !approvable);
  const texts = open.filter(({ approvable }) => approvable).map((risk) => formatApproval(approvalOf(risk)));
  const shown = texts.slice(0, MOST_APPROVALS).map((text) => `--approve ${text}`);
  const more = texts.length > shown.length ? ` and ${texts.length - shown.length} more, which the plan tells` : '';
  const what = `${open.length === 1 ? 'A risk is' : `${open.length} risks are`} not approved. ${consequence}`;
  const protects = never.map(({ summary }) => ` ${summary}.`);
  if (texts.length === 0) return `${what}${protects.join('')}`;
  return `${what} If ${texts.length === 1 ? 'it is' : 'they are'} meant: ${shown.join(' ')}${more}${protects.length === 0 ? '' : `.${protects.join('')}`}`;
}

const MOST_APPROVALS = 3;

function debug(error: unknown, terminal: Terminal): void {
  if (!terminal.env.CHARTER_DEBUG || !(error instanceof Error)) return;
  terminal.err(`${error.stack ?? error.message}\n`);
  if (error.cause !== undefined) debug(error.cause, terminal);
}

function paint(text: string, color: boolean): string {
  return color ? `\u001b[1;31m${text}\u001b[0m` : text;
}
