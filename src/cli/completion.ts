// Owns `charter completion`: which script for which shell. Never runs at completion time: the script is all there is, so
// that a shell does not wait for Node.

import type { Command } from 'commander';
import { bashScript } from './completion/bash.ts';
import { fishScript } from './completion/fish.ts';
import { completedProgram } from './completion/words.ts';
import { zshScript } from './completion/zsh.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { Terminal } from './terminal.ts';

/** Prints the script for `bash`, `zsh` or `fish`. */
export function completion(shell: string, program: Command, terminal: Terminal): ExitCode {
  const words = completedProgram(program);
  const script = shell === 'bash' ? bashScript(words) : shell === 'zsh' ? zshScript(words) : fishScript(words);
  terminal.out(script);
  return EXIT.done;
}
