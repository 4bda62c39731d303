// Owns what of a change is gone for those who know it. Never judges whether that is a risk.

import type { Address } from '../model/address.ts';
import { digestEntity } from '../model/digest.ts';
import type { Entity } from '../model/entity.ts';
import type { Change } from './plan.ts';

/** What is not there any more for those who know it: deleted, or known by another client_id or sub from now on. */
export interface Gone {
  /** As it was called. */
  readonly address: Address;
  readonly before: Entity;
  /** The identifier by which it goes on; undefined when it is deleted. */
  readonly known: string | undefined;
}

/** Of one change: itself, or nothing. */
export function goneOf(change: Change): readonly Gone[] {
  if (change.action === 'create') return [];
  const { before } = change;
  if (change.action === 'delete') return [{ address: change.address, before, known: undefined }];
  const [was, is] = [identifierOf(before), identifierOf(change.after)];
  return was === is ? [] : [{ address: change.action === 'move' ? change.from : change.address, before, known: is }];
}

/** By what others know it; what has none is known by its name. */
function identifierOf(entity: Entity): string | undefined {
  if (entity.kind === 'application') return entity.client_id;
  return entity.kind === 'user' ? entity.sub : undefined;
}

/** What an approval of its being gone is bound to. */
export function goneContent(all: readonly Gone[]): unknown {
  return all.map(({ address, before, known }) => {
    return [address, digestEntity(before), ...(known === undefined ? [] : [known])];
  });
}
