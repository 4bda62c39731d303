// Owns the types of a plan: what changes between two States, in entities and in access. Never computes (diff.ts,
// access-diff.ts do) and never renders (text.ts, json.ts do).

import type { AudienceAnswer, Place } from '../access/decision.ts';
import type { Address, ApplicationAddress } from '../model/address.ts';
import type { Entity } from '../model/entity.ts';
import type { SourceRange } from '../model/origin.ts';
import type { Ending } from './ending.ts';

/** One member of an entity that differs. `before` or `after` is absent when the member is. */
export interface PathChange {
  /** JSON pointer into the entity, at the depth at which a person would say it (`/metadata/scope`, `/allowed_to`). */
  readonly pointer: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

export type Change =
  | { readonly action: 'create'; readonly address: Address; readonly after: Entity }
  | {
      readonly action: 'update';
      readonly address: Address;
      readonly before: Entity;
      readonly after: Entity;
      /** Never empty: what is shown as changed has changed. */
      readonly paths: readonly PathChange[];
      /** Whether tokens from before die: enabled again, or another client_id or sub (DESIGN 5, `since`). */
      readonly renews: boolean;
    }
  | { readonly action: 'delete'; readonly address: Address; readonly before: Entity };

/** What a client holds by client_credentials: an audience, by its client_id, or a scope of the catalogue. */
export type Holding =
  | { readonly audience: string; readonly scope?: never }
  | { readonly scope: string; readonly audience?: never };

/** A client gains or loses an audience or a scope, or holds it as another user: then it loses the one and gains the other. */
export type AccessChange = Holding & {
  readonly effect: 'grant' | 'revoke';
  readonly client: ApplicationAddress;
  readonly client_id: string;
  /** Of a grant: today's answer after the change; of a revoke: the answer before it. Its chain is the `via`. Of a scope
   * the answer about an audience of a token with it, with the naming of the scope before its chain. */
  readonly held: Extract<AudienceAnswer, { granted: true }>;
  /** Of a revoke: the first link that is missing afterwards; of a grant: that was missing before. Undefined when the
   * client, the audience or the scope itself came or went, and when the other side holds it as another user. */
  readonly other: Extract<AudienceAnswer, { granted: false }> | undefined;
  /** The link whose writing or removal caused it. `ended` says of a revoke that the link is still written: it has ended. */
  readonly cause: { readonly place: Place; readonly range: SourceRange | undefined; readonly ended?: true };
};

export interface PlanBase {
  readonly kind: 'store';
  /** 0 when nothing was ever applied. */
  readonly generation: number;
  readonly digest: string;
}

export interface Plan {
  readonly base: PlanBase;
  /** In a total order: see `compareChanges`. */
  readonly changes: readonly Change[];
  readonly access: readonly AccessChange[];
  /** What of the State after it ends within 7 days, the first to end first. */
  readonly ending: readonly Ending[];
  /** Entities that are in both States and equal. */
  readonly unchanged: number;
  /** The digest of the State after it. */
  readonly resultDigest: string;
}

/** Whether applying it would write an entity. Changed secrets are found apart: they are in no State. */
export function isEmptyPlan(plan: Plan): boolean {
  return plan.changes.length === 0;
}
