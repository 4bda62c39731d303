// Owns what a process that reads one spec again and again remembers of its files: what is known not to have changed is not read
// again. Never decides what is made of a file.

import { type Stats, statSync } from 'node:fs';
import { stat, statfs } from 'node:fs/promises';
import { platform } from 'node:process';
import { setImmediate as turn } from 'node:timers/promises';

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
  let turned = 0;

  async function identify(real: string): Promise<string | undefined> {
    try {
      const stats = known.has(real) ? await look(real) : await stat(real);
      const isLocal = local.get(stats.dev) ?? isOfThisMachine(real);
      local.set(stats.dev, isLocal);
      return (await isLocal) ? identityOf(stats) : undefined;
    } catch {
      // Whoever reads it tells why.
      return undefined;
    }
  }

  /**
   * Of a file that was there on a file system of this machine, asked directly: the answer is in memory as good as always, and to have another
   * thread ask takes several times as long. Others have their turn in between all the same.
   */
  async function look(real: string): Promise<Stats> {
    if (performance.now() - turned > TURN_MS) {
      await turn();
      turned = performance.now();
    }
    return statSync(real);
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

/** Of work between two turns of the event loop. */
const TURN_MS = 1;

function identityOf({ dev, ino, size, mtimeMs, ctimeMs, mode }: Stats): string {
  return `${dev} ${ino} ${mode} ${size} ${mtimeMs} ${ctimeMs}`;
}

/** By statfs(2): over a network what `stat` tells may be older than what a file holds. */
const LOCAL_TYPES: ReadonlySet<number> = new Set([
  ...[0xef53, 0x58465342, 0x9123683e, 0x2fc12fc1, 0xf2f52010], // ext, XFS, Btrfs, ZFS, F2FS
  ...[0x01021994, 0x858458f6, 0x794c7630], // tmpfs, ramfs, overlayfs
]);

async function isOfThisMachine(real: string): Promise<boolean> {
  return platform === 'linux' && LOCAL_TYPES.has((await statfs(real)).type);
}
