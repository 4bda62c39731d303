import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { followStore, lookForGeneration } from '../../src/cli/serve/follow-store.ts';
import type { Snapshot } from '../../src/oauth/snapshot.ts';
import type { Revision } from '../../src/plan/port.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('looks every five seconds, one look after the other, until it is stopped', async () => {
  let looks = 0;
  let finish: () => void = () => undefined;
  const following = followStore(
    () => {
      looks += 1;
      return new Promise((resolve) => {
        finish = resolve;
      });
    },
    () => undefined,
  );
  await vi.advanceTimersByTimeAsync(4999);
  expect(looks).toBe(0);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(looks, 'the first has not ended').toBe(1);
  finish();
  await vi.advanceTimersByTimeAsync(5000);
  expect(looks).toBe(2);
  following.stop();
  finish();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(looks).toBe(2);
});

it('tells what fails and goes on; what fails after the end is told to nobody', async () => {
  const failures: unknown[] = [];
  let looks = 0;
  const following = followStore(
    async () => {
      looks += 1;
      if (looks !== 2) throw new Error(`away ${looks}`);
    },
    (error) => void failures.push(String(error)),
  );
  await vi.advanceTimersByTimeAsync(15_000);
  expect([looks, failures]).toEqual([3, ['Error: away 1', 'Error: away 3']]);
  following.stop();
  await vi.advanceTimersByTimeAsync(15_000);
  expect(looks).toBe(3);
});

describe('a generation of another process', () => {
  const hints = async (newest: number | undefined, serving: number | undefined): Promise<number> => {
    const hinted: true[] = [];
    await lookForGeneration(
      { revisions: async () => (newest === undefined ? [] : [{ generation: newest } as Revision]) },
      {
        current: () => (serving === undefined ? undefined : ({ generation: serving } as Snapshot)),
        hint: () => void hinted.push(true),
      },
    );
    return hinted.length;
  };

  it('asks for a pass where it is newer than what is served', async () => {
    expect(await hints(4, 3)).toBe(1);
  });

  it.each([
    [3, 3],
    [3, 4],
    [undefined, undefined],
    [1, undefined],
  ])('asks for none where the store has %s and %s is served', async (newest, serving) => {
    expect(await hints(newest, serving)).toBe(0);
  });
});
