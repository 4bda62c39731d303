// Owns the port through which applied configuration is kept. rank 3 implements it; verbs are atomic, there is no
// begin and no commit. Never knows SQL.

import type { Address } from '../model/address.ts';
import type { AppliedMove } from '../model/move.ts';
import type { Origins } from '../model/origin.ts';
import type { State } from '../model/state.ts';
import type { StoredVerifier } from '../model/verifier.ts';
import type { Change, StorePlan } from './plan.ts';

/** The newest generation as the store holds it. */
export interface StoredConfiguration {
  readonly generation: number;
  readonly digest: string;
  readonly state: State;
  /** The digest of each entity, in address order. */
  readonly digests: ReadonlyMap<Address, string>;
  readonly origins: Origins;
  /**
   * The digest of what the entities are now, where something else wrote to the store: equal to `digest` where it only
   * changed how they are written.
   */
  readonly drifted: string | undefined;
  /** All moves that were ever applied, the oldest first: JWTs go on saying former names. */
  readonly moves: readonly AppliedMove[];
  /** For each entity the generation from which on its tokens count (DESIGN 5). */
  readonly since: ReadonlyMap<Address, number>;
}

export interface ApplyRequest {
  readonly plan: StorePlan;
  /**
   * Where entities of the new State were written, as model/origin-text.ts does, of all that may be stored otherwise: files move without an
   * entity changing.
   */
  readonly origins: Iterable<readonly [Address, string]>;
  /**
   * Of a process that applies one plan after the other. At the `first` every row is checked, not only those that are written;
   * a `next` was planned without reading the store, and is stale where anything else has written to it since. Where no row
   * was checked yet, all are, whatever the plan changes.
   */
  readonly sequel?: 'first' | 'next';
  /** Verifiers to write or replace in the same transaction. */
  readonly verifiers: readonly StoredVerifier[];
  /** Milliseconds since the epoch. */
  readonly appliedAt: number;
  /** The Git commit of the spec and its author, where known. */
  readonly commit?: string;
  readonly author?: string;
  /** Approvals that let the plan pass, as they are written. */
  readonly approvals?: readonly string[];
  /** Those that stand in the spec, used or not; undefined where it is of no spec that is at hand: what stood there stands on. */
  readonly standing?: readonly string[] | undefined;
  /** Of a rollback: the generation whose State this is again. The State before it is left alone from then on. */
  readonly rollbackTo?: number;
}

/** What a revision did, in numbers. */
export interface RevisionSummary {
  readonly add: number;
  readonly change: number;
  readonly move: number;
  readonly delete: number;
  readonly access_added: number;
  readonly access_removed: number;
  /** Claims about users that policies release anew, otherwise, or no more; absent where none is. */
  readonly released_added?: number;
  readonly released_changed?: number;
  readonly released_removed?: number;
  /** What clients may do for whom, by rows of the plan; absent where nothing of it changes. */
  readonly permissions_added?: number;
  readonly permissions_removed?: number;
  /** How many entities it put back that something else than Charter had changed; absent where nothing had. */
  readonly mended?: number;
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
  readonly summary: RevisionSummary;
  /** As they were written. */
  readonly approvals: readonly string[];
  /** As they stood in the spec; undefined where that is not known, and of secrets alone. */
  readonly standing: readonly string[] | undefined;
  /** Of a rollback: the generation whose State it restored. */
  readonly rollbackTo: number | undefined;
}

/** How an entity's tokens are in use. */
export interface Usage {
  /** Stored access tokens of a client, or for a user, that have not expired. */
  readonly liveTokens: number;
  /** Of a client, or of a user: what was granted, has not ended and may be refreshed. */
  readonly families: number;
  /** Of a client: how many users have let it do something that has not ended. 0 of a user. */
  readonly users: number;
  /** Of a user: logins that have not ended. 0 of a client. */
  readonly sessions: number;
  /** Milliseconds since the epoch at which a token was last issued; undefined when none was since that is recorded. */
  readonly lastUsed: number | undefined;
}

/** A State that was rolled back, and is left alone until the spec declares another. */
export interface Undone {
  /** Of the State that was undone. */
  readonly digest: string;
  /** The generation that undid it. */
  readonly generation: number;
}

export interface ConfigStore {
  /** Undefined when nothing was ever applied. Throws Failure `store_unavailable`. */
  read(): Promise<StoredConfiguration | undefined>;

  /**
   * One transaction: recheck that generation and digest are the plan's base, write the changes with their `since`,
   * recompute the digest and require it to be the plan's `resultDigest`, write verifiers, drop those of deleted
   * entities and of secrets that are no longer declared, delete stored tokens, codes, Grants, sessions and consents
   * whose client or user was deleted or renewed, record the revision. What is moved takes its verifiers, its `since`,
   * all that and its usage along. A rollback remembers the digest of the State before it, beside those that earlier ones
   * remembered; an apply of anything else forgets them all. A plan with
   * drift mends the rows that drifted. Throws Failure `stale_plan` when the base moved, with what came since, or when the
   * plan's base is no store, and then nothing was written. An empty plan with no verifiers only refreshes origins and
   * answers the newest revision.
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

  /** The changes of one revision, in the order of its plan; undefined when there is no such generation. */
  changesOf(generation: number): Promise<readonly Change[] | undefined>;

  /** Of applications and users. `now` in milliseconds since the epoch. What has none is not in the answer. */
  usage(addresses: readonly Address[], now: number): Promise<ReadonlyMap<Address, Usage>>;

  /** What was rolled back and is to be left alone, the last first. */
  undone(): Promise<readonly Undone[]>;

  /** Leaves nothing alone any more that was rolled back. Answers whether there was something. */
  resume(): Promise<boolean>;

  /** The generations whose rollback was resumed: what they undid may be done again, until something is applied. */
  resumed(): Promise<readonly number[]>;
}
