// Owns diagnostics as JSON: a public contract, versioned, the same in every command that has --json. Never holds a
// quoted line, and so never a secret that stands in the source.

import type { Diagnostic, Fix } from '../../model/diagnostic.ts';
import type { Position, SourceRange } from '../../model/origin.ts';
import { countProblems, type Findings, type ProblemCount } from './findings.ts';

/** Minor: members were added, ignore what you do not know. Major: read no further. */
const FORMAT_VERSION = '1.0';

export interface DiagnosticJson {
  readonly severity: Diagnostic['severity'];
  readonly code: string;
  readonly summary: string;
  readonly detail: string;
  readonly help?: string;
  readonly address?: string;
  readonly range?: SourceRange;
  readonly related?: readonly { readonly message: string; readonly range: SourceRange }[];
  readonly fixes?: readonly Fix[];
}

/** A fix that was carried out. */
export interface FixedJson {
  readonly code: string;
  readonly title: string;
  readonly range: SourceRange;
}

export interface FindingsJson {
  readonly format_version: string;
  readonly outcome: { readonly exit_code: number };
  /** What the paths below are relative to, as `Findings.located` says it. */
  readonly root: string;
  readonly summary: ProblemCount & { readonly files: number };
  readonly files: readonly string[];
  readonly diagnostics: readonly DiagnosticJson[];
  readonly fixed?: readonly FixedJson[];
  readonly error?: { readonly code: string; readonly message: string };
}

/** Member by member, so that a member that the model gains does not enter the contract by itself. */
export function diagnosticsToJson(diagnostics: readonly Diagnostic[]): readonly DiagnosticJson[] {
  return diagnostics.map(({ severity, code, summary, detail, help, address, range, related, fixes }) => ({
    severity,
    code,
    summary,
    detail,
    ...(help === undefined ? {} : { help }),
    ...(address === undefined ? {} : { address }),
    ...(range === undefined ? {} : { range: rangeToJson(range) }),
    ...(related === undefined
      ? {}
      : { related: related.map((place) => ({ message: place.message, range: rangeToJson(place.range) })) }),
    ...(fixes === undefined
      ? {}
      : {
          fixes: fixes.map(({ title, edits }) => ({
            title,
            edits: edits.map((edit) => ({ range: rangeToJson(edit.range), text: edit.text })),
          })),
        }),
  }));
}

/** Plain data, ready for JSON.stringify; equal findings give equal text. */
export function findingsToJson(findings: Findings, exitCode: number, fixed?: readonly FixedJson[]): FindingsJson {
  const { diagnostics, files, failure } = findings;
  return {
    format_version: FORMAT_VERSION,
    outcome: { exit_code: exitCode },
    root: findings.located(''),
    summary: { files: files.length, ...countProblems(diagnostics) },
    files: files.map(({ path }) => path),
    diagnostics: diagnosticsToJson(diagnostics),
    ...(fixed === undefined
      ? {}
      : { fixed: fixed.map(({ code, title, range }) => ({ code, title, range: rangeToJson(range) })) }),
    ...(failure === undefined ? {} : { error: { code: failure.code, message: failure.message } }),
  };
}

function rangeToJson({ file, start, end }: SourceRange): SourceRange {
  return { file, start: positionToJson(start), end: positionToJson(end) };
}

function positionToJson({ line, column, offset }: Position): Position {
  return { line, column, offset };
}
