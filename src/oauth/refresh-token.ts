// Owns looking up a refresh token, and when it ends. Never uses one.

import type { ApplicationEntity } from '../model/entity.ts';
import { refreshSettings } from '../model/settings.ts';
import type { Context } from './endpoint.ts';
import { endOfRefresh } from './issue.ts';
import { hashOf, TEXT_SHAPE } from './opaque.ts';
import type { Grant, GrantStore, RefreshToken } from './port.ts';

/** Undefined for everything that is none of ours, or has ended. */
export async function findRefreshToken(text: string, { grants }: Context): ReturnType<GrantStore['findRefreshToken']> {
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
