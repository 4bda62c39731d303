// Owns the one way by which an entity leaves the program as data: without what is sensitive. Never used on the way to
// the store.

import type { ApplicationEntity, Entity, Secret, SecretReference, UserEntity } from '../model/entity.ts';

/**
 * An entity as outputs may hold it. A secret's reference says where the value is; a written hash is itself what checks
 * the secret, so it is left out, and the type has no place for it.
 */
export type PublicEntity =
  | Exclude<Entity, ApplicationEntity | UserEntity>
  | (Omit<UserEntity, 'password'> & { readonly password?: PublicReference | WithheldHash })
  | (Omit<ApplicationEntity, 'secret' | 'secrets'> & {
      readonly secret?: PublicReference | WithheldHash;
      readonly secrets?: readonly PublicSecret[];
    });

export type PublicReference = { readonly env: string } | { readonly file: string };

/** What stands where a hash was written: that it was one, and which others were the same. No SecretReference. */
export interface WithheldHash {
  readonly withheld_hash: number;
}

/** Each in its place, with its times. */
export type PublicSecret = (PublicReference | WithheldHash) & {
  readonly not_before?: string;
  readonly expires?: string;
};

/** The number of a hash: the same for equal ones, from 1 in the order in which they are met. */
export type HashNumbers = (hash: string) => number;

/** Numbers for what is told together: the two sides of a change. */
export function hashNumbers(): HashNumbers {
  const met = new Map<string, number>();
  return (hash) => {
    const known = met.get(hash) ?? met.size + 1;
    met.set(hash, known);
    return known;
  };
}

export function publicEntity(entity: Entity, numbers: HashNumbers): PublicEntity {
  if (entity.kind === 'user') {
    const { password, ...others } = entity;
    return { ...others, ...(password === undefined ? {} : { password: withoutHash(password, numbers) }) };
  }
  if (entity.kind !== 'application') return entity;
  const { secret, secrets, ...others } = entity;
  return {
    ...others,
    ...(secret === undefined ? {} : { secret: withoutHash(secret, numbers) }),
    ...(secrets === undefined ? {} : { secrets: secrets.map((one) => publicSecret(one, numbers)) }),
  };
}

/** The names of the members of which something is left out. */
export function sensitiveMembers(entity: PublicEntity): Readonly<Record<string, true>> {
  if (entity.kind === 'user') return isWithheld(entity.password) ? { password: true } : {};
  if (entity.kind !== 'application') return {};
  const { secret, secrets } = entity;
  return {
    ...(isWithheld(secret) ? { secret: true } : {}),
    ...(secrets?.some(isWithheld) ? { secrets: true } : {}),
  };
}

export function isWithheld(secret: PublicReference | WithheldHash | undefined): secret is WithheldHash {
  return secret !== undefined && 'withheld_hash' in secret;
}

/** Where the value is; undefined for a hash. Member by member: what a reference may hold one day is left out until it is named here. */
export function publicReference(reference: SecretReference): PublicReference | undefined {
  if ('env' in reference) return { env: reference.env };
  if ('file' in reference) return { file: reference.file };
  return undefined;
}

function withoutHash(reference: SecretReference, numbers: HashNumbers): PublicReference | WithheldHash {
  if ('hash' in reference) return { withheld_hash: numbers(reference.hash) };
  return 'env' in reference ? { env: reference.env } : { file: reference.file };
}

function publicSecret(secret: Secret, numbers: HashNumbers): PublicSecret {
  const { not_before, expires } = secret;
  return {
    ...withoutHash(secret, numbers),
    ...(not_before === undefined ? {} : { not_before }),
    ...(expires === undefined ? {} : { expires }),
  };
}
