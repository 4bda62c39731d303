// Owns how many guesses are let through: failures are counted by key, for a minute, in this process alone. Never knows what a
// key stands for, but whether it is an address alone.

import { type BoundedCache, boundedCache } from '../oauth/bounded-cache.ts';
import type { Throttle } from '../oauth/port.ts';

/** Milliseconds from the first failure on. */
const WINDOW = 60_000;
const LIMIT = 10;
/** Of an address alone: behind one there may be many people. */
const ADDRESS_LIMIT = 100;
const ADDRESS = /^address:/;
/** Keys that are remembered. A flood of new ones puts out those that failed longest ago, and never grows the process. */
const KEYS = 50_000;

interface Failures {
  readonly count: number;
  /** Milliseconds since the epoch. */
  readonly ends: number;
}

/** @param now milliseconds since the epoch */
export function createThrottle(now: () => number, size = KEYS): Throttle {
  // What an address did is kept apart: whoever has one address and makes up many names cannot have it forgotten.
  const addresses = boundedCache<Failures>(size);
  const others = boundedCache<Failures>(size);
  const tableOf = (key: string): BoundedCache<Failures> => (ADDRESS.test(key) ? addresses : others);

  function current(key: string, at: number): Failures | undefined {
    const failures = tableOf(key).get(key);
    return failures !== undefined && at < failures.ends ? failures : undefined;
  }

  return {
    waitFor(keys) {
      const at = now();
      const waits = keys.flatMap((key) => {
        const failures = current(key, at);
        const isOver = failures !== undefined && failures.count >= (ADDRESS.test(key) ? ADDRESS_LIMIT : LIMIT);
        return isOver ? [Math.ceil(Math.min(failures.ends - at, WINDOW) / 1000)] : [];
      });
      return waits.length === 0 ? undefined : Math.max(...waits);
    },
    failed(keys) {
      const at = now();
      for (const key of keys) {
        const { count, ends } = current(key, at) ?? { count: 0, ends: at + WINDOW };
        tableOf(key).set(key, { count: count + 1, ends });
      }
    },
    withdrawn(keys) {
      const at = now();
      for (const key of keys) {
        const failures = current(key, at);
        if (failures === undefined || failures.count === 0) continue;
        tableOf(key).set(key, { ...failures, count: failures.count - 1 });
      }
    },
    succeeded(keys) {
      // One login that is right does not excuse the guesses at others that came from the same address.
      for (const key of keys) {
        if (ADDRESS.test(key) || others.get(key) === undefined) continue;
        others.set(key, { count: 0, ends: Number.NEGATIVE_INFINITY });
      }
    },
  };
}
