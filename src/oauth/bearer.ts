// Owns how an access token is presented (RFC 6750 2) and how its refusal is told (RFC 6750 3). Never looks a token up.

import { bearerChallenge } from './challenge.ts';
import type { EndpointRequest } from './endpoint.ts';
import { describe, OAuthError, type OAuthErrorCode, type RequestReason } from './error.ts';
import { readForm, tellable } from './form.ts';

const STATUS = { invalid_request: 400, invalid_token: 401, insufficient_scope: 403 } as const;

/** What is protected: the realm of its challenges, and where its metadata stand (RFC 9728), where they do. */
export interface Protected {
  readonly realm: string;
  readonly metadata?: string;
}

interface Told {
  readonly scope?: string | undefined;
  readonly detail?: string | undefined;
}

/** A refusal with its challenge. `description` starts with a reason code; `scope` names what would do, `detail` is for the log. */
export function bearerRefusal(
  error: keyof typeof STATUS,
  description: string,
  { realm, metadata }: Protected,
  { scope, detail }: Told = {},
): OAuthError {
  const challenge = { error: error satisfies OAuthErrorCode, description, ...(scope === undefined ? {} : { scope }) };
  return new OAuthError({
    error,
    status: STATUS[error],
    description,
    detail,
    challenge: bearerChallenge(realm, challenge, metadata),
  });
}

/** The same by a reason code of requests; `specific` replaces the sentence of the code. */
export function bearerError(
  error: keyof typeof STATUS,
  code: RequestReason,
  realm: string,
  told: Told & { readonly specific?: string | undefined } = {},
): OAuthError {
  return bearerRefusal(error, describe(code, told.specific), { realm }, told);
}

// b64token of RFC 6750 2.1.
const BEARER_VALUE = /^ *([A-Za-z0-9\-._~+/]+=*) *$/;

/**
 * The token of the header or of the form body. Throws 401 without an error attribute when there is none, 400 when there
 * is more than one or when the header is malformed. Queries are never read (RFC 9700 4.3.2).
 */
export function presentedToken(request: EndpointRequest, realm: string): string {
  const form = readForm(request.form, (name) =>
    bearerError('invalid_request', 'PARAMETER_REPEATED', realm, { specific: tellable(name) }),
  );
  const inBody = form.get('access_token');
  return oneToken(request.authorization, inBody === undefined ? [] : [inBody], { realm });
}

/** The token of the header, or the one of `others`: what stands at other places. Throws as `presentedToken` does. */
export function oneToken(authorization: readonly string[], others: readonly string[], place: Protected): string {
  const headers = authorization.filter((header) => /^bearer( |$)/i.test(header));
  if (authorization.length > 1 || headers.length + others.length > 1) {
    throw bearerRefusal('invalid_request', describe('BEARER_TOKEN_REPEATED'), place);
  }
  const header = headers[0];
  if (header === undefined) {
    const [other] = others;
    if (other !== undefined) return other;
    // Who did not know that a token is needed is told no error in the challenge (RFC 6750 3.1).
    throw new OAuthError({
      error: 'invalid_token',
      status: 401,
      description: describe('BEARER_TOKEN_MISSING'),
      challenge: bearerChallenge(place.realm, undefined, place.metadata),
    });
  }
  const token = BEARER_VALUE.exec(header.slice('Bearer'.length))?.[1];
  if (token === undefined) throw bearerRefusal('invalid_request', describe('BEARER_TOKEN_MALFORMED'), place);
  return token;
}
