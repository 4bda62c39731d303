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
  /**
   * Called once in a burst, before its hint, where known files were written and nothing else was told so far: what they hold
   * now is most often what they will hold at the end.
   */
  readonly onStir?: () => void;
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

/** Milliseconds of quiet before a stir: an editor that empties a file fills it at once. */
const STIR_MS = 10;

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
  let stir: NodeJS.Timeout | undefined;
  /** Whether this burst may still stir. */
  let stirs = true;

  const event = (isPlain: boolean): void => {
    if (closed) return;
    const now = performance.now();
    if (burst === undefined) {
      burstBegan = now;
      stirs = true;
    } else if (now - burstBegan > debounceMs * MAX_DEBOUNCES) return;
    clearTimeout(burst);
    clearTimeout(stir);
    stirs &&= isPlain;
    if (stirs) {
      stir = setTimeout(() => {
        stirs = false;
        options.onStir?.();
      }, STIR_MS);
    }
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
    if (identities !== undefined && identities !== now) event(false);
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
      clearTimeout(stir);
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
