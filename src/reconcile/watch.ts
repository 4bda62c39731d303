// Owns hints that something below the spec may have changed: file system events, and clocks for where there are none.
// Never dies and never decides whether anything did change: the content digest does.

import { realpath, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { type FSWatcher, watch as openWatcher } from 'chokidar';

export interface WatchOptions {
  readonly directories: readonly string[];
  /** Files elsewhere that belong to the spec (secret files), asked for anew at each look. */
  readonly files: () => readonly string[];
  /** Called once per burst of events, and at each poll. */
  readonly onHint: (cause: 'event' | 'poll') => void;
  /** Told once when events stop coming, with the reason, and once (undefined) when they come again. */
  readonly onTrouble: (reason: string | undefined) => void;
  /** Milliseconds of quiet that end a burst. */
  readonly debounceMs?: number;
  /** Milliseconds between polls while events come; while they do not, a tenth of it at most. */
  readonly pollMs?: number;
  /** Milliseconds between looks at the directories themselves and at `files`. */
  readonly lookMs?: number;
}

export interface SpecWatcher {
  /** Resolves when events of the directories are being received, or cannot be. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

/** Events that keep coming may not put a hint off for longer than this many debounces. */
const MAX_DEBOUNCES = 10;
const RETRY_MS = 30_000;

/** Watches directories that may vanish, be replaced or not exist yet. */
export function watchSpec(options: WatchOptions): SpecWatcher {
  const { debounceMs = 50, pollMs = 15_000, lookMs = 1000 } = options;
  const directories = options.directories.map((directory) => resolve(directory));
  let watcher: FSWatcher | undefined;
  let closed = false;
  let broken = false;
  let brokenAt = 0;
  let toldTrouble = false;
  let lastPoll = performance.now();
  let identities: string | undefined;

  let burst: NodeJS.Timeout | undefined;
  let burstBegan = 0;
  const event = (): void => {
    if (closed) return;
    const now = performance.now();
    if (burst === undefined) burstBegan = now;
    else if (now - burstBegan > debounceMs * MAX_DEBOUNCES) return;
    clearTimeout(burst);
    burst = setTimeout(() => {
      burst = undefined;
      options.onHint('event');
    }, debounceMs);
  };

  const failed = (error: unknown): void => {
    if (closed) return;
    broken = true;
    brokenAt = performance.now();
    if (toldTrouble) return;
    toldTrouble = true;
    options.onTrouble(error instanceof Error ? error.message : String(error));
  };

  const open = async (): Promise<void> => {
    // A directory that is itself a link is watched where it leads: links are not followed from there on.
    const roots = await Promise.all(directories.map((directory) => realpath(directory).catch(() => directory)));
    if (closed) return;
    const opened = openWatcher(roots, {
      ignoreInitial: true,
      // Links lead to places below the spec, which are watched already; the link itself tells that it was replaced.
      followSymlinks: false,
      ignored: (path) => isNoise(path) && !roots.includes(path),
    });
    watcher = opened;
    opened.on('all', event);
    opened.on('error', failed);
    await new Promise<void>((resolveReady) => {
      opened.once('ready', resolveReady);
      opened.once('error', () => resolveReady());
    });
    if (!toldTrouble || broken || closed) return;
    toldTrouble = false;
    options.onTrouble(undefined);
  };

  const reopen = async (): Promise<void> => {
    const old = watcher;
    watcher = undefined;
    await old?.close();
    broken = false;
    await open();
  };

  // What no event tells for certain: the directory itself was deleted, made again, or its link leads elsewhere.
  const look = async (): Promise<void> => {
    const seen = await identitiesOf(directories);
    const files = await identitiesOf(options.files());
    const now = `${seen}\n${files}`;
    if (closed) return;
    if (identities !== undefined && identities !== now) {
      const moved = !identities.startsWith(`${seen}\n`);
      event();
      if (moved) await reopen();
    } else if (broken && performance.now() - brokenAt > RETRY_MS) {
      await reopen();
    }
    identities = now;
    if (performance.now() - lastPoll >= (broken ? pollMs / 10 : pollMs)) {
      lastPoll = performance.now();
      options.onHint('poll');
    }
  };

  let timer: NodeJS.Timeout | undefined;
  const schedule = (): void => {
    if (closed) return;
    timer = setTimeout(
      () => {
        look().catch(failed).finally(schedule);
      },
      Math.min(lookMs, pollMs),
    );
  };
  const ready = open().then(look).catch(failed).finally(schedule);

  return {
    ready,
    async close() {
      closed = true;
      clearTimeout(timer);
      clearTimeout(burst);
      await watcher?.close();
    },
  };
}

/** What changes at every command of Git or npm and is no part of a spec. */
function isNoise(path: string): boolean {
  const name = basename(path);
  return name === '.git' || name === 'node_modules';
}

/** What tells that a path is another file than before, or has another content. */
async function identitiesOf(paths: readonly string[]): Promise<string> {
  const identities = await Promise.all(paths.map(identityOf));
  return identities.join('|');
}

async function identityOf(path: string): Promise<string> {
  try {
    const real = await realpath(path);
    const stats = await stat(real);
    const same = `${real} ${stats.dev} ${stats.ino}`;
    // A directory's own size and time change with each file in it: that is what events are for.
    return stats.isDirectory() ? same : `${same} ${stats.size} ${stats.mtimeMs}`;
  } catch {
    return `${path} missing`;
  }
}
