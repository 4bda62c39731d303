// Owns the tree of one YAML document as this folder reads it: values with the span each was written in. Never knows
// what a key means, and never holds a value that YAML read differently from its text.

import { compareText } from '../model/address.ts';
import type { SourceRange } from '../model/origin.ts';
import type { LineIndex } from './lines.ts';

/** A source file with its lines counted. */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly lines: LineIndex;
}

/** A stretch of a source in UTF-16 code units, `end` exclusive. A SourceRange that is not counted out yet. */
export interface Span {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

export type Node = ScalarNode | MapNode | ListNode;

export interface ScalarNode {
  readonly type: 'scalar';
  readonly value: string | number | boolean | null;
  /** Of the copy that an alias makes: where its anchor's value stands. */
  readonly anchored?: Span;
  /** Unquoted and on one line: what YAML may read as something else than text. */
  readonly plain: boolean;
  readonly span: Span;
}

export interface MapNode {
  readonly type: 'map';
  readonly flow: boolean;
  /** By the key's source text, so that `1.0` stays `1.0`. */
  readonly entries: ReadonlyMap<string, Entry>;
  readonly span: Span;
  /** Of a map that overlays were merged into. */
  readonly overlaid?: Overlaid;
}

/** What of a map is not written where its span is. */
export interface Overlaid {
  /** Where overlays wrote what was merged into it. */
  readonly stretches: readonly Span[];
  /** By key: where an overlay removed it. */
  readonly removed: ReadonlyMap<string, Span>;
}

export interface ListNode {
  readonly type: 'list';
  readonly flow: boolean;
  readonly items: readonly Node[];
  readonly span: Span;
}

export interface Entry {
  readonly key: string;
  readonly keySpan: Span;
  /** Whether the key is written without quotes. */
  readonly plainKey: boolean;
  readonly value: Node;
}

/** Values of a document: maps have no prototype, so that no key of the author's means anything to the engine. */
export type PlainValue = string | number | boolean | null | PlainValue[] | { [key: string]: PlainValue };

export function rangeOf(span: Span): SourceRange {
  const { path, lines } = span.source;
  return { file: path, start: lines.position(span.start), end: lines.position(Math.max(span.start, span.end)) };
}

/** By file, then by where they begin. */
export function compareSpans(a: Span, b: Span): number {
  return compareText(a.source.path, b.source.path) || a.start - b.start;
}

/**
 * A map without any inherited key. Made by a constructor: V8 gives each object of `Object.create(null)` a hash table, some
 * hundred bytes more than the values in it.
 */
class PlainMap {
  [key: string]: PlainValue;
}
Object.setPrototypeOf(PlainMap.prototype, null);
Reflect.deleteProperty(PlainMap.prototype, 'constructor');

/** The values of a tree. Shared subtrees (aliases) stay shared. */
export function toValue(node: Node, seen: Map<Node, PlainValue> = new Map()): PlainValue {
  if (node.type === 'scalar') return node.value;
  const known = seen.get(node);
  if (known !== undefined) return known;
  if (node.type === 'list') {
    const list = node.items.map((item) => toValue(item, seen));
    seen.set(node, list);
    return list;
  }
  const map = new PlainMap();
  for (const [key, entry] of node.entries) map[key] = toValue(entry.value, seen);
  seen.set(node, map);
  return map;
}

/** The entry of a map, or undefined for a node that is no map or has no such key. */
export function entryOf(node: Node | undefined, key: string): Entry | undefined {
  return node?.type === 'map' ? node.entries.get(key) : undefined;
}

/** The items of a list node; none for anything else. */
export function itemsOf(node: Node | undefined): readonly Node[] {
  return node?.type === 'list' ? node.items : [];
}

/** What to point at for the value of an entry: the value itself where it stands on the key's line, else the key. */
export function spanOfEntry(entry: Entry): Span {
  const { value, keySpan } = entry;
  const isEmpty = value.span.start === value.span.end;
  const isBlock = value.type !== 'scalar' && !value.flow;
  return isEmpty || isBlock ? keySpan : value.span;
}

/** From the key of an entry to the end of its value. */
export function wholeSpan({ keySpan, value }: Entry): Span {
  return { ...keySpan, end: Math.max(keySpan.end, value.span.end) };
}

/** What to point at for an item of a list, or a value that stands alone: of a map over several lines its first key. */
export function spanOfItem(node: Node): Span {
  if (node.type !== 'map' || node.flow) return node.span;
  return node.entries.values().next().value?.keySpan ?? node.span;
}

/**
 * The span of what a path leads to, and where a step is missing that of its nearest parent, or where an overlay removed
 * it. `fallback` answers for the
 * empty path.
 */
export function spanAt(root: Node, path: readonly string[], fallback: Span): Span {
  let node: Node | undefined = root;
  let span = fallback;
  for (const step of path) {
    const entry: Entry | undefined = entryOf(node, step);
    const item: Node | undefined = node?.type === 'list' ? node.items[Number(step)] : undefined;
    const removed: Span | undefined = node?.type === 'map' ? node.overlaid?.removed.get(step) : undefined;
    if (entry === undefined && item === undefined) return removed ?? span;
    span = entry === undefined ? (item as Node).span : spanOfEntry(entry);
    node = entry === undefined ? item : entry.value;
  }
  return span;
}

/** The steps of a JSON pointer (RFC 6901). */
export function stepsOf(pointer: string): readonly string[] {
  return pointer === ''
    ? []
    : pointer
        .slice(1)
        .split('/')
        .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/**
 * The span of one word inside a scalar, by its place in the scalar's value; the whole scalar where the source does not
 * hold the value letter for letter (escapes, folded lines).
 */
export function spanWithin(node: ScalarNode, start: number, length: number): Span {
  const { source, start: from, end } = node.span;
  const at = source.text.indexOf(String(node.value), from);
  if (at < 0 || at + String(node.value).length > end) return node.span;
  return { source, start: at + start, end: at + start + length };
}
