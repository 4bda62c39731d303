// Owns the border between HTTP and the protocol: what an endpoint is given and what it answers. Never knows Fastify,
// sockets or the clock. One endpoint is one file: token.ts, introspection.ts, revocation.ts, userinfo.ts.

import type { ApplicationAddress, UserAddress } from '../model/address.ts';
import type { Profile } from '../model/entity.ts';
import type { CertificateChecker, PresentedCertificate } from './certificate.ts';
import type { Page } from './page.ts';
import type { ClientKeys, GrantStore, LogoutNotices, Signer, Throttle } from './port.ts';
import type { SecretChecker } from './secret.ts';
import type { Snapshot } from './snapshot.ts';

/**
 * The path family a request came in by (DESIGN 5). Those of profiles answer in the shapes of the systems that they replace;
 * `base` answers in the standards' own.
 */
export type Family = 'base' | Profile;

export interface EndpointRequest {
  readonly family: Family;
  /** The decoded form body, every pair in order, repeats kept. Of a GET: empty, but at authorization its query. */
  readonly form: readonly (readonly [name: string, value: string])[];
  /** Every Authorization header of the request, in order (a well-made request has one at most). */
  readonly authorization: readonly string[];
  /** The caller's address, after trusted proxies. */
  readonly ip: string;
  /** For whom the caller says that it calls: what stands before its own address in X-Forwarded-For (access/token-address.ts). */
  readonly forwarded?: string | undefined;
  readonly method: 'GET' | 'POST';
  /** Of which key the client's connection proved to be; undefined of none. */
  readonly certificate?: PresentedCertificate | undefined;
  /** Of the endpoints that people see; http names and protects them. */
  readonly cookies?: Cookies;
  /** Of the same: the host at which the browser is, with its port where that is not the usual one. */
  readonly host?: string;
  /** The Origin header; undefined where there is none. */
  readonly origin?: string | undefined;
}

/** What this server remembers in a browser. */
export interface Cookies {
  /** Random bytes by which the browser's forms are told from a stranger's. No login. */
  readonly browser?: string | undefined;
  /** The secret of a session. */
  readonly session?: string | undefined;
}

export interface Context {
  /** The one generation that this request sees. */
  readonly snapshot: Snapshot;
  readonly grants: GrantStore;
  readonly signer: Signer;
  readonly secrets: SecretChecker;
  readonly clientKeys: ClientKeys;
  readonly certificates: CertificateChecker;
  readonly throttle: Throttle;
  readonly logoutNotices: LogoutNotices;
  /** Milliseconds since the epoch, read once when the request began. */
  readonly now: number;
  /** Cryptographically random bytes. */
  readonly random: (bytes: number) => Uint8Array;
  /** Is told to whom a token was issued, and as which user. Never waits and never fails. */
  readonly noteUse: (client: ApplicationAddress, user: UserAddress | undefined, at: number) => void;
  /** Whether a code challenge was used before, as far as this process remembers; it remembers this one from now on. */
  readonly isKnownChallenge: (code_challenge: string) => boolean;
  /** Tells the log what the client is not told: the private half of an error, a token event. Never a secret or token. */
  readonly log: (event: { readonly event: string; readonly [field: string]: unknown }) => void;
}

/** What leaves: a body, which is sent as JSON, or a page. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** Shown in the place of a body. */
  readonly page?: Page;
  /** Cookies that change; null removes one. */
  readonly cookies?: { readonly browser?: string; readonly session?: string | null };
}

/** Everything an endpoint refuses is thrown as OAuthError (error.ts); anything else thrown is a bug or a Failure. */
export type Endpoint = (request: EndpointRequest, context: Context) => Promise<Answer>;
