// Owns how times read in a plan. Never compares them.

import { cut, escapeControls } from './style.ts';

/** More than the longest RFC 3339 date-time takes. */
const LONGEST_INSTANT = 40;

/** `from 2027-01-01 until 2027-02-01`, as written; empty where nothing bounds it. */
export function speakPeriod(bounds: { readonly not_before?: unknown; readonly expires?: unknown }): string {
  const told = [
    ['from', bounds.not_before],
    ['until', bounds.expires],
  ];
  return told
    .filter(([, text]) => typeof text === 'string')
    .map(([word, text]) => `${word} ${escapeControls(cut(String(text), LONGEST_INSTANT))}`)
    .join(' ');
}

/** An instant in milliseconds since the epoch, as short as it can be written in UTC: `2027-01-31`, `2027-01-31T08:30:00Z`. */
export function speakInstant(instant: number): string {
  return new Date(instant)
    .toISOString()
    .replace(/\.000Z$/, 'Z')
    .replace(/T00:00:00Z$/, '');
}

/** The same to the minute: `2026-11-22T04:20Z`. */
export function speakMinute(instant: number): string {
  return new Date(instant).toISOString().replace(/:[^:]*Z$/, 'Z');
}

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
] as const;

/** Seconds in the largest unit that measures them, as the spec writes a duration: `1h`, `90m`, `45s`. */
export function speakSeconds(seconds: number): string {
  const unit = UNITS.find(([, length]) => seconds > 0 && seconds % length === 0);
  return unit === undefined ? `${seconds}s` : `${seconds / unit[1]}${unit[0]}`;
}
