// Owns the one way by which an entity leaves the program as data: without what is sensitive. Never used on the way to
// the store.

import type { ApplicationEntity, Entity } from '../model/entity.ts';

/**
 * An entity as outputs may hold it. A secret's reference says where the value is; a written hash is itself what checks
 * the secret, so it is left out, and the type has no place for it.
 */
export type PublicEntity =
  | Exclude<Entity, ApplicationEntity>
  | (Omit<ApplicationEntity, 'secret'> & { readonly secret?: PublicReference });

export type PublicReference = { readonly env: string } | { readonly file: string };

/** The entity without sensitive values, and the names of its members that had one. */
export function publicEntity(entity: Entity): {
  readonly entity: PublicEntity;
  readonly sensitive: Readonly<Record<string, true>>;
} {
  if (entity.kind !== 'application') return { entity, sensitive: {} };
  const { secret, ...others } = entity;
  if (secret === undefined) return { entity: others, sensitive: {} };
  // Member by member: what a reference may hold one day is left out until it is named here.
  if ('env' in secret) return { entity: { ...others, secret: { env: secret.env } }, sensitive: {} };
  if ('file' in secret) return { entity: { ...others, secret: { file: secret.file } }, sensitive: {} };
  return { entity: others, sensitive: { secret: true } };
}
