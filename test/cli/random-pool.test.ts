// Random bytes that are drawn many at a time.

import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { randomPool } from '../../src/cli/serve/random-pool.ts';

it('every byte that is drawn is given out at most once, and none that was not drawn', () => {
  const drawn: Uint8Array[] = [];
  let next = 0;
  const random = randomPool((bytes) => {
    const draw = Uint8Array.from({ length: bytes }, (_, at) => (next + at) >> (8 * (at % 4)));
    next += bytes;
    drawn.push(draw);
    return draw;
  });
  const given: Uint8Array[] = [];
  for (const bytes of [16, 32, 12, 9, 5000, 16, 4096, ...Array.from({ length: 500 }, () => 32)]) {
    const some = random(bytes);
    expect(some).toHaveLength(bytes);
    given.push(some);
  }
  // By where they lie: no two overlap, and each lies in a draw.
  const places = given.map(({ buffer, byteOffset, length }) => ({ buffer, byteOffset, end: byteOffset + length }));
  const strangers = places.filter((place) => !drawn.some(({ buffer }) => buffer === place.buffer));
  const overlapping = places.filter((place, at) =>
    places
      .slice(at + 1)
      .some((other) => place.buffer === other.buffer && place.byteOffset < other.end && other.byteOffset < place.end),
  );
  expect({ strangers, overlapping }).toEqual({ strangers: [], overlapping: [] });
  expect(drawn.length).toBeLessThan(given.length / 20);
});

it('what was given out stays as it is', () => {
  const random = randomPool(randomBytes);
  const first = random(16);
  const copy = Buffer.from(first);
  for (let number = 0; number < 1000; number++) random(16);
  expect(Buffer.from(first).equals(copy)).toBe(true);
});
