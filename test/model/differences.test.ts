// Where two tables differ, whatever they are made of: the same as walking both.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { differences } from '../../src/model/differences.ts';
import { layersOf } from '../../src/model/edited-table.ts';
import { pairUp, type State } from '../../src/model/state.ts';
import { editedStates, madeWhole } from './edited-states.ts';

const RUNS = { numRuns: 50 };

const walked = (first: State, second: State) => [...pairUp(first, second)].filter(([, was, is]) => was !== is);

it('differences of edits of one table are those that walking both finds, in both directions and over several edits', () => {
  fc.assert(
    fc.property(editedStates, (chain) => {
      for (const one of chain) {
        for (const other of chain) expect([...differences(one, other)]).toEqual(walked(one, other));
      }
    }),
    RUNS,
  );
});

it('differences of tables that were made apart are those by identity', () => {
  fc.assert(
    fc.property(editedStates, ([first = new Map(), second = new Map()]) => {
      expect([...differences(first, madeWhole(second))]).toEqual(walked(first, second));
    }),
    RUNS,
  );
});

it('differences of edits of one table look at nothing but what was edited', () => {
  fc.assert(
    fc.property(editedStates, ([, second = new Map(), third = second]) => {
      const { base } = layersOf(second);
      const walk = () => {
        throw new Error('the table is walked');
      };
      Object.assign(base, { [Symbol.iterator]: walk, entries: walk, keys: walk, values: walk, forEach: walk });
      expect(layersOf(third).base).toBe(base);
      expect(() => [...differences(second, third)]).not.toThrow();
    }),
    { numRuns: 5 },
  );
});
