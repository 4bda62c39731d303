// Owns one run of the command line: what ends it, as an exit code. Never knows the process.

import { buildProgram } from './program.ts';
import type { Terminal } from './terminal.ts';
import { tellUsage } from './usage.ts';

/** Tells `end` the exit code, also of what the command line does not know. */
export async function runProgram(
  argv: readonly string[],
  terminal: Terminal,
  end: (code: number) => void,
): Promise<void> {
  try {
    await buildProgram(terminal, end).parseAsync(argv);
  } catch (error) {
    const usage = tellUsage(error);
    if (usage !== undefined) return end(usage);
    const { tellError } = await import('./problem.ts');
    end(tellError(error, terminal));
  }
}
