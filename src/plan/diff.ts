// Owns the entity half of a plan: the changes that lead from one State to another, their order, their application and
// their inverse. Never looks at access (access-diff.ts does).

import { type Address, compareText, type Kind, kindOf, nameOf, siteOf } from '../model/address.ts';
import { differences } from '../model/differences.ts';
import type { Entity } from '../model/entity.ts';
import { followRenames, type Renames } from '../model/move.ts';
import { sameValue } from '../model/same-value.ts';
import { isEnabled } from '../model/settings.ts';
import { createState, pairUp, type State } from '../model/state.ts';
import { diffPaths } from './paths.ts';
import type { Change } from './plan.ts';

/** What others refer to comes before what refers to it. */
const KIND_ORDER = [
  ...['server', 'method', 'scope', 'role', 'customer', 'site'],
  ...['application', 'group', 'user', 'policy', 'resource'],
] as const satisfies readonly Kind[];

const KIND_RANK: ReadonlyMap<string, number> = new Map(KIND_ORDER.map((kind, rank) => [kind, rank]));

/** The total order of a plan's changes: by kind, then site, then name. Equal only for changes of one address. */
export function compareChanges(a: Change, b: Change): number {
  return compareAddresses(a.address, b.address);
}

function compareAddresses(a: Address, b: Address): number {
  return (
    (KIND_RANK.get(kindOf(a)) ?? 0) - (KIND_RANK.get(kindOf(b)) ?? 0) ||
    compareText(siteOf(a) ?? '', siteOf(b) ?? '') ||
    compareText(nameOf(a), nameOf(b))
  );
}

/**
 * The changes that make `after` of `before`, in order; empty exactly when the two have one digest. Each rename leads from
 * what `before` has to what `after` has, and nothing else was at its end unless it is renamed too.
 */
export function diffStates(before: State, after: State, renames: Renames = NO_RENAMES): readonly Change[] {
  const changes: Change[] = [];
  const movedFrom = new Map([...renames].map(([from, to]) => [to, from]));
  // What is renamed may be the same object in another place.
  const pairs = renames.size === 0 ? differences(before, after) : pairUp(before, after);
  for (const [address, old, entity] of pairs) {
    const from = movedFrom.get(address);
    if (entity !== undefined && (old === undefined || from !== undefined)) {
      changes.push(arrival(address, from, before, entity, renames));
    } else if (old !== undefined && entity !== undefined) {
      if (!sameValue(old, entity)) changes.push(update(address, old, entity));
    } else if (old !== undefined && !renames.has(address)) {
      changes.push({ action: 'delete', address, before: old });
    }
  }
  return changes.sort(compareChanges);
}

/** What only the State after has: it was elsewhere, or it was not. */
function arrival(address: Address, from: Address | undefined, before: State, after: Entity, renames: Renames): Change {
  const old = from === undefined ? undefined : before.get(from);
  if (from === undefined || old === undefined) return { action: 'create', address, after };
  return move({ address, from, before: old, after }, renames);
}

const NO_RENAMES: Renames = new Map();

/** Every address at which the State before the changes and the one after them differ. */
export function changedAddresses(changes: readonly Change[]): readonly Address[] {
  return changes.flatMap((change) => (change.action === 'move' ? [change.from, change.address] : [change.address]));
}

/** The State after the changes. Does not ask whether they were made from this one: the store checks the plan's base. */
export function applyChanges(before: State, changes: readonly Change[]): State {
  const entities = new Map(before);
  applyInto(entities, changes);
  return createState(entities);
}

/** The same for entities that are being put together. */
export function applyInto(entities: Map<Address, Entity>, changes: readonly Change[]): void {
  for (const change of changes) {
    if (change.action === 'delete') entities.delete(change.address);
    if (change.action === 'move') entities.delete(change.from);
  }
  // After all that go: what moves may come to where something else was.
  for (const change of changes) {
    if (change.action !== 'delete') entities.set(change.address, change.after);
  }
}

/** The changes that undo these, in the same order. An older State is the newest one plus these (DESIGN 2, Revision). */
export function invertChanges(changes: readonly Change[]): Change[] {
  const back = new Map(
    changes.flatMap((change) => (change.action === 'move' ? [[change.address, change.from] as const] : [])),
  );
  return changes.map((change) => invert(change, back)).sort(compareChanges);
}

function invert(change: Change, back: Renames): Change {
  switch (change.action) {
    case 'create':
      return { action: 'delete', address: change.address, before: change.after };
    case 'delete':
      return { action: 'create', address: change.address, after: change.before };
    case 'update':
      return update(change.address, change.after, change.before);
    case 'move': {
      const { address, from, before, after } = change;
      return move({ address: from, from: address, before: after, after: before }, back);
    }
  }
}

function move(
  moved: Pick<Extract<Change, { action: 'move' }>, 'address' | 'from' | 'before' | 'after'>,
  renames: Renames,
): Change {
  const { before, after } = moved;
  return {
    action: 'move',
    ...moved,
    paths: diffPaths(followRenames(before, renames), after),
    renews: renewsTokens(before, after),
  };
}

function update(address: Address, before: Entity, after: Entity): Change {
  return {
    action: 'update',
    address,
    before,
    after,
    paths: diffPaths(before, after),
    renews: renewsTokens(before, after),
  };
}

/** enabled again, or known to the outside by another identifier: what was issued before is dead. */
function renewsTokens(before: Entity, after: Entity): boolean {
  if (before.kind === 'application' && after.kind === 'application') {
    return (!isEnabled(before) && isEnabled(after)) || before.client_id !== after.client_id;
  }
  if (before.kind === 'user' && after.kind === 'user') {
    return (!isEnabled(before) && isEnabled(after)) || before.sub !== after.sub;
  }
  return false;
}
