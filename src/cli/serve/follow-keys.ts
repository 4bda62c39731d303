// Owns that a serving process looks at the signing keys of its store, again and again: other processes rotate and remove them.
// Never decides what becomes of a key.

/** Far less than the time for which a key is published before it signs. */
const EVERY_MS = 5000;

export interface KeyFollowing {
  stop(): void;
}

/** Calls `look` until stopped. `onFailure` is told, and it goes on. */
export function followKeys(look: () => Promise<void>, onFailure: (error: unknown) => void): KeyFollowing {
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
