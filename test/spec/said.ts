// Owns all that a compile says, as data that can be compared. Never compiles.

import type { Address } from '../../src/model/address.ts';
import type { Checked } from '../../src/model/diagnostic.ts';
import { digestState } from '../../src/model/digest.ts';
import { type StoredOrigin, storedOrigin } from '../../src/model/origin.ts';
import type { CompiledSpec } from '../../src/spec/compile.ts';

export function said(checked: Checked<CompiledSpec>) {
  if (!checked.ok) return checked;
  const { state, origins, ...beside } = checked.value;
  const places = new Map<Address, StoredOrigin | undefined>();
  for (const [address, entity] of state) {
    const origin = origins.get(address);
    places.set(address, origin && storedOrigin(entity, origin));
  }
  const sizes = [state.size, origins.size, [...origins].length];
  const { diagnostics } = checked;
  return { ok: true, state: [...state], places, sizes, digest: digestState(state), beside, diagnostics };
}
