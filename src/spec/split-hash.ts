// Owns the recognition of one trap: a PHC string that YAML split at its commas. Never tells of it.

import { isScalar, type YAMLMap } from 'yaml';

export interface SplitHash {
  /** Offsets of the whole hash in the source. */
  readonly start: number;
  readonly end: number;
  /** How many entries behind the first one are its parts. */
  readonly parts: number;
}

/**
 * In a map in braces, `$argon2id$v=19$m=19456,t=2,p=1$…` is a value and then keys `t=2` and `p=1$…` without values, and
 * YAML finds nothing wrong with that. Undefined when the entry at `position` is no such thing.
 */
export function findSplitHash(items: YAMLMap.Parsed['items'], position: number): SplitHash | undefined {
  const value = items[position]?.value;
  if (!isScalar(value) || value.type !== 'PLAIN' || !/^\$argon2(id|i|d)\$/.test(value.source ?? '')) return undefined;
  let end: number | undefined;
  let parts = 0;
  for (const { key, value: bare } of items.slice(position + 1)) {
    const isNothing = bare === null || (isScalar(bare) && bare.value === null && bare.source === '');
    if (!isNothing || !isScalar(key) || !/^[a-z]+=/.test(key.source ?? '')) break;
    end = key.range?.[1];
    parts += 1;
  }
  const start = value.range?.[0];
  return start === undefined || end === undefined ? undefined : { start, end, parts };
}
