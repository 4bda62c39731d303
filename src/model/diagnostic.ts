// Owns the value that tells a YAML author what is wrong. Never renders it: spec/frame.ts and the commands do.

import type { Address } from './address.ts';
import { compareText } from './address.ts';
import type { SourceRange } from './origin.ts';

export type Severity = 'error' | 'warning';

export interface RelatedPlace {
  readonly message: string;
  readonly range: SourceRange;
}

/** An edit that mends the problem: `range` is replaced by `text`. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly { readonly range: SourceRange; readonly text: string }[];
}

export interface Diagnostic {
  readonly severity: Severity;
  /** Stable: a row of docs/diagnostics.md. */
  readonly code: string;
  /** Fixed text of the code, without names of the author's. */
  readonly summary: string;
  /** What is wrong here, with names; one line, shown under the carets. */
  readonly detail: string;
  /** How to mend it, a sentence or more, commands on lines of their own. */
  readonly help?: string;
  readonly address?: Address;
  /** Absent only when no file can be blamed (an empty directory). */
  readonly range?: SourceRange;
  readonly related?: readonly RelatedPlace[];
  readonly fixes?: readonly Fix[];
}

/** A value with what was noticed on the way, or only what was noticed. `ok` is false exactly when there is an error. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T; readonly diagnostics: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/**
 * Sorted by file and position, severities mixed; those without a file come first. What is told at one place is in the order
 * of what it says, so that no order in which things were found is left.
 */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...diagnostics].sort(
    (a, b) =>
      compareText(a.range?.file ?? '', b.range?.file ?? '') ||
      (a.range?.start.offset ?? -1) - (b.range?.start.offset ?? -1) ||
      compareText(a.code, b.code) ||
      compareText(a.detail, b.detail) ||
      compareText(a.address ?? '', b.address ?? ''),
  );
}
