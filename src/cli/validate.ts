// Owns `charter validate`. Never needs a store or a secret.

import type { Diagnostic } from '../model/diagnostic.ts';
import { directoriesOf } from '../reconcile/overlays.ts';
import { escapeControls } from '../spec/frame-line.ts';
import { countProblems } from '../spec/outputs/findings.ts';
import { EXIT, type ExitCode, worse } from './exit-code.ts';
import { count } from './names.ts';
import {
  checkOutputs,
  failedFindings,
  locator,
  type OutputOptions,
  outputsOfFindings,
  refuseOverwriting,
  takesStdout,
  writeOutputs,
} from './outputs.ts';
import { tellError, tellRefusal } from './problem.ts';
import { readInput, type SpecOptions, specWords } from './spec-input.ts';
import type { Terminal } from './terminal.ts';

export interface ValidateOptions extends SpecOptions, Omit<OutputOptions, 'md'> {
  readonly fix?: boolean;
}

export async function validate(
  directories: readonly string[],
  options: ValidateOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  checkOutputs(options);
  refuseOverwriting(options, { store: undefined, directories: directoriesOf(directories, options.overlay) });
  const located = locator(directories, terminal);
  // With an output on stdout, what is told to people goes beside it.
  const tell = takesStdout(options) ? terminal.err : terminal.out;
  let fixed: readonly Diagnostic[] | undefined;
  try {
    let code: ExitCode = EXIT.done;
    if (options.fix === true) {
      const { mendFiles } = await import('./mend.ts');
      const mended = await mendFiles(directories, options);
      fixed = mended.fixed;
      tell(mended.report);
      terminal.err(mended.troubles);
      if (mended.isUnwritten) code = EXIT.failed;
    }
    const input = await readInput(directories, options, terminal);
    if (!input.ok) code = worse(code, tellRefusal(input.refusal, terminal));
    const { checked, reading } = input.loaded;
    const entities = input.ok ? input.declared.state.size : undefined;
    if (!takesStdout(options)) {
      terminal.out(
        `${escapeControls(specWords(directories, options))}: ${summary(checked.diagnostics, reading.files.length, entities)}\n`,
      );
    }
    const findings = { diagnostics: checked.diagnostics, files: reading.files, located };
    return await writeOutputs(outputsOfFindings(findings, directories, fixed), { options, code }, terminal);
  } catch (error) {
    const code = tellError(error, terminal);
    const outputs = outputsOfFindings(failedFindings(error, located), directories);
    return await writeOutputs(outputs, { options, code }, terminal);
  }
}

/** `8 entities in 1 file, 0 errors, 0 warnings`, and what helps with problems where there are any. */
function summary(diagnostics: readonly Diagnostic[], files: number, entities: number | undefined): string {
  const { errors, warnings, fixable } = countProblems(diagnostics);
  const what = entities === undefined ? '' : `${count(entities, 'entity', 'entities')} in `;
  const counts = `${what}${count(files, 'file')}, ${count(errors, 'error')}, ${count(warnings, 'warning')}`;
  if (diagnostics.length === 0) return counts;
  const fix = fixable === 0 ? '' : `--fix can mend ${fixable}; `;
  return `${counts}. ${fix}charter help CODE tells more.`;
}
