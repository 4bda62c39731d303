// Owns the file system watcher over the trees of a spec (chokidar). What arrives is that something happened somewhere;
// who wants to know what, reads. Never polls and never reads a file.

import { realpath, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import { isBelow, isSpecName } from './walk.ts';

export interface DirectoryWatchers {
  /**
   * Watches the trees below the roots as they are now: a root that was deleted and made again, or whose link leads
   * elsewhere, is watched anew, which chokidar does not do by itself. Answers why something cannot be watched.
   */
  refresh(): Promise<Error | undefined>;
  close(): Promise<void>;
}

interface Opened {
  readonly watcher: FSWatcher;
  /** Which directories the roots were. */
  readonly identity: string;
  /** The first error it told; it may have lost events since. */
  failure: Error | undefined;
}

/**
 * Watches the trees below the roots, symbolic links not followed but for the roots themselves. An event is plain where it tells
 * no more than that a known file was written.
 */
export function watchDirectories(roots: readonly string[], onEvent: (isPlain: boolean) => void): DirectoryWatchers {
  let opened: Opened | undefined;
  let closed = false;

  async function open(paths: readonly string[], identity: string): Promise<Opened> {
    const watcher = watch([...paths], {
      ignoreInitial: true,
      followSymlinks: false,
      // A store or a log beside the spec is written to all the time, .git at every command: neither is part of a spec.
      ignored: (path, stats) => NOISE.has(basename(path)) || (stats?.isFile() === true && !isSpecName(path)),
    });
    const now: Opened = { watcher, identity, failure: undefined };
    // An unreadable directory is one that this one does not see into: reading the spec tells so.
    await new Promise<void>((resolve) => {
      watcher.on('ready', resolve);
      watcher.on('error', (error) => {
        const first = now.failure === undefined;
        now.failure ??= error instanceof Error ? error : new Error(String(error));
        resolve();
        if (first && opened === now) onEvent(false);
      });
    });
    watcher.on('all', (what) => onEvent(what === 'change'));
    return now;
  }

  return {
    async refresh() {
      const found = await identify(roots);
      const identity = found.map((root) => root.identity).join('|');
      if (closed || (opened?.identity === identity && opened.failure === undefined)) return undefined;
      const before = opened;
      opened = undefined;
      await before?.watcher.close();
      if (found.length > 0) {
        const paths = found.map((root) => root.path);
        // A tree is watched once: an overlay may be given that lies in a directory of the spec.
        const outermost = paths.filter((path) => !paths.some((other) => other !== path && isBelow(path, other)));
        opened = await open([...new Set(outermost)], identity);
      }
      if (closed) await opened?.watcher.close();
      return opened?.failure;
    },
    async close() {
      closed = true;
      await opened?.watcher.close();
    },
  };
}

/** The directories that the roots are now, by real path and what tells one from another of the same path. */
async function identify(roots: readonly string[]): Promise<readonly { path: string; identity: string }[]> {
  const found = await Promise.all(
    roots.map(async (root) => {
      try {
        const path = await realpath(root);
        // Its mode too: what was closed to us for a while is not watched any more.
        const { dev, ino, birthtimeMs, mode } = await stat(path);
        return { path, identity: `${path} ${dev} ${ino} ${birthtimeMs} ${mode}` };
      } catch {
        // It is gone, or closed to us: reading the spec tells so.
        return undefined;
      }
    }),
  );
  return found.filter((root) => root !== undefined);
}

const NOISE: ReadonlySet<string> = new Set(['.git', 'node_modules']);
