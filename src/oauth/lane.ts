// Owns how many costly computations run at once, and how many may wait. Never knows what is computed.

import { Failure } from '../model/failure.ts';

export interface Lane {
  /** Runs in its turn; throws Failure `busy` at once when too many of these wait already. */
  bounded<T>(work: () => Promise<T>): Promise<T>;
  /** Runs in its turn, however many wait: for work that is our own and not a stranger's. */
  unbounded<T>(work: () => Promise<T>): Promise<T>;
}

/** First come, first served. */
export function createLane(maxConcurrent: number, maxQueue: number): Lane {
  const waiting: (() => void)[] = [];
  let running = 0;
  let boundedWaiting = 0;

  const run = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
  // A place is taken in the turn that frees it, so that nobody who comes between overtakes who waits.
  const turn = (): Promise<void> | undefined => {
    if (running < maxConcurrent) {
      running += 1;
      return undefined;
    }
    return new Promise((resolve) => {
      waiting.push(() => {
        running += 1;
        resolve();
      });
    });
  };

  return {
    async bounded(work) {
      if (running >= maxConcurrent && boundedWaiting >= maxQueue) {
        throw new Failure('busy', 'Too many client secrets wait to be checked for the first time; try again');
      }
      const wait = turn();
      if (wait !== undefined) {
        boundedWaiting += 1;
        await wait;
        boundedWaiting -= 1;
      }
      return run(work);
    },
    async unbounded(work) {
      const wait = turn();
      if (wait !== undefined) await wait;
      return run(work);
    },
  };
}
