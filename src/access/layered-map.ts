// Owns a look-up table that is another one with a few entries edited: neither is copied. Never changes once it is made.

/** A table of which only single entries are asked for. */
export interface Lookup<K, V> {
  get(key: K): V | undefined;
}

/** A large table and what was edited of it since; an edit to undefined takes the entry away. */
export interface LayeredMap<K, V> extends Lookup<K, V> {
  readonly base: ReadonlyMap<K, V>;
  readonly edits: ReadonlyMap<K, V | undefined>;
}

/** The table of a Map that nobody changes any more. */
export function layeredMap<K, V>(base: ReadonlyMap<K, V>): LayeredMap<K, V> {
  return { base, edits: new Map(), get: (key) => base.get(key) };
}

/** The same table after some edits. There are two layers at most, the upper one far smaller than the lower one. */
export function editLayered<K, V>(table: LayeredMap<K, V>, edits: ReadonlyMap<K, V | undefined>): LayeredMap<K, V> {
  if (edits.size === 0) return table;
  const { base } = table;
  const all = new Map([...table.edits, ...edits]);
  if (all.size * FLATTENED_AT > base.size) return layeredMap(flatten(base, all));
  return { base, edits: all, get: (key) => (all.has(key) ? all.get(key) : base.get(key)) };
}

/** From one entry in so many on, the whole is copied: that is seldom, and look-ups stay short. */
const FLATTENED_AT = 16;

function flatten<K, V>(base: ReadonlyMap<K, V>, edits: ReadonlyMap<K, V | undefined>): ReadonlyMap<K, V> {
  const flat = new Map(base);
  for (const [key, value] of edits) {
    if (value === undefined) flat.delete(key);
    else flat.set(key, value);
  }
  return flat;
}
