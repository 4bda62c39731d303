import { describe, expect, it } from 'vitest';
import type { Address } from '../../src/model/address.ts';
import { type AppliedMove, nameNow } from '../../src/model/move.ts';

const user = (name: string): Address => `user:Example/${name}`;
const moves = (...all: readonly (readonly [number, string, string])[]): readonly AppliedMove[] =>
  all.map(([generation, from, to]) => ({ generation, from: user(from), to: user(to) }));

describe('what an entity is called now', () => {
  it('is found along the moves that came after', () => {
    const chain = moves([2, 'a', 'b'], [5, 'b', 'c']);
    expect(nameNow(user('a'), 1, chain)).toBe(user('c'));
    expect(nameNow(user('b'), 2, chain)).toBe(user('c'));
    expect(nameNow(user('b'), 5, chain)).toBe(user('b'));
    expect(nameNow(user('x'), 1, chain)).toBe(user('x'));
  });

  it('is not what took its name later', () => {
    const taken = moves([2, 'a', 'b'], [3, 'c', 'a'], [4, 'a', 'd']);
    expect(nameNow(user('a'), 1, taken)).toBe(user('b'));
    expect(nameNow(user('a'), 3, taken)).toBe(user('d'));
    expect(nameNow(user('c'), 1, taken)).toBe(user('d'));
  });

  it('is the other name where two changed theirs in one generation', () => {
    const swapped = moves([2, 'a', 'b'], [2, 'b', 'a']);
    expect(nameNow(user('a'), 1, swapped)).toBe(user('b'));
    expect(nameNow(user('b'), 1, swapped)).toBe(user('a'));
  });
});
