// Owns the types of a plan: what changes between two States, in entities and in access. Never computes (diff.ts,
// access-diff.ts do) and never renders (text.ts, json.ts do).

import type { AudienceAnswer, Place } from '../access/decision.ts';
import type { ReasonCode } from '../access/reason.ts';
import type {
  Address,
  ApplicationAddress,
  CustomerAddress,
  GroupAddress,
  ResourceAddress,
  RoleAddress,
  UserAddress,
} from '../model/address.ts';
import type { Approval, RiskKind } from '../model/approval.ts';
import type { Entity } from '../model/entity.ts';
import type { Networks } from '../model/network.ts';
import type { SourceRange } from '../model/origin.ts';
import type { Ending } from './ending.ts';

/** One member of an entity that differs. `before` or `after` is absent when the member is. */
export interface PathChange {
  /** JSON pointer into the entity, at the depth at which a person would say it (`/metadata/scope`, `/allowed_to`). */
  readonly pointer: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** What becomes of one entity. `E` is how the entity is known: of a plan that was read (read-plan.ts), without its secrets. */
export type Change<E = Entity> =
  | { readonly action: 'create'; readonly address: Address; readonly after: E }
  | {
      readonly action: 'update';
      readonly address: Address;
      readonly before: E;
      readonly after: E;
      /** Never empty: what is shown as changed has changed. */
      readonly paths: readonly PathChange[];
      /** Whether tokens from before die: enabled again, or another client_id or sub (DESIGN 5, `since`). */
      readonly renews: boolean;
    }
  | {
      readonly action: 'move';
      /** The new address. */
      readonly address: Address;
      readonly from: Address;
      /** As it was under the old address; links to other moved entities as they were. */
      readonly before: E;
      readonly after: E;
      /** What changed beside the address; links that only follow a move are no change. */
      readonly paths: readonly PathChange[];
      readonly renews: boolean;
    }
  | { readonly action: 'delete'; readonly address: Address; readonly before: E };

/** What a client holds by client_credentials: an audience, by its client_id, or a scope of the catalogue. */
export type Holding =
  | { readonly audience: string; readonly scope?: never }
  | { readonly scope: string; readonly audience?: never };

/** From when until when something is held, in milliseconds since the epoch: undefined where the plan's instant is in it, or no end. */
export interface Span {
  readonly from: number | undefined;
  readonly until: number | undefined;
  /** From where; undefined from anywhere. */
  readonly networks?: readonly Networks[];
}

/** What gives something. Without the values of users that a policy releases: no plan tells them. */
export type HeldAnswer = Omit<Extract<AudienceAnswer, { granted: true }>, 'attributes' | 'attributesUntil'>;

/** Users who let a client act, told together: never the product of users and clients. */
export interface UsersTold {
  /** The first grant of the client that does. */
  readonly grant_type: string;
  /** The group that lets them in; undefined where access rules do without one. */
  readonly through: GroupAddress | undefined;
  /** All of them, by address. Never empty. */
  readonly users: readonly UserAddress[];
}

/**
 * A client gains or loses an audience or a scope, or holds it as another user: then it loses the one and gains the other.
 * With `users` not the client by itself, but users through it: `held`, `other` and `cause` are then those of the first of them.
 */
export type AccessChange = Holding & {
  readonly effect: 'grant' | 'revoke';
  readonly client: ApplicationAddress;
  readonly client_id: string;
  /** Of a grant: today's answer after the change; of a revoke: the answer before it. Its chain is the `via`. Of a scope
   * the answer about an audience of a token with it, with the naming of the scope before its chain. */
  readonly held: HeldAnswer;
  readonly users?: UsersTold;
  /** Milliseconds since the epoch at which `held` begins, where that is later than the plan. It lasts until `held.until`. */
  readonly from?: number;
  /** When and from where the other side holds it, which holds it too: a grant is of a longer time or more addresses, a revoke of less. */
  readonly otherwise?: Span;
  /** Of a revoke: the first link that is missing afterwards; of a grant: that was missing before. Undefined when the
   * client, the audience or the scope itself came or went, and when the other side holds it as another user. */
  readonly other: Extract<AudienceAnswer, { granted: false }> | undefined;
  /** The link whose writing or removal caused it. `ended` says of a revoke that the link is still written: it has ended, or
   * will. `removed` says of a grant that what stood in its way was taken away: `range` is where it was. */
  readonly cause: {
    readonly place: Place;
    readonly range: SourceRange | undefined;
    readonly ended?: true;
    readonly removed?: true;
  };
};

/** What a policy releases of one claim: by an item as it is written, never the value that a user has. */
export interface ReleasedValue {
  /** `text:WORDS`, `user:ATTRIBUTE`, `method:ATTRIBUTE`. */
  readonly value: string;
  /** Where one of these is asked for; whatever is, where there are none. */
  readonly scopes?: readonly string[];
  /** To who is known by one of these methods; by any, where there are none. */
  readonly methods?: readonly string[];
  /** Milliseconds since the epoch at which the membership ends that it rests on. */
  readonly until?: number;
}

/** What an application may be told of users anew, otherwise, or no more. Where `before` and `after` are alike, users' attributes changed. */
export interface ReleasedChange {
  readonly effect: 'add' | 'change' | 'remove';
  readonly application: ApplicationAddress;
  /** The claim. */
  readonly name: string;
  /** The group of the item that tells it, or told it; absent where it is about everybody. */
  readonly through?: GroupAddress;
  /** All of whom it is told, by address. Never empty. */
  readonly users: readonly UserAddress[];
  /** In the order of the policy; empty of what is added. */
  readonly before: readonly ReleasedValue[];
  /** Empty of what is removed. */
  readonly after: readonly ReleasedValue[];
  /** The line that did it, of users that of the first of them. `removed`: `range` is where it was. */
  readonly cause: { readonly place: Place; readonly range: SourceRange | undefined; readonly removed?: true };
}

/** Who gets through to a resource, by a token that a rule of it takes, or no more; with `otherwise` for longer, or from elsewhere, or less. */
export interface UseChange {
  readonly effect: 'grant' | 'revoke';
  readonly resource: ResourceAddress;
  readonly client: ApplicationAddress;
  /** As whom the client acts by itself; absent where as itself. */
  readonly as?: UserAddress;
  /** Who let it act, told together; absent of the client by itself. `through` is the group that a condition or the client asks for. */
  readonly users?: UsersTold;
  /** Milliseconds since the epoch at which what is told ends. */
  readonly until?: number;
  /** From where; absent from anywhere. */
  readonly networks?: readonly Networks[];
  /** When and from where the other side has it. */
  readonly otherwise?: Pick<UseChange, 'until' | 'networks'>;
  /** Why the side without it refuses; absent where the resource, the client or the user is not there. */
  readonly code?: ReasonCode;
  /** `removed`: `range` is where it was. */
  readonly cause: { readonly place: Place; readonly range: SourceRange | undefined; readonly removed?: true };
}

/** Functions that a client may use for some users, or as itself, and could not before, or may no more and could. */
export interface PermissionChange {
  readonly effect: 'grant' | 'revoke';
  readonly client: ApplicationAddress;
  /** Sorted. Never empty. */
  readonly functions: readonly string[];
  /** For it and those below it; absent where for all. */
  readonly customer?: CustomerAddress;
  /** The users for whom, by address and never empty, and the group by which they have it. Absent where the client acts by itself. */
  readonly users?: { readonly through?: GroupAddress; readonly users: readonly UserAddress[] };
  /** Where the client acts by itself: as whom it does; absent where as nobody else. */
  readonly as?: UserAddress;
  /** The role that was given. */
  readonly role: RoleAddress;
  /** Milliseconds since the epoch at which it ends; absent where it does not. */
  readonly until?: number;
  /** When it ends on the other side, which has it for less long; infinite where it does not. Absent where that side has it not. */
  readonly otherwise?: number;
  /** The line that did it, of users that of the first of them. `removed`: `range` is where it was. */
  readonly cause: { readonly place: Place; readonly range: SourceRange | undefined; readonly removed?: true };
}

/** What becomes of users who let a client act, before the plan and after it. */
export type LoginEffect =
  /** They are asked for consent, each time or once, and were not. */
  | 'asked'
  | 'asked_once'
  | 'not_asked'
  /** They are asked on both sides: once from now on, or each time. */
  | 'remembered'
  | 'not_remembered'
  /** What they allowed is not remembered, as the client or they themselves are somebody else by now. */
  | 'forgotten'
  /** The consent page has other descriptions. */
  | 'worded'
  /** Tokens are for the address alone of the user agent by which they let the client act, or for any. */
  | 'bound'
  | 'unbound';

export interface LoginChange {
  readonly effect: LoginEffect;
  readonly client: ApplicationAddress;
  /** The group by which they may use the client after the plan; absent where it is none. */
  readonly through?: GroupAddress;
  /** All of them, by address. Never empty. */
  readonly users: readonly UserAddress[];
  /** The line that did it, of the client or of the first of the users; or the client. `removed`: `range` is where it was. */
  readonly cause: { readonly place: Place; readonly range: SourceRange | undefined; readonly removed?: true };
}

/** What a plan can be applied to: a generation of a store; 0 when nothing was ever applied. */
export interface StoreBase {
  readonly kind: 'store';
  readonly generation: number;
  readonly digest: string;
}

/** What a plan begins with. Only one that begins with a store can be applied. */
export type PlanBase =
  | StoreBase
  /** A tree of Git: `ref` as it was given, and the commit that it named. */
  | { readonly kind: 'ref'; readonly ref: string; readonly commit: string; readonly digest: string }
  /** Another directory. */
  | { readonly kind: 'dir'; readonly path: string; readonly digest: string };

/** What a token says that a request of the spec's tests gets; undefined where it gets none. */
export interface TokenContent {
  readonly claims: { readonly [claim: string]: unknown };
  /** Seconds from being issued to `exp`. */
  readonly lifetime: number;
}

/** The token of one request before and after. Only those that differ are in a plan. */
export interface TokenChange {
  readonly client: ApplicationAddress;
  readonly client_id: string;
  readonly grant_type: string;
  /** Who lets the client act, by a grant of a user. */
  readonly user?: UserAddress | undefined;
  readonly scope: readonly string[] | undefined;
  readonly before: TokenContent | undefined;
  readonly after: TokenContent | undefined;
  /** The reason code of the side without a token. */
  readonly refused: string | undefined;
}

/** How one test of the spec ends on the State after the plan, and how it ends today. */
export interface TestResult {
  readonly name: string;
  readonly range: SourceRange;
  readonly outcome: 'passed' | 'failed';
  /** The same test on the State before; absent where what it asks about is not there. */
  readonly before: 'passed' | 'failed' | 'absent';
  /** Of a failed one: what is otherwise than expected, a sentence each. */
  readonly problems: readonly string[];
}

/** Something that has to be approved before the plan is applied. */
export interface Risk {
  readonly kind: RiskKind;
  readonly subject: string;
  /** Of exactly the changes that make it a risk: what an approval is bound to. */
  readonly digest: string;
  /** What is risked, a sentence. */
  readonly summary: string;
  /** What it is made of, each with the entity that it is about where there is one. */
  readonly items: readonly { readonly address?: Address; readonly text: string }[];
  /** Whether an approval can lift it: the deletion of what is protected has none. */
  readonly approvable: boolean;
  readonly approved: Approval | undefined;
}

/** What a change means for tokens that are in use. */
export interface Impact {
  readonly address: ApplicationAddress | UserAddress;
  /** Whether its tokens end with the change; of others only access is lost. */
  readonly ends: boolean;
  /** Whether what it was granted is refreshed no more, while it is still there. */
  readonly stopsRefresh: boolean;
  /** Stored tokens that are alive, of or for it; undefined where there is no store to count them. */
  readonly liveTokens: number | undefined;
  /** What of it may be refreshed, whose that is (of a client), and who is logged in (of a user); undefined in the same way. */
  readonly families: number | undefined;
  readonly users: number | undefined;
  readonly sessions: number | undefined;
  /** Milliseconds since the epoch of the last token that was issued; undefined when that is not known. */
  readonly lastUsed: number | undefined;
  /** How many seconds JWTs that were issued already stay valid to who checks them offline; undefined when there are none. */
  readonly offlineSeconds: number | undefined;
}

/** The entities of the store are not those that its newest generation recorded: something else wrote to it. */
export interface Drift<E = Entity> {
  /** The digest that was recorded, and what the entities have now. */
  readonly recorded: string;
  readonly found: string;
  /** From what was recorded to what was found. */
  readonly changes: readonly Change<E>[];
}

export interface Plan<E = Entity> {
  readonly base: PlanBase;
  /** In a total order: see `compareChanges`. */
  readonly changes: readonly Change<E>[];
  readonly access: readonly AccessChange[];
  /** In a total order: see `compareReleased`. */
  readonly released: readonly ReleasedChange[];
  /** In a total order: see permitted.ts. */
  readonly permissions: readonly PermissionChange[];
  /** In a total order: see `compareUses`. Absent where nothing changes. */
  readonly uses?: readonly UseChange[];
  /** By client, effect and group. Absent where nothing changes. */
  readonly logins?: readonly LoginChange[];
  readonly tokens: readonly TokenChange[];
  readonly tests: readonly TestResult[];
  /** In the order of their kinds and subjects; with what was approved. */
  readonly risks: readonly Risk[];
  readonly impact: readonly Impact[];
  /** Undefined where there is none, and where the base is no store. */
  readonly drift: Drift<E> | undefined;
  /** What of the State after it ends within 7 days, the first to end first. */
  readonly ending: readonly Ending[];
  /** Entities that are in both States and equal. */
  readonly unchanged: number;
  /** Of what was reviewed: the changes of entities, of access, of what is released and of permissions, without the base. */
  readonly digest: string;
  /** The digest of the State after it. */
  readonly resultDigest: string;
}

/** A plan that begins with a store: the only kind that can be applied. */
export type StorePlan = Plan & { readonly base: StoreBase };

/** Whether applying it would write no entity. Changed secrets are found apart: they are in no State. */
export function isEmptyPlan(plan: Plan<unknown>): boolean {
  return plan.changes.length === 0 && plan.drift === undefined;
}
