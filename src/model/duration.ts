// Owns spans and instants as the spec writes them. Never reads a clock: now is always an argument.

/** A whole number and a unit: seconds, minutes, hours or days. `0s` is legal (SEMANTICS U-50). */
export const DURATION_PATTERN = /^(0|[1-9][0-9]{0,5})(s|m|h|d)$/;

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** Seconds of a duration such as `15m`; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION_PATTERN.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * SECONDS[match[2] as keyof typeof SECONDS];
}

const DATE_PATTERN = /^\d{4}-\d{2}-\d{2}$/;
const DATE_TIME_PATTERN = /^(\d{4}-\d{2}-\d{2})[Tt](?:[01]\d|2[0-3]):\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;

/**
 * Milliseconds since the epoch of an RFC 3339 date or date-time; a date is its first instant in UTC. Undefined when the
 * text is no such thing or names a day that does not exist (`2027-02-30`).
 */
export function parseInstant(text: string): number | undefined {
  const day = DATE_PATTERN.test(text) ? text : DATE_TIME_PATTERN.exec(text)?.[1];
  if (day === undefined) return undefined;
  const midnight = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day) return undefined;
  const instant = Date.parse(text === day ? `${day}T00:00:00Z` : text.toUpperCase());
  return Number.isNaN(instant) ? undefined : instant;
}

/** An instant (milliseconds since the epoch) for people and programs: RFC 3339 in UTC, in whole seconds. */
export function formatInstant(instant: number): string {
  return new Date(instant).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** A time from `start` (included) to `end` (excluded), in milliseconds since the epoch; infinite where it has no bound. */
export interface Period {
  readonly start: number;
  readonly end: number;
}

/**
 * The time in which something holds. The compiler refuses a text that is no instant; should one be here all the same,
 * a bound is not lost: what begins then has not begun, and what ends then has ended.
 */
export function periodOf(written: { readonly not_before?: string; readonly expires?: string }): Period {
  const { not_before, expires } = written;
  return {
    start: not_before === undefined ? Number.NEGATIVE_INFINITY : (parseInstant(not_before) ?? Number.POSITIVE_INFINITY),
    end: expires === undefined ? Number.POSITIVE_INFINITY : (parseInstant(expires) ?? Number.NEGATIVE_INFINITY),
  };
}

/** Whether an instant lies in a period. */
export function isWithin({ start, end }: Period, now: number): boolean {
  return now >= start && now < end;
}
