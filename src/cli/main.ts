#!/usr/bin/env node

// Owns the process: its streams, its arguments, its exit code. Never knows a command.

import { systemReason } from '../reconcile/system-reason.ts';
import { EXIT, type ExitCode, worse } from './exit-code.ts';
import { buildProgram } from './program.ts';
import { createTerminal } from './terminal.ts';
import { tellUsage } from './usage.ts';

/** What an output that was lost changes, whether it is lost before the command ends or after. */
let ended: number = EXIT.done;
let isLost = false;

/** Set, never `process.exit`: what was written to a pipe is still on its way. */
const end = (code: number): void => {
  ended = code;
  process.exitCode = isLost ? worse(code as ExitCode, EXIT.failed) : code;
};

const terminal = createTerminal(process.stdout, process.stderr, process.env, (stream, error, untold) => {
  isLost = true;
  end(ended);
  if (stream !== 'stdout') return;
  terminal.err(`error: stdout cannot be written: ${systemReason(error)}.\n`);
  for (const sentence of untold) terminal.err(`${sentence}\n`);
});

/** Nothing may be relied on after a bug that nobody caught: it is told, and the process ends. */
const crash = async (error: unknown): Promise<void> => {
  const { tellError } = await import('./problem.ts');
  process.exit(tellError(error, terminal));
};
process.on('uncaughtException', crash);
process.on('unhandledRejection', crash);

const program = buildProgram(terminal, end);
try {
  await program.parseAsync(process.argv);
} catch (error) {
  const usage = tellUsage(error);
  if (usage !== undefined) {
    end(usage);
  } else {
    const { tellError } = await import('./problem.ts');
    end(tellError(error, terminal));
  }
}
