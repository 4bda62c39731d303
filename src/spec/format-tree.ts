// Owns the tree that the formatter works on: what stands in a document in the order and the spelling of its author,
// without spaces, and with room for the comments. Never knows a key, and never reads a value.

import type { CST } from 'yaml';

/** A comment on a line of its own. */
export interface CommentLine {
  readonly text: string;
  /** Whether an empty line stands before it. */
  readonly blank: boolean;
}

export interface TextNode {
  readonly type: 'text';
  readonly anchor: string | undefined;
  /** As written: quoted or plain on one line or several, an alias, or a block scalar from its header on. */
  readonly source: string;
  readonly isBlock: boolean;
  /** Of a block scalar without a number in its header: nothing. With one: the column that its content begins in. */
  readonly contentColumn: number | undefined;
  readonly start: number;
  readonly end: number;
}

export interface CollectionNode {
  readonly type: 'map' | 'list';
  readonly anchor: string | undefined;
  /** Whether it was written in brackets. */
  readonly flow: boolean;
  readonly items: readonly Item[];
  /** Comments after the last item. */
  readonly end: CommentLine[];
  /** Of its first item, in the source. */
  readonly column: number;
  readonly span: { readonly start: number; readonly end: number };
}

export type FormatNode = TextNode | CollectionNode;

/** An entry of a map or an item of a list, with what is written about it. */
export interface Item {
  /** With its anchor. None in a list. */
  readonly key: string | undefined;
  /** False for a key alone in brackets: `{ a, b }`. */
  readonly colon: boolean;
  readonly value: FormatNode | undefined;
  readonly start: number;
  readonly end: number;
  /** Whether an empty line stands before the item itself, under the comments above it. */
  blank: boolean;
  readonly above: CommentLine[];
  /** The comment that ends its first line; of a value of one line or in brackets, its last. */
  beside: string | undefined;
  /** Comments under an item that could hold something, and does not. */
  readonly below: CommentLine[];
}

const BLANK_TOKENS = new Set(['space', 'newline', 'comment', 'comma']);

/** Builds the tree of what a document holds. `anchor` is the one that stands before it. */
export function buildTree(token: CST.Token, text: string, anchor?: string): FormatNode {
  switch (token.type) {
    case 'block-map':
    case 'block-seq':
    case 'flow-collection':
      return collection(token, text, anchor);
    case 'block-scalar':
      return blockText(token, anchor);
    default: {
      const source = 'source' in token ? token.source : '';
      const { offset: start } = token;
      return {
        type: 'text',
        anchor,
        source,
        isBlock: false,
        contentColumn: undefined,
        start,
        end: start + source.length,
      };
    }
  }
}

function blockText(token: CST.BlockScalar, anchor: string | undefined): TextNode {
  const props = token.props.map((prop) => ('source' in prop ? prop.source : ''));
  const header = props[0] ?? '';
  const digit = /\d/.exec(header)?.[0];
  const length = props.join('').length + token.source.length;
  return {
    type: 'text',
    anchor,
    source: `${header}\n${token.source}`,
    isBlock: true,
    contentColumn: digit === undefined ? undefined : token.indent + Number(digit),
    start: token.offset,
    end: token.offset + length,
  };
}

function collection(
  token: CST.BlockMap | CST.BlockSequence | CST.FlowCollection,
  text: string,
  anchor: string | undefined,
): CollectionNode {
  const flow = token.type === 'flow-collection';
  const type = token.type === 'block-map' || (flow && token.start.source === '{') ? 'map' : 'list';
  const items: Item[] = [];
  for (const item of token.items as CST.CollectionItem[]) {
    const built = buildItem(item, text, type);
    if (built !== undefined) items.push(built);
  }
  const start = flow ? token.offset : (items[0]?.start ?? token.offset);
  const bracket = flow
    ? token.end.find(({ type: kind }) => kind === 'flow-map-end' || kind === 'flow-seq-end')
    : undefined;
  const end = bracket === undefined ? (items.at(-1)?.end ?? start) : bracket.offset + 1;
  return { type, anchor, flow, items, end: [], column: columnOf(text, start), span: { start, end } };
}

function buildItem(item: CST.CollectionItem, text: string, type: 'map' | 'list'): Item | undefined {
  const { start, key, sep, value } = item;
  const first = start.find((token) => !BLANK_TOKENS.has(token.type));
  const startsAt = first?.offset ?? key?.offset ?? sep?.[0]?.offset ?? value?.offset;
  // Only spaces and comments: what a trailing comma or the end of a collection leaves behind.
  if (startsAt === undefined || (first === undefined && !key && !value && !has(sep, 'map-value-ind'))) return undefined;
  const indicator = start.find((token) => token.type === 'seq-item-ind');
  const isPair = type === 'map' || has(sep, 'map-value-ind') || has(start, 'explicit-key-ind');
  const built = (valueNode: FormatNode | undefined, keyText: string | undefined, endsAt: number): Item => ({
    key: keyText,
    colon: keyText !== undefined && (has(sep, 'map-value-ind') || valueNode !== undefined),
    value: valueNode,
    start: startsAt,
    end: endsAt,
    blank: false,
    above: [],
    beside: undefined,
    below: [],
  });
  if (!isPair) {
    const node = nodeOf(value, start, text);
    return built(node, undefined, node === undefined ? (indicator?.offset ?? startsAt) + 1 : endOf(node));
  }
  const keyNode = nodeOf(key ?? undefined, start, text);
  const keyText = keyNode?.type === 'text' ? [keyNode.anchor, keyNode.source].filter(Boolean).join(' ') : '';
  const node = nodeOf(value, sep ?? [], text);
  const colon = sep?.find((token) => token.type === 'map-value-ind');
  const pair = built(
    node,
    keyText,
    node === undefined ? (colon?.offset ?? (keyNode === undefined ? startsAt : endOf(keyNode))) + 1 : endOf(node),
  );
  if (type === 'map') return pair;
  // A pair alone in a list in brackets is a map.
  const column = columnOf(text, startsAt);
  const span = { start: startsAt, end: pair.end };
  const map: CollectionNode = { type: 'map', anchor: undefined, flow: true, items: [pair], end: [], column, span };
  return { ...built(map, undefined, pair.end), colon: false };
}

function nodeOf(
  token: CST.Token | null | undefined,
  before: readonly CST.SourceToken[],
  text: string,
): FormatNode | undefined {
  const anchor = before.find(({ type }) => type === 'anchor');
  if (token) return buildTree(token, text, anchor?.source);
  if (anchor === undefined) return undefined;
  const end = anchor.offset + anchor.source.length;
  return {
    type: 'text',
    anchor: anchor.source,
    source: '',
    isBlock: false,
    contentColumn: undefined,
    start: anchor.offset,
    end,
  };
}

function has(tokens: readonly CST.SourceToken[] | undefined, type: CST.SourceToken['type']): boolean {
  return tokens?.some((token) => token.type === type) === true;
}

export function endOf(node: FormatNode): number {
  return node.type === 'text' ? node.end : node.span.end;
}

/** Counted from 0, in UTF-16 code units. */
export function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1);
}
