// Owns the ports of this folder: what issued tokens and keys are kept in, and what signs. rank 3 implements them.
// Verbs are atomic and asynchronous; an answer means that it is durable.

import type { JWK } from 'jose';
import type { ApplicationAddress, UserAddress } from '../model/address.ts';
import type { SigningAlgorithm } from '../model/entity.ts';

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
}

export interface GrantStore {
  /** Keeps an opaque token by the SHA-256 of its text (hex). */
  insertAccessToken(hash: string, record: AccessTokenRecord): Promise<void>;
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
  /** Deletes at most `limit` rows whose `expires_at` is before `now` (seconds, as it is); answers how many. */
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
}

export interface KeyStore {
  signingKeys(): Promise<readonly SigningKey[]>;
  /** Adds the keys whose algorithm has none yet, in one transaction, and answers all keys: two starts at once agree. */
  ensureSigningKeys(candidates: readonly SigningKey[]): Promise<readonly SigningKey[]>;
}

/** Signs with a key of the snapshot. The only non-deterministic step of a token. */
export interface Signer {
  /** The JWS signature (RFC 7515) over the ASCII signing input, in JOSE form (r‖s for ES256). */
  sign(key: SigningKey, input: string): Promise<Uint8Array>;
}
