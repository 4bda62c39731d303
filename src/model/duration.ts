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
const DATE_TIME_PATTERN = /^(\d{4}-\d{2}-\d{2})[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;

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
