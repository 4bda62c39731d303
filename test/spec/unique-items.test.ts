import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lastRepeated } from '../../src/spec/unique-items.ts';

const theirs = new Ajv2020({ allErrors: true }).compile({ type: 'array', uniqueItems: true });

it('tells the same pair as the keyword that it stands for', () => {
  const scalar = fc.constantFrom<unknown>(
    'a',
    'b',
    '1',
    'true',
    'null',
    '',
    '__proto__',
    1,
    0,
    -0,
    1.5,
    true,
    false,
    null,
  );
  const { item } = fc.letrec((tie) => ({
    item: fc.oneof(
      { maxDepth: 2, withCrossShrink: true },
      scalar,
      fc.array(tie('item'), { maxLength: 2 }),
      fc.dictionary(fc.constantFrom('a', 'b'), tie('item'), { maxKeys: 2, noNullPrototype: true }),
    ),
  }));
  fc.assert(
    fc.property(fc.array(item, { maxLength: 8 }), (items) => {
      theirs(items);
      expect(lastRepeated(items)).toEqual(theirs.errors?.[0]?.params);
    }),
    { numRuns: 500 },
  );
});

it('looks at each item once: a list may have as many as a file has room for', () => {
  let reads = 0;
  const items = Array.from({ length: 1000 }, (_, value) => ({
    get value() {
      reads += 1;
      return value;
    },
  }));
  expect(lastRepeated(items)).toBeUndefined();
  expect(reads).toBe(1000);
});
