// Owns how many guesses are let through: failures are counted by key and drain away steadily, in this process alone. Never knows
// what a key stands for, but whether it is an address alone.

import { type BoundedCache, boundedCache } from '../oauth/bounded-cache.ts';
import type { Throttle } from '../oauth/port.ts';

/** So many failures are let through at once, and of those that count so many drain away in a minute. */
const LIMIT = 10;
/** Of an address alone: behind one there may be many people. */
const ADDRESS_LIMIT = 100;
const MINUTE = 60_000;
const isAddress = (key: string): boolean => key.startsWith('address:');
/** Keys that are remembered. A flood of new ones puts out those that failed longest ago, and never grows the process. */
const KEYS = 50_000;

interface Failures {
  /** Those that count, as of `at` (milliseconds since the epoch). */
  readonly level: number;
  readonly at: number;
}

/**
 * Whoever failed too often is let try again every few seconds, and not after a minute: a client whose new secret is known here a
 * moment later than there must not be locked out by its own attempts.
 *
 * @param now milliseconds since the epoch
 */
export function createThrottle(now: () => number, size = KEYS): Throttle {
  // What an address did is kept apart: whoever has one address and makes up many names cannot have it forgotten.
  const addresses = boundedCache<Failures>(size);
  const others = boundedCache<Failures>(size);
  const tableOf = (key: string): BoundedCache<Failures> => (isAddress(key) ? addresses : others);
  const limitOf = (key: string): number => (isAddress(key) ? ADDRESS_LIMIT : LIMIT);

  /** What is left of the failures of a key. A clock that was set back lets none of them drain, and adds none. */
  function levelOf(key: string, at: number): number {
    const failures = tableOf(key).get(key);
    if (failures === undefined) return 0;
    const drained = (Math.max(0, at - failures.at) / MINUTE) * limitOf(key);
    return Math.max(0, failures.level - drained);
  }

  return {
    waitFor(keys) {
      let longest: number | undefined;
      for (const key of keys) {
        // Of almost everybody nothing is remembered.
        if (tableOf(key).get(key) === undefined) continue;
        const limit = limitOf(key);
        const over = levelOf(key, now()) - (limit - 1);
        if (over > 0) longest = Math.max(longest ?? 0, Math.ceil((over * MINUTE) / limit / 1000));
      }
      return longest;
    },
    failed(keys) {
      const at = now();
      for (const key of keys) {
        // Those that came at once with the last that is let through lengthen nothing.
        tableOf(key).set(key, { level: Math.min(levelOf(key, at) + 1, limitOf(key)), at });
      }
    },
    withdrawn(keys) {
      const at = now();
      for (const key of keys) {
        const level = levelOf(key, at);
        if (level > 0) tableOf(key).set(key, { level: Math.max(0, level - 1), at });
      }
    },
    succeeded(keys) {
      // One login that is right does not excuse the guesses at others that came from the same address.
      for (const key of keys) {
        if (isAddress(key) || others.get(key) === undefined) continue;
        others.set(key, { level: 0, at: now() });
      }
    },
  };
}
