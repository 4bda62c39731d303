// Owns what each change of a plan does to the rows. Runs between BEGIN and COMMIT of its caller. Never chooses: the plan
// says what changes.

import { type Address, kindOf } from '../model/address.ts';
import { type ApplySteps, eachBreathing, requireRow } from './apply-steps.ts';
import { contentOf } from './content.ts';
import type { OwnerStatements } from './owner-sql.ts';
import { changedByOthers } from './problem.ts';
import type { WriteStatements } from './sql.ts';
import type { ChangeOf, Staging } from './staging.ts';
import { dropVerifiers, slotsOf } from './verifiers.ts';

/**
 * Writes what is no creation, first that by which addresses become free: what moves or is created may come to where something else was.
 * Answers the addresses that were there before and are still.
 */
export function rewriteEntities(steps: ApplySteps, staging: Staging, generation: number): ReadonlySet<Address> {
  const kept = new Set<Address>();
  eachBreathing(steps, staging.changesOf('delete'), ({ address }) => deleteEntity(steps, address));
  moveEntities(steps, staging);
  for (const action of ['move', 'update'] as const) {
    eachBreathing(steps, staging.changesOf(action), (change) => {
      rewrite(steps, change, generation);
      kept.add(change.address);
    });
  }
  return kept;
}

/** After all else. What is written of origins is taken out of them. */
export function createEntities(steps: ApplySteps, { created, origins }: Staging, generation: number): void {
  const { path, write } = steps;
  eachBreathing(steps, created, ({ address, digest, body }) => {
    const origin = origins.get(address) ?? null;
    origins.delete(address);
    requireRow(path, write.insertEntity.run(address, digest, generation, body, origin).changes, unexpected(address));
  });
}

/** With what hangs on its row, and what was issued for it. */
export function deleteEntity({ path, write }: ApplySteps, address: Address): void {
  const { changes } = write.deleteEntity.run(address);
  requireRow(path, changes, `${address} of its newest generation is missing`);
  endIssued(write, address);
}

/** Where one leaves the place to which another comes, the other waits beside until all have left. */
function moveEntities(steps: ApplySteps, staging: Staging): void {
  const leaving = new Set<Address>();
  eachBreathing(steps, staging.changesOf('move'), ({ from }) => leaving.add(from));
  const waiting: { readonly at: Address; readonly address: Address }[] = [];
  eachBreathing(steps, staging.changesOf('move'), ({ from, address }) => {
    if (!leaving.has(address)) return moveEntity(steps, from, address);
    const at = `${from}\n` as Address;
    moveEntity(steps, from, at);
    waiting.push({ at, address });
  });
  for (const { at, address } of waiting) moveEntity(steps, at, address);
}

/** The row with its `since`, its verifiers and its usage, and what was issued for it. */
function moveEntity({ path, write }: ApplySteps, from: Address, to: Address): void {
  if (write.entityBody.get(to) !== undefined) throw changedByOthers(path, unexpected(to));
  requireRow(path, write.moveEntity.run(to, from).changes, `${from} of its newest generation is missing`);
  // A request that was under way when an older holder of the name went may have left a token: it is not the new one's.
  endIssued(write, to);
  for (const statement of ownedBy(write, from)?.move ?? []) statement.run(to, from);
}

function rewrite({ path, write }: ApplySteps, change: ChangeOf<'update' | 'move'>, generation: number): void {
  const { address, before, after, renews } = change;
  const { digest, body } = contentOf(after);
  const { changes } = write.updateEntity.run(digest, body, address);
  requireRow(path, changes, `${address} of its newest generation is missing`);
  if (renews) {
    write.renewEntity.run(generation, address);
    endIssued(write, address);
  }
  if (slotsOf(before).size > 0) dropVerifiers(write, address, slotsOf(after));
}

function unexpected(address: Address): string {
  return `it holds ${address}, which its newest generation does not have`;
}

/** Stored tokens, Grants, sessions and consents end with their client or user (DESIGN 5, `since`). */
function endIssued(write: WriteStatements, owner: Address): void {
  for (const statement of ownedBy(write, owner)?.end ?? []) statement.run(owner);
}

function ownedBy(write: WriteStatements, owner: Address): OwnerStatements | undefined {
  const kind = kindOf(owner);
  if (kind === 'application') return write.ofClient;
  return kind === 'user' ? write.ofUser : undefined;
}
