// Owns how an access token is presented (RFC 6750 2) and how its refusal is told (RFC 6750 3). Never looks a token up.

import { bearerChallenge } from './challenge.ts';
import type { EndpointRequest } from './endpoint.ts';
import { describe, OAuthError, type OAuthErrorCode, type RequestReason } from './error.ts';
import { readForm, tellable } from './form.ts';

const STATUS = { invalid_request: 400, invalid_token: 401, insufficient_scope: 403 } as const;

/** A refusal with its challenge; `specific` replaces the sentence of the code, `scope` names what would do. */
export function bearerError(
  error: keyof typeof STATUS,
  code: RequestReason,
  realm: string,
  told: { readonly specific?: string | undefined; readonly scope?: string; readonly detail?: string } = {},
): OAuthError {
  const description = describe(code, told.specific);
  const { scope, detail } = told;
  const challenge = { error: error satisfies OAuthErrorCode, description, ...(scope === undefined ? {} : { scope }) };
  return new OAuthError({
    error,
    status: STATUS[error],
    description,
    detail,
    challenge: bearerChallenge(realm, challenge),
  });
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
  const headers = request.authorization.filter((header) => /^bearer( |$)/i.test(header));
  if (request.authorization.length > 1 || (headers.length > 0 && inBody !== undefined)) {
    throw bearerError('invalid_request', 'BEARER_TOKEN_REPEATED', realm);
  }
  const header = headers[0];
  if (header === undefined) {
    if (inBody !== undefined) return inBody;
    // Who did not know that a token is needed is told no error in the challenge (RFC 6750 3.1).
    throw new OAuthError({
      error: 'invalid_token',
      status: 401,
      description: describe('BEARER_TOKEN_MISSING'),
      challenge: bearerChallenge(realm),
    });
  }
  const token = BEARER_VALUE.exec(header.slice('Bearer'.length))?.[1];
  if (token === undefined) throw bearerError('invalid_request', 'BEARER_TOKEN_MALFORMED', realm);
  return token;
}
