// Owns the body of the apply transaction: what of a plan becomes which row (the contract is in plan/port.ts). Runs
// between BEGIN and COMMIT of its caller. Never chooses: the plan says what changes.

import { type Address, compareText } from '../model/address.ts';
import { canonicalJson, digestBody, digestEntries, digestState } from '../model/digest.ts';
import type { Entity, ServerEntity } from '../model/entity.ts';
import { Failure } from '../model/failure.ts';
import { EMPTY_STATE } from '../model/state.ts';
import type { Change } from '../plan/plan.ts';
import type { Revision } from '../plan/port.ts';
import { changedByOthers } from './problem.ts';
import type { ApplyHead, StagedPart } from './protocol.ts';
import { revisionFrom } from './revision.ts';
import type { ReadStatements, RevisionRow, WriteStatements } from './sql.ts';
import { dropVerifiers, slotsOf, writeVerifiers } from './verifiers.ts';

export interface ApplySteps {
  /** Of file, for messages. */
  readonly path: string;
  readonly write: WriteStatements;
  /** Of the reading connection: the rows as they are committed. */
  readonly read: ReadStatements;
  /** Lets others read in between: called every few rows. */
  readonly breathe: () => void;
}

/** Rows between two breaths: a few milliseconds. */
const BREATH = 128;

export function apply(steps: ApplySteps, head: ApplyHead, parts: readonly StagedPart[]): Revision {
  const { write } = steps;
  requireIssuer(steps, head.issuer);
  const newest = write.newestRevision.get();
  requireBase(steps.path, head, newest);

  const texts = parts.flatMap((part) => part.changes);
  const origins = new Map(parts.flatMap((part) => part.origins));
  const verifiers = parts.flatMap((part) => part.verifiers);
  const generation = head.base.generation + 1;

  const updated = writeChanges(steps, { texts, generation, origins });
  // Those that writeChanges wrote are in the map no longer.
  eachBreathing(steps, origins, ([address, origin]) => write.updateOrigin.run(origin, address, origin));
  const { replaced, first } = writeVerifiers(write, verifiers);
  const secrets = [...new Set([...replaced, ...first.filter((address) => updated.has(address))])].sort(compareText);

  if (newest !== undefined && texts.length === 0 && secrets.length === 0) return revisionFrom(newest);
  requireResult(steps, head, newest);
  return recordRevision(write, {
    generation,
    digest: head.resultDigest,
    applied_at: head.appliedAt,
    commit_id: head.commit ?? null,
    author: head.author ?? null,
    secrets: JSON.stringify(secrets),
    plan: `[${texts.join(',')}]`,
  });
}

export function recordRevision(write: WriteStatements, row: RevisionRow & { readonly plan: string }): Revision {
  write.insertRevision.run(
    row.generation,
    row.digest,
    row.applied_at,
    row.commit_id,
    row.author,
    row.secrets,
    row.plan,
  );
  return revisionFrom(row);
}

/**
 * A store belongs to one issuer (DESIGN 3). Asked before the base: a plan of another issuer is told so even when it is
 * stale too, because planning again would not help.
 */
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

function requireBase(path: string, { base }: ApplyHead, newest: RevisionRow | undefined): void {
  const generation = newest?.generation ?? 0;
  const digest = newest?.digest ?? digestState(EMPTY_STATE);
  if (base.generation === generation && base.digest === digest) return;
  const found =
    base.generation === generation
      ? `the store ${path} is at another generation ${generation}: its digest is ${digest}, not ${base.digest}`
      : `the store ${path} is at ${generation}`;
  throw new Failure(
    'stale_plan',
    `The plan was made against generation ${base.generation}, ${found}. Nothing was written. Plan again and apply that.`,
  );
}

interface Writing {
  readonly texts: readonly string[];
  readonly generation: number;
  /** What is written is taken out. */
  readonly origins: Map<Address, string>;
}

/** Answers the addresses that the plan updated. */
function writeChanges(steps: ApplySteps, writing: Writing): ReadonlySet<Address> {
  const { write } = steps;
  const updated = new Set<Address>();
  eachBreathing(steps, writing.texts, (text) => {
    const change = JSON.parse(text) as Change;
    const { address } = change;
    switch (change.action) {
      case 'create': {
        const [digest, body] = content(change.after);
        const origin = writing.origins.get(address) ?? null;
        writing.origins.delete(address);
        const { changes } = write.insertEntity.run(address, digest, writing.generation, body, origin);
        requireRow(steps.path, changes, `it holds ${address}, which its newest generation does not have`);
        break;
      }
      case 'update': {
        const [digest, body] = content(change.after);
        const { changes } = write.updateEntity.run(digest, body, address);
        requireRow(steps.path, changes, `${address} of its newest generation is missing`);
        updated.add(address);
        if (change.renews) {
          write.renewEntity.run(writing.generation, address);
          endTokens(write, address);
        }
        if (slotsOf(change.before).size > 0) dropVerifiers(write, address, slotsOf(change.after));
        break;
      }
      case 'delete': {
        // Its verifiers go with it: the foreign key cascades.
        const { changes } = write.deleteEntity.run(address);
        requireRow(steps.path, changes, `${address} of its newest generation is missing`);
        endTokens(write, address);
        break;
      }
    }
  });
  return updated;
}

/** The row digest and the canonical body of an entity. */
function content(entity: Entity): [digest: string, body: string] {
  const body = canonicalJson(entity);
  return [digestBody(body), body];
}

/** Stored tokens end with their client or user (DESIGN 5, `since`). */
function endTokens(write: WriteStatements, owner: Address): void {
  if (owner.startsWith('application:')) write.deleteTokensOfClient.run(owner);
  else if (owner.startsWith('user:')) write.deleteTokensOfUser.run(owner);
}

/** The digest of what now stands in the table is the one that the plan promised, or nothing is committed. */
function requireResult({ path, read, write }: ApplySteps, head: ApplyHead, newest: RevisionRow | undefined): void {
  const written = digestEntries(write.entityDigests.all());
  if (written === head.resultDigest) return;
  const before = digestEntries(read.entityDigests.all());
  if (newest !== undefined && before !== newest.digest) {
    throw changedByOthers(
      path,
      `its entities have the digest ${before}, generation ${newest.generation} recorded ${newest.digest}`,
    );
  }
  throw new Error(`the plan promised the digest ${head.resultDigest}, its changes lead to ${written}`);
}

function requireRow(path: string, changes: number, otherwise: string): void {
  if (changes !== 1) throw changedByOthers(path, otherwise);
}

function eachBreathing<T>({ breathe }: ApplySteps, items: Iterable<T>, run: (item: T) => void): void {
  let count = 0;
  for (const item of items) {
    if (++count % BREATH === 0) breathe();
    run(item);
  }
}
