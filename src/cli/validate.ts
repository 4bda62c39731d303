// Owns `charter validate`. Never needs a store or a secret.

import { EXIT, type ExitCode } from './exit-code.ts';
import { count } from './names.ts';
import { tellRefusal } from './problem.ts';
import { readInput, type SpecOptions } from './spec-input.ts';
import type { Terminal } from './terminal.ts';

export async function validate(
  directories: readonly string[],
  options: SpecOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const input = await readInput(directories, options, terminal);
  const { checked, reading } = input.loaded;
  const warnings = checked.diagnostics.filter(({ severity }) => severity === 'warning').length;
  const errors = checked.diagnostics.length - warnings;
  const entities = input.ok ? `${count(input.declared.state.size, 'entity', 'entities')} in ` : '';
  const summary =
    `${directories.join(' ')}: ${entities}${count(reading.files.length, 'file')}, ` +
    `${count(errors, 'error')}, ${count(warnings, 'warning')}\n`;
  const code = input.ok ? EXIT.done : tellRefusal(input.refusal, terminal);
  terminal.out(summary);
  return code;
}
