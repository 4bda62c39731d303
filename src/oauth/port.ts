// Owns the ports of this folder: what issued tokens and keys are kept in, and what signs. rank 3 implements them.
// Verbs are atomic and asynchronous; an answer means that it is durable.

import type { JWK } from 'jose';
import type { ApplicationAddress, UserAddress } from '../model/address.ts';
import type { SigningAlgorithm } from '../model/entity.ts';
import type { IssuedStore } from './issued-port.ts';

/** What is known of an issued access token, whatever its format. Times in seconds since the epoch, as in the token. */
export interface AccessTokenRecord {
  /** `jti` of a JWT; of an opaque token a random identifier that is not the token. */
  readonly id: string;
  readonly client: ApplicationAddress;
  readonly client_id: string;
  readonly user: UserAddress | undefined;
  readonly subject: string;
  readonly audiences: readonly string[];
  readonly scopes: readonly string[];
  /** The generation of the snapshot that issued it. */
  readonly generation: number;
  readonly issued_at: number;
  readonly expires_at: number;
  /** The id of the Grant that it came from, without which it is dead; undefined for a token of client_credentials alone. */
  readonly grant?: string | undefined;
}

/** The hash of a token (SHA-256 of its text, hex) with what is known of it. */
export interface Kept<Record> {
  readonly hash: string;
  readonly record: Record;
}

/**
 * What a user let a client do, or a client that acts as itself may do again: all tokens that come from it hang on it and end
 * with it. Times in seconds since the epoch.
 */
export interface Grant {
  /** Random; no token. JWTs name it in the private claim `grant`. */
  readonly id: string;
  readonly client: ApplicationAddress;
  readonly client_id: string;
  /** Undefined of client_credentials. */
  readonly user: UserAddress | undefined;
  readonly subject: string;
  /** By which it began: never refresh_token. */
  readonly grant_type: string;
  /** The name of the method by which the user logged in, or that served the grant. */
  readonly method: string;
  /** As they were granted. What is left of them is decided at each use. */
  readonly audiences: readonly string[];
  readonly scopes: readonly string[];
  /** When the user logged in; when it was issued, where nobody did. */
  readonly auth_time: number;
  /** The authentication context class that was asked for and reached. */
  readonly acr: string | undefined;
  /** The `sid` of the session in which it began; undefined where there was none. */
  readonly session: string | undefined;
  /** Whether it goes on after that session (offline_access). */
  readonly offline: boolean;
  /** The address of the user agent by which the user let the client act, where the client binds its tokens to it. */
  readonly bound_ip?: string | undefined;
  readonly generation: number;
  readonly issued_at: number;
  /** From then on nothing of it can be alive. */
  readonly expires_at: number;
}

/** What a code stands for (RFC 6749 4.1.2). Times in seconds since the epoch. */
export interface AuthorizationCode {
  readonly client: ApplicationAddress;
  readonly client_id: string;
  readonly user: UserAddress;
  /** As the request named it; undefined where it named none (RFC 6749 4.1.3). */
  readonly redirect_uri: string | undefined;
  readonly code_challenge: { readonly method: 'S256' | 'plain'; readonly value: string } | undefined;
  /** As they were granted: asked for, allowed, consented to. */
  readonly audiences: readonly string[];
  readonly scopes: readonly string[];
  /** The scope parameter of the request, to tell whether the answer has to name what was granted (RFC 6749 5.1). */
  readonly requested_scope: string | undefined;
  readonly nonce: string | undefined;
  readonly method: string;
  readonly auth_time: number;
  readonly acr: string | undefined;
  readonly session: string;
  readonly offline: boolean;
  /** As of its Grant. */
  readonly bound_ip?: string | undefined;
  readonly generation: number;
  readonly issued_at: number;
  readonly expires_at: number;
}

/** A code as it was issued. One that was redeemed is remembered beyond its lifetime, so that a replay is known for one. */
export type FoundCode = AuthorizationCode & { readonly redeemed?: true };

/** Times in seconds since the epoch. */
export interface RefreshToken {
  /** The id of its Grant: all refresh tokens of one Grant are a family. */
  readonly grant: string;
  readonly issued_at: number;
  /** When it ends unused, as it was when it was issued. */
  readonly expires_at: number;
}

/** What is written when tokens of a Grant are issued. */
export interface IssuedRows {
  /** Where it is new. */
  readonly grant?: Grant;
  /** An opaque access token; a JWT is not kept. */
  readonly accessToken?: Kept<AccessTokenRecord> | undefined;
  readonly refreshToken?: Kept<RefreshToken> | undefined;
}

/** A user's stay at this server. Times in seconds since the epoch. */
export interface Session {
  /** `sid` (OpenID Connect Back-Channel Logout 2.1): the same for as long as the user stays. No secret. */
  readonly sid: string;
  readonly user: UserAddress;
  readonly method: string;
  /** Of the newest login. */
  readonly auth_time: number;
  readonly generation: number;
  readonly last_used: number;
  readonly expires_at: number;
}

/** What a user allowed a client, to be remembered. */
export interface Consent {
  readonly user: UserAddress;
  readonly client: ApplicationAddress;
  readonly scopes: readonly string[];
  readonly generation: number;
  /** Seconds since the epoch. */
  readonly granted_at: number;
}

/** A refresh token with its Grant. `rotated_at`, milliseconds since the epoch, is when a successor took its place. */
export interface FoundRefreshToken {
  readonly record: RefreshToken;
  readonly grant: Grant;
  readonly rotated_at: number | undefined;
}

/** What became of a refresh token that was presented. */
export type Rotation =
  /** Its successor is kept and it is the family's newest. */
  | { readonly kind: 'rotated' }
  /** It was rotated a moment ago, within its grace: `sealed` is what was kept with its successor. Only an access token was kept. */
  | { readonly kind: 'repeated'; readonly sealed: string }
  /** It was rotated before: its Grant and all that came from it have been ended by this call. */
  | { readonly kind: 'reused' }
  | { readonly kind: 'unknown' };

export interface GrantStore extends IssuedStore {
  /** Keeps an opaque token by the SHA-256 of its text (hex). */
  insertAccessToken(hash: string, record: AccessTokenRecord): Promise<void>;

  /** Keeps a code by the SHA-256 of its text (hex). */
  insertCode(code: Kept<AuthorizationCode>): Promise<void>;
  /** Undefined when unknown or ended with its owner. Redeemed and expired ones are answered too. */
  findCode(hash: string): Promise<FoundCode | undefined>;
  /**
   * Uses the code, once, and keeps what was issued for it: nothing of it where the answer is another than `redeemed`. One
   * that was used before has its Grant ended, with all that came from it (RFC 6749 4.1.2): callers check first that
   * who presents it may. Codes are remembered for as long as their Grant.
   */
  redeemCode(hash: string, rows: IssuedRows & { readonly grant: Grant }): Promise<'redeemed' | 'replayed' | 'unknown'>;

  /** Keeps a Grant that began without a code, with its tokens. A client of a session is one of its clients from then on. */
  insertGrant(rows: IssuedRows & { readonly grant: Grant }): Promise<void>;
  /** Undefined when unknown, revoked, or ended with its owner. May return expired ones. */
  findGrant(id: string): Promise<Grant | undefined>;
  /** Ends a Grant and all that came from it (SEMANTICS N-61). Unknown ones are no error. */
  endGrant(id: string): Promise<void>;

  /** Undefined when unknown or ended. */
  findRefreshToken(hash: string): Promise<FoundRefreshToken | undefined>;
  /**
   * Puts a successor in the place of a refresh token, once. `now` in milliseconds since the epoch, `grace` in milliseconds:
   * the same token again within the grace is no reuse. `sealed` is kept for that time and means nothing to the store.
   */
  rotateRefreshToken(
    hash: string,
    successor: Kept<RefreshToken> & { readonly sealed: string },
    accessToken: Kept<AccessTokenRecord> | undefined,
    at: { readonly now: number; readonly grace: number },
  ): Promise<Rotation>;

  /** Keeps a session by the SHA-256 of its cookie (hex). `replaces`: the hash under which the same browser was known before. */
  insertSession(session: Kept<Session>, replaces?: string): Promise<void>;
  findSession(hash: string): Promise<Session | undefined>;
  findSessionBySid(sid: string): Promise<Session | undefined>;
  /** `last_used` in seconds since the epoch. */
  touchSession(hash: string, last_used: number): Promise<void>;
  /**
   * Ends a session, the Grants that began in it without offline_access, and all that came from those. Answers the clients that
   * were given a Grant in it; none where the session is not there.
   */
  endSession(sid: string): Promise<readonly ApplicationAddress[]>;

  findConsent(user: UserAddress, client: ApplicationAddress): Promise<Consent | undefined>;
  /** In the place of an earlier one of the same user and client. */
  keepConsent(consent: Consent): Promise<void>;
  /** Forgets it, and ends every Grant that the user gave the client. */
  withdrawConsent(user: UserAddress, client: ApplicationAddress): Promise<void>;

  /** Remembers a client assertion until it has expired (seconds). False: it was used before (RFC 7523 3). */
  useAssertion(client: ApplicationAddress, jti: string, expires_at: number): Promise<boolean>;

  /** Undefined when unknown, revoked, or ended with its owner. May return expired ones. */
  findAccessToken(hash: string): Promise<AccessTokenRecord | undefined>;
  /** Deletes an opaque token (SEMANTICS N-04: revoked is deleted). Unknown ones are no error. */
  deleteAccessToken(hash: string): Promise<void>;
  /** Remembers a revoked JWT until it has expired. Doing it again is no error. */
  revokeJwt(jti: string, expires_at: number): Promise<void>;
  isJwtRevoked(jti: string): Promise<boolean>;
  /**
   * Remembers when clients, and users that they acted as, were last given a token: milliseconds since the epoch. Written
   * now and then, never for each token: what a crash loses is minutes of it. Unknown addresses are no error.
   */
  recordUse(uses: ReadonlyMap<ApplicationAddress | UserAddress, number>): Promise<void>;
  /**
   * Deletes at most `limit` rows whose `expires_at` is before `now` (seconds, as it is); answers how many. Revocations and used
   * assertions stay a day longer: a clock that went ahead and comes back revives nothing.
   */
  removeExpired(now: number, limit: number): Promise<number>;
}

/** A signing key with its private half. */
export interface SigningKey {
  readonly kid: string;
  readonly alg: SigningAlgorithm;
  /** A private JWK. Never leaves the process but into the store. */
  readonly jwk: JWK;
  /** Milliseconds since the epoch. */
  readonly created_at: number;
  /** Milliseconds since the epoch from which on it signs, until a newer one of its algorithm does. It is published before. */
  readonly active_from: number;
  /** Seconds: the longest life of a token that it may have signed. It is published for so long after it signed last. */
  readonly longest_ttl: number;
}

export interface KeyStore {
  signingKeys(): Promise<readonly SigningKey[]>;
  /** Adds the keys whose algorithm has none yet, in one transaction, and answers all keys: two starts at once agree. */
  ensureSigningKeys(candidates: readonly SigningKey[]): Promise<readonly SigningKey[]>;
  insertSigningKeys(keys: readonly SigningKey[]): Promise<void>;
  /** Raises `longest_ttl` (seconds) of every key to this; never lowers one. */
  extendSigningKeys(longest_ttl: number): Promise<void>;
  /** Deletes these but never the last of an algorithm; answers which were deleted. Unknown ones are no error. */
  deleteSigningKeys(kids: readonly string[]): Promise<readonly string[]>;
}

/** The keys of clients that sign assertions (RFC 7523): in the spec, or published at their jwks_uri. */
export interface ClientKeys {
  /**
   * The keys that a jwks_uri publishes, from a cache; `missing` names a kid that the cached ones lack, and asks for newer ones,
   * at most so often. Throws Failure `client_keys_unavailable` when they cannot be had.
   */
  fetch(jwks_uri: string, missing?: string): Promise<readonly JWK[]>;
}

/** Counts failures of whoever guesses secrets and passwords. Keys are texts of who guesses and what; never a secret. */
export interface Throttle {
  /** Seconds to wait before anything with one of these keys is tried again; undefined when it may be tried now. */
  waitFor(keys: readonly string[]): number | undefined;
  failed(keys: readonly string[]): void;
  /** Takes one failure back: it was counted before it was known for one. */
  withdrawn(keys: readonly string[]): void;
  succeeded(keys: readonly string[]): void;
}

/** Tells clients that a session has ended (OpenID Connect Back-Channel Logout 2.5). */
export interface LogoutNotices {
  /**
   * Sends each logout token to its URI. Resolves when all were taken, or after a moment in which the user is not kept
   * waiting any longer: what is left is tried again later, a few times. Never throws.
   */
  send(notices: readonly { readonly client_id: string; readonly uri: string; readonly token: string }[]): Promise<void>;
}

/** Signs with a key of the snapshot. The only non-deterministic step of a token. */
export interface Signer {
  /** The JWS signature (RFC 7515) over the ASCII signing input, in JOSE form (r‖s for ES256). */
  sign(key: SigningKey, input: string): Uint8Array | Promise<Uint8Array>;
}
