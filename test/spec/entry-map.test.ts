import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EntryMap } from '../../src/spec/entry-map.ts';
import { indexLines } from '../../src/spec/lines.ts';
import type { Entry } from '../../src/spec/tree.ts';

const source = { path: 'a.yaml', text: '', lines: indexLines('') };
const span = { source, start: 0, end: 0 };

function entry(key: string): Entry {
  return { key, keySpan: span, plainKey: true, value: { type: 'scalar', value: key, plain: true, span } };
}

it('few entries or many, it is read like a Map in the order of the entries', () => {
  const keys = fc.uniqueArray(fc.oneof(fc.constantFrom('__proto__', 'constructor', ''), fc.string()), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(keys, fc.string(), (names, other) => {
      const entries = names.map(entry);
      const map = new Map(entries.map((one) => [one.key, one]));
      const compact = new EntryMap(entries);
      expect([...compact]).toEqual([...map]);
      expect([...compact.entries()]).toEqual([...map.entries()]);
      expect([...compact.keys()]).toEqual([...map.keys()]);
      expect([...compact.values()]).toEqual([...map.values()]);
      expect(compact.size).toBe(map.size);
      for (const name of [...names, other]) {
        expect(compact.get(name)).toBe(map.get(name));
        expect(compact.has(name)).toBe(map.has(name));
      }
      const called: unknown[] = [];
      compact.forEach((value, key, all) => void called.push([value, key, all]));
      expect(called).toEqual(entries.map((one) => [one, one.key, compact]));
    }),
    { numRuns: 100 },
  );
});
