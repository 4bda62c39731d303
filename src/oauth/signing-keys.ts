// Owns which of several signing keys of an algorithm signs now, and which are published (PROTOCOL.md C-039): a new one is
// published before it signs, an old one for as long as what it signed may live. Never makes or keeps a key.

import type { SigningAlgorithm } from '../model/entity.ts';
import type { SigningKey } from './port.ts';

/** Milliseconds that clocks may differ by, and a token be under way. */
const SLACK = 300_000;

/** The key that signs at `now` (milliseconds): of those that are active the last, of those that will be the first. */
export function signingKey(keys: readonly SigningKey[], alg: SigningAlgorithm, now: number): SigningKey {
  const [first, ...others] = keys.filter((key) => key.alg === alg);
  if (first === undefined) throw new Error(`the snapshot has no signing key for ${alg}`);
  return others.reduce((best, key) => (isBefore(best, key, now) ? key : best), first);
}

function isBefore(best: SigningKey, key: SigningKey, now: number): boolean {
  const isActive = key.active_from <= now;
  if (best.active_from <= now !== isActive) return isActive;
  if (key.active_from === best.active_from) return key.kid > best.kid;
  return isActive === key.active_from > best.active_from;
}

/** Milliseconds since the epoch from which on a key is published no more; undefined while it signs, or will. */
export function retiredFrom(key: SigningKey, keys: readonly SigningKey[]): number | undefined {
  const later = keys.filter(
    (other) =>
      other.alg === key.alg &&
      (other.active_from > key.active_from || (other.active_from === key.active_from && other.kid > key.kid)),
  );
  if (later.length === 0) return undefined;
  const superseded = Math.min(...later.map(({ active_from }) => active_from));
  return superseded + key.longest_ttl * 1000 + SLACK;
}

/** Those that are published at `now`. */
export function publishedKeys(keys: readonly SigningKey[], now: number): readonly SigningKey[] {
  return keys.filter((key) => {
    const end = retiredFrom(key, keys);
    return end === undefined || now < end;
  });
}
