// Owns noticing that the file of the store is no longer the one that is served: deleted, or another file in its place. Never ends
// the server: what it serves it has in memory, and a start on a store that is missing would make new keys.

import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';

export interface StoreFile {
  /** The file that stands there now is the one that is served from now on. */
  begin(): Promise<void>;
  /** Looks at it again. */
  look(): Promise<void>;
  /** What is wrong with it, a sentence; undefined where nothing is. */
  problem(): string | undefined;
}

type Identity = Pick<BigIntStats, 'dev' | 'ino'>;

/** `tell` is called when it is noticed, and without a problem when the file is back. */
export function watchStoreFile(path: string, tell: (problem: string | undefined) => void): StoreFile {
  let served: Identity | undefined;
  let problem: string | undefined;

  const identity = async (): Promise<Identity | undefined> => {
    try {
      return await stat(path, { bigint: true });
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  };

  return {
    async begin() {
      served = await identity();
    },
    async look() {
      if (served === undefined) return;
      const found = await identity();
      const now = problemOf(path, served, found);
      if (now === problem) return;
      problem = now;
      tell(now);
    },
    problem: () => problem,
  };
}

function problemOf(path: string, served: Identity, found: Identity | undefined): string | undefined {
  if (found !== undefined && found.dev === served.dev && found.ino === served.ino) return undefined;
  return found === undefined
    ? `The store ${path} was deleted while it is served: what is written now is lost when this server ends. Put the file back where it was moved, or a backup in its place, and restart the server; without a file a start makes new keys.`
    : `The store ${path} was replaced by another file while it is served: what is written now goes to the file that was there, and is lost when this server ends. Restart the server, and it serves the file that stands there.`;
}
