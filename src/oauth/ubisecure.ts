// Owns the answers of the ubisecure family (SEMANTICS U-40…U-43, Ex-3, Ex-4), key for key and in their order: clients
// that were written for it read these. Never decides what a token gives.

import type { MethodAttributes } from '../access/method-attributes.ts';
import { nameOf } from '../model/address.ts';
import { type Alive, expiresFor, permissionsTold, releasedTo } from './token-in-use.ts';

/** What an answer holds besides the token. */
export interface Surroundings {
  readonly issuer: string;
  /** What the method of the grant says of the client and its user. */
  readonly method: MethodAttributes;
  /** Seconds since the epoch. */
  readonly now: number;
  readonly session_index: string;
}

/** The claims of a userinfo answer whose names are fixed; those of the method carry its name. */
export const USERINFO_CLAIMS: readonly string[] = [
  'usn',
  'iss',
  'aud',
  'exp',
  'iat',
  'auth_time',
  'amr',
  'azp',
  'session_index',
  'sub',
];

/** `_` and 40 hex digits, anew for each answer: there is no session behind a client's token. */
export function sessionIndex(random: (bytes: number) => Uint8Array): string {
  return `_${Buffer.from(random(20)).toString('hex')}`;
}

/** Ex-4. `iat` is the time of the answer, `auth_time` that of issue (U-40). */
export function userinfoAnswer(used: Alive, around: Surroundings): Record<string, unknown> {
  return {
    ...claims(used, around, {
      aud: used.decision.audiences,
      azp: used.record.client_id,
      iat: around.now,
      exp: expiresFor(used, used.record.client_id),
    }),
    ...subject(used),
  };
}

/** Ex-3: from the caller's point of view, who is audience and authorized party both. */
export function introspectionAnswer(used: Alive, caller: string, around: Surroundings): Record<string, unknown> {
  const exp = expiresFor(used, caller);
  return {
    ...claims(used, around, { aud: [caller], azp: caller, iat: used.record.issued_at, exp }),
    token_type: 'access_token',
    active: true,
    client_id: used.record.client_id,
    expires_in: exp - around.now,
    ...subject(used),
  };
}

function claims(
  used: Alive,
  { issuer, method: about, session_index }: Surroundings,
  viewpoint: { aud: readonly string[]; azp: string; iat: number; exp: number },
): Record<string, unknown> {
  const { record, decision } = used;
  const method = decision.method;
  const released = releasedTo(used, viewpoint.azp);
  return {
    usn: nameOf(record.client),
    iss: issuer,
    aud: viewpoint.aud,
    exp: viewpoint.exp,
    iat: viewpoint.iat,
    auth_time: used.grant?.user === undefined ? record.issued_at : used.grant.auth_time,
    amr: [`${issuer}/saml2/names/ac/${method}`],
    azp: viewpoint.azp,
    session_index,
    // U-60: with a policy nothing else is delivered.
    ...(released ?? Object.fromEntries(Object.entries(about).map(([name, value]) => [`${method}.${name}`, [value]]))),
    ...permissionsTold(decision),
  };
}

/** the replaced system has no sub; OpenID clients, which ask for `openid`, cannot do without. */
function subject({ record, decision }: Alive): { sub?: string } {
  return decision.scopes.includes('openid') ? { sub: record.subject } : {};
}
