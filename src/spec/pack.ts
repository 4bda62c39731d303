// Owns a parsed file as numbers: where each value begins and ends, so that a thread can hand it to another one without its
// being copied. Texts are not among them: whoever unpacks it has the file. Never parses, and never changes what was parsed.

import type { Diagnostic } from '../model/diagnostic.ts';
import { EntryMap } from './entry-map.ts';
import { indexLines } from './lines.ts';
import type { ParsedFile } from './parse.ts';
import type { SourceFile } from './source.ts';
import type { Entry, ListNode, MapNode, Node, ScalarNode, Source, Span } from './tree.ts';

export interface PackedFile {
  /** The nodes of all documents, each before what it holds. */
  readonly tape: Int32Array;
  /** Values that are not what stands between their places: quoted, folded, numbers. */
  readonly values: readonly ScalarNode['value'][];
  readonly trees: readonly { readonly diagnostics: readonly Diagnostic[]; readonly incomplete: boolean }[];
  readonly diagnostics: readonly Diagnostic[];
  readonly incomplete: boolean;
}

/** Each node: kind and flags, start, end; then a scalar its value, a map or list its size and what it holds. */
const SCALAR = 0;
const LIST = 1;
const MAP = 2;
/** What an alias repeats of a map or list: the place on the tape of the node that stands at the anchor. */
const REPEATED = 3;
const KIND = 3;
/** Of a scalar that it is plain, of a map or list that it is in flow style. */
const FLAG = 4;
/** Of a map, when it is repeated, and of a scalar where the anchor's value stands. */
const ANCHORED = 8;

/** Of a value: what stands between its places. */
const WRITTEN = -1;

export function packFile({ source, trees, diagnostics, incomplete }: ParsedFile): PackedFile {
  const packer = new Packer(source.text);
  for (const { root } of trees) packer.add(root);
  const told = trees.map((tree) => ({ diagnostics: tree.diagnostics, incomplete: tree.incomplete }));
  return {
    tape: Int32Array.from(packer.tape),
    values: packer.values,
    trees: told,
    // Otherwise they are those of the trees.
    diagnostics: trees.length === 0 ? diagnostics : [],
    incomplete,
  };
}

class Packer {
  readonly tape: number[] = [];
  readonly values: ScalarNode['value'][] = [];
  readonly #text: string;
  readonly #indexes = new Map<string, number>();
  /** Where what a map or list holds was packed: aliases share it. */
  readonly #packed = new Map<object, number>();

  constructor(text: string) {
    this.#text = text;
  }

  add(node: Node): void {
    const { span } = node;
    if (node.type === 'scalar') {
      const { anchored } = node;
      this.#head(SCALAR, node.plain, anchored !== undefined, span);
      this.tape.push(this.#value(node.value, anchored ?? span));
      if (anchored !== undefined) this.tape.push(anchored.start, anchored.end);
      return;
    }
    const held = node.type === 'list' ? node.items : node.entries;
    const before = this.#packed.get(held);
    if (before !== undefined) {
      this.#head(REPEATED, node.flow, false, span);
      this.tape.push(before);
      return;
    }
    this.#packed.set(held, this.tape.length);
    if (node.type === 'list') {
      this.#head(LIST, node.flow, false, span);
      this.tape.push(node.items.length);
      for (const item of node.items) this.add(item);
      return;
    }
    this.#head(MAP, node.flow, false, span);
    this.tape.push(node.entries.size);
    for (const { key, keySpan, plainKey, value } of node.entries.values()) {
      this.#head(SCALAR, plainKey, false, keySpan);
      this.tape.push(this.#value(key, keySpan));
      this.add(value);
    }
  }

  #head(kind: number, flag: boolean, anchored: boolean, { start, end }: Span): void {
    this.tape.push(kind | (flag ? FLAG : 0) | (anchored ? ANCHORED : 0), start, end);
  }

  #value(value: ScalarNode['value'], { start, end }: Span): number {
    if (typeof value === 'string' && value.length === end - start && this.#text.startsWith(value, start))
      return WRITTEN;
    const known = typeof value === 'string' ? this.#indexes.get(value) : undefined;
    if (known !== undefined) return known;
    if (typeof value === 'string') this.#indexes.set(value, this.values.length);
    return this.values.push(value) - 1;
  }
}

/** What was packed, of the file that it was parsed of. */
export function unpackFile(packed: PackedFile, file: SourceFile): ParsedFile {
  const source: Source = { ...file, lines: indexLines(file.text) };
  const unpacker = new Unpacker(packed, source);
  const trees = packed.trees.map((tree) => ({ root: unpacker.next(), ...tree }));
  const { incomplete } = packed;
  const diagnostics = trees.length === 0 ? packed.diagnostics : trees.flatMap((tree) => tree.diagnostics);
  return { source, trees, diagnostics, incomplete };
}

class Unpacker {
  readonly #tape: Int32Array;
  readonly #values: PackedFile['values'];
  readonly #source: Source;
  readonly #unpacked = new Map<number, MapNode | ListNode>();
  /** Most keys are there thousands of times. */
  readonly #keys = new Map<string, string>();
  #at = 0;

  constructor({ tape, values }: PackedFile, source: Source) {
    this.#tape = tape;
    this.#values = values;
    this.#source = source;
  }

  next(): Node {
    const begin = this.#at;
    const head = this.#take();
    const span = this.#span();
    const flow = (head & FLAG) !== 0;
    switch (head & KIND) {
      case SCALAR:
        return this.#scalar(head, span);
      case LIST: {
        // As long as they get: what grows by pushing has room for sixteen from the first one on.
        const items = new Array<Node>(this.#take());
        for (let position = 0; position < items.length; position += 1) items[position] = this.next();
        return this.#known(begin, { type: 'list', flow, items, span });
      }
      case MAP: {
        const entries = new Array<Entry>(this.#take());
        for (let position = 0; position < entries.length; position += 1) entries[position] = this.#entry();
        return this.#known(begin, { type: 'map', flow, entries: new EntryMap(entries), span });
      }
      default: {
        const repeated = this.#unpacked.get(this.#take());
        if (repeated === undefined) throw new RangeError('a packed file repeats what it does not hold');
        return { ...repeated, flow, span };
      }
    }
  }

  #scalar(head: number, span: Span): ScalarNode {
    const plain = (head & FLAG) !== 0;
    const reference = this.#take();
    if ((head & ANCHORED) === 0) return { type: 'scalar', value: this.#value(reference, span), plain, span };
    const anchored = this.#span();
    return { type: 'scalar', value: this.#value(reference, anchored), plain, anchored, span };
  }

  #entry(): Entry {
    const plainKey = (this.#take() & FLAG) !== 0;
    const keySpan = this.#span();
    const key = String(this.#value(this.#take(), keySpan));
    const known = this.#keys.get(key);
    if (known === undefined) this.#keys.set(key, key);
    return { key: known ?? key, keySpan, plainKey, value: this.next() };
  }

  #known<N extends MapNode | ListNode>(at: number, node: N): N {
    this.#unpacked.set(at, node);
    return node;
  }

  #value(reference: number, { start, end }: Span): ScalarNode['value'] {
    return reference === WRITTEN ? this.#source.text.slice(start, end) : (this.#values[reference] ?? null);
  }

  #span(): Span {
    return { source: this.#source, start: this.#take(), end: this.#take() };
  }

  #take(): number {
    const taken = this.#tape[this.#at] ?? 0;
    this.#at += 1;
    return taken;
  }
}
