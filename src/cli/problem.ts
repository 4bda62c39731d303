// Owns how what went wrong is told on stderr: frames for a spec, a sentence for a failure, one line for a bug.
// Never a stack trace, unless CHARTER_DEBUG asks for it.

import { randomBytes } from 'node:crypto';
import { Failure } from '../model/failure.ts';
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
  return tellError(refusal.reason === 'failure' ? refusal.failure : refusal.error, terminal);
}

function debug(error: unknown, terminal: Terminal): void {
  if (!terminal.env.CHARTER_DEBUG || !(error instanceof Error)) return;
  terminal.err(`${error.stack ?? error.message}\n`);
  if (error.cause !== undefined) debug(error.cause, terminal);
}

function paint(text: string, color: boolean): string {
  return color ? `\u001b[1;31m${text}\u001b[0m` : text;
}
