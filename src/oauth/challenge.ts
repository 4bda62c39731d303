// Owns the values of WWW-Authenticate (RFC 9110 11.6.1, RFC 7617, RFC 6750 3). Never decides when one is sent.

import { type OAuthErrorCode, printable } from './error.ts';

/** Names UTF-8 as the character set in which credentials are read (RFC 7617 2.1). */
export function basicChallenge(realm: string): string {
  return `Basic realm="${printable(realm)}", charset="UTF-8"`;
}

/** What a bearer challenge says beside the realm. */
export interface BearerChallenge {
  readonly error: OAuthErrorCode;
  readonly description: string;
  readonly scope?: string;
}

/**
 * A bearer challenge; without `told` it says only that a token is needed (RFC 6750 3.1). `metadata` is where the resource says which
 * tokens it takes (RFC 9728 5.1).
 */
export function bearerChallenge(realm: string, told?: BearerChallenge, metadata?: string): string {
  const parameters = [`realm="${printable(realm)}"`];
  if (told !== undefined) {
    parameters.push(`error="${told.error}"`, `error_description="${printable(told.description)}"`);
    if (told.scope !== undefined) parameters.push(`scope="${printable(told.scope)}"`);
  }
  if (metadata !== undefined) parameters.push(`resource_metadata="${printable(metadata)}"`);
  return `Bearer ${parameters.join(', ')}`;
}
