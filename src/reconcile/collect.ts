// Owns asking V8 to collect garbage now, for threads that nobody waits for: one that has let go of most of what it held, and
// allocates nothing more, is not collected by itself. Never runs where requests are answered: it holds all up.

import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** How much less a further time has to leave of the heap for one more. */
const WORTH = 0.9;

/** All garbage of this thread. Takes a few times a second for each gigabyte that stays. */
export function collectGarbage(): void {
  // Only contexts that are made under this flag have the function, and code that is loaded under other flags is not taken from a cache.
  setFlagsFromString('--expose-gc');
  try {
    const collect = runInNewContext('gc') as () => void;
    // The pages that the one lets go of are given back by the next.
    for (let before = Number.POSITIVE_INFINITY, size = heapSize(); size < before * WORTH; ) {
      before = size;
      collect();
      size = heapSize();
    }
  } finally {
    setFlagsFromString('--no-expose-gc');
  }
}

/** In bytes, with what of it is empty. */
function heapSize(): number {
  return getHeapStatistics().total_heap_size;
}
