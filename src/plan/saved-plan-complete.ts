// Owns how the changes of a plan that was read become changes that can be applied: each hash that the document does not
// hold is found elsewhere, and every entity proven by its digest. Never takes what is not proven.

import type { Address } from '../model/address.ts';
import { digestEntity } from '../model/digest.ts';
import type { ApplicationEntity, Entity, UserEntity } from '../model/entity.ts';
import { secretsWithin } from '../model/settings.ts';
import { createState, type State } from '../model/state.ts';
import { diffStates } from './diff.ts';
import { renamesIn } from './follow-links.ts';
import type { Change } from './plan.ts';
import { isWithheld, type PublicEntity, type PublicReference, type WithheldHash } from './public-entity.ts';
import type { ReadChange, ReadEntity } from './read-plan.ts';
import { unknownMember } from './saved-plan-shape.ts';

/** Where hashes may be found. */
export interface HashSources {
  /** What the plan begins with. */
  readonly stored: State;
  /** What a spec declares; undefined where none is at hand. */
  readonly declared: State | undefined;
}

/** Why the changes cannot be applied. */
export interface Incomplete {
  readonly address: Address;
  readonly side: 'before' | 'after';
  /**
   * `hash-missing`: a hash that the document leaves out is in none of the sources. `digest-differs`: the entity is not the
   * one that its digest stands for, the document was damaged. `member-unknown`: it has a member that this version of
   * Charter does not know.
   */
  readonly reason: 'hash-missing' | 'digest-differs' | 'member-unknown';
  /** JSON pointers of the hashes that are missing, or of the member. */
  readonly pointers: readonly string[];
}

export type Completed =
  | { readonly ok: true; readonly changes: readonly Change[] }
  /** In the order of the changes; never empty. */
  | { readonly ok: false; readonly missing: readonly Incomplete[] };

/**
 * The changes with their hashes, made anew from entities that have the digests of the plan: which members changed, and
 * whose tokens end, is never taken from the document.
 */
export function completeChanges(changes: readonly ReadChange[], sources: HashSources): Completed {
  const before = new Map<Address, Entity>();
  const after = new Map<Address, Entity>();
  const missing: Incomplete[] = [];
  for (const change of changes) {
    const from = change.action === 'move' ? change.from : change.address;
    const places = [sources.stored.get(from), sources.declared?.get(change.address)];
    const hashes = new Map<number, string>();
    const take = (side: Incomplete['side'], address: Address, read: ReadEntity, into: Map<Address, Entity>): void => {
      const found = complete(read, places, hashes);
      if ('entity' in found) into.set(address, found.entity);
      else missing.push({ address, side, ...found });
    };
    // The side before first: what it has in common with the side after is known then.
    if (change.action !== 'create') take('before', from, change.before, before);
    if (change.action !== 'delete') take('after', change.address, change.after, after);
  }
  if (missing.length > 0) return { ok: false, missing };
  return { ok: true, changes: diffStates(createState(before), createState(after), renamesIn(changes)) };
}

type Found = { readonly entity: Entity } | Pick<Incomplete, 'reason' | 'pointers'>;

/** The whole entity. `hashes` are those of the change that are known, by number: what is found is added. */
function complete(
  { shown, digest }: ReadEntity,
  places: readonly (Entity | undefined)[],
  hashes: Map<number, string>,
): Found {
  const unknown = unknownMember(shown);
  if (unknown !== undefined) return { reason: 'member-unknown', pointers: [unknown] };
  const withheld = withheldIn(shown);
  for (const place of withheld.length === 0 ? [undefined] : places) {
    const filled = new Map(hashes);
    for (const { pointer, number } of withheld) {
      const hash = filled.get(number) ?? hashAt(place, pointer);
      if (hash !== undefined) filled.set(number, hash);
    }
    const entity = fill(shown, filled);
    if (entity === undefined || digestEntity(entity) !== digest) continue;
    for (const [number, hash] of filled) hashes.set(number, hash);
    return { entity };
  }
  if (withheld.length === 0) return { reason: 'digest-differs', pointers: [] };
  const missing = withheld.filter(({ number }) => !hashes.has(number));
  if (missing.length === 0) return { reason: 'digest-differs', pointers: [] };
  return { reason: 'hash-missing', pointers: missing.map(({ pointer }) => pointer) };
}

/** Each hash that is not shown: where it stands, and its number. */
function withheldIn(entity: PublicEntity): readonly { readonly pointer: string; readonly number: number }[] {
  return referencesIn(entity).flatMap(({ pointer, one }) =>
    isWithheld(one) ? [{ pointer, number: one.withheld_hash }] : [],
  );
}

/** What an entity holds of secrets, or may. */
function referencesIn(
  entity: PublicEntity,
): readonly { readonly pointer: string; readonly one: PublicReference | WithheldHash | undefined }[] {
  if (entity.kind === 'user') return [{ pointer: '/password', one: entity.password }];
  if (entity.kind !== 'application') return [];
  const { secret, secrets = [] } = entity;
  return [{ pointer: '/secret', one: secret }, ...secrets.map((one, at) => ({ pointer: `/secrets/${at}`, one }))];
}

function hashAt(entity: Entity | undefined, pointer: string): string | undefined {
  const reference =
    entity === undefined ? undefined : secretsWithin(entity).find((placed) => placed.pointer === pointer)?.secret;
  return reference !== undefined && 'hash' in reference ? reference.hash : undefined;
}

/** Undefined where a hash is not known. */
function fill(shown: PublicEntity, hashes: ReadonlyMap<number, string>): Entity | undefined {
  if (shown.kind === 'user') {
    const { password, ...others } = shown;
    if (password === undefined) return others;
    const filled = whole(password, hashes);
    return filled === undefined ? undefined : ({ ...others, password: filled } satisfies UserEntity);
  }
  if (shown.kind !== 'application') return shown;
  const { secret, secrets, ...others } = shown;
  const single = secret === undefined ? undefined : whole(secret, hashes);
  const several = secrets?.map((one) => whole(one, hashes));
  if ((secret !== undefined && single === undefined) || several?.includes(undefined)) return undefined;
  return {
    ...others,
    ...(single === undefined ? {} : { secret: single }),
    ...(several === undefined ? {} : { secrets: several.filter((one) => one !== undefined) }),
  } satisfies ApplicationEntity;
}

function whole<T extends PublicReference | WithheldHash>(
  secret: T,
  hashes: ReadonlyMap<number, string>,
): Exclude<T, WithheldHash> | (Omit<T, 'withheld_hash'> & { readonly hash: string }) | undefined {
  if (!isWithheld(secret)) return secret as Exclude<T, WithheldHash>;
  const { withheld_hash, ...others } = secret;
  const hash = hashes.get(withheld_hash);
  return hash === undefined ? undefined : { ...others, hash };
}
