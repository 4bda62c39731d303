// Owns random States that lie in memory as a serving process has them: a large one, and what was edited of it a few times. Beside what is
// random each has a catalogue large enough that an edit is never worth a copy.

import fc from 'fast-check';
import { type Address, scopeAddress } from '../../src/model/address.ts';
import type { Entity } from '../../src/model/entity.ts';
import { createState, editState, type State } from '../../src/model/state.ts';
import { states } from './state-arbitrary.ts';

const SCOPES = Array.from({ length: 1500 }, (_, at): readonly [Address, Entity] => [
  scopeAddress(`of-nobody-${at}`),
  { kind: 'scope', descriptions: [] },
]);

/** Several States, each an edit of the one before. */
export const editedStates: fc.Arbitrary<readonly State[]> = fc
  .array(states, { minLength: 2, maxLength: 4 })
  .map(([first, ...others]) => {
    const chain = [withScopes(first ?? new Map())];
    for (const other of others) {
      const last = chain.at(-1) as State;
      chain.push(editState(last, editsTo(last, withScopes(other))));
    }
    return chain;
  });

/** The same State, made whole. */
export function madeWhole(state: State): State {
  return createState(state);
}

function withScopes(state: State): State {
  return createState([...state, ...SCOPES]);
}

/** What an entity says the same may be the same object or another, as after a compile. */
function editsTo(before: State, after: State): ReadonlyMap<Address, Entity | undefined> {
  const gone = [...before.keys()].filter((address) => !after.has(address));
  const come = [...after].filter(([address]) => !address.startsWith('scope:of-nobody-'));
  return new Map<Address, Entity | undefined>([...gone.map((address) => [address, undefined] as const), ...come]);
}
