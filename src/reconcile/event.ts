// Owns what the loop tells: each event is something that happened once. Never renders one.

import type { Address } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Origins } from '../model/origin.ts';
import type { SigningKey } from '../oauth/port.ts';
import type { Snapshot } from '../oauth/snapshot.ts';
import type { Drift, Plan, Risk } from '../plan/plan.ts';
import type { Revision } from '../plan/port.ts';
import type { SourceFile } from '../spec/source.ts';
import type { Refusal } from './refusal.ts';

/** `at` is milliseconds since the epoch. */
export type ReconcileEvent =
  /** A generation is served from now on. The plan is empty when it was applied before, or only a secret changed. */
  | {
      readonly kind: 'published';
      readonly at: number;
      readonly snapshot: Snapshot;
      readonly plan: Plan;
      readonly beforeOrigins: Origins;
      readonly afterOrigins: Origins;
      /** Applications whose value of the secret changed while this process ran. */
      readonly changedSecrets: readonly Address[];
      /** Warnings that the pass before did not have. */
      readonly newWarnings: readonly Diagnostic[];
      readonly files: readonly SourceFile[];
      /** Whether the pass before was refused. */
      readonly recovered: boolean;
    }
  /** The pass changed nothing. Told once for the same refusal. `serving` is what goes on being served. */
  | { readonly kind: 'refused'; readonly at: number; readonly refusal: Refusal; readonly serving: number | undefined }
  /** What another process applied to the store is served from now on, as the spec cannot be or must not be. */
  | { readonly kind: 'followed'; readonly at: number; readonly snapshot: Snapshot }
  /** The spec, compiled since the start, says what was served until then. */
  | { readonly kind: 'confirmed'; readonly at: number; readonly snapshot: Snapshot }
  /** The spec says again what is served. */
  | { readonly kind: 'recovered'; readonly at: number; readonly snapshot: Snapshot }
  /** Stored verifiers were replaced because the value differs from the one before this process began. */
  | { readonly kind: 'secrets-recorded'; readonly at: number; readonly revision: Revision }
  /** What something else had written to the store was put back with that generation. */
  | { readonly kind: 'mended'; readonly at: number; readonly drift: Drift; readonly generation: number }
  /** The store has other signing keys than before: those are published, sign and verify from now on. */
  | {
      readonly kind: 'keys';
      readonly at: number;
      readonly added: readonly KeyFacts[];
      readonly removed: readonly KeyFacts[];
    }
  /** Something that an operator may want to know and that changes nothing. */
  | { readonly kind: 'note'; readonly at: number; readonly message: string };

/** What may be told of a signing key. */
export type KeyFacts = Pick<SigningKey, 'kid' | 'alg' | 'active_from'>;

/** What an operator's approval led to. */
export type ApproveAnswer =
  /** It was the last that was wanting. */
  | { readonly outcome: 'applied'; readonly generation: number }
  /** It counts; these risks are still open. */
  | { readonly outcome: 'held'; readonly open: readonly Risk[] }
  /** It counts, and something else stops the plan. */
  | { readonly outcome: 'refused'; readonly refusal: Refusal }
  | { readonly outcome: 'nothing-held' }
  | { readonly outcome: 'no-such-risk'; readonly open: readonly Risk[] };

/** How the last pass that did anything ended. */
export interface LastPass {
  readonly at: number;
  readonly outcome: 'published' | 'refused';
  readonly errors: number;
  readonly warnings: number;
  /** Of a refused pass: why. */
  readonly refusal?: Refusal;
}

export interface ReconcileStatus {
  /** Undefined before anything is served. */
  readonly serving: Snapshot | undefined;
  /** Since when this generation is served. */
  readonly servingSince: number | undefined;
  /** The spec on disk is not what is served. */
  readonly degraded: boolean;
  readonly lastPass: LastPass | undefined;
  /** How many files of the spec, and of secrets, are watched. */
  readonly files: number;
  readonly secretFiles: number;
  /** Whether changes come as events, or are only found by polling. */
  readonly watching: 'events' | 'polling' | 'not yet';
}
