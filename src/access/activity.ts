// Owns whether an entity counts at an instant, and until when an answer about it holds. Never decides access.

import { isWithin, periodOf } from '../model/duration.ts';
import { isEnabled } from '../model/settings.ts';

/** Whether an entity counts, the member that says so where it does not, and when that changes by itself. */
export interface Activity {
  readonly active: boolean;
  /** `/enabled`, `/expires` or `/not_before`; empty where it is active. */
  readonly pointer: string;
  /** Milliseconds since the epoch; infinite where it never does. */
  readonly end: number;
}

/** U-32: disabled (or not there at all), before its not_before, or at and after its expires. */
export function activityOf(
  entity: { readonly enabled?: boolean; readonly not_before?: string; readonly expires?: string } | undefined,
  now: number,
): Activity {
  if (entity === undefined || !isEnabled(entity)) {
    return { active: false, pointer: '/enabled', end: Number.POSITIVE_INFINITY };
  }
  const period = periodOf(entity);
  if (isWithin(period, now)) return { active: true, pointer: '', end: period.end };
  if (now >= period.end) return { active: false, pointer: '/expires', end: Number.POSITIVE_INFINITY };
  return { active: false, pointer: '/not_before', end: Math.min(period.start, period.end) };
}

/** The first of some ends, as answers tell it: undefined where there is none. */
export function untilOf(...ends: readonly (number | undefined)[]): number | undefined {
  let first = Number.POSITIVE_INFINITY;
  for (const end of ends) if (end !== undefined && end < first) first = end;
  return Number.isFinite(first) ? first : undefined;
}
