// Owns the port through which what was issued is seen and taken back (SEMANTICS N-63). rank 3 implements it; verbs are atomic
// and asynchronous, and an answer means that it is durable.

import type { ApplicationAddress, UserAddress } from '../model/address.ts';
import type { Grant, RefreshToken } from './port.ts';

/** Whose: a user's, a client's, or what is between both. */
export interface Owners {
  readonly user?: UserAddress | undefined;
  readonly client?: ApplicationAddress | undefined;
}

/** A Grant with what the store knows of its tokens, or an opaque access token that hangs on none. JWTs are in no table. */
export interface Issued {
  readonly record: Pick<
    Grant,
    | 'id'
    | 'client'
    | 'client_id'
    | 'user'
    | 'subject'
    | 'audiences'
    | 'scopes'
    | 'generation'
    | 'issued_at'
    | 'expires_at'
  >;
  /** Undefined of a token that hangs on none. */
  readonly grant: Grant | undefined;
  /** The one that can be used next, by what it was issued with. */
  readonly refreshToken: RefreshToken | undefined;
  /** Seconds since the epoch: when the last of its opaque access tokens ends; undefined where none is kept. */
  readonly accessUntil: number | undefined;
  /** Seconds since the epoch: when a token that is known of was issued last. */
  readonly lastIssued: number;
}

/** Where a page begins: after this row of the page before. */
export type After = Pick<Grant, 'id' | 'issued_at'>;

/** How much of each was ended. What hangs on a Grant ends with it and is not counted. */
export interface Ended {
  readonly sessions: number;
  /** That were not redeemed. */
  readonly codes: number;
  readonly consents: number;
  readonly grants: number;
  /** Opaque ones that hung on no Grant. */
  readonly accessTokens: number;
  /** The sessions, with the clients that were used in each, sorted. */
  readonly stays: readonly Stay[];
}

/** A session that has ended. */
export interface Stay {
  readonly sid: string;
  readonly user: UserAddress;
  readonly clients: readonly ApplicationAddress[];
}

export interface IssuedStore {
  /**
   * At most `limit` of what has not expired at `now` (seconds since the epoch), the newest first; of everybody where no owner
   * is named.
   */
  issuedTo(
    owners: Owners,
    page: { readonly now: number; readonly limit: number; readonly after?: After | undefined },
  ): Promise<readonly Issued[]>;

  /** By the id of a Grant, or of an opaque access token that hangs on none. Undefined when unknown. May return expired ones. */
  findIssued(id: string): Promise<Issued | undefined>;

  /**
   * Ends what there is of the owners: codes that are still to be redeemed, remembered consents, Grants with all that came from
   * them, opaque access tokens; where the user alone is named the sessions too, before all else. At most `limit` of each: it
   * has all ended when nothing is counted any more. Refuses to end what is of everybody.
   */
  endIssued(owners: Owners, limit: number): Promise<Ended>;

  /** Ends Grants, and opaque access tokens that hang on none, by their ids. Answers those that were there. */
  endIssuedById(ids: readonly string[]): Promise<readonly string[]>;
}
