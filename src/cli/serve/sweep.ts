// Owns the steady removal of what has expired, in small batches between requests. Never decides what has expired.

import type { GrantStore } from '../../oauth/port.ts';

/** Rows at a time, and how long to wait after a full batch and after one that was not. */
const BATCH = 200;
const BUSY_MS = 250;
const IDLE_MS = 10_000;

export interface Sweep {
  stop(): void;
}

/**
 * Removes tokens, revocations, codes, Grants, sessions and used assertions that have expired, until stopped. `onFailure` is
 * told, and it goes on.
 */
export function startSweep(grants: GrantStore, clock: () => number, onFailure: (error: unknown) => void): Sweep {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const sweep = async (): Promise<void> => {
    let wait = IDLE_MS;
    try {
      // Seconds, as tokens have them.
      const removed = await grants.removeExpired(Math.floor(clock() / 1000), BATCH);
      if (removed >= BATCH) wait = BUSY_MS;
    } catch (error) {
      if (!stopped) onFailure(error);
    }
    if (!stopped) timer = setTimeout(sweep, wait).unref();
  };
  timer = setTimeout(sweep, BUSY_MS).unref();
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
