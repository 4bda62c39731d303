// Owns what a client is told when it is refused: OAuthError, the reason codes of a wrong request, and the one place
// where a refusal becomes an answer. Never decides to refuse, and never tells the private half.

import type { Answer } from './endpoint.ts';

/** Registered error codes: RFC 6749 5.2 and 4.1.2.1, RFC 6750 3.1. */
export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'unauthorized_client'
  | 'invalid_grant'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'invalid_token'
  | 'insufficient_scope'
  | 'server_error'
  | 'temporarily_unavailable'
  // Of the revocation endpoint: RFC 7009 2.2.1.
  | 'unsupported_token_type'
  // Of the authorization endpoint: RFC 6749 4.1.2.1, OpenID Connect Core 3.1.2.6.
  | 'access_denied'
  | 'unsupported_response_type'
  | 'login_required'
  | 'consent_required'
  | 'request_not_supported'
  | 'request_uri_not_supported'
  | 'registration_not_supported';

/** Reason codes of wrong requests, beside those of access (access/reason.ts). Published: never renamed. */
export const REQUEST_REASONS = {
  METHOD_NOT_ALLOWED: 'This endpoint does not serve that HTTP method',
  CONTENT_TYPE_UNSUPPORTED: 'Send the parameters as application/x-www-form-urlencoded',
  BODY_TOO_LARGE: 'The request body is too large',
  REQUEST_MALFORMED: 'The request is malformed',
  PARAMETERS_EXCESSIVE: 'The request holds more parameters than any endpoint has a use for',
  PARAMETER_REPEATED: 'A parameter was sent more than once',
  GRANT_TYPE_MISSING: 'The parameter grant_type is missing',
  CLIENT_ID_MISMATCH: 'The client_id in the body is not the one in the Authorization header',
  CLIENT_ID_MISMATCH_HINT: 'The client_id is not the one that the id_token_hint was issued to',
  CREDENTIALS_REPEATED: 'The client authenticates in more than one way at once',
  TOKEN_PARAMETER_MISSING: 'The parameter token is missing',
  TOKEN_OF_ANOTHER_CLIENT: 'The token was issued to another client',
  TOKEN_NOT_REVOCABLE: 'Access tokens and refresh tokens can be revoked; an ID token ends by itself',
  BEARER_TOKEN_MISSING: 'Send the access token as Authorization: Bearer',
  BEARER_TOKEN_REPEATED: 'The access token was sent in more than one way at once',
  BEARER_TOKEN_MALFORMED: 'The Authorization header holds no single bearer token',
  BEARER_TOKEN_INVALID: 'The access token is unknown, expired or revoked',
  AUDIENCE_WITHOUT_CLIENT: 'The access token was not issued for its own client, so it does not open userinfo',
  OPENID_REQUIRED: 'The access token was not issued with the scope openid',
  USER_REQUIRED: 'The access token was issued by client_credentials: no user signed in whom userinfo could tell about',
  HOST_REPEATED: 'The request has to name one host',
  TARGET_UNREADABLE: 'The target of the request cannot be read in one way alone',
  METHOD_OVERRIDDEN: 'A header says another method than the request has',
  FORWARDED_HEADERS_MISSING:
    'The headers in which the proxy says what it was asked are missing, or contradict each other',
  PROXY_NOT_TRUSTED: 'Only a trusted proxy may ask',
  UPSTREAM_FAILED: 'The server behind this one gave no answer',
  UPSTREAM_TIMEOUT: 'The server behind this one gave no answer in time',
  CLIENT_ID_MISSING: 'The parameter client_id is missing',
  CLIENT_UNKNOWN: 'No application of this server has this client_id',
  REDIRECT_URI_MISSING: 'The parameter redirect_uri is missing',
  REDIRECT_URI_NOT_REGISTERED: 'The redirect_uri is not registered for this client_id',
  RESPONSE_MODE_UNKNOWN: 'The response_mode is none that this server knows',
  RESPONSE_MODE_UNFIT: 'Tokens are never sent in a query: use fragment or form_post',
  RESPONSE_TYPE_MISSING: 'The parameter response_type is missing',
  RESPONSE_TYPE_UNKNOWN: 'This server does not serve that response_type',
  RESPONSE_TYPE_NOT_ALLOWED: 'The response_type is not one of the client',
  REQUEST_OBJECT_UNSUPPORTED: 'This server takes no request objects: send the parameters themselves',
  REQUEST_URI_UNSUPPORTED: 'This server fetches no requests: send the parameters themselves',
  REGISTRATION_UNSUPPORTED: 'This server takes no registration in a request',
  SCOPE_MALFORMED: 'The scope holds characters that no scope can have',
  OPENID_MISSING: 'An id_token needs the scope openid',
  NONCE_MISSING: 'The parameter nonce is missing, which an id_token of the authorization endpoint needs',
  PKCE_REQUIRED: 'The parameter code_challenge is missing: this client has to use PKCE with S256 (RFC 7636)',
  PKCE_METHOD_UNSUPPORTED: 'The code_challenge_method has to be S256',
  PKCE_CHALLENGE_MALFORMED: 'The code_challenge is no SHA-256 in base64url without padding',
  PROMPT_CONTRADICTORY: 'prompt=none stands alone',
  MAX_AGE_MALFORMED: 'The max_age is no number of seconds',
  ID_TOKEN_HINT_INVALID: 'The id_token_hint is no ID token of this server',
  LOGIN_REQUIRED: 'The user has to log in, which prompt=none does not allow',
  LOGIN_OF_ANOTHER_USER: 'Another user is logged in than the one that was asked for',
  LOGIN_CANCELLED: 'The user cancelled the login',
  CONSENT_REQUIRED: 'The user has to be asked for consent, which prompt=none does not allow',
  CONSENT_DENIED: 'The user denied the request',
  FORM_EXPIRED:
    'This form is not of a page that this browser was shown. Cookies have to be allowed. Go back and try again',
  CODE_MISSING: 'The parameter code is missing',
  CODE_INVALID: 'The code is unknown, expired, used, or was issued to another client',
  CODE_REDIRECT_URI_MISMATCH: 'The redirect_uri is not the one of the authorization request',
  CODE_VERIFIER_MISMATCH: 'The code_verifier does not fit the code_challenge of the authorization request',
  REFRESH_TOKEN_MISSING: 'The parameter refresh_token is missing',
  REFRESH_TOKEN_INVALID: 'The refresh token is unknown, expired, revoked, or was issued to another client',
  REFRESH_TOKEN_REUSED: 'The refresh token was used before: everything that came from its grant has been revoked',
  SESSION_ENDED: 'The user has logged out',
  SCOPE_NOT_GRANTED: 'The scope is wider than what was granted',
  SCOPE_WITHDRAWN: 'The client may not ask for this scope any more',
  USERNAME_OR_PASSWORD_MISSING: 'The parameters username and password are needed',
  USERNAME_OR_PASSWORD_WRONG: 'The username or the password is wrong',
  TOO_MANY_ATTEMPTS: 'Too many failed attempts, try again later',
  POST_LOGOUT_REDIRECT_URI_NOT_REGISTERED: 'The post_logout_redirect_uri is not registered for this client',
  SERVER_ERROR: 'The server met an unexpected condition',
  TEMPORARILY_UNAVAILABLE: 'The server cannot answer now, try again',
} as const;

export type RequestReason = keyof typeof REQUEST_REASONS;

/** `CODE: ` and what is specific to this refusal, or the code's own sentence. */
export function describe(code: RequestReason, specific: string = REQUEST_REASONS[code]): string {
  return `${code}: ${specific}`;
}

export interface OAuthErrorOptions {
  readonly error: OAuthErrorCode;
  /** 400 where it is not given. */
  readonly status?: number;
  /** Starts with a stable reason code. May hold names of the spec or of the request: `answerOf` makes them safe. */
  readonly description: string;
  /** For the log alone. Never a secret or a token. */
  readonly detail?: string | undefined;
  /** The value of WWW-Authenticate. */
  readonly challenge?: string | undefined;
  /** Whether client authentication failed: the answer then leaves no sooner than 25 ms after the request began. */
  readonly floor?: boolean;
  /** Further response headers. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What leaves in the place of `answerOf`: the redirect by which the client is told (RFC 6749 4.1.2.1). */
  readonly instead?: Answer;
  /** What failed, where that is a bug: for the log alone. */
  readonly cause?: unknown;
}

/** A refused request. Thrown by endpoints, answered by `answerOf`. */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly error: OAuthErrorCode;
  readonly status: number;
  readonly description: string;
  readonly detail: string | undefined;
  readonly challenge: string | undefined;
  readonly floor: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly instead: Answer | undefined;

  constructor(options: OAuthErrorOptions) {
    super(`${options.error}: ${options.description}`, { cause: options.cause });
    this.error = options.error;
    this.status = options.status ?? 400;
    this.description = options.description;
    this.detail = options.detail;
    this.challenge = options.challenge;
    this.floor = options.floor ?? false;
    this.headers = options.headers ?? {};
    this.instead = options.instead;
  }

  /** The reason code that the description starts with. */
  get code(): string {
    return this.description.split(':', 1)[0] ?? this.description;
  }
}

/** Headers of every answer that holds a token, or the refusal of one (RFC 6749 5.1, 5.2). */
export const NO_STORE: Readonly<Record<string, string>> = { 'Cache-Control': 'no-store', Pragma: 'no-cache' };

/** The answer that a refused client gets: status, headers and JSON body, in the character set of RFC 6749 5.2. */
export function answerOf(error: OAuthError): Answer {
  return {
    status: error.status,
    headers: {
      ...NO_STORE,
      ...error.headers,
      ...(error.challenge === undefined ? {} : { 'WWW-Authenticate': error.challenge }),
    },
    body: { error: error.error, error_description: printable(error.description) },
  };
}

/** Long enough for the reasons of a dozen audiences, short enough for a header. */
const LONGEST_DESCRIPTION = 1000;

/**
 * The text in %x20-21 / %x23-5B / %x5D-7E, the only characters that error_description may hold (RFC 6749 5.2). They are
 * also safe within a quoted-string of a header.
 */
export function printable(text: string): string {
  const safe = text
    .slice(0, LONGEST_DESCRIPTION)
    .replaceAll('"', "'")
    .replace(/[^\x20-\x21\x23-\x5B\x5D-\x7E]/g, '?');
  return text.length > LONGEST_DESCRIPTION ? `${safe}...` : safe;
}

/** 400: the request itself is wrong. */
export function invalidRequest(code: RequestReason, specific?: string): OAuthError {
  return new OAuthError({ error: 'invalid_request', description: describe(code, specific) });
}

/** 400: what the client presents is worth nothing, or no more (RFC 6749 5.2). `detail` is for the log. */
export function invalidGrant(code: RequestReason, detail?: string): OAuthError {
  return new OAuthError({ error: 'invalid_grant', description: describe(code), detail });
}

/** 429: nothing is checked until then. */
export function tooManyAttempts(error: 'invalid_client' | 'invalid_grant', seconds: number): OAuthError {
  return new OAuthError({
    error,
    status: 429,
    description: describe('TOO_MANY_ATTEMPTS'),
    headers: { 'Retry-After': String(seconds) },
  });
}

/** 405; `allow` is the value of the Allow header, such as `POST` or `GET, POST`. */
export function methodNotAllowed(allow: string): OAuthError {
  return new OAuthError({
    error: 'invalid_request',
    status: 405,
    description: describe('METHOD_NOT_ALLOWED', `This endpoint serves ${allow}`),
    headers: { Allow: allow },
  });
}

/** 400: anything but application/x-www-form-urlencoded, or no content type at all; `specific` where something else is taken. */
export function unsupportedContentType(specific?: string): OAuthError {
  return invalidRequest('CONTENT_TYPE_UNSUPPORTED', specific);
}

/** 413. */
export function bodyTooLarge(): OAuthError {
  return new OAuthError({ error: 'invalid_request', status: 413, description: describe('BODY_TOO_LARGE') });
}

/** 500: a bug of ours. The client is told under which id the log has it, and nothing else. */
export function serverError(correlation: string): OAuthError {
  const description = describe('SERVER_ERROR', `${REQUEST_REASONS.SERVER_ERROR} (correlation id ${correlation})`);
  return new OAuthError({ error: 'server_error', status: 500, description });
}

/** 503: the store or the password hashing is overloaded or away. */
export function temporarilyUnavailable(retryAfterSeconds: number, detail?: string): OAuthError {
  return new OAuthError({
    error: 'temporarily_unavailable',
    status: 503,
    description: describe('TEMPORARILY_UNAVAILABLE'),
    detail,
    headers: { 'Retry-After': String(retryAfterSeconds) },
  });
}
