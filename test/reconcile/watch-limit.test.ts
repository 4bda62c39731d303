import { expect, it, onTestFinished, vi } from 'vitest';
import { watchSpec } from '../../src/reconcile/watch.ts';
import { eventually, temporary, write } from './directory.ts';

const system = vi.hoisted(() => ({ exhausted: true }));

vi.mock('chokidar', async (importOriginal) => {
  const chokidar = await importOriginal<typeof import('chokidar')>();
  return {
    ...chokidar,
    watch(...given: Parameters<typeof chokidar.watch>) {
      const watcher = chokidar.watch(...given);
      if (system.exhausted) {
        setTimeout(() => watcher.emit('error', new Error('ENOSPC: System limit for number of file watchers reached')));
      }
      return watcher;
    },
  };
});

it('a system without free watchers is told once, polled instead, and watched again when it has some', async () => {
  const spec = temporary();
  write(spec, { 'a.yaml': 'a', 'sub/b.yaml': 'b' });
  const hints: string[] = [];
  const troubles: (string | undefined)[] = [];
  const watcher = watchSpec({
    directories: [spec],
    files: () => [],
    onHint: (cause) => hints.push(cause),
    onTrouble: (reason) => troubles.push(reason),
    debounceMs: 10,
    // A tenth of it while events are not to be had.
    pollMs: 500,
    lookMs: 20,
    retryMs: 100,
  });
  onTestFinished(() => watcher.close());
  await watcher.ready;
  await eventually(() => expect(hints.filter((cause) => cause === 'poll').length).toBeGreaterThan(3));
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(troubles).toEqual(['ENOSPC: System limit for number of file watchers reached']);

  system.exhausted = false;
  await eventually(() => expect(troubles).toHaveLength(2));
  expect(troubles[1]).toBeUndefined();
  write(spec, { 'sub/b.yaml': 'changed' });
  await eventually(() => expect(hints.at(-1)).toBe('event'));
});
