// Owns finding the few entities of a State that something is asked about, at the price of what was edited since it was last asked
// about a State of the same table. Never judges one twice that is the same object.

import { type Address, compareText } from './address.ts';
import { type Edits, layersOf } from './edited-table.ts';
import type { Entity, EntityOfKind } from './entity.ts';
import { entitiesOf, type State } from './state.ts';

/** By address, in address order. */
export type Selection<K extends Entity['kind']> = ReadonlyMap<Address, EntityOfKind<K>>;

/**
 * What picks the entities of some kinds out of any State. What it says of an entity must follow from the entity alone; for what is
 * true of most of them it costs more than to look at all. Only of a State that nobody changes any more.
 */
export function selecting<K extends Entity['kind']>(
  kinds: readonly K[],
  isMeant: (entity: EntityOfKind<K>) => boolean,
): (state: State) => Selection<K> {
  const known = new WeakMap<State, Selection<K>>();
  const among = new Set<Entity['kind']>(kinds);
  type Entry = readonly [Address, EntityOfKind<K>];

  function pick(state: State): readonly Entry[] {
    return kinds.flatMap((kind) => [...entitiesOf(state, kind)].filter(([, entity]) => isMeant(entity)));
  }

  function pickEdited(base: State, edits: Edits<Entity>): readonly Entry[] {
    const left = [...of(base)].filter(([address]) => !edits.has(address));
    const come = [...edits].flatMap(([address, entity]): readonly Entry[] => {
      if (entity === undefined || !among.has(entity.kind)) return [];
      const one = entity as EntityOfKind<K>;
      return isMeant(one) ? [[address, one]] : [];
    });
    return [...left, ...come];
  }

  function of(state: State): Selection<K> {
    const kept = known.get(state);
    if (kept !== undefined) return kept;
    const { base, edits } = layersOf(state);
    const picked = edits.size === 0 ? pick(state) : pickEdited(base, edits);
    const found = new Map([...picked].sort(([a], [b]) => compareText(a, b)));
    known.set(state, found);
    return found;
  }
  return of;
}
