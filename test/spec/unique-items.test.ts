import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { UNIQUE_ITEMS } from '../../src/spec/unique-items.ts';

const SCHEMA = { type: 'array', uniqueItems: true };
const OPTIONS = { allErrors: true, verbose: true };
const theirs = new Ajv2020(OPTIONS).compile(SCHEMA);
const ours = new Ajv2020(OPTIONS).removeKeyword('uniqueItems').addKeyword(UNIQUE_ITEMS).compile(SCHEMA);

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
      expect(ours(items)).toBe(theirs(items));
      const [told, expected] = [ours, theirs].map(({ errors }) =>
        errors?.map(({ keyword, params, instancePath, message }) => ({ keyword, params, instancePath, message })),
      );
      expect(told).toEqual(expected);
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
  expect(ours(items)).toBe(true);
  expect(reads).toBe(1000);
});

it('is asked for: uniqueItems: false refuses nothing', () => {
  const ajv = new Ajv2020(OPTIONS).removeKeyword('uniqueItems').addKeyword(UNIQUE_ITEMS);
  expect(ajv.compile({ type: 'array', uniqueItems: false })(['a', 'a'])).toBe(true);
});
