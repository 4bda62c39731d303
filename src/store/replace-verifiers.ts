// Owns the body of the transaction that brings verifiers up to date beside serving (the contract is in plan/port.ts).
// Runs between BEGIN and COMMIT of its caller. Never touches an entity.

import type { StoredVerifier } from '../model/verifier.ts';
import type { Revision } from '../plan/port.ts';
import { recordRevision } from './apply.ts';
import { revisionFrom } from './revision.ts';
import type { WriteStatements } from './sql.ts';
import { stillMeant, writeVerifiers } from './verifiers.ts';

export function replaceVerifiers(
  write: WriteStatements,
  verifiers: readonly StoredVerifier[],
  at: { readonly generation: number; readonly appliedAt: number },
): Revision {
  const newest = write.newestRevision.get();
  if (newest === undefined) throw new Error('verifiers cannot be replaced before anything was applied');
  const meant = stillMeant(write, verifiers, at.generation);
  // The first verifier of a secret says nothing about a change of it.
  const known = new Set(meant.filter(({ address, slot }) => write.verifier.get(address, slot) !== undefined));
  const firsts = meant.filter((verifier) => !known.has(verifier));
  writeVerifiers(write, firsts);
  const secrets = writeVerifiers(write, [...known]);
  if (secrets.length === 0) return revisionFrom(newest);
  return recordRevision(write, {
    generation: newest.generation + 1,
    digest: newest.digest,
    applied_at: at.appliedAt,
    commit_id: null,
    author: null,
    secrets: JSON.stringify(secrets),
    plan: '[]',
  });
}
