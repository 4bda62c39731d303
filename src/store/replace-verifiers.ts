// Owns the body of the transaction that brings verifiers up to date beside serving (the contract is in plan/port.ts).
// Runs between BEGIN and COMMIT of its caller. Never touches an entity.

import type { StoredVerifier } from '../model/verifier.ts';
import type { Revision, RevisionSummary } from '../plan/port.ts';
import { recordRevision } from './apply.ts';
import { revisionFrom } from './revision.ts';
import type { WriteStatements } from './sql.ts';
import { declaredSlots, writeVerifiers } from './verifiers.ts';

const NOTHING: RevisionSummary = { add: 0, change: 0, move: 0, delete: 0, access_added: 0, access_removed: 0 };

export function replaceVerifiers(
  write: WriteStatements,
  verifiers: readonly StoredVerifier[],
  at: { readonly appliedAt: number },
): Revision {
  const newest = write.newestRevision.get();
  if (newest === undefined) throw new Error('verifiers cannot be replaced before anything was applied');
  const meant = verifiers.filter(({ address, slot }) => declaredSlots(write, address).has(slot));
  const { replaced: secrets } = writeVerifiers(write, meant);
  if (secrets.length === 0) return revisionFrom(newest);
  return recordRevision(write, {
    generation: newest.generation + 1,
    digest: newest.digest,
    applied_at: at.appliedAt,
    commit_id: null,
    author: null,
    secrets: JSON.stringify(secrets),
    summary: JSON.stringify(NOTHING),
    approvals: '[]',
    standing: null,
    rollback_to: null,
    plan: '[]',
  });
}
