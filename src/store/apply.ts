// Owns the body of the apply transaction: what of a plan becomes which row (the contract is in plan/port.ts). Runs
// between BEGIN and COMMIT of its caller. Never chooses: the plan says what changes.

import { type Address, compareText } from '../model/address.ts';
import { digestEntries } from '../model/digest.ts';
import type { ServerEntity } from '../model/entity.ts';
import { Failure } from '../model/failure.ts';
import type { Revision } from '../plan/port.ts';
import { type ApplySteps, eachBreathing } from './apply-steps.ts';
import { createEntities, rewriteEntities } from './changes.ts';
import { mend } from './mend.ts';
import { changedByOthers } from './problem.ts';
import type { ApplyHead } from './protocol.ts';
import { revisionFrom } from './revision.ts';
import { checkRows, requireAlone } from './sequel.ts';
import type { RevisionRow, WriteStatements } from './sql.ts';
import type { Staging } from './staging.ts';
import { requireBase } from './stale.ts';
import { writeVerifiers } from './verifiers.ts';

export function apply(steps: ApplySteps, head: ApplyHead, staging: Staging): Revision {
  const { write } = steps;
  const newest = write.newestRevision.get();
  if (head.sequel === 'next') requireAlone(steps);
  begin(steps, head, newest, staging.drift);

  const generation = head.base.generation + 1;
  const kept = rewriteEntities(steps, staging, generation);
  // What is created is known: of a store that was empty nothing is read.
  const others = staging.created.length > 0 ? write.entityDigests.all() : undefined;
  createEntities(steps, staging, generation);
  // Those that were created have theirs.
  eachBreathing(steps, staging.origins, ([address, origin]) => write.updateOrigin.run(origin, address, origin));
  const { replaced, first } = writeVerifiers(write, staging.verifiers);
  const secrets = [...new Set([...replaced, ...first.filter((address) => kept.has(address))])].sort(compareText);

  const isNothing = !staging.hasChanges && secrets.length === 0 && !head.hasDrift;
  if (newest !== undefined && isNothing) return revisionFrom(newest);
  const created = staging.created.map(({ address, digest }): readonly [Address, string] => [address, digest]);
  requireResult(steps, head, newest, [...(others ?? write.entityDigests.all()), ...created]);
  if (head.sequel === 'first') checkRows(steps);
  if (staging.hasChanges) rememberUndone(write, head, generation);
  return recordRevision(write, {
    generation,
    digest: head.resultDigest,
    applied_at: head.appliedAt,
    commit_id: head.commit ?? null,
    author: head.author ?? null,
    secrets: JSON.stringify(secrets),
    summary: JSON.stringify(head.summary),
    approvals: JSON.stringify(head.approvals),
    standing: head.standing === undefined ? null : JSON.stringify(head.standing),
    rollback_to: head.rollbackTo ?? null,
    plan: staging.plan(),
  });
}

/** Whether the plan may be applied at all; what something else wrote is taken back first where the plan knows of it. */
function begin(steps: ApplySteps, head: ApplyHead, newest: RevisionRow | undefined, drift: readonly string[]): void {
  if (!head.hasDrift) {
    // Before the base: a plan of another issuer is told so even when it is stale too, because planning again would not
    // help.
    requireIssuer(steps, head.issuer);
    requireBase(steps, head.base, newest);
    return;
  }
  requireBase(steps, head.base, newest);
  mend(steps, head, drift);
  requireIssuer(steps, head.issuer);
}

export function recordRevision(
  write: WriteStatements,
  row: RevisionRow & { readonly plan: string | Uint8Array },
): Revision {
  write.insertRevision.run(
    row.generation,
    row.digest,
    row.applied_at,
    row.commit_id,
    row.author,
    row.secrets,
    row.summary,
    row.approvals,
    row.standing,
    row.rollback_to,
    row.plan,
  );
  return revisionFrom(row);
}

/** A store belongs to one issuer (DESIGN 3). */
function requireIssuer({ path, write }: ApplySteps, issuer: string | undefined): void {
  const body = write.entityBody.get('server');
  if (issuer === undefined || body === undefined) return;
  const stored = (JSON.parse(body) as ServerEntity).issuer;
  if (stored === issuer) return;
  throw new Failure(
    'store_other_issuer',
    `The store ${path} belongs to the issuer ${stored}; the plan is of the issuer ${issuer}. A store keeps its issuer: ` +
      'name another store with --store, or write the old issuer in the spec.',
  );
}

/**
 * What rollbacks undid is left alone until something else is applied (DESIGN 5): all of it, or the second step back would
 * let the spec of before the first be applied again.
 */
function rememberUndone(
  write: WriteStatements,
  { base, resultDigest, rollbackTo }: ApplyHead,
  generation: number,
): void {
  if (rollbackTo === undefined) {
    write.deleteUndone.run();
    return;
  }
  write.deleteResumed.run();
  write.deleteUndoneOf.run(resultDigest);
  write.deleteUndoneOf.run(base.digest);
  write.insertUndone.run(base.digest, generation);
}

/** The digest of what now stands in the table is the one that the plan promised, or nothing is committed. */
function requireResult(
  { path, read }: ApplySteps,
  head: ApplyHead,
  newest: RevisionRow | undefined,
  standing: readonly (readonly [Address, string])[],
): void {
  const written = digestEntries(standing);
  if (written === head.resultDigest) return;
  const before = digestEntries(read.entityDigests.all());
  if (newest !== undefined && before !== newest.digest && !head.hasDrift) {
    throw changedByOthers(
      path,
      `its entities have the digest ${before}, generation ${newest.generation} recorded ${newest.digest}`,
    );
  }
  throw new Error(`the plan promised the digest ${head.resultDigest}, its changes lead to ${written}`);
}
