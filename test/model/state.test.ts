// A State as a table by kind: the same whoever asks how often, and of what is put together still never what it was before.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Address } from '../../src/model/address.ts';
import type { Entity } from '../../src/model/entity.ts';
import { createState, editState, entitiesOf } from '../../src/model/state.ts';
import { states } from './state-arbitrary.ts';

const KINDS = ['server', 'method', 'site', 'application', 'group', 'user'] as const;

it('entities of a kind are those of the State that have it, in its order, before an edit and after', () => {
  fc.assert(
    fc.property(states, states, (state, other) => {
      const edits = new Map<Address, Entity | undefined>([...other].slice(0, 3));
      const [gone] = state.keys();
      if (gone !== undefined && !edits.has(gone)) edits.set(gone, undefined);
      for (const one of [state, editState(state, edits)]) {
        for (const kind of KINDS) {
          const expected = [...one].filter(([, entity]) => entity.kind === kind);
          expect([...entitiesOf(one, kind)]).toEqual(expected);
          expect([...entitiesOf(one, kind)]).toEqual(expected);
        }
      }
    }),
  );
});

it('of what is put together still they are found anew each time', () => {
  const growing = new Map<Address, Entity>([['site:A', { kind: 'site' }]]);
  expect([...entitiesOf(growing, 'site')]).toHaveLength(1);
  growing.set('site:B', { kind: 'site' });
  expect([...entitiesOf(growing, 'site')]).toHaveLength(2);
  expect([...entitiesOf(createState(growing), 'site')]).toHaveLength(2);
});
