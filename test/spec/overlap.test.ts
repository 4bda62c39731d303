import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexStretches } from '../../src/spec/overlap.ts';

const stretch = fc.tuple(fc.nat(30), fc.nat(6)).map(([start, length]) => ({ start, end: start + length }));

describe('stretches', () => {
  it('meet what shares a character with one of them or begins where one begins, as looking at each says', () => {
    fc.assert(
      fc.property(fc.array(stretch), stretch, (all, one) => {
        const byLooking = all.some(({ start, end }) => start === one.start || (start < one.end && one.start < end));
        expect(indexStretches(all).meet(one)).toBe(byLooking);
      }),
    );
  });

  it('begin within two offsets, as looking at each says', () => {
    fc.assert(
      fc.property(fc.array(stretch), fc.nat(30), fc.nat(6), (all, from, length) => {
        const byLooking = all.some(({ start }) => from <= start && start <= from + length);
        expect(indexStretches(all).beginWithin(from, from + length)).toBe(byLooking);
      }),
    );
  });
});
