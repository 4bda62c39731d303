// Owns how a revision's row reads as a Revision. Never queries.

import type { Address } from '../model/address.ts';
import type { Revision, RevisionSummary } from '../plan/port.ts';
import type { RevisionRow } from './sql.ts';

export function revisionFrom(row: RevisionRow): Revision {
  return {
    generation: row.generation,
    digest: row.digest,
    appliedAt: row.applied_at,
    commit: row.commit_id ?? undefined,
    author: row.author ?? undefined,
    secrets: JSON.parse(row.secrets) as Address[],
    summary: JSON.parse(row.summary) as RevisionSummary,
    approvals: JSON.parse(row.approvals) as string[],
    standing: row.standing === null ? undefined : (JSON.parse(row.standing) as string[]),
    rollbackTo: row.rollback_to ?? undefined,
  };
}
