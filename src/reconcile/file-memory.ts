// Owns what a process that reads one spec again and again remembers of its files: what is known not to have changed is not read
// again. Never decides what is made of a file.

import { stat, statfs } from 'node:fs/promises';
import { platform } from 'node:process';

/** What was made of a file, by its real path: `read` is asked where the file may be another one than then. */
export type Remember<T> = (real: string, read: () => Promise<T>) => Promise<T>;

/** Without a text it could not be read. */
interface Made {
  readonly text: string | undefined;
}

interface Known<T> {
  /** What tells the file from what it was before a write; asked before it was read. */
  readonly identity: string;
  /** When it was first seen so. */
  readonly since: number;
  /** Whether it was read once it had been so for long enough that any later write shows in its identity. */
  readonly stands: boolean;
  readonly made: T;
  used: number;
}

/**
 * A second write within the grain of a file system's clock leaves the time of the first, which is 2 s where it is coarsest. Measured
 * from the first look, so that no clock is compared with another.
 */
const GRAIN_MS = 3000;

/** What nobody asked for so long, as of a directory that was replaced, is forgotten. */
const KEPT_MS = 60_000;

/** `now` in milliseconds. What is not on a file system of this machine, and what cannot be read, is read each time. */
export function createFileMemory<T extends Made>(now: () => number = () => performance.now()): Remember<T> {
  const known = new Map<string, Known<T>>();
  const local = new Map<number, Promise<boolean>>();

  async function identify(real: string): Promise<string | undefined> {
    try {
      const { dev, ino, size, mtimeMs, ctimeMs, mode } = await stat(real);
      const isLocal = local.get(dev) ?? isOfThisMachine(real);
      local.set(dev, isLocal);
      return (await isLocal) ? `${dev} ${ino} ${mode} ${size} ${mtimeMs} ${ctimeMs}` : undefined;
    } catch {
      // Whoever reads it tells why.
      return undefined;
    }
  }

  function forget(before: number): void {
    for (const [real, { used }] of known) if (used < before) known.delete(real);
  }

  return async (real, read) => {
    const identity = await identify(real);
    const at = now();
    const was = known.get(real);
    const before = was?.identity === identity ? was : undefined;
    if (before?.stands === true) {
      before.used = at;
      return before.made;
    }
    const made = await read();
    if (was === undefined) forget(at - KEPT_MS);
    // What failed may do so no more, though the file is the same.
    if (identity === undefined || made.text === undefined) known.delete(real);
    else {
      const since = before?.since ?? at;
      known.set(real, { identity, since, stands: at - since >= GRAIN_MS, made, used: at });
    }
    return made;
  };
}

/** By statfs(2): over a network what `stat` tells may be older than what a file holds. */
const LOCAL_TYPES: ReadonlySet<number> = new Set([
  ...[0xef53, 0x58465342, 0x9123683e, 0x2fc12fc1, 0xf2f52010], // ext, XFS, Btrfs, ZFS, F2FS
  ...[0x01021994, 0x858458f6, 0x794c7630], // tmpfs, ramfs, overlayfs
]);

async function isOfThisMachine(real: string): Promise<boolean> {
  return platform === 'linux' && LOCAL_TYPES.has((await statfs(real)).type);
}
