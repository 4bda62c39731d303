// Owns the process: its streams, its arguments, its exit code, and the version, which is asked for by itself. Never knows a command.

import { systemReason } from '../reconcile/system-reason.ts';
import { EXIT, type ExitCode, worse } from './exit-code.ts';
import { createTerminal } from './terminal.ts';
import { version } from './version.ts';

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

async function run(): Promise<void> {
  // Scripts ask for it before anything else: nothing is loaded that it does not need.
  if (process.argv.length === 3 && (process.argv[2] === '--version' || process.argv[2] === '-V')) {
    terminal.out(`${version()}\n`);
    return;
  }
  const { runProgram } = await import('./run-program.ts');
  await runProgram(process.argv, terminal, end);
}

// Not awaited here: as one file with others this is what they import, and who imports waits for whom is awaited.
run().catch(crash);
