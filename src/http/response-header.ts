// Owns the response headers that do not depend on the answer: for safety, for caches and for browsers of other origins.
// Never knows a route.

export type Headers = Readonly<Record<string, string>>;

/** On everything. */
export const SAFETY: Headers = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** Tokens and what is said of them are never stored by a cache (RFC 6749 5.1, P:O-054, P:I-014). */
export const UNCACHED: Headers = { 'cache-control': 'no-store', pragma: 'no-cache' };

/** Discovery and keys may be kept for as long as a reload may take to be seen (P:A-008). */
export const CACHED: Headers = { 'cache-control': 'public, max-age=60' };

/** Of answers that differ by the origin that asks: a cache must not give one that of another (Fetch 3.2.5). */
export const BY_ORIGIN: Headers = { vary: 'Origin' };

/**
 * What a browser of another origin may do. Never with credentials (RFC 9700 2.6, P:S-027): these endpoints read no cookie,
 * so an origin gains nothing that its own token or secret does not give. Where it is `*`, it is sent whether or not the
 * request has an Origin, so that no cache can mix the two up.
 */
export interface CrossOrigin {
  readonly answer: Headers;
  readonly preflight: Headers;
}

/** What a script may read of an answer, beside what it may read of any. */
const EXPOSED = 'WWW-Authenticate, Retry-After';

/** Discovery documents and keys (P:D-009). */
export const OPEN_DOCUMENT: CrossOrigin = crossOrigin('*', 'GET, HEAD', undefined);
/** Introspection of the ubisecure family (S:U-45). */
export const OPEN_POST: CrossOrigin = openPostTo('*');
/** Userinfo (OIDC Core 5.3, P:C-049). */
export const OPEN_GET_AND_POST: CrossOrigin = crossOrigin('*', 'GET, HEAD, POST', EXPOSED);

/** Of one origin, or of all. */
export function openPostTo(origin: string): CrossOrigin {
  return crossOrigin(origin, 'POST', EXPOSED);
}

function crossOrigin(origin: string, methods: string, exposed: string | undefined): CrossOrigin {
  const answer = {
    'access-control-allow-origin': origin,
    ...(exposed === undefined ? {} : { 'access-control-expose-headers': exposed }),
  };
  const preflight = {
    'access-control-allow-origin': origin,
    'access-control-allow-methods': methods,
    // Authorization must be named: `*` does not cover it (Fetch, CORS protocol).
    'access-control-allow-headers': 'Authorization, Content-Type',
    'access-control-max-age': '600',
  };
  return { answer, preflight };
}
