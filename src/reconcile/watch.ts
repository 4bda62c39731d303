// Owns hints that something below the spec may have changed: file system events, and clocks for where there are none.
// Never dies and never decides whether anything did change: the content digest does.

import { realpath, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { watchDirectories } from './directory-watchers.ts';

export interface WatchOptions {
  readonly directories: readonly string[];
  /** Files that belong to the spec and may lie elsewhere (secret files), asked for anew at each look. */
  readonly files: () => readonly string[];
  /** Called once per burst of events, and at each poll. */
  readonly onHint: (cause: 'event' | 'poll') => void;
  /** Told once when events stop coming, with the reason, and once (undefined) when they come again. */
  readonly onTrouble: (reason: string | undefined) => void;
  /**
   * Milliseconds of quiet that end a burst. Over the 50 ms for which chokidar tells no second change of the same file:
   * one that is not told is there by the time it is read.
   */
  readonly debounceMs?: number;
  /** Milliseconds between polls while events come; while they do not, a tenth of it. */
  readonly pollMs?: number;
  /** Milliseconds between looks at the directories themselves and at `files`. */
  readonly lookMs?: number;
  /** Milliseconds after which it is tried again whether events can be had. */
  readonly retryMs?: number;
}

export interface SpecWatcher {
  /** Resolves when events of the directories are being received, or cannot be. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

/** Events that keep coming may not put a hint off for longer than this many debounces. */
const MAX_DEBOUNCES = 10;

/** Watches directories that may vanish, be replaced or not exist yet. */
export function watchSpec(options: WatchOptions): SpecWatcher {
  const { debounceMs = 60, pollMs = 15_000, lookMs = 1000, retryMs = 30_000 } = options;
  const directories = options.directories.map((directory) => resolve(directory));
  let closed = false;
  let troubledSince: number | undefined;
  let lastPoll = performance.now();
  let identities: string | undefined;
  let timer: NodeJS.Timeout | undefined;
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
      // New directories are watched before anybody reads: what comes later is an event, what came earlier is read.
      // The next look compares with what is there before the reading: a link that is switched there and back is seen.
      void identitiesNow()
        .then((now) => {
          identities = now;
          return refresh();
        })
        .finally(() => {
          if (!closed) options.onHint('event');
        });
    }, debounceMs);
  };
  const watchers = watchDirectories(directories, event);

  /** One after the other: two at once could both open a watcher for the same directory. */
  let refreshing: Promise<void> = Promise.resolve();
  const refresh = (): Promise<void> => {
    refreshing = refreshing.then(async () => {
      if (closed) return;
      const failure = await watchers.refresh().catch((error: unknown) => error);
      const troubled = troubledSince !== undefined;
      troubledSince = failure === undefined ? undefined : performance.now();
      if (closed || troubled === (failure !== undefined)) return;
      options.onTrouble(failure === undefined ? undefined : messageOf(failure));
    });
    return refreshing;
  };

  // What no event tells for certain: the directory itself was deleted, made again, or its link leads elsewhere.
  const identitiesNow = async (): Promise<string> =>
    `${await identitiesOf(directories)}\n${await identitiesOf(options.files())}`;
  const look = async (): Promise<void> => {
    const now = await identitiesNow();
    if (closed) return;
    if (identities !== undefined && identities !== now) event();
    identities = now;
    const time = performance.now();
    if (troubledSince !== undefined && time - troubledSince > retryMs) await refresh();
    if (time - lastPoll < (troubledSince === undefined ? pollMs : pollMs / 10) || closed) return;
    lastPoll = time;
    options.onHint('poll');
  };

  const schedule = (): void => {
    if (closed) return;
    // A look that fails is one look less: the next one comes.
    timer = setTimeout(
      () =>
        void look()
          .catch(() => undefined)
          .finally(schedule),
      Math.min(lookMs, pollMs),
    );
  };

  const ready = refresh()
    .then(look)
    .catch(() => undefined)
    .finally(schedule);

  return {
    ready,
    async close() {
      closed = true;
      clearTimeout(timer);
      clearTimeout(burst);
      await watchers.close();
      await refreshing;
    },
  };
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
    const same = `${real} ${stats.dev} ${stats.ino} ${stats.birthtimeMs} ${stats.mode}`;
    // A directory's own size and time change with each file in it: that is what events are for.
    return stats.isDirectory() ? same : `${same} ${stats.size} ${stats.mtimeMs}`;
  } catch {
    return `${path} missing`;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
