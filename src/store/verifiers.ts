// Owns the rows of verifiers: which are written, which are dropped, and whose secret that changed. Runs between BEGIN and
// COMMIT of its caller. Never sees a secret.

import { type Address, compareText } from '../model/address.ts';
import { canonicalJson } from '../model/digest.ts';
import type { Entity } from '../model/entity.ts';
import type { StoredVerifier } from '../model/verifier.ts';
import type { Change } from '../plan/plan.ts';
import type { WriteStatements } from './sql.ts';

/** What names the secret of an entity, as text to compare; undefined when it has none. */
export function secretReference(entity: Entity): string | undefined {
  if (entity.kind !== 'application' || entity.secret === undefined) return undefined;
  return canonicalJson(entity.secret);
}

/** Writes those that differ from what is stored; answers whose they are, sorted, each once. */
export function writeVerifiers(write: WriteStatements, verifiers: readonly StoredVerifier[]): Address[] {
  const changed = new Set<Address>();
  for (const { address, slot, phc } of verifiers) {
    if (write.verifier.get(address, slot) === phc) continue;
    write.writeVerifier.run(address, slot, phc);
    changed.add(address);
  }
  return [...changed].sort(compareText);
}

/** What tells two verifiers apart: the address has no line break. */
export function verifierKey(verifier: { readonly address: Address; readonly slot: string }): string {
  return `${verifier.address}\n${verifier.slot}`;
}

/** Drops the verifiers of an application whose secret is another one now, but those that are about to be written. */
export function deleteReplacedVerifiers(write: WriteStatements, address: Address, coming: ReadonlySet<string>): void {
  for (const slot of write.verifierSlots.all(address)) {
    if (!coming.has(verifierKey({ address, slot }))) write.deleteVerifier.run(address, slot);
  }
}

/**
 * Of verifiers that were made from the references of `generation`, those whose application still writes that
 * reference.
 */
export function stillMeant(
  write: WriteStatements,
  verifiers: readonly StoredVerifier[],
  generation: number,
): StoredVerifier[] {
  const moved = new Set<Address>();
  for (const plan of write.plansAfter.all(generation)) {
    for (const change of JSON.parse(plan) as Change[]) {
      if (change.action !== 'update' || secretReference(change.before) !== secretReference(change.after)) {
        moved.add(change.address);
      }
    }
  }
  return verifiers.filter(({ address }) => !moved.has(address) && writesSecret(write.entityBody.get(address)));
}

function writesSecret(body: string | undefined): boolean {
  return body !== undefined && secretReference(JSON.parse(body) as Entity) !== undefined;
}
