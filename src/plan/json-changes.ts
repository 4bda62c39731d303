// Owns the changes of entities in a plan document, both ways. Never holds a sensitive value: entities come out of
// publicEntity, members out of those.

import { type Address, kindOf, nameOf, siteOf } from '../model/address.ts';
import { canonicalJson } from '../model/digest.ts';
import type { Entity } from '../model/entity.ts';
import { followRenames, type Renames } from '../model/move.ts';
import type { Circumstances } from './circumstances.ts';
import { renamesIn } from './follow-links.ts';
import { sourceMember, sourceToJson } from './json-places.ts';
import type { EntityJson, PathChangeJson, ResourceChangeJson } from './json-types.ts';
import { valueAt } from './paths.ts';
import type { Change, PathChange } from './plan.ts';
import { type HashNumbers, hashNumbers, type PublicEntity, sensitiveMembers } from './public-entity.ts';
import { digestOf, type KnownEntity, type ReadChange, type ReadEntity, shownOf } from './read-plan.ts';
import { type About, meaningsOf } from './semantics.ts';
import type { Places } from './text-changes.ts';

/** In the order of the list. */
export function changesToJson(
  changes: readonly Change<KnownEntity>[],
  places: Places,
  /** Of the plan, where the document says when it was made. */
  now?: number,
): readonly ResourceChangeJson[] {
  const known = { renames: renamesIn(changes), now };
  return changes.map((change) => changeToJson(change, known, places));
}

function changeToJson(
  change: Change<KnownEntity>,
  known: { readonly renames: Renames; readonly now: number | undefined },
  places: Places,
): ResourceChangeJson {
  const { renames } = known;
  const { action, address } = change;
  const numbers = hashNumbers();
  // The side before is numbered first.
  const before = action === 'create' ? undefined : sideOf(change.before, numbers);
  const after = action === 'delete' ? undefined : sideOf(change.after, numbers);
  const origin = (action === 'delete' ? places.beforeOrigins : places.afterOrigins).get(address);
  const site = siteOf(address);
  const about: About = { ...known, before: before?.shown, after: after?.shown };
  return {
    address,
    ...(action === 'move' ? { previous_address: change.from } : {}),
    kind: kindOf(address),
    name: nameOf(address),
    ...(site === undefined ? {} : { site }),
    change: {
      actions: [action],
      before: before?.shown ?? null,
      after: after?.shown ?? null,
      before_digest: before?.digest ?? null,
      after_digest: after?.digest ?? null,
      before_sensitive: before === undefined ? {} : sensitiveMembers(before.shown),
      after_sensitive: after === undefined ? {} : sensitiveMembers(after.shown),
      paths:
        'paths' in change
          ? shownPaths(change, { before, after }, renames).map((path) => ({
              ...pathToJson(path, address, about),
              ...sourceMember(origin?.(path.pointer)),
            }))
          : [],
      renews: 'renews' in change && change.renews,
    },
    source: origin === undefined ? null : sourceToJson(origin('')),
    ...circumstancesToJson(address, places.circumstances ?? {}),
  };
}

function circumstancesToJson(
  address: Address,
  { misnamed, taken, restricted }: Circumstances,
): Pick<ResourceChangeJson, 'not_moved' | 'reaches_restricted'> {
  const one = misnamed?.get(address);
  const other = taken?.get(address);
  const reached = restricted?.get(address) ?? [];
  return {
    ...(other === undefined
      ? {}
      : { not_moved: { from: address, to: other.move.to, ...sourceMember(other.move.range) } }),
    ...(one === undefined
      ? {}
      : {
          not_moved: {
            from: one.move.from,
            ...(one.meant === undefined ? {} : { meant: one.meant }),
            ...sourceMember(one.move.range),
          },
        }),
    ...(reached.length === 0 ? {} : { reaches_restricted: reached }),
  };
}

/** What a document knows besides: all but the identities that were written for names that never were. */
export function circumstancesFromJson(json: readonly ResourceChangeJson[], now: number | undefined): Circumstances {
  return {
    ...(now === undefined ? {} : { now }),
    misnamed: new Map(
      json.flatMap(({ address, not_moved: one }) => {
        if (one === undefined || one.to !== undefined) return [];
        const { from, meant, source: range } = one;
        return [[address, { move: { from, to: address, range }, meant, identity: undefined }] as const];
      }),
    ),
    taken: new Map(
      json.flatMap(({ address: from, not_moved: one }) => {
        if (one?.to === undefined) return [];
        const { to, source: range } = one;
        const former = json.find(({ address }) => address === to)?.previous_address;
        return [[from, { move: { from, to, range }, former }] as const];
      }),
    ),
    restricted: new Map(
      json.flatMap(({ address, reaches_restricted: reached }) =>
        reached === undefined ? [] : [[address, reached] as const],
      ),
    ),
  };
}

/** Keys sorted: a State that was compiled and one that was stored give the same text. */
function sideOf(entity: KnownEntity, numbers: HashNumbers): ReadEntity {
  return { shown: JSON.parse(canonicalJson(shownOf(entity, numbers))), digest: digestOf(entity) };
}

interface Sides {
  readonly before: ReadEntity | undefined;
  readonly after: ReadEntity | undefined;
}

/** The values are read out of the shown entities: what those leave out cannot come back here. */
function shownPaths(
  { action, paths }: { readonly action: Change['action']; readonly paths: readonly Pick<PathChange, 'pointer'>[] },
  { before, after }: Sides,
  renames: Renames,
): readonly PathChange[] {
  // Links that only follow a move are no change of what moves, as diffStates has it.
  const from = before !== undefined && action === 'move' ? follow(before.shown, renames) : before?.shown;
  return paths.map(({ pointer }) => {
    const [was, is] = [valueAt(from, pointer), valueAt(after?.shown, pointer)];
    return { pointer, ...(was === undefined ? {} : { before: was }), ...(is === undefined ? {} : { after: is }) };
  });
}

/** Of links alone: no secret is looked at. */
function follow(entity: PublicEntity, renames: Renames): PublicEntity {
  return followRenames(entity as Entity, renames) as PublicEntity;
}

function pathToJson(path: PathChange, address: Address, about: About): PathChangeJson {
  const { pointer, ...values } = path;
  return {
    path: pointer,
    op: path.before === undefined ? 'add' : path.after === undefined ? 'remove' : 'replace',
    ...values,
    meanings: meaningsOf(kindOf(address), path, about),
  };
}

/** The changes of a document that fits its schema. Throws a TypeError for one that does not. */
export function changesFromJson(json: readonly ResourceChangeJson[]): readonly ReadChange[] {
  const renames: Renames = new Map(
    json.flatMap(({ address, previous_address: from }) => (from === undefined ? [] : [[from, address] as const])),
  );
  return json.map((one) => changeFromJson(one, renames));
}

function changeFromJson({ address, previous_address, change }: ResourceChangeJson, renames: Renames): ReadChange {
  const [action] = change.actions;
  const sides = {
    before: sideFromJson(change.before, change.before_digest),
    after: sideFromJson(change.after, change.after_digest),
  };
  switch (action) {
    case 'create':
      return { action, address, after: required(sides.after) };
    case 'delete':
      return { action, address, before: required(sides.before) };
    case 'update':
    case 'move': {
      const pointers = change.paths.map(({ path }) => ({ pointer: path }));
      const whole = {
        before: required(sides.before),
        after: required(sides.after),
        paths: shownPaths({ action, paths: pointers }, sides, renames),
        renews: change.renews,
      };
      return action === 'update'
        ? { action, address, ...whole }
        : { action, address, from: required(previous_address), ...whole };
    }
    default:
      throw new TypeError('no plan document: a change without an action');
  }
}

function sideFromJson(entity: EntityJson | null, digest: string | null): ReadEntity | undefined {
  // The schema tells kinds of references apart by what they require, which its types do not say.
  return entity === null || digest === null ? undefined : { shown: entity as PublicEntity, digest };
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('no plan document: a side of a change is missing');
  return value;
}
