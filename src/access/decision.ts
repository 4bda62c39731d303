// Owns the types of a question about access and of its answer. Never decides.

import type { Address, ApplicationAddress, CustomerAddress, UserAddress } from '../model/address.ts';
import type { Networks } from '../model/network.ts';
import type { ReasonCode, RefusalError } from './reason.ts';

/** What a client asks for at the token endpoint, once it is known who asks. */
export interface Question {
  readonly grant_type: string;
  readonly client: ApplicationAddress;
  /** The requested values in order; undefined when the request has no `scope` (an empty one counts as none). */
  readonly scope: readonly string[] | undefined;
  /** The address the request came from; undefined skips the check (a plan has none). */
  readonly ip?: string | undefined;
  /** Who lets the client act, in grants with a user. */
  readonly user?: UserAddress | undefined;
  /** The name of the method by which the user logged in; undefined asks whether there is one that would do. */
  readonly method?: string | undefined;
  /** The values that the user consented to; undefined where nobody was asked. */
  readonly consented?: readonly string[] | undefined;
}

/** What a policy releases to an application, by claim: a name that may have one value is a string, every other one a list. */
export type Attributes = { readonly [name: string]: string | readonly string[] };

/** Where a link is written, or should be: an entity and a JSON pointer into it. Origins turn it into file:line:col. */
export interface Place {
  readonly address: Address;
  readonly pointer: string;
}

/** One link of a chain: `from` relates to `to`, as written at `at`. */
export interface Step {
  readonly relation:
    | 'has_method'
    | 'impersonates'
    | 'member_of'
    | 'open_to'
    | 'may_ask_for'
    | 'has_value'
    /** A user, a group or a client has a role; a role contains another, and lists a function (its own: `to` is `from`). */
    | 'has_role'
    | 'contains'
    | 'has_function'
    /** A customer has a parent. */
    | 'below'
    /** A client requires the role, or a function of it. */
    | 'requires'
    /** A client gets through to a resource. */
    | 'may_use';
  readonly from: Address;
  readonly to: Address;
  readonly at: Place;
  /** Of has_value in a refusal: one of the values of a name that may have one (U-63), by the item at `at`. */
  readonly value?: { readonly name: string; readonly text: string };
  /** Of has_function, and of requires where a function is required. */
  readonly function?: string;
  /** Of has_role and requires: for which customer; for all, where there is none. */
  readonly customer?: CustomerAddress;
}

/** What a token lets its client do. Without a customer for all of them; with one for those below it too. */
export interface Permission {
  readonly function: string;
  readonly customer?: string;
}

/** One audience that the answer has, or that it lacks. */
export type AudienceAnswer = {
  readonly audience: string;
  readonly application: ApplicationAddress;
  /** Milliseconds since the epoch at which something ends that this answer rests on; undefined when nothing does. */
  readonly until: number | undefined;
} /** Of several chains the one that lasts longest, then the shortest. */ & (
  | {
      readonly granted: true;
      readonly chain: readonly Step[];
      /** Undefined where no policy of the application is applied. */
      readonly attributes: Attributes | undefined;
      /** Milliseconds since the epoch at which one of their values is not released any more; undefined when none ends. */
      readonly attributesUntil?: number | undefined;
      /** Where the question names no address: the caller has to be in one block of each; from anywhere where there is none. */
      readonly networks?: readonly Networks[];
    }
  /**
   * `chain` holds the links that are there; `missing` is where the first one that is not should be written: of one that
   * has ended its own place (`/members/0`, `/expires`), else the list that it would stand in.
   */
  | { readonly granted: false; readonly chain: readonly Step[]; readonly code: ReasonCode; readonly missing: Place }
);

/** A scope of the catalogue that the client can have in a token. */
export interface HeldScope {
  readonly scope: string;
  /** The naming of the scope by the client. */
  readonly asks: Step;
  /** The audience of such a token that lasts longest: without an audience there is no token. */
  readonly by: Extract<AudienceAnswer, { granted: true }>;
}

/** All that a token says but iss, iat, exp and jti, and why. */
export interface Decision {
  readonly allowed: true;
  readonly client: ApplicationAddress;
  readonly client_id: string;
  readonly grant_type: string;
  /** The token's `sub`: the user's, and by client_credentials the client's own identifier, also when it impersonates (PROTOCOL ). */
  readonly subject: string;
  /** The impersonated user, or the one who lets the client act. */
  readonly user: UserAddress | undefined;
  /** The name of the method that served the grant. */
  readonly method: string;
  /** client_ids: the servers in request order, the client itself last. Never empty. */
  readonly audiences: readonly string[];
  readonly scopes: readonly string[];
  /** Private claims: `impersonates` (`Site/Name`), and what the policy of the only audience releases. */
  readonly claims: Attributes;
  /** Sorted by function and customer; undefined where the client has no permission scope. */
  readonly permissions: readonly Permission[] | undefined;
  /** Milliseconds since the epoch at which the first of them ends; undefined when none does. */
  readonly permissionsUntil: number | undefined;
  /** Seconds, never below zero; ends no later than `until`. */
  readonly lifetime: number;
  /** One entry for each audience that was considered, granted or not. */
  readonly reasons: readonly AudienceAnswer[];
  /**
   * Milliseconds since the epoch at which the first link, user or application ends that `audiences`, `claims` or `permissions`
   * rest on; undefined when none does. What is in `reasons` without being granted does not count: nothing is lost with its end.
   */
  readonly until: number | undefined;
}

export interface Refusal {
  readonly allowed: false;
  readonly error: RefusalError;
  readonly code: ReasonCode;
  /** Starts with the code. May hold names of the spec and of the request, unescaped. */
  readonly description: string;
  /** Where the missing link should be written; undefined when no spec can mend it (a wrong request). */
  readonly missing: Place | undefined;
  readonly reasons: readonly AudienceAnswer[];
  /** Milliseconds since the epoch at which the answer may be another: something begins, or ends that it looked at. */
  readonly until: number | undefined;
}
