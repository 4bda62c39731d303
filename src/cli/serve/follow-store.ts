// Owns that a serving process looks at its store again and again: other processes rotate and remove signing keys, and apply.
// Never decides what becomes of a key or of a generation.

import type { ConfigStore } from '../../plan/port.ts';
import type { Reconciler } from '../../reconcile/reconciler.ts';

/** Far less than the time for which a key is published before it signs, and than that between two readings of the spec. */
const EVERY_MS = 5000;

export interface StoreFollowing {
  stop(): void;
}

/** Calls `look` until stopped. `onFailure` is told, and it goes on. */
export function followStore(look: () => Promise<void>, onFailure: (error: unknown) => void): StoreFollowing {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const wait = (): void => {
    if (!stopped) timer = setTimeout(next, EVERY_MS).unref();
  };
  const next = (): void => {
    look()
      .catch((error: unknown) => {
        if (!stopped) onFailure(error);
      })
      .finally(wait);
  };
  wait();
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** Asks for a pass where another process applied a generation that is not served yet: what it took away is to be refused here too. */
export async function lookForGeneration(
  store: Pick<ConfigStore, 'revisions'>,
  reconciler: Pick<Reconciler, 'current' | 'hint'>,
): Promise<void> {
  const [newest] = await store.revisions(1);
  const serving = reconciler.current();
  if (newest !== undefined && serving !== undefined && newest.generation > serving.generation) reconciler.hint();
}
