// Owns the entries of one map of a tree, by key. Never more memory than a list where there are few: a spec has some four
// maps for each application, and a Map of its own for each would be a third of what a compiled spec takes.

import type { Entry } from './tree.ts';

/** From so many entries on, looking through all of them costs more than an index. */
const INDEXED = 12;

/** Read like a Map in source order. The keys of the entries are distinct. */
export class EntryMap implements ReadonlyMap<string, Entry> {
  readonly #entries: readonly Entry[];
  /** Where there are many. */
  readonly #index: ReadonlyMap<string, Entry> | undefined;

  constructor(entries: readonly Entry[]) {
    this.#entries = entries;
    this.#index = entries.length < INDEXED ? undefined : new Map(entries.map((entry) => [entry.key, entry]));
  }

  get size(): number {
    return this.#entries.length;
  }

  get(key: string): Entry | undefined {
    if (this.#index !== undefined) return this.#index.get(key);
    for (const entry of this.#entries) if (entry.key === key) return entry;
    return undefined;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  forEach(call: (entry: Entry, key: string, map: ReadonlyMap<string, Entry>) => void): void {
    for (const entry of this.#entries) call(entry, entry.key, this);
  }

  entries(): MapIterator<[string, Entry]> {
    return this.#entries.map((entry): [string, Entry] => [entry.key, entry]).values();
  }

  keys(): MapIterator<string> {
    return this.#entries.map((entry) => entry.key).values();
  }

  values(): MapIterator<Entry> {
    return this.#entries.values();
  }

  [Symbol.iterator](): MapIterator<[string, Entry]> {
    return this.entries();
  }
}
