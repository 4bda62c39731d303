// Owns composed YAML nodes → tree.ts: keys by their text, aliases bounded, and the traps of YAML that a reader does not
// see. Never knows which keys exist.

import { type Alias, isAlias, isMap, isScalar, isSeq, type ParsedNode, type Scalar, type YAMLMap } from 'yaml';
import type { Diagnostic } from '../model/diagnostic.ts';
import { type DiagnosticCode, report, type Told } from './catalogue.ts';
import { EntryMap } from './entry-map.ts';
import { findSplitHash, type SplitHash } from './split-hash.ts';
import {
  type Entry,
  type ListNode,
  type MapNode,
  type Node,
  rangeOf,
  type ScalarNode,
  type Source,
  type Span,
} from './tree.ts';

const MAX_ALIASES = 1000;
/** Values that all aliases of a document may repeat, counted as if written out. */
const MAX_REPEATED_VALUES = 10_000;
const MAX_DEPTH_EXPANDED = 64;
/** Keys that begin so are the author's own (DESIGN 1). */
export const OWN_KEY_PREFIX = 'x-';

export interface Tree {
  readonly root: Node;
  readonly diagnostics: readonly Diagnostic[];
  /** Whether something was left out so high up that names may be missing. */
  readonly incomplete: boolean;
}

/** How many values a node holds, itself included, and how many stand inside each other. */
interface Extent {
  readonly size: number;
  readonly depth: number;
}

const SCALAR_EXTENT: Extent = { size: 1, depth: 1 };

/** What an alias repeats. */
interface Anchored extends Extent {
  readonly node: Node;
}

/** Below this depth a part that was left out is inside one entity: document → kind → name. */
const ENTITY_DEPTH = 2;

export function convertDocument(contents: ParsedNode, source: Source): Tree {
  const converter = new Converter(source);
  const root = converter.convert(contents, 0);
  return { root, diagnostics: converter.diagnostics, incomplete: converter.incomplete };
}

class Converter {
  readonly diagnostics: Diagnostic[] = [];
  incomplete = false;
  readonly #source: Source;
  readonly #anchors = new Map<string, Anchored>();
  readonly #open = new Set<string>();
  /** Of the node that was converted last. */
  #extent = SCALAR_EXTENT;
  #aliases = 0;
  #repeated = 0;
  #stopped = false;
  /** How many keys of the author's own the place that is converted stands below. */
  #own = 0;

  constructor(source: Source) {
    this.#source = source;
  }

  convert(node: ParsedNode | null, depth: number, emptyAt = 0): Node {
    if (node === null) return this.#empty({ source: this.#source, start: emptyAt, end: emptyAt });
    if (isAlias(node)) return this.#alias(node, depth);
    const span = this.#span(node);
    if (node.tag !== undefined) {
      this.#tell('yaml.tag', span, depth, {
        detail: 'tags have no meaning in a spec',
        help: 'Remove the tag; quote the value where it is text. Environment variables and files are { env: NAME } and { file: PATH }.',
      });
    }
    const { anchor } = node;
    if (anchor !== undefined) this.#open.add(anchor);
    const converted = isMap(node)
      ? this.#map(node, span, depth)
      : isSeq(node)
        ? this.#list(node.items as (ParsedNode | null)[], node.flow === true, span, depth)
        : this.#scalar(node as Scalar.Parsed, span);
    if (anchor !== undefined) {
      this.#open.delete(anchor);
      this.#anchors.set(anchor, { node: converted, ...this.#extent });
    }
    return converted;
  }

  #scalar(node: Scalar.Parsed, whole: Span): ScalarNode {
    const span = node.type?.startsWith('BLOCK_') === true ? withoutLineEnds(whole) : whole;
    const value = typeof node.value === 'bigint' ? Number(node.value) : node.value;
    const known = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
    return this.#alone({ type: 'scalar', value: known, plain: node.type === 'PLAIN', span });
  }

  #empty(span: Span): ScalarNode {
    return this.#alone({ type: 'scalar', value: null, plain: true, span });
  }

  #alone(node: ScalarNode): ScalarNode {
    this.#extent = SCALAR_EXTENT;
    return node;
  }

  #list(items: readonly (ParsedNode | null)[], flow: boolean, span: Span, depth: number): ListNode {
    const extents = new Extents();
    const converted = items.map((item) => {
      const node = this.convert(item, depth + 1, span.end);
      extents.add(this.#extent);
      return node;
    });
    return this.#measured({ type: 'list', flow, items: converted, span }, extents);
  }

  #map(node: YAMLMap.Parsed, span: Span, depth: number): MapNode {
    const entries = new Map<string, Entry>();
    const extents = new Extents();
    for (let position = 0; position < node.items.length; position += 1) {
      const pair = node.items[position];
      if (pair === undefined) continue;
      const key = this.#key(pair.key, depth);
      if (key === undefined) continue;
      const earlier = entries.get(key.key);
      if (earlier !== undefined) {
        this.#tell('yaml.duplicate-key', key.keySpan, depth, {
          detail: `${quote(key.key)} is in this map already`,
          help: 'Keep one of the two.',
          related: [{ message: `${quote(key.key)} was written here first`, range: rangeOf(earlier.keySpan) }],
        });
        continue;
      }
      const isOwn = key.key.startsWith(OWN_KEY_PREFIX);
      if (isOwn) this.#own += 1;
      const hash = node.flow === true ? findSplitHash(node.items, position) : undefined;
      position += hash?.parts ?? 0;
      const value = hash === undefined ? this.convert(pair.value, depth + 1, key.keySpan.end) : this.#joinHash(hash);
      if (isOwn) this.#own -= 1;
      // Not by spreading: each such object would get a hidden class of its own.
      entries.set(key.key, { key: key.key, keySpan: key.keySpan, plainKey: key.plainKey, value });
      extents.add(this.#extent);
    }
    return this.#measured(
      { type: 'map', flow: node.flow === true, entries: new EntryMap([...entries.values()]), span },
      extents,
    );
  }

  /** The key's text, or undefined when the entry is left out. */
  #key(node: ParsedNode | null, depth: number): Omit<Entry, 'value'> | undefined {
    if (node === null || !isScalar(node)) {
      const span = node === null ? { source: this.#source, start: 0, end: 0 } : this.#span(node);
      this.#tell('yaml.key-not-text', span, depth, {
        detail: 'a key is a name',
        help: 'Write the name itself, in quotes where it holds special characters.',
      });
      return undefined;
    }
    const keySpan = this.#span(node);
    const plainKey = node.type === 'PLAIN';
    const key = plainKey || typeof node.value !== 'string' ? (node.source ?? '') : node.value;
    if (node.tag !== undefined) {
      this.#tell('yaml.tag', keySpan, depth, {
        detail: 'tags have no meaning in a spec',
        help: 'Remove the tag.',
      });
    }
    if (plainKey && key === '<<') {
      this.#tell('yaml.merge-key', keySpan, depth, {
        detail: '<< does not merge in YAML 1.2',
        help: 'Write the keys out, repeat a whole value with *name, or use defaults: of the site.',
      });
      return undefined;
    }
    if (typeof node.value !== 'string' && this.#own === 0) {
      const read = node.value === null ? 'as nothing' : `as the ${typeof node.value} ${String(node.value)}`;
      this.#tell('yaml.unquoted-name', keySpan, Number.POSITIVE_INFINITY, {
        detail: `YAML reads ${key === '' ? 'an empty key' : key} ${read}`,
        help: `Quote it: ${quote(key)}.`,
        fixes: [{ title: 'Quote the name', edits: [{ range: rangeOf(keySpan), text: quote(key) }] }],
      });
    }
    if (node.anchor !== undefined) {
      const scalar: ScalarNode = { type: 'scalar', value: key, plain: plainKey, span: keySpan };
      this.#anchors.set(node.anchor, { node: scalar, ...SCALAR_EXTENT });
    }
    return { key, keySpan, plainKey };
  }

  /** The hash put together again: its keys hold nothing else, and the entity is judged with what was meant. */
  #joinHash({ start, end }: SplitHash): Node {
    const span = { source: this.#source, start, end };
    const text = this.#source.text.slice(start, end);
    // Two insertions, so that no output repeats the hash; not where a formatter has put spaces behind the commas.
    const edits = [start, end].map((at) => ({ range: rangeOf({ ...span, start: at, end: at }), text: '"' }));
    this.#tell('yaml.unquoted-hash', span, Number.POSITIVE_INFINITY, {
      detail: 'inside { … } the commas split the hash',
      help: 'Put the hash into quotes, without spaces: { hash: "$argon2id$…" }.',
      fixes: /\s/.test(text) ? [] : [{ title: 'Quote the hash', edits }],
    });
    return this.#alone({ type: 'scalar', value: text.replace(/\s+/g, ''), plain: true, span });
  }

  #alias(node: Alias.Parsed, depth: number): Node {
    const span = this.#span(node);
    const name = node.source;
    const anchored = this.#anchors.get(name);
    if (anchored === undefined || this.#open.has(name)) {
      if (this.#open.has(name)) {
        this.#tell('yaml.alias-limit', span, depth, {
          detail: 'the alias stands inside what it repeats, so it has no end',
          help: 'Write out what is meant.',
        });
      } else {
        this.#tell('yaml.unknown-alias', span, depth, {
          detail: 'no anchor of this name stands before it in this document',
          help: 'Write &name at the value to repeat; a text that begins with * is quoted.',
        });
      }
      return this.#empty(span);
    }
    const { node: target, size, depth: height } = anchored;
    this.#aliases += 1;
    this.#repeated += size;
    if (this.#aliases > MAX_ALIASES || this.#repeated > MAX_REPEATED_VALUES) {
      if (!this.#stopped) {
        this.#tell('yaml.alias-limit', span, 0, {
          detail:
            this.#aliases > MAX_ALIASES
              ? `more than ${MAX_ALIASES} aliases in one document`
              : `the aliases of this document repeat more than ${MAX_REPEATED_VALUES} values`,
          help: 'Write the values out, or use defaults: of the site.',
        });
      }
      this.#stopped = true;
      return this.#empty(span);
    }
    // The place of the value is the alias; what is inside it stands where the anchor is.
    const copy: Node =
      target.type === 'scalar'
        ? { ...target, plain: false, anchored: target.anchored ?? target.span, span }
        : { ...target, flow: true, span };
    this.#extent = { size, depth: height };
    return copy;
  }

  #measured<N extends MapNode | ListNode>(node: N, { size, depth }: Extent): N {
    this.#extent = { size, depth };
    if (depth <= MAX_DEPTH_EXPANDED + 1) return node;
    this.#tell('yaml.too-deep', node.span, 0, {
      detail: `with its aliases written out, this nests more than ${MAX_DEPTH_EXPANDED} deep`,
      help: 'Write out what is meant.',
    });
    this.#extent = SCALAR_EXTENT;
    return { ...node, ...(node.type === 'list' ? { items: [] } : { entries: new EntryMap([]) }) };
  }

  #span(node: ParsedNode): Span {
    return { source: this.#source, start: node.range[0], end: node.range[1] };
  }

  #tell<C extends DiagnosticCode>(code: C, span: Span, depth: number, told: Told<C>): void {
    if (depth <= ENTITY_DEPTH) this.incomplete = true;
    this.diagnostics.push(report(code, { ...told, range: rangeOf(span) }));
  }
}

/** The extent of a collection, counted child by child. */
class Extents implements Extent {
  size = 1;
  depth = 1;

  add(child: Extent): void {
    this.size += child.size;
    this.depth = Math.max(this.depth, 1 + child.depth);
  }
}

/** As YAML and JSON write it in double quotes. */
export function quote(text: string): string {
  return JSON.stringify(text);
}

/** The parser counts the line breaks behind a text in lines (| and >) as its own: an edit must not take them. */
function withoutLineEnds(span: Span): Span {
  const written = span.source.text.slice(span.start, span.end).trimEnd();
  return { ...span, end: span.start + written.length };
}
