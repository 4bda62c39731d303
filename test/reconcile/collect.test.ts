import { getHeapStatistics } from 'node:v8';
import { expect, it } from 'vitest';
import { collectGarbage } from '../../src/reconcile/collect.ts';

it('gives back the pages of what was let go of between what stays', () => {
  const stays: object[] = [];
  let goes: object[] | undefined = [];
  for (let position = 0; position < 100_000; position += 1) {
    stays.push({ position, text: `stays ${position}` });
    for (let other = 0; other < 8; other += 1) goes.push({ position, text: `goes ${position}.${other}` });
  }
  const before = getHeapStatistics();
  goes = undefined;
  collectGarbage();
  const { used_heap_size: used, total_heap_size: total } = getHeapStatistics();
  const freed = before.used_heap_size - used;
  expect(freed).toBeGreaterThan(before.used_heap_size / 4);
  // Of the pages more go than half of what was in them: they do not stay for the little that stays in each.
  expect(before.total_heap_size - total).toBeGreaterThan(freed / 2);
  expect(stays).toHaveLength(100_000);
  // Nothing is left of how it was done.
  expect('gc' in globalThis).toBe(false);
});
