// Owns looking up a refresh token, when it ends, and why it gives nothing. Never uses one.

import type { ApplicationEntity } from '../model/entity.ts';
import { refreshSettings } from '../model/settings.ts';
import type { Context } from './endpoint.ts';
import { invalidGrant, type OAuthError } from './error.ts';
import { endOfRefresh } from './issue.ts';
import { hashOf, TEXT_SHAPE } from './opaque.ts';
import type { FoundRefreshToken, Grant, GrantStore, RefreshToken } from './port.ts';
import { isLive } from './session.ts';
import type { Standing } from './snapshot.ts';
import { orphanedBy } from './token-in-use.ts';

/** Undefined for everything that is none of ours, or has ended. */
export async function findRefreshToken(text: string, { grants }: Context): Promise<FoundRefreshToken | undefined> {
  return TEXT_SHAPE.test(text) ? grants.findRefreshToken(hashOf(text)) : undefined;
}

/** Seconds since the epoch: the settings of today may end it sooner, and never later, than those it was issued by (U-51). */
export function endOfToken(
  { issued_at, expires_at }: RefreshToken,
  grant: Grant,
  application: ApplicationEntity,
): number {
  return Math.min(expires_at, endOfRefresh(grant, application), issued_at + refreshSettings(application).idle);
}

/**
 * Why a refresh token of `application` gives nothing at the moment, by today's settings; undefined when nothing is wrong with it.
 * That one was used before is left to the store.
 */
export async function faultOfRefresh(
  { record, grant, rotated_at }: FoundRefreshToken,
  application: ApplicationEntity,
  context: {
    readonly snapshot: Standing;
    readonly grants: Pick<GrantStore, 'findSessionBySid'>;
    readonly now: number;
  },
): Promise<OAuthError | undefined> {
  const orphaned = orphanedBy(grant, context.snapshot);
  if (orphaned !== undefined) return invalidGrant('REFRESH_TOKEN_INVALID', orphaned);
  if (rotated_at !== undefined) return undefined;
  const { require_live_session, for_client_credentials } = refreshSettings(application);
  if (context.now >= endOfToken(record, grant, application) * 1000) {
    return invalidGrant('REFRESH_TOKEN_INVALID', 'expired');
  }
  if (grant.user === undefined && !for_client_credentials) {
    return invalidGrant('REFRESH_TOKEN_INVALID', 'refresh tokens of client_credentials are off');
  }
  // A client that acts as itself has no user who could log out.
  if (!require_live_session || grant.user === undefined) return undefined;
  const session = grant.session === undefined ? undefined : await context.grants.findSessionBySid(grant.session);
  return session !== undefined && isLive(session, context) ? undefined : invalidGrant('SESSION_ENDED');
}
