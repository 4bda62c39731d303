// Owns the signals of a serving process: those that end it, the first gracefully, the second at once, and the one that has it
// read everything again. Never knows what is read.

export interface Signals {
  /** Resolves with the name of the first signal that ends. */
  readonly ended: Promise<NodeJS.Signals>;
  /** Has SIGHUP call this from now on. Until then it is taken for done: what starts reads everything anyway. */
  onReload(reload: () => void): void;
  /** Listens no longer. */
  release(): void;
}

/** As a shell reports a process that a signal ended. */
const CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * `hasTerminal`: SIGHUP says that the terminal is gone, and ends. Without one nothing but a supervisor sends it, for a reload
 * (`systemctl reload`).
 */
export function awaitSignal({ hasTerminal }: { readonly hasTerminal: boolean }): Signals {
  let first = true;
  let reload: () => void = () => undefined;
  let resolve: (signal: NodeJS.Signals) => void = () => undefined;
  const ended = new Promise<NodeJS.Signals>((settle) => {
    resolve = settle;
  });
  const end = (signal: keyof typeof CODES) => (): void => {
    if (!first) process.exit(CODES[signal]);
    first = false;
    resolve(signal);
  };
  const listeners = [
    ['SIGINT', end('SIGINT')],
    ['SIGTERM', end('SIGTERM')],
    ['SIGHUP', hasTerminal ? end('SIGHUP') : () => reload()],
  ] as const;
  for (const [signal, listener] of listeners) process.on(signal, listener);
  return {
    ended,
    onReload(wanted) {
      reload = wanted;
    },
    release() {
      for (const [signal, listener] of listeners) process.removeListener(signal, listener);
    },
  };
}
