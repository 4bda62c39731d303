// Owns how what went wrong is told on stderr: frames for a spec, a sentence for a failure, one line for a bug.
// Never a stack trace, unless CHARTER_DEBUG asks for it.

import { randomBytes } from 'node:crypto';
import { Failure } from '../model/failure.ts';
import { unapproved } from '../plan/risks.ts';
import type { Refusal } from '../reconcile/refusal.ts';
import { renderDiagnostics } from '../spec/frame.ts';
import { EXIT, type ExitCode, exitCodeOfFailure, exitCodeOfRefusal } from './exit-code.ts';
import type { Terminal } from './terminal.ts';

/** Tells an error and answers the code that the command ends with. */
export function tellError(error: unknown, terminal: Terminal): ExitCode {
  if (error instanceof Failure) {
    terminal.err(`${paint('error', terminal.errColor)}: ${error.message}\n`);
    debug(error, terminal);
    return exitCodeOfFailure(error);
  }
  const reference = randomBytes(4).toString('hex');
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  terminal.err(
    `${paint('internal error', terminal.errColor)} ${reference}: ${reason.replaceAll('\n', ' ')}\n` +
      'This is a bug of Charter. Please report it with the reference; CHARTER_DEBUG=1 prints where it happened.\n',
  );
  debug(error, terminal);
  return EXIT.failed;
}

/** Tells why a pass changed nothing and answers the code that `apply` ends with. */
export function tellRefusal(refusal: Refusal, terminal: Terminal): ExitCode {
  if (refusal.reason === 'spec' || refusal.reason === 'secrets') {
    terminal.err(renderDiagnostics(refusal.diagnostics, refusal.files, { color: terminal.errColor }));
    return exitCodeOfRefusal(refusal);
  }
  if (refusal.reason === 'failure') return tellError(refusal.failure, terminal);
  if (refusal.reason === 'bug') return tellError(refusal.error, terminal);
  terminal.err(`${paint('error', terminal.errColor)}: ${stopped(refusal)}\n`);
  return exitCodeOfRefusal(refusal);
}

/** What stopped a plan that is right in itself, in a sentence or two. */
function stopped(refusal: Extract<Refusal, { reason: 'tests' | 'risks' | 'undone' }>): string {
  switch (refusal.reason) {
    case 'tests': {
      const failed = refusal.held.plan.tests.filter(({ outcome }) => outcome === 'failed').length;
      return `${failed === 1 ? 'A test' : `${failed} tests`} of access failed. Nothing was applied.`;
    }
    case 'risks': {
      const open = unapproved(refusal.held.plan.risks).length;
      return `${open === 1 ? 'A risk is' : `${open} risks are`} not approved. Nothing was applied.`;
    }
    case 'undone':
      return `The spec is what generation ${refusal.undone.generation} rolled back. It is left alone until it changes, or: charter resume`;
  }
}

function debug(error: unknown, terminal: Terminal): void {
  if (!terminal.env.CHARTER_DEBUG || !(error instanceof Error)) return;
  terminal.err(`${error.stack ?? error.message}\n`);
  if (error.cause !== undefined) debug(error.cause, terminal);
}

function paint(text: string, color: boolean): string {
  return color ? `\u001b[1;31m${text}\u001b[0m` : text;
}
