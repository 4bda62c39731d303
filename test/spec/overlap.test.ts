import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexStretches } from '../../src/spec/overlap.ts';

const stretch = fc
  .tuple(fc.constantFrom('a.yaml', 'b.yaml'), fc.nat(30), fc.nat(6))
  .map(([file, start, length]) => ({ file, start, end: start + length }));

describe('stretches', () => {
  it('meet what shares a character of the same file with one of them or begins where one begins, as looking at each says', () => {
    fc.assert(
      fc.property(fc.array(stretch), stretch, (all, one) => {
        const byLooking = all.some(
          ({ file, start, end }) => file === one.file && (start === one.start || (start < one.end && one.start < end)),
        );
        expect(indexStretches(all).meet(one)).toBe(byLooking);
      }),
    );
  });

  it('begin within another of the same file or right behind it, as looking at each says', () => {
    fc.assert(
      fc.property(fc.array(stretch), stretch, (all, one) => {
        const byLooking = all.some(({ file, start }) => file === one.file && one.start <= start && start <= one.end);
        expect(indexStretches(all).beginWithin(one)).toBe(byLooking);
      }),
    );
  });
});
