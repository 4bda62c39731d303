// Owns a table by address that is another one with a few entries edited: neither is copied, and it is walked in address
// order as the other one is. Never changes once it is made.

import { type Address, compareText } from './address.ts';

/** By address; undefined takes the entry away. */
export type Edits<V> = ReadonlyMap<Address, V | undefined>;

/** From one edit in so many entries on, the whole is copied: that is seldom, and look-ups stay short. */
const COPIED_AT = 16;

/** Whether a table of a size is rather made anew than edited so often. */
export function areMany(edits: number, size: number): boolean {
  return edits * COPIED_AT > size;
}

/** The table after some edits. Tables are in address order, as States are. */
export function editTable<V>(table: ReadonlyMap<Address, V>, edits: Edits<V>): ReadonlyMap<Address, V> {
  if (edits.size === 0) return table;
  const [base, all] = table instanceof EditedTable ? table.with(edits) : [table, edits];
  const edited = new EditedTable<V>(base, all);
  return areMany(all.size, base.size) ? new Map(edited) : edited;
}

/** A table as it lies in memory: one that was made whole, and what was edited of that since. */
export interface Layers<V> {
  readonly base: ReadonlyMap<Address, V>;
  readonly edits: Edits<V>;
}

/** Of a table that was made whole there are no edits. Two tables of one base differ at their edits alone. */
export function layersOf<V>(table: ReadonlyMap<Address, V>): Layers<V> {
  return table instanceof EditedTable ? table : { base: table, edits: NO_EDITS };
}

const NO_EDITS: Edits<never> = new Map();

class EditedTable<V> implements ReadonlyMap<Address, V>, Layers<V> {
  readonly size: number;
  readonly base: ReadonlyMap<Address, V>;
  readonly edits: Edits<V>;
  /** The edits in address order, from the first time on that the table is walked. */
  #sorted: readonly (readonly [Address, V | undefined])[] | undefined;

  constructor(base: ReadonlyMap<Address, V>, edits: Edits<V>) {
    this.base = base;
    this.edits = edits;
    let { size } = base;
    for (const [address, value] of edits) size += Number(value !== undefined) - Number(base.has(address));
    this.size = size;
  }

  /** What stands below, and all that was edited of it: there are two layers, never more. */
  with(edits: Edits<V>): readonly [base: ReadonlyMap<Address, V>, edits: Edits<V>] {
    return [this.base, new Map([...this.edits, ...edits])];
  }

  get(address: Address): V | undefined {
    return this.edits.has(address) ? this.edits.get(address) : this.base.get(address);
  }

  has(address: Address): boolean {
    return this.get(address) !== undefined;
  }

  forEach(call: (value: V, address: Address, table: ReadonlyMap<Address, V>) => void): void {
    for (const [address, value] of this) call(value, address, this);
  }

  *entries(): MapIterator<[Address, V]> {
    this.#sorted ??= [...this.edits].sort(([a], [b]) => compareText(a, b));
    const sorted = this.#sorted;
    let at = 0;
    for (const entry of this.base) {
      for (let edit = sorted[at]; edit !== undefined && edit[0] < entry[0]; edit = sorted[at]) {
        at += 1;
        if (edit[1] !== undefined) yield [edit[0], edit[1]];
      }
      if (sorted[at]?.[0] !== entry[0]) yield entry;
    }
    for (const [address, value] of sorted.slice(at)) if (value !== undefined) yield [address, value];
  }

  *keys(): MapIterator<Address> {
    for (const [address] of this) yield address;
  }

  *values(): MapIterator<V> {
    for (const [, value] of this) yield value;
  }

  [Symbol.iterator](): MapIterator<[Address, V]> {
    return this.entries();
  }
}
