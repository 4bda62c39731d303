import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApplicationEntity } from '../../src/model/entity.ts';
import { originFrom, type Position, type SourceRange, type StoredOrigin } from '../../src/model/origin.ts';
import { originOfText, readOrigin, readRange, spellRange, textOf, writeOrigin } from '../../src/model/origin-text.ts';

const count = fc.nat({ max: 100_000 });
const position: fc.Arbitrary<Position> = fc.record({ line: count, column: count, offset: count });
/** Among them names that look like places. */
const file = fc.oneof(
  fc.constantFrom('charter.yaml', 'sites/a.yaml', '1', '9:16:220', '9:16:220-9:35:239', '9:16:220-1', 'a"b\\c\n.yaml'),
  fc.string({ minLength: 1, unit: 'binary' }),
);
const range: fc.Arbitrary<SourceRange> = fc.record({ file, start: position, end: position });
const stored: fc.Arbitrary<StoredOrigin> = fc
  .tuple(
    range,
    fc.dictionary(
      fc.string({ unit: 'binary' }).map((name) => `/${name}`),
      range,
    ),
  )
  .map(([self, others]) => ({ '': self, ...others }));

describe('an origin as a text', () => {
  it('reads as what was written, whatever its files are called (law)', () => {
    fc.assert(
      fc.property(stored, (origin) => {
        expect(readOrigin(writeOrigin(origin))).toEqual(origin);
      }),
    );
    fc.assert(
      fc.property(range, (one) => {
        expect(readRange(spellRange(one))).toEqual(one);
      }),
    );
  });

  it('is the same in whatever order the entity has its keys (law)', () => {
    fc.assert(
      fc.property(stored, (origin) => {
        expect(writeOrigin(Object.fromEntries(Object.entries(origin).reverse()))).toBe(writeOrigin(origin));
      }),
    );
  });

  it('names the file of the whole once', () => {
    const at = (line: number, name = 'sites/a.yaml') => readRange(`${name}:${line}:1:0-${line}:9:8`);
    expect(writeOrigin({ '/secret': at(3), '/metadata': at(4, 'overlays/p/a.yaml'), '': at(2) })).toBe(
      '{"":"sites/a.yaml:2:1:0-2:9:8","/metadata":"overlays/p/a.yaml:4:1:0-4:9:8","/secret":"3:1:0-3:9:8"}',
    );
  });

  it('reads from a store of version 4, where ranges are members', () => {
    fc.assert(
      fc.property(stored, (origin) => {
        expect(readOrigin(JSON.stringify(origin))).toEqual(origin);
      }),
    );
  });

  it.each([
    '',
    '{}',
    '{"/secret":"a.yaml:1:2:3-4:5:6"}',
    '{"":5}',
    '{"":"a.yaml"}',
    '{"":"1:2:3-4:5:6"}',
    '{"":"a.yaml:1:2:3"}',
  ])('is no origin: %j', (text) => {
    expect(() => readOrigin(text)).toThrow();
  });

  it('of an Origin that is read from one is that one, and of another is written', () => {
    const application: ApplicationEntity = { kind: 'application', client_id: 'a', secret: { env: 'A_SECRET' } };
    const origin = originFrom({ '': readRange('a.yaml:1:1:0-1:2:1'), '/secret': readRange('a.yaml:2:3:9-2:4:10') });
    const text = textOf(application, origin);
    expect(text).toBe('{"":"a.yaml:1:1:0-1:2:1","/secret":"2:3:9-2:4:10","/secret/env":"2:3:9-2:4:10"}');
    const again = originOfText(() => text);
    expect(again('/secret')).toEqual(origin('/secret'));
    expect(textOf(application, again)).toBe(text);
  });
});
