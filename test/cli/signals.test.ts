import { expect, it, onTestFinished } from 'vitest';
import { awaitSignal, type Signals } from '../../src/cli/serve/signals.ts';

function listening(hasTerminal: boolean): { readonly signals: Signals; readonly reloads: () => number } {
  const signals = awaitSignal({ hasTerminal });
  onTestFinished(signals.release);
  let reloads = 0;
  signals.onReload(() => {
    reloads += 1;
  });
  return { signals, reloads: () => reloads };
}

it('SIGHUP without a terminal is a reload, each time, and ends nothing', async () => {
  const { signals, reloads } = listening(false);
  process.emit('SIGHUP');
  process.emit('SIGHUP');
  expect(reloads()).toBe(2);
  process.emit('SIGTERM');
  expect(await signals.ended).toBe('SIGTERM');
});

it('SIGHUP on a terminal says that it is gone: the end, graceful as by any other signal', async () => {
  const { signals, reloads } = listening(true);
  process.emit('SIGHUP');
  expect(await signals.ended).toBe('SIGHUP');
  expect(reloads()).toBe(0);
});

it('SIGHUP before anything is served ends nothing', () => {
  const signals = awaitSignal({ hasTerminal: false });
  onTestFinished(signals.release);
  expect(() => process.emit('SIGHUP')).not.toThrow();
});
