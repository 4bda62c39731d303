// Owns the one value from which every output about a spec is rendered. Never renders one and never writes a file.

import type { Diagnostic, Severity } from '../../model/diagnostic.ts';
import type { SourceFile } from '../source.ts';

/** How much a finding weighs; a note is told, and nothing is wrong with it. */
export type Level = Severity | 'note';

export const LEVELS: readonly Level[] = ['error', 'warning', 'note'];

/** What an output tells: a diagnostic, or what a plan has to tell beside those. */
export interface Finding extends Omit<Diagnostic, 'severity'> {
  readonly severity: Level;
  /** What tells it from other findings of its code, wherever it stands; without it the file and the detail do. */
  readonly identity?: string;
}

/** What a code means, for outputs that describe their codes. */
export interface Rule {
  readonly severity: Level;
  readonly summary: string;
  readonly explanation: string;
}

/** What a check of a spec found. Secrets are hidden in the diagnostics already; `files` still hold them. */
export interface Findings<One extends Finding = Diagnostic> {
  /** Those of a spec sorted by place. */
  readonly diagnostics: readonly One[];
  /** The codes that findings may have beside those of diagnostics. */
  readonly rules?: Readonly<Record<string, Rule>>;
  /** Every file that was read, sorted by path. */
  readonly files: readonly SourceFile[];
  /**
   * The path of a file of the spec as other tools find it: with `/` between its parts, relative to the repository or the
   * working directory where it lies below that, else absolute.
   */
  readonly located: (file: string) => string;
  /** What is to be known beside them, a sentence each: it stands nowhere in the files. */
  readonly notes?: readonly string[];
  /** Why the check itself could not be made. */
  readonly failure?: { readonly code: string; readonly message: string };
}

export interface ProblemCount {
  readonly errors: number;
  readonly warnings: number;
  /** How many of them have a machine fix. */
  readonly fixable: number;
}

export function countProblems(diagnostics: readonly Finding[]): ProblemCount {
  const of = (level: Level) => diagnostics.filter(({ severity }) => severity === level).length;
  const fixable = diagnostics.filter(({ fixes }) => fixes !== undefined && fixes.length > 0).length;
  return { errors: of('error'), warnings: of('warning'), fixable };
}

/** The gravest first; those of one level in the order in which they are. */
export function gravestFirst<One extends Finding>(findings: readonly One[]): readonly One[] {
  return [...findings].sort((a, b) => LEVELS.indexOf(a.severity) - LEVELS.indexOf(b.severity));
}

/** What is said about a problem, in full: what is wrong, and how to mend it, on lines of their own. */
export function messageOf({ detail, help }: Finding): string {
  return help === undefined ? detail : `${detail}\n${help}`;
}
