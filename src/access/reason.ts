// Owns the stable codes that say which link was missing. Published in error_description, `explain` and tests: a code is
// never renamed. Never holds sentences for people beyond the fixed one of each code.

/** The registered OAuth error that each refusal ends in (SEMANTICS algorithms A and B, RFC 6749 5.2). */
export type RefusalError =
  | 'invalid_client'
  | 'unsupported_grant_type'
  | 'unauthorized_client'
  | 'invalid_scope'
  /** On a redirect (RFC 6749 4.1.2.1); the token endpoint, which does not know it, answers `invalid_grant`. */
  | 'access_denied';

/** Every reason code with the sentence that explains it; what is specific is told beside it. */
export const REASONS = {
  CLIENT_AUTHENTICATION_FAILED: 'Client authentication failed',
  OAUTH2_DISABLED: 'OAuth 2.0 is off at this server',
  CLIENT_IP_NOT_ALLOWED: 'The client may not call from this address',
  GRANT_UNKNOWN: 'This server does not serve that grant type',
  GRANT_NOT_ALLOWED: 'The grant type is not in the grant_types of the client',
  CLIENT_IS_PUBLIC: 'A public client cannot use this grant',
  METHOD_NOT_ON_APPLICATION: 'The application has no method that serves this grant',
  METHOD_DISABLED: 'The method of the application is disabled',
  METHOD_NOT_ON_SITE: 'The method is not one of the site',
  SCOPE_NOT_ALLOWED: 'The scope names what the client may not ask for',
  USER_MISSING: 'The grant needs a user',
  USER_NOT_ACTIVE: 'The user is not active',
  METHOD_NOT_ON_USER: 'The method is not one of the user',
  NO_IMPERSONATION: 'The client impersonates no user, so it can reach no other application',
  APPLICATION_DISABLED: 'The application is disabled',
  METHOD_NOT_ON_GROUP: 'The group that would give access does not list the method',
  NOT_IN_ALLOWED_GROUP: 'No group that may access the application has the subject as a member',
  ACCESS_RULE_NOT_MET: 'An access rule of the client is not met',
  ROLE_MISSING: 'The user does not have the role that the client requires',
  CUSTOMER_NOT_COVERED: 'The user has the required role for other customers only',
  TOKEN_IP_UNKNOWN: 'The client binds its tokens to an address, and none is known of this one',
  TOKEN_IP_MISMATCH: 'The token is bound to another address than that for which it is used',
  POLICY_NOT_MET: 'A constraint of the policy of the application is not met',
  RESOURCE_UNKNOWN: 'No resource covers the request',
  RESOURCE_AUDIENCE: 'The token is for another audience than the rules of the resource',
  RESOURCE_CLIENT: 'No rule of the resource is about the client of the token',
  RESOURCE_SCOPE: 'The token lacks a scope of the rule',
  RESOURCE_CONDITION: 'A condition of the resource does not hold',
  NO_AUDIENCE: 'No application that was asked for can be reached',
} as const;

export type ReasonCode = keyof typeof REASONS;
