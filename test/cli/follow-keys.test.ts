import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { followKeys } from '../../src/cli/serve/follow-keys.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('looks every five seconds, one look after the other, until it is stopped', async () => {
  let looks = 0;
  let finish: () => void = () => undefined;
  const following = followKeys(
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
  const following = followKeys(
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
