// Owns what crosses the border between the main thread and the thread that talks to SQLite: verbs, requests, answers.
// Plain data only (it is cloned). Never knows SQL.

import type { Address } from '../model/address.ts';
import { Failure, type FailureCode } from '../model/failure.ts';
import type { AppliedMove } from '../model/move.ts';
import type { PackedTexts } from '../model/packed-texts.ts';
import type { StoredVerifier } from '../model/verifier.ts';
import type { AccessTokenRecord, GrantStore, KeyStore, SigningKey } from '../oauth/port.ts';
import type { Change, StoreBase } from '../plan/plan.ts';
import type { Revision, RevisionSummary, Undone, Usage } from '../plan/port.ts';
import type { RevisionMark } from './sql.ts';

/** Rows of one page: parsing that many costs the main thread a few milliseconds at most. */
export const PAGE_ROWS = 256;

/**
 * Changes of a plan, in its order: the thread writes most of a large one without reading it. Each as its JSON with a comma after it,
 * so that one after the other they are what stands in the plan's array.
 */
export interface StagedChanges {
  readonly actions: readonly Change['action'][];
  readonly addresses: readonly Address[];
  readonly texts: PackedTexts;
  /** Of what is created: with which byte of its text the canonical JSON of the entity begins, which is the last member there. */
  readonly bodiesAt: Uint32Array;
}

/** Each as model/origin-text.ts writes it. */
export interface StagedOrigins {
  readonly addresses: readonly Address[];
  readonly texts: PackedTexts;
}

/** A part of an apply, sent ahead of it, so that neither thread clones a large plan at one go. */
export interface StagedPart {
  readonly changes: StagedChanges | undefined;
  /** JSON of what something else changed since the plan's base was recorded. */
  readonly drift: readonly string[];
  readonly origins: StagedOrigins | undefined;
  readonly verifiers: readonly StoredVerifier[];
}

export interface ApplyHead {
  readonly base: StoreBase;
  readonly resultDigest: string;
  /** Whether the plan knows that something else wrote to the store. */
  readonly hasDrift: boolean;
  /** The issuer that the plan writes, when it writes the server entity. */
  readonly issuer: string | undefined;
  readonly appliedAt: number;
  readonly commit: string | undefined;
  readonly author: string | undefined;
  readonly summary: RevisionSummary;
  readonly approvals: readonly string[];
  readonly standing: readonly string[] | undefined;
  readonly rollbackTo: number | undefined;
  readonly sequel: 'first' | 'next' | undefined;
}

/** What is read page by page: a table, or the changes of a generation. */
export type PagesOf = 'entity' | 'verifier' | { readonly changesOf: number };

export interface OpenedPages {
  readonly cursor: number;
  /** The newest of the snapshot that the pages are of; of changes the revision that they are of. */
  readonly revision: RevisionMark | undefined;
  /** Of entities: all that were ever applied by then, the oldest first. */
  readonly moves: readonly AppliedMove[];
}

export interface Page {
  readonly rows: readonly unknown[];
  /** Of entities: for each row its origin (model/origin-text.ts), an empty text where it has none. */
  readonly origins: PackedTexts | undefined;
  readonly isLast: boolean;
  /** On the last page of entities, where they are not as their revision recorded them: the digest that they have. */
  readonly drifted: string | undefined;
}

/** Verbs of a port as the thread runs them: what they promise they answer. */
type AtOnce<Port, Verb extends keyof Port> = {
  [Name in Verb]: Port[Name] extends (...args: infer Args) => Promise<infer Value> ? (...args: Args) => Value : never;
};

/** Answered at once, from what is committed. */
export interface ReadVerbs
  extends AtOnce<
    GrantStore,
    | 'findCode'
    | 'findGrant'
    | 'findRefreshToken'
    | 'findSession'
    | 'findSessionBySid'
    | 'findConsent'
    | 'issuedTo'
    | 'findIssued'
  > {
  openPages(of: PagesOf): OpenedPages;
  nextPage(cursor: number): Page;
  closePages(cursor: number): void;
  revisions(limit: number): readonly Revision[];
  usage(addresses: readonly Address[], now: number): readonly (readonly [Address, Usage])[];
  undone(): readonly Undone[];
  resumed(): readonly number[];
  findAccessToken(hash: string): AccessTokenRecord | undefined;
  isJwtRevoked(jti: string): boolean;
  signingKeys(): readonly SigningKey[];
  /** Takes in a part of the apply of that number, after the parts before it. */
  stage(staging: number, part: StagedPart): void;
  /** Drops the parts: the apply came to its end, whichever. */
  unstage(staging: number): void;
}

/** Those that wait share one transaction, and one that fails is undone alone: what they do is in the database and nowhere else. What one decides by is read inside it. */
export interface GroupedVerbs
  extends AtOnce<
      GrantStore,
      | 'insertCode'
      | 'redeemCode'
      | 'insertGrant'
      | 'endGrant'
      | 'rotateRefreshToken'
      | 'insertSession'
      | 'touchSession'
      | 'endSession'
      | 'keepConsent'
      | 'withdrawConsent'
      | 'endIssued'
      | 'endIssuedById'
      | 'useAssertion'
    >,
    AtOnce<KeyStore, 'ensureSigningKeys' | 'insertSigningKeys' | 'extendSigningKeys' | 'deleteSigningKeys'> {
  insertAccessToken(hash: string, record: AccessTokenRecord): void;
  deleteAccessToken(hash: string): void;
  revokeJwt(jti: string, expires_at: number): void;
  /** Milliseconds since the epoch. */
  recordUse(uses: readonly (readonly [Address, number])[]): void;
  resume(): boolean;
  removeExpired(now: number, limit: number): number;
  tryWriting(): void;
}

/** A transaction of its own each. */
export interface LoneVerbs {
  apply(staging: number, head: ApplyHead): Revision;
  replaceVerifiers(verifiers: readonly StoredVerifier[], at: { readonly appliedAt: number }): Revision;
}

export type Verbs = ReadVerbs & GroupedVerbs & LoneVerbs;
export type Verb = keyof Verbs;

export interface Request {
  readonly id: number;
  readonly verb: Verb;
  readonly args: readonly unknown[];
}

/** What a request hands over instead of having it copied: nobody else has it. */
export function handedOver({ verb, args }: Request): readonly ArrayBuffer[] {
  if (verb !== 'stage') return [];
  const [, { changes, origins }] = args as Parameters<ReadVerbs['stage']>;
  return [changes, origins].flatMap((part) => (part === undefined ? [] : [part.texts.bytes.buffer as ArrayBuffer]));
}

/** `close` is the last message: everything before it is answered, then the thread ends. */
export type ToWorker = readonly Request[] | 'close';

export type WireError =
  | { readonly kind: 'failure'; readonly code: FailureCode; readonly message: string }
  /** Not the operator's business: a bug, with the worker's stack for the log. */
  | { readonly kind: 'bug'; readonly message: string; readonly stack: string | undefined };

export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: WireError };

/** The first message tells how opening went, the others answer requests. */
export type FromWorker =
  | { readonly kind: 'opened'; readonly path: string }
  | { readonly kind: 'refused'; readonly error: WireError }
  | { readonly kind: 'answers'; readonly answers: readonly Answer[] };

export interface WorkerInput {
  readonly path: string;
  readonly readOnly: boolean;
  readonly mustExist: boolean;
}

export function toWire(error: unknown): WireError {
  if (error instanceof Failure) return { kind: 'failure', code: error.code, message: error.message };
  if (error instanceof Error) return { kind: 'bug', message: error.message, stack: error.stack };
  return { kind: 'bug', message: String(error), stack: undefined };
}

export function fromWire(error: WireError): Error {
  if (error.kind === 'failure') return new Failure(error.code, error.message);
  const bug = new Error(error.message);
  if (error.stack !== undefined) bug.stack = error.stack;
  return bug;
}
