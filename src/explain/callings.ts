// Owns how entities are called in answers: as they may be asked about again. Never tells anything else.

import { type Address, kindOf, nameOf, qualifiedName } from '../model/address.ts';
import type { State } from '../model/state.ts';
import type { Naming } from '../plan/naming.ts';
import { escapeControls } from '../plan/style.ts';

/** Bare where only one of the kind has the name, else `Site/Name`; ready for a terminal. */
export function callingsOf(state: State): Naming {
  const times = new Map<string, number>();
  const keyOf = (address: Address) => `${kindOf(address)}:${nameOf(address)}`;
  for (const address of state.keys()) times.set(keyOf(address), (times.get(keyOf(address)) ?? 0) + 1);
  return {
    name: (address) => escapeControls(times.get(keyOf(address)) === 1 ? nameOf(address) : qualifiedName(address)),
  };
}
