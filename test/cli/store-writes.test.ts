import { expect, it } from 'vitest';
import type { LateStore } from '../../src/cli/late-store.ts';
import { watchStoreWrites } from '../../src/cli/serve/store-writes.ts';
import { Failure } from '../../src/model/failure.ts';

const FULL = new Failure('store_unavailable', 'The store s cannot be used: the disk is full.');

/** A store whose writes fail as long as there is a failure. */
function watching() {
  const disk = { failure: undefined as Error | undefined };
  const write = async (): Promise<void> => {
    if (disk.failure !== undefined) throw disk.failure;
  };
  const fake = { path: 's', revokeJwt: write, tryWriting: write, removeExpired: async () => 0, findCode: write };
  const told: (string | undefined)[] = [];
  const writes = watchStoreWrites(fake as unknown as LateStore, (problem) => void told.push(problem));
  return { disk, told, writes, revoke: () => writes.store.revokeJwt('j', 1) };
}

it('writing that fails is told once, however many requests fail by it, and once when a look finds that it works', async () => {
  const { disk, told, writes, revoke } = watching();
  await revoke();
  disk.failure = FULL;
  for (let request = 0; request < 3; request += 1) await expect(revoke()).rejects.toBe(FULL);
  await writes.look();
  expect([told, writes.problem()]).toEqual([[FULL.message], FULL.message]);
  disk.failure = undefined;
  // It changed nothing, so nothing had to be written.
  await writes.store.removeExpired(1, 1);
  expect(writes.problem()).toBe(FULL.message);
  await writes.look();
  expect([told, writes.problem()]).toEqual([[FULL.message, undefined], undefined]);
});

it('what is refused for another reason, what is read, and what comes after the end is not told', async () => {
  const { disk, told, writes, revoke } = watching();
  disk.failure = new Failure('stale_plan', 'Another came first.');
  await expect(revoke()).rejects.toThrow();
  disk.failure = FULL;
  await expect(writes.store.findCode('c')).rejects.toThrow();
  writes.stop();
  await expect(revoke()).rejects.toThrow();
  expect([told, writes.problem()]).toEqual([[], undefined]);
});
