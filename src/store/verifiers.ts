// Owns the rows of verifiers: which are written, which are dropped, and whose secret that changed. Runs between BEGIN and
// COMMIT of its caller. Never sees a secret.

import { type Address, compareText } from '../model/address.ts';
import type { Entity } from '../model/entity.ts';
import { secretsWithin } from '../model/settings.ts';
import { type StoredVerifier, slotOf } from '../model/verifier.ts';
import type { WriteStatements } from './sql.ts';

/** The slots of the secrets that an entity declares. */
export function slotsOf(entity: Entity): ReadonlySet<string> {
  const slots = secretsWithin(entity).map(({ secret }) => slotOf(secret));
  return new Set(slots.filter((slot) => slot !== undefined));
}

/** Whose verifiers were written, sorted, each once. */
interface Written {
  /** Another value was known for the secret. */
  readonly replaced: readonly Address[];
  /** None was: that says nothing about a change of it. */
  readonly first: readonly Address[];
}

/** Writes those that differ from what is stored. What the same owners have of secrets they no longer declare is dropped. */
export function writeVerifiers(write: WriteStatements, verifiers: readonly StoredVerifier[]): Written {
  const replaced = new Set<Address>();
  const first = new Set<Address>();
  for (const { address, slot, phc } of verifiers) {
    const known = write.verifier.get(address, slot);
    if (known === phc) continue;
    write.writeVerifier.run(address, slot, phc);
    (known === undefined ? first : replaced).add(address);
  }
  // What a store of an older form kept under another name goes with the first verifier in the new one.
  for (const address of first) dropVerifiers(write, address, declaredSlots(write, address));
  return { replaced: [...replaced].sort(compareText), first: [...first].sort(compareText) };
}

/** Drops the verifiers of an owner whose secrets are no longer among those that it declares. */
export function dropVerifiers(write: WriteStatements, address: Address, declared: ReadonlySet<string>): void {
  for (const slot of write.verifierSlots.all(address)) {
    if (!declared.has(slot)) write.deleteVerifier.run(address, slot);
  }
}

/** The slots that an owner declares as it stands in the table; none when it is gone. */
export function declaredSlots(write: WriteStatements, address: Address): ReadonlySet<string> {
  const body = write.entityBody.get(address);
  return body === undefined ? new Set() : slotsOf(JSON.parse(body) as Entity);
}
