// Owns the one way by which an entity leaves the program as data: without what is sensitive. Never used on the way to
// the store.

import type { ApplicationEntity, Entity, Secret, SecretReference } from '../model/entity.ts';

/**
 * An entity as outputs may hold it. A secret's reference says where the value is; a written hash is itself what checks
 * the secret, so it is left out, and the type has no place for it.
 */
export type PublicEntity =
  | Exclude<Entity, ApplicationEntity>
  | (Omit<ApplicationEntity, 'secret' | 'secrets'> & {
      readonly secret?: PublicReference;
      /** Each in its place; one that is a hash has its times alone. */
      readonly secrets?: readonly PublicSecret[];
    });

export type PublicReference = { readonly env: string } | { readonly file: string };

export interface PublicSecret {
  readonly env?: string;
  readonly file?: string;
  readonly not_before?: string;
  readonly expires?: string;
}

/** The entity without sensitive values, and the names of its members that had one. */
export function publicEntity(entity: Entity): {
  readonly entity: PublicEntity;
  readonly sensitive: Readonly<Record<string, true>>;
} {
  if (entity.kind !== 'application') return { entity, sensitive: {} };
  const { secret, secrets, ...others } = entity;
  const single = secret === undefined ? undefined : publicReference(secret);
  return {
    entity: {
      ...others,
      ...(single === undefined ? {} : { secret: single }),
      ...(secrets === undefined ? {} : { secrets: secrets.map(publicSecret) }),
    },
    sensitive: {
      ...(secret !== undefined && single === undefined ? { secret: true } : {}),
      ...((secrets ?? []).some((one) => publicReference(one) === undefined) ? { secrets: true } : {}),
    },
  };
}

/** Where the value is; undefined for a hash. Member by member: what a reference may hold one day is left out until it is named here. */
export function publicReference(reference: SecretReference): PublicReference | undefined {
  if ('env' in reference) return { env: reference.env };
  if ('file' in reference) return { file: reference.file };
  return undefined;
}

function publicSecret(secret: Secret): PublicSecret {
  const { not_before, expires } = secret;
  return {
    ...publicReference(secret),
    ...(not_before === undefined ? {} : { not_before }),
    ...(expires === undefined ? {} : { expires }),
  };
}
