// Owns where two tables hold different objects: of those that are edits of one table at the price of the edits, whatever their
// size is. Never compares what the objects say.

import { type Address, compareText } from './address.ts';
import { layersOf } from './edited-table.ts';
import { pairUp } from './state.ts';

/** What two tables have at each address at which they have not the very same, in address order; undefined where one has nothing. */
export function* differences<V>(
  first: ReadonlyMap<Address, V>,
  second: ReadonlyMap<Address, V>,
): Generator<readonly [address: Address, first: V | undefined, second: V | undefined]> {
  const [one, other] = [layersOf(first), layersOf(second)];
  if (one.base !== other.base) {
    for (const pair of pairUp(first, second)) if (pair[1] !== pair[2]) yield pair;
    return;
  }
  const edited = new Set([...one.edits.keys(), ...other.edits.keys()]);
  for (const address of [...edited].sort(compareText)) {
    const [was, is] = [first.get(address), second.get(address)];
    if (was !== is) yield [address, was, is];
  }
}
