// Owns the signals that end a serving process: the first ends it gracefully, the second at once.

export interface Signals {
  /** Resolves with the name of the first signal. */
  readonly ended: Promise<NodeJS.Signals>;
  /** Listens no longer. */
  release(): void;
}

const ENDING = ['SIGINT', 'SIGTERM'] as const;
/** As a shell reports a process that a signal ended. */
const CODES = { SIGINT: 130, SIGTERM: 143 } as const;

export function awaitSignal(): Signals {
  let first = true;
  let resolve: (signal: NodeJS.Signals) => void = () => undefined;
  const ended = new Promise<NodeJS.Signals>((settle) => {
    resolve = settle;
  });
  const listeners = ENDING.map((signal) => {
    const listener = (): void => {
      if (!first) process.exit(CODES[signal]);
      first = false;
      resolve(signal);
    };
    process.on(signal, listener);
    return () => process.removeListener(signal, listener);
  });
  return {
    ended,
    release() {
      for (const remove of listeners) remove();
    },
  };
}
