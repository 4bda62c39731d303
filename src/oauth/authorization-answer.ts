// Owns how an answer of the authorization endpoint reaches the client: as query, fragment or form, with state and iss
// (RFC 6749 4.1.2, RFC 9207). Never decides what the answer is.

import type { ReasonCode } from '../access/reason.ts';
import type { Target } from './authorization-target.ts';
import type { Answer } from './endpoint.ts';
import { describe, NO_STORE, OAuthError, type OAuthErrorCode, printable, type RequestReason } from './error.ts';

type Parameters = Readonly<Record<string, string | number | undefined>>;

/** The answer that carries these parameters, with `state` and `iss`. The request was a GET or a POST: 303 asks for a GET either way. */
export function redirectWith(
  target: Pick<Target, 'redirect_uri' | 'mode' | 'state'>,
  issuer: string,
  parameters: Parameters,
): Answer {
  const { redirect_uri, mode, state } = target;
  const carried = Object.entries({ ...parameters, state, iss: issuer }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  if (mode === 'form_post') {
    const page = { kind: 'form-post', action: redirect_uri, fields: Object.fromEntries(carried) } as const;
    return { status: 200, headers: NO_STORE, body: undefined, page };
  }
  const encoded = new URLSearchParams(carried).toString();
  return { status: 303, headers: { ...NO_STORE, Location: appended(redirect_uri, mode, encoded) }, body: undefined };
}

/** The registered URI keeps its own query (RFC 6749 3.1.2); it has no fragment. */
function appended(uri: string, mode: 'query' | 'fragment', encoded: string): string {
  // Form encoding writes a space as +, which is a plus sign to those who read a fragment or a query as a URI.
  const text = encoded.replaceAll('+', '%20');
  if (mode === 'fragment') return `${uri}#${text}`;
  const separator = !uri.includes('?') ? '?' : uri.endsWith('?') || uri.endsWith('&') ? '' : '&';
  return `${uri}${separator}${text}`;
}

/** A refusal that the client is told by redirect. `description` begins with its reason code. */
export function redirectedError(
  target: Pick<Target, 'redirect_uri' | 'mode' | 'state'>,
  issuer: string,
  refused: {
    readonly error: OAuthErrorCode;
    readonly description: string;
    readonly detail?: string | undefined;
    readonly cause?: unknown;
  },
): OAuthError {
  const { error, description } = refused;
  const instead = redirectWith(target, issuer, { error, error_description: printable(description) });
  return new OAuthError({ ...refused, status: instead.status, instead });
}

/** A fault of an authorization request, once it is known where to tell it. */
export interface Fault {
  readonly error: OAuthErrorCode;
  readonly description: string;
}

export function fault(error: OAuthErrorCode, code: RequestReason, specific?: string): Fault {
  return { error, description: describe(code, specific) };
}

/** The same of a refusal by access. */
export function faultOf(refusal: {
  readonly error: OAuthErrorCode;
  readonly description: string;
  readonly code: ReasonCode;
}): Fault {
  return { error: refusal.error, description: refusal.description };
}
