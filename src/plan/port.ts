// Owns the port through which applied configuration is kept. rank 3 implements it; verbs are atomic, there is no
// begin and no commit. Never knows SQL.

import type { Address } from '../model/address.ts';
import type { Origins, StoredOrigin } from '../model/origin.ts';
import type { State } from '../model/state.ts';
import type { StoredVerifier } from '../model/verifier.ts';
import type { Plan } from './plan.ts';

/** The newest generation as the store holds it. */
export interface StoredConfiguration {
  readonly generation: number;
  readonly digest: string;
  readonly state: State;
  readonly origins: Origins;
  /** For each entity the generation from which on its tokens count (DESIGN 5). */
  readonly since: ReadonlyMap<Address, number>;
}

export interface ApplyRequest {
  readonly plan: Plan;
  /** Where each entity of the new State was written, for all of them: files move without an entity changing. */
  readonly origins: ReadonlyMap<Address, StoredOrigin>;
  /** Verifiers to write or replace in the same transaction. */
  readonly verifiers: readonly StoredVerifier[];
  /** Milliseconds since the epoch. */
  readonly appliedAt: number;
  /** The Git commit of the spec and its author, where known. */
  readonly commit?: string;
  readonly author?: string;
}

/** One applied plan. A revision whose plan is empty records changed secrets alone. */
export interface Revision {
  readonly generation: number;
  readonly digest: string;
  readonly appliedAt: number;
  readonly commit: string | undefined;
  readonly author: string | undefined;
  /** Addresses whose secret changed its value; never the value. */
  readonly secrets: readonly Address[];
}

export interface ConfigStore {
  /** Undefined when nothing was ever applied. Throws Failure `store_unavailable`. */
  read(): Promise<StoredConfiguration | undefined>;

  /**
   * One transaction: recheck that generation and digest are the plan's base, write the changes with their `since`,
   * recompute the digest and require it to be the plan's `resultDigest`, write verifiers, drop those of deleted
   * entities and of secrets that are no longer declared, delete stored tokens whose client or user was deleted
   * or renewed, record the revision. Throws Failure `stale_plan` when the base moved, and then nothing was written.
   * An empty plan with no verifiers only refreshes origins and answers the newest revision.
   */
  apply(request: ApplyRequest): Promise<Revision>;

  verifiers(): Promise<readonly StoredVerifier[]>;

  /**
   * Writes verifiers beside serving, as far as their secrets are still declared. Those that replace another value become
   * a revision of their own, with `secrets`, the same digest and no change; those that are the first of their secret do
   * not. Answers the newest revision.
   */
  replaceVerifiers(verifiers: readonly StoredVerifier[], at: { readonly appliedAt: number }): Promise<Revision>;

  /** Newest first. */
  revisions(limit: number): Promise<readonly Revision[]>;
}
