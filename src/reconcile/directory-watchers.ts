// Owns one file system watcher for each directory of a tree. What arrives is that something happened somewhere; who
// wants to know what, reads. Never polls and never reads a file.

import { type FSWatcher, watch } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isSpecName } from './walk.ts';

export interface DirectoryWatchers {
  /**
   * Watches exactly the directories that are below the roots now. Answers the error of the first one that cannot be
   * watched; those that can be are.
   */
  refresh(): Promise<Error | undefined>;
  close(): void;
}

interface Watched {
  readonly watcher: FSWatcher;
  /** Another directory of the same path has another one. */
  readonly identity: string;
  /** It was deleted, moved or closed by the system: no event comes any more. */
  dead: boolean;
}

/** Watches the trees below the roots, symbolic links not followed but for the roots themselves. */
export function watchDirectories(roots: readonly string[], onEvent: () => void): DirectoryWatchers {
  const watched = new Map<string, Watched>();
  let closed = false;

  function open(path: string, identity: string): void {
    const watcher = watch(path, { persistent: false });
    const entry: Watched = { watcher, identity, dead: false };
    watched.set(path, entry);
    watcher.on('change', (kind, name) => {
      // A store or a log beside the spec is written to all the time. What appears or goes may be a directory or a link.
      if (kind === 'change' && typeof name === 'string' && !isSpecName(name)) return;
      // What happens to the directory itself is told under its own name.
      if (kind === 'rename' && name === basename(path)) entry.dead = true;
      onEvent();
    });
    watcher.on('error', () => {
      entry.dead = true;
      onEvent();
    });
  }

  function drop(path: string): void {
    watched.get(path)?.watcher.close();
    watched.delete(path);
  }

  return {
    async refresh() {
      const found = new Map<string, string>();
      for (const root of roots) await collect(root, found);
      if (closed) return undefined;
      for (const [path, entry] of watched) {
        if (entry.dead || found.get(path) !== entry.identity) drop(path);
      }
      let failure: Error | undefined;
      for (const [path, identity] of found) {
        if (watched.has(path)) continue;
        try {
          open(path, identity);
        } catch (error) {
          // It may have gone since it was found.
          if (!isGone(error)) failure ??= error instanceof Error ? error : new Error(String(error));
        }
      }
      return failure;
    },
    close() {
      closed = true;
      for (const path of [...watched.keys()]) drop(path);
    },
  };
}

/** Every directory from here down, by its real path. Hidden ones too: `..data` leads into one. */
async function collect(directory: string, found: Map<string, string>): Promise<void> {
  try {
    const path = await realpath(directory);
    if (found.has(path)) return;
    const { dev, ino, birthtimeMs } = await stat(path);
    found.set(path, `${dev} ${ino} ${birthtimeMs}`);
    for (const entry of await readdir(path, { withFileTypes: true })) {
      if (entry.isDirectory() && !NOISE.has(entry.name)) await collect(join(path, entry.name), found);
    }
  } catch {
    // It is gone, or closed to us: reading the spec tells so.
  }
}

/** What changes at every command of Git or npm and is no part of a spec. */
const NOISE: ReadonlySet<string> = new Set(['.git', 'node_modules']);

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
