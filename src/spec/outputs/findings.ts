// Owns the one value from which every output about a spec is rendered. Never renders one and never writes a file.

import type { Diagnostic } from '../../model/diagnostic.ts';
import type { SourceFile } from '../source.ts';

/** What a check of a spec found. Secrets are hidden in the diagnostics already; `files` still hold them. */
export interface Findings {
  /** Sorted by place. */
  readonly diagnostics: readonly Diagnostic[];
  /** Every file that was read, sorted by path. */
  readonly files: readonly SourceFile[];
  /**
   * The path of a file of the spec as other tools find it: with `/` between its parts, relative to the repository or the
   * working directory where it lies below that, else absolute.
   */
  readonly located: (file: string) => string;
  /** Why the check itself could not be made. */
  readonly failure?: { readonly code: string; readonly message: string };
}

export interface ProblemCount {
  readonly errors: number;
  readonly warnings: number;
  /** How many of them have a machine fix. */
  readonly fixable: number;
}

export function countProblems(diagnostics: readonly Diagnostic[]): ProblemCount {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const fixable = diagnostics.filter(({ fixes }) => fixes !== undefined && fixes.length > 0).length;
  return { errors, warnings: diagnostics.length - errors, fixable };
}

/** What is said about a problem, in full: what is wrong, and how to mend it, on lines of their own. */
export function messageOf({ detail, help }: Diagnostic): string {
  return help === undefined ? detail : `${detail}\n${help}`;
}
