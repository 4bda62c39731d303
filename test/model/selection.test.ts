// What is picked out of a State: the same as looking at each entity, however often the State was edited.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Entity } from '../../src/model/entity.ts';
import { selecting } from '../../src/model/selection.ts';
import { editedStates } from './edited-states.ts';

it('a selection has the entities that are meant, in address order, of each of several edits', () => {
  fc.assert(
    fc.property(editedStates, (chain) => {
      const isMeant = (entity: Entity) =>
        entity.kind === 'group' || (entity.kind === 'user' && entity.methods !== undefined);
      const select = selecting(['user', 'group'], isMeant);
      for (const state of chain) {
        expect([...select(state)]).toEqual(
          [...state].filter(([, entity]) => (entity.kind === 'user' || entity.kind === 'group') && isMeant(entity)),
        );
      }
    }),
    { numRuns: 50 },
  );
});

it('a selection judges an entity again only where it was edited', () => {
  fc.assert(
    fc.property(editedStates, ([first = new Map(), second = new Map()]) => {
      const judged: Entity[] = [];
      const select = selecting(['scope'], (entity) => judged.push(entity) > 0);
      expect(select(first).size).toBeGreaterThan(1000);
      judged.length = 0;
      expect(select(second).size).toBeGreaterThan(1000);
      expect(judged.length).toBeLessThan(100);
    }),
    { numRuns: 20 },
  );
});
