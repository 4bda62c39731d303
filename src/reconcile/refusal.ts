// Owns why a pass changed nothing, as a value. Never renders it and never decides what follows from it.

import type { Diagnostic } from '../model/diagnostic.ts';
import { Failure } from '../model/failure.ts';
import type { Origins } from '../model/origin.ts';
import type { StorePlan } from '../plan/plan.ts';
import type { Undone } from '../plan/port.ts';
import type { SourceFile } from '../spec/source.ts';

/** A plan that was made and must not be applied, with where what it tells of is written. */
export interface HeldPlan {
  readonly plan: StorePlan;
  readonly beforeOrigins: Origins;
  readonly afterOrigins: Origins;
  /** What is wrong with what the spec says of its plan. */
  readonly warnings: readonly Diagnostic[];
}

export type Refusal =
  /** The spec is invalid: at least one diagnostic is an error. `files` are what the diagnostics point into. */
  | { readonly reason: 'spec'; readonly diagnostics: readonly Diagnostic[]; readonly files: readonly SourceFile[] }
  /** The spec is valid, and a value that it refers to cannot be had. */
  | { readonly reason: 'secrets'; readonly diagnostics: readonly Diagnostic[]; readonly files: readonly SourceFile[] }
  /** A test of the spec fails on what it declares. */
  | { readonly reason: 'tests'; readonly held: HeldPlan }
  /** The plan has risks that nobody approved: it is held. */
  | { readonly reason: 'risks'; readonly held: HeldPlan }
  /** The spec is what was rolled back: it is left alone. */
  | { readonly reason: 'undone'; readonly undone: Undone }
  /** The spec was applied before, and another process applied something else since: that is served. */
  | { readonly reason: 'overtaken'; readonly generation: number }
  /** Something that an operator can act on. */
  | { readonly reason: 'failure'; readonly failure: Failure }
  /** A bug: the spec and the machine may be in order. The last good generation is served all the same. */
  | { readonly reason: 'bug'; readonly error: unknown };

/** What a pass that threw is refused for. */
export function refusalOf(error: unknown): Refusal {
  return error instanceof Failure ? { reason: 'failure', failure: error } : { reason: 'bug', error };
}

/** The diagnostics of a refusal, none when it is not about the spec. */
export function diagnosticsOf(refusal: Refusal): readonly Diagnostic[] {
  return refusal.reason === 'spec' || refusal.reason === 'secrets' ? refusal.diagnostics : [];
}

/** The same text for the same refusal: so that it is told once and not at every poll. */
export function identifyRefusal(refusal: Refusal): string {
  if (refusal.reason === 'failure') return `${refusal.failure.code} ${refusal.failure.message}`;
  if (refusal.reason === 'bug') return String(refusal.error);
  if (refusal.reason === 'undone') return `undone ${refusal.undone.digest}`;
  if (refusal.reason === 'overtaken') return `overtaken ${refusal.generation}`;
  if (refusal.reason === 'tests' || refusal.reason === 'risks') {
    const { base, digest, tests, risks } = refusal.held.plan;
    return JSON.stringify([refusal.reason, base.generation, digest, tests, risks]);
  }
  return JSON.stringify([refusal.reason, refusal.diagnostics.map(({ code, range, detail }) => [code, range, detail])]);
}
