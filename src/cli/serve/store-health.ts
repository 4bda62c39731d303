// Owns what a serving process says of its store's health: that it cannot be written, or that its file is another one. Never
// decides what is answered meanwhile.

import type { Logger } from 'pino';
import { Failure } from '../../model/failure.ts';
import type { LateStore } from '../late-store.ts';
import { watchStoreFile } from './store-file.ts';
import { watchStoreWrites } from './store-writes.ts';

export interface StoreHealth {
  /** The same store, watched. */
  readonly store: LateStore;
  /** Opens it for writing: the file that stands there then is the one that is served. */
  begin(): Promise<void>;
  look(): Promise<void>;
  /** A sentence; undefined where nothing is wrong. */
  problem(): string | undefined;
  /** Warns of what failed, but for what is known of the store and was told once. */
  tellUnlessKnown(error: unknown, message: string): void;
  stop(): void;
}

/** `path` as it was named: what it leads to may change. */
export function watchStore(opened: LateStore, path: string, logger: Logger): StoreHealth {
  const writes = watchStoreWrites(opened, (problem) => {
    if (problem === undefined) logger.warn('The store can be written again.');
    else logger.warn(`The store cannot be written: what needs it is answered 503, and /readyz says so. ${problem}`);
  });
  const file = watchStoreFile(path, (problem) => {
    if (problem === undefined) logger.warn('The file of the store is back in its place.');
    else logger.error(problem);
  });
  const problem = (): string | undefined => file.problem() ?? writes.problem();
  return {
    store: writes.store,
    async begin() {
      await opened.openForWriting();
      await file.begin();
    },
    async look() {
      await file.look();
      await writes.look();
    },
    problem,
    tellUnlessKnown(error, message) {
      const isKnown = writes.problem() !== undefined && error instanceof Failure && error.code === 'store_unavailable';
      if (!isKnown) logger.warn({ err: error }, message);
    },
    stop: writes.stop,
  };
}
