// Owns how rows read as what the ports of src/oauth speak of, and the text of what no statement looks at. Never queries.

import type { ApplicationAddress, UserAddress } from '../model/address.ts';
import type { SigningAlgorithm } from '../model/entity.ts';
import type {
  AccessTokenRecord,
  AuthorizationCode,
  Consent,
  FoundCode,
  FoundRefreshToken,
  Grant,
  Session,
  SigningKey,
} from '../oauth/port.ts';
import type { AccessTokenRow, CodeRow, GrantRow, RefreshTokenRow } from './grant-sql.ts';
import type { SigningKeyRow } from './key-sql.ts';
import type { ConsentRow, SessionRow } from './session-sql.ts';

export function accessTokenFrom(row: AccessTokenRow): AccessTokenRecord {
  return {
    id: row.id,
    client: row.client as ApplicationAddress,
    client_id: row.client_id,
    user: (row.user ?? undefined) as UserAddress | undefined,
    subject: row.subject,
    audiences: JSON.parse(row.audiences) as string[],
    scopes: JSON.parse(row.scopes) as string[],
    generation: row.generation,
    issued_at: row.issued_at,
    expires_at: row.expires_at,
    ...(row.grant_id === null ? {} : { grant: row.grant_id }),
  };
}

/** Owners move, and rows are looked up and removed by the other columns. */
type CodeBody = Omit<AuthorizationCode, 'client' | 'user' | 'session' | 'offline'>;

export function bodyOfCode({ client: _c, user: _u, session: _s, offline: _o, ...body }: AuthorizationCode): string {
  return JSON.stringify(body satisfies CodeBody);
}

export function codeFrom(row: CodeRow): FoundCode {
  const body = JSON.parse(row.body) as CodeBody;
  return {
    ...body,
    client: row.client as ApplicationAddress,
    user: row.user as UserAddress,
    session: row.session,
    offline: row.offline === 1,
    ...(row.grant_id === null ? {} : { redeemed: true }),
  };
}

type GrantBody = Omit<Grant, 'id' | 'client' | 'user' | 'session' | 'offline' | 'expires_at'>;

export function bodyOfGrant(grant: Grant): string {
  const { id: _i, client: _c, user: _u, session: _s, offline: _o, expires_at: _e, ...body } = grant;
  return JSON.stringify(body satisfies GrantBody);
}

export function grantFrom(row: GrantRow): Grant {
  const body = JSON.parse(row.body) as GrantBody;
  return {
    ...body,
    id: row.id,
    client: row.client as ApplicationAddress,
    user: (row.user ?? undefined) as UserAddress | undefined,
    session: row.session ?? undefined,
    offline: row.offline === 1,
    expires_at: row.expires_at,
  };
}

export function refreshTokenFrom(row: RefreshTokenRow): FoundRefreshToken {
  const record = { grant: row.id, issued_at: row.token_issued_at, expires_at: row.token_expires_at };
  return { record, grant: grantFrom(row), rotated_at: row.rotated_at ?? undefined };
}

type SessionBody = Omit<Session, 'sid' | 'user' | 'last_used' | 'expires_at'>;

export function bodyOfSession({ sid: _s, user: _u, last_used: _l, expires_at: _e, ...body }: Session): string {
  return JSON.stringify(body satisfies SessionBody);
}

export function sessionFrom(row: SessionRow): Session {
  const body = JSON.parse(row.body) as SessionBody;
  const { sid, last_used, expires_at } = row;
  return { ...body, sid, user: row.user as UserAddress, last_used, expires_at };
}

export function consentFrom(row: ConsentRow): Consent {
  return {
    user: row.user as UserAddress,
    client: row.client as ApplicationAddress,
    scopes: JSON.parse(row.scopes) as string[],
    generation: row.generation,
    granted_at: row.granted_at,
  };
}

export function signingKeyFrom(row: SigningKeyRow): SigningKey {
  return {
    kid: row.kid,
    alg: row.alg as SigningAlgorithm,
    jwk: JSON.parse(row.jwk) as SigningKey['jwk'],
    created_at: row.created_at,
    active_from: row.active_from,
    longest_ttl: row.longest_ttl,
  };
}
