// Owns the type of a plan that was read from a document: complete but for written hashes, which no document holds. Never
// applied as it is: completeChanges makes changes of it that can be.

import { digestEntity } from '../model/digest.ts';
import type { Entity } from '../model/entity.ts';
import type { Change, Plan } from './plan.ts';
import { type HashNumbers, type PublicEntity, publicEntity } from './public-entity.ts';

/** An entity as a document has it. */
export interface ReadEntity {
  readonly shown: PublicEntity;
  /** digestEntity of the whole entity, with the hashes that are not shown. */
  readonly digest: string;
}

export type ReadChange = Change<ReadEntity>;

/** Everything of a Plan; its entities are of a type that the store cannot be given. */
export type ReadPlan = Plan<ReadEntity>;

/** An entity of a plan that was made, or of one that was read. */
export type KnownEntity = Entity | ReadEntity;

export function digestOf(entity: KnownEntity): string {
  return 'shown' in entity ? entity.digest : digestEntity(entity);
}

/** The entity without its hashes. What was read is numbered already. */
export function shownOf(entity: KnownEntity, numbers: HashNumbers): PublicEntity {
  return 'shown' in entity ? entity.shown : publicEntity(entity, numbers);
}

/** The members of an entity; of one that was read those that a document has. */
export function membersOf(entity: KnownEntity): Entity | PublicEntity {
  return 'shown' in entity ? entity.shown : entity;
}
