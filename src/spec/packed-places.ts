// Owns the places of entities once their documents are let go: numbers, from which each place is found as from the trees
// (places.ts). Never decides a place, and never changes what an Origin answers.

import type { Origin } from '../model/origin.ts';
import type { PlacedLink } from './links.ts';
import { type Places, placeAt } from './places.ts';
import { type Entry, type Node, rangeOf, type Source, type Span, spanOfEntry, stepsOf } from './tree.ts';

interface Loose {
  readonly held: HeldPlaces;
  readonly places: Places;
}

/** The Origins that compiles make. Until they are packed each holds the trees that its entity was written in. */
export class EntityPlaces {
  #loose: Loose[] = [];

  originOf(places: Places): Origin {
    const held = new HeldPlaces(places);
    this.#loose.push({ held, places });
    return originOf(held);
  }

  /** At the begin of a compile: what the one before made is packed by now, or stays as it is. */
  beginCompile(): void {
    this.#loose = [];
  }

  /** Lets go of the trees. */
  pack(): void {
    // By the file of the entity: what an edit replaces is freed with its file.
    const files = new Map<Source, Loose[]>();
    for (const loose of this.#loose) {
      const { source } = loose.places.self;
      const known = files.get(source);
      if (known === undefined) files.set(source, [loose]);
      else known.push(loose);
    }
    this.#loose = [];
    for (const loose of files.values()) {
      const packer = new Packer();
      const starts = loose.map(({ places }) => packer.add(places));
      const packed = packer.finish();
      loose.forEach(({ held }, position) => {
        held.takePacked(packed, starts[position] ?? 0);
      });
    }
  }
}

/** An entity's places in either form. */
class HeldPlaces {
  #places: Places | PackedPlaces;
  /** Of what is packed: where the entity is. */
  #at = 0;

  constructor(places: Places) {
    this.#places = places;
  }

  takePacked(places: PackedPlaces, at: number): void {
    this.#places = places;
    this.#at = at;
  }

  find(steps: readonly string[]): Span {
    const places = this.#places;
    return places instanceof PackedPlaces ? places.spanAt(this.#at, steps) : placeAt(places, steps);
  }
}

/** On its own: a function holds whatever the functions beside it do, and this one would hold the trees. */
function originOf(held: HeldPlaces): Origin {
  return (pointer) => rangeOf(held.find(stepsOf(pointer)));
}

/**
 * Each place: its source, start, end, and how many places are below it. Below a list they follow each other; else each has
 * the number of its step before it, in the order of these.
 */
const SOURCE = 0;
const START = 1;
const END = 2;
const COUNT = 3;
const BELOW = 4;
/** Added to the count of a list. */
const LIST = 0x40000000;

class Packer {
  readonly #tape: number[] = [];
  readonly #sources = new Map<Source, number>();
  readonly #steps = new Map<string, number>();
  /** Those of defaults fill many entities. */
  readonly #entries = new Map<Entry, number>();

  add({ self, entries, removed = new Map(), links }: Places): number {
    const keys = new Set([...entries.keys(), ...removed.keys(), ...links.keys()]);
    const { at, slots } = this.#map(self, keys);
    for (const [key, slot] of slots) {
      const [linked, entry] = [links.get(key), entries.get(key)];
      const nothing = removed.get(key) ?? self;
      if (linked !== undefined)
        this.#tape[slot] = this.#links(linked, entry === undefined ? nothing : spanOfEntry(entry));
      else this.#tape[slot] = entry === undefined ? this.#leaf(nothing) : this.#entry(entry);
    }
    return at;
  }

  finish(): PackedPlaces {
    return new PackedPlaces(Int32Array.from(this.#tape), [...this.#sources.keys()], this.#steps);
  }

  #links(links: readonly PlacedLink[], span: Span): number {
    const { at, first } = this.#list(span, links.length);
    for (const [position, link] of links.entries()) {
      const { at: linked, slots } = this.#map(link.span, ['expires']);
      for (const slot of slots.values()) this.#tape[slot] = this.#leaf(link.endSpan);
      this.#tape[first + position] = linked;
    }
    return at;
  }

  #entry(entry: Entry): number {
    const known = this.#entries.get(entry);
    if (known !== undefined) return known;
    const at = this.#node(entry.value, spanOfEntry(entry));
    this.#entries.set(entry, at);
    return at;
  }

  #node(node: Node, span: Span): number {
    if (node.type === 'scalar') return this.#leaf(span);
    if (node.type === 'list') {
      const { at, first } = this.#list(span, node.items.length);
      for (const [position, item] of node.items.entries()) this.#tape[first + position] = this.#node(item, item.span);
      return at;
    }
    const { entries, overlaid } = node;
    const { at, slots } = this.#map(span, new Set([...entries.keys(), ...(overlaid?.removed.keys() ?? [])]));
    for (const [key, slot] of slots) {
      const entry = entries.get(key);
      this.#tape[slot] =
        entry === undefined
          ? this.#leaf(overlaid?.removed.get(key) ?? span)
          : this.#node(entry.value, spanOfEntry(entry));
    }
    return at;
  }

  #leaf(span: Span): number {
    return this.#head(span, 0);
  }

  #list(span: Span, size: number): { readonly at: number; readonly first: number } {
    const at = this.#head(span, size === 0 ? 0 : size + LIST);
    const first = this.#tape.length;
    for (let left = size; left > 0; left -= 1) this.#tape.push(0);
    return { at, first };
  }

  /** By step, where its place is to be noted. */
  #map(span: Span, steps: Iterable<string>): { readonly at: number; readonly slots: ReadonlyMap<string, number> } {
    const numbered = [...steps].map((step) => [step, this.#numberOf(step)] as const).sort(([, a], [, b]) => a - b);
    const at = this.#head(span, numbered.length);
    const slots = new Map<string, number>();
    for (const [step, number] of numbered) slots.set(step, this.#tape.push(number, 0) - 1);
    return { at, slots };
  }

  #head({ source, start, end }: Span, count: number): number {
    const known = this.#sources.get(source);
    const number = known ?? this.#sources.size;
    if (known === undefined) this.#sources.set(source, number);
    return this.#tape.push(number, start, end, count) - BELOW;
  }

  #numberOf(step: string): number {
    const known = this.#steps.get(step);
    if (known !== undefined) return known;
    this.#steps.set(step, this.#steps.size);
    return this.#steps.size - 1;
  }
}

class PackedPlaces {
  readonly #tape: Int32Array;
  readonly #sources: readonly Source[];
  readonly #steps: ReadonlyMap<string, number>;

  constructor(tape: Int32Array, sources: readonly Source[], steps: ReadonlyMap<string, number>) {
    this.#tape = tape;
    this.#sources = sources;
    this.#steps = steps;
  }

  /** Of what the steps lead to from a place, or of its nearest parent that was written. */
  spanAt(at: number, steps: readonly string[]): Span {
    let place = at;
    for (const step of steps) {
      const next = this.#below(place, step);
      if (next === undefined) break;
      place = next;
    }
    const source = this.#sources[this.#read(place + SOURCE)] as Source;
    return { source, start: this.#read(place + START), end: this.#read(place + END) };
  }

  #below(place: number, step: string): number | undefined {
    const count = this.#read(place + COUNT);
    const first = place + BELOW;
    if (count >= LIST) {
      const position = Number(step);
      return Number.isInteger(position) && position >= 0 && position < count - LIST
        ? this.#read(first + position)
        : undefined;
    }
    const number = this.#steps.get(step);
    if (number === undefined) return undefined;
    let [low, high] = [0, count - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = this.#read(first + 2 * middle);
      if (found === number) return this.#read(first + 2 * middle + 1);
      if (found < number) low = middle + 1;
      else high = middle - 1;
    }
    return undefined;
  }

  #read(at: number): number {
    return this.#tape[at] ?? 0;
  }
}
