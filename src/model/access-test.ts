// Owns the shape of a test of access as a spec declares it: resolved, with where it is written. Never runs one.

import type { ApplicationAddress } from './address.ts';
import type { SourceRange } from './origin.ts';

/** A token request: what a client asks for. */
export interface TestRequest {
  readonly client: ApplicationAddress;
  readonly grant_type: string;
  /** The requested values in order; undefined when the request has no `scope`. */
  readonly scope: readonly string[] | undefined;
  /** The address the request comes from; undefined skips the check. */
  readonly ip: string | undefined;
}

export type Expectation =
  /**
   * The token has exactly these values; claims that are not named may be anything. `aud` is compared as a set, and so are
   * the values of `scope`, of which an empty text says that there is none.
   */
  | {
      readonly kind: 'token';
      readonly claims: { readonly [claim: string]: unknown };
      /** Seconds from being issued to `exp`; undefined for any. */
      readonly lifetime: number | undefined;
    }
  /** A token with every named scope. */
  | { readonly kind: 'allow' }
  /**
   * None of the named scopes, neither together nor each alone; without a named scope no token. For this reason where one
   * is written, each of them.
   */
  | { readonly kind: 'deny'; readonly reason: string | undefined };

export interface AccessTest {
  /** As written, else what it says in words. */
  readonly name: string;
  readonly request: TestRequest;
  readonly expectation: Expectation;
  readonly range: SourceRange;
}
