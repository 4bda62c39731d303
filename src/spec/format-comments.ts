// Owns which comment belongs to what: found in the tokens of a document, put beside, above or below the items of its
// tree. Never changes a comment's text, and loses none.

import { Lexer } from 'yaml';
import {
  type CollectionNode,
  type CommentLine,
  columnOf,
  type FormatNode,
  type Item,
  type TextNode,
} from './format-tree.ts';

/** The lexer's sign that a scalar follows: one may begin with # too. */
const SCALAR = '\u001F';

export interface Comment {
  readonly text: string;
  readonly offset: number;
  readonly column: number;
  /** Whether nothing else stands on its line. */
  readonly alone: boolean;
}

interface Separated extends Comment {
  /** Whether an empty line stands before it. */
  readonly blank: boolean;
}

/** An item of a block collection with the ones that hold it, itself first. */
interface Placed {
  readonly item: Item;
  readonly collection: CollectionNode;
  readonly chain: readonly { readonly item: Item; readonly collection: CollectionNode }[];
}

/** `# yaml-language-server: $schema=…`: an editor looks for it at the top of the document. */
const MODELINE = /^#\s*yaml-language-server\s*:/;

/**
 * Gives every comment of a document its place in the tree, and every item its empty line.
 *
 * @returns the comments that are about the document as a whole: its modelines first, then what stands before its first
 *   item and an empty line.
 */
export function placeComments(root: CollectionNode, comments: readonly Comment[], text: string): CommentLine[] {
  const found: Found = { blocks: [], flows: [], items: [], texts: [] };
  collect(root, [], found);
  for (const item of found.items) item.blank = isBlankBefore(text, item.start, found.texts);
  const firstAt = root.items[0]?.start ?? root.span.end;
  const leading: Separated[] = [];
  for (const comment of comments) {
    const separated = { ...comment, blank: comment.alone && isBlankBefore(text, comment.offset, found.texts) };
    const flow = flowAround(found.flows, comment.offset);
    if (comment.offset < firstAt) leading.push(separated);
    else if (flow === undefined) placeInBlock(separated, root, found.blocks);
    else placeInFlow(separated, flow, found.blocks);
  }
  const header = headerOf(leading, root);
  return [...root.items.flatMap(takeModelines), ...header];
}

/** Wherever between the sections an editor would find its modeline, it moves to the top. */
function takeModelines({ above }: Item): CommentLine[] {
  const taken = above.filter(({ text }) => MODELINE.test(text));
  const kept = above.filter(({ text }) => !MODELINE.test(text));
  above.splice(0, above.length, ...kept);
  return taken.map(({ text }) => ({ text, blank: false }));
}

/** The comments before anything else: up to the last empty line they are the document's, then the first item's. */
function headerOf(leading: readonly Separated[], root: CollectionNode): CommentLine[] {
  const [first] = root.items;
  const blanks = [...leading.slice(1).map(({ blank }) => blank), first?.blank === true];
  const ofDocument = first === undefined ? leading.length : blanks.lastIndexOf(true) + 1;
  const header = leading.slice(0, ofDocument);
  const modelines = header.filter(({ text }) => MODELINE.test(text));
  const rest = header.filter(({ text }) => !MODELINE.test(text));
  first?.above.unshift(...leading.slice(ofDocument).map(lineOf));
  return [...modelines.map(({ text }) => ({ text, blank: false })), ...rest.map(lineOf)];
}

function placeInFlow(comment: Separated, flow: CollectionNode, blocks: readonly Placed[]): void {
  const line = lineOf(comment);
  const before = flow.items.findLast(({ start }) => start < comment.offset);
  const next = flow.items.find(({ start }) => start > comment.offset);
  const holder = blocks[lastBefore(blocks, flow.span.start + 1, ({ item }) => item.start)];
  if (!comment.alone && before !== undefined) setBeside(before, comment);
  // Between a key and its value, both of one item.
  else if (before !== undefined && comment.offset < before.end) before.above.push(line);
  // Behind the opening bracket: about all that the brackets hold.
  else if (!comment.alone && holder?.item.value === flow) setBeside(holder.item, comment);
  else (next?.above ?? flow.end).push(line);
}

function placeInBlock(comment: Separated, root: CollectionNode, blocks: readonly Placed[]): void {
  const at = lastBefore(blocks, comment.offset, ({ item }) => item.start);
  const line = lineOf(comment);
  const before = blocks[at];
  const next = blocks[at + 1];
  if (before === undefined) root.end.push(line);
  else if (!comment.alone) setBeside(before.item, comment);
  else commentsAt(comment, before, next, root).push(line);
}

/** Where a comment on a line of its own goes, by its column. */
function commentsAt(
  { offset, column }: Separated,
  { item, collection, chain }: Placed,
  next: Placed | undefined,
  root: CollectionNode,
): CommentLine[] {
  const { value } = item;
  const isText = value === undefined || value.type === 'text' || value.flow;
  // Between a key and its value.
  if (isText && offset < item.end) return item.above;
  const nextColumn = next?.collection.column ?? -1;
  if (next !== undefined && column <= nextColumn) return next.item.above;
  // Deeper than an item that has nothing inside: what was, or will be, in it. Under a block scalar it would be its text.
  const isBlockText = value?.type === 'text' && value.isBlock;
  if (isText && !isBlockText && column > collection.column && nextColumn <= collection.column) return item.below;
  const ended = chain.find((one) => one.collection.column <= column)?.collection;
  if (next === undefined) return (ended ?? root).end;
  return ended !== undefined && ended.column > nextColumn ? ended.end : next.item.above;
}

/** One comment can stand beside an item; an earlier one moves above it. */
function setBeside(item: Item, { text }: Comment): void {
  if (item.beside !== undefined) item.above.push({ text: item.beside, blank: false });
  item.beside = text;
}

function lineOf({ text, blank }: Separated): CommentLine {
  return { text, blank };
}

/** All in the order of the source. */
interface Found {
  readonly blocks: Placed[];
  /** Those in no others. */
  readonly flows: CollectionNode[];
  readonly items: Item[];
  /** Block scalars. */
  readonly texts: TextNode[];
}

function collect(node: FormatNode, chain: Placed['chain'], found: Found, inFlow = false): void {
  if (node.type === 'text') {
    if (node.isBlock) found.texts.push(node);
    return;
  }
  if (node.flow && !inFlow) found.flows.push(node);
  for (const item of node.items) {
    const placed = { item, collection: node, chain: [{ item, collection: node }, ...chain] };
    found.items.push(item);
    if (!node.flow) found.blocks.push(placed);
    if (item.value !== undefined) collect(item.value, placed.chain, found, node.flow);
  }
}

/** The innermost collection in brackets that holds the offset. */
function flowAround(flows: readonly CollectionNode[], offset: number): CollectionNode | undefined {
  const flow = flows[lastBefore(flows, offset, ({ span }) => span.start)];
  if (flow === undefined || offset >= flow.span.end) return undefined;
  const inner = flow.items.map(({ value }) => value).filter((value) => value !== undefined && value.type !== 'text');
  return flowAround(inner, offset) ?? flow;
}

/** The index of the last one that starts before the offset, or -1: a file may have as many comments as lines. */
function lastBefore<T>(sorted: readonly T[], offset: number, startOf: (one: T) => number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const one = sorted[middle];
    if (one !== undefined && startOf(one) < offset) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The characters with which the lexer says something that is not in the source. */
const SIGNALS = new Set(['\u0002', '\u0018', SCALAR]);

/**
 * All comments of a text. From the lexer, as the parser of the `yaml` package drops those between a key without a value
 * and the end of its document.
 */
export function findComments(text: string): readonly Comment[] {
  const found: Comment[] = [];
  let offset = 0;
  let isText = false;
  for (const lexeme of new Lexer().lex(text)) {
    if (SIGNALS.has(lexeme)) {
      isText = lexeme === SCALAR;
      continue;
    }
    if (!isText && lexeme.startsWith('#')) {
      const column = columnOf(text, offset);
      const before = text.slice(offset - column, offset).trim();
      const alone = before === '' || before === '---' || before === '...';
      found.push({ text: lexeme.trimEnd(), offset, column, alone });
    }
    isText = false;
    offset += lexeme.length;
  }
  return found;
}

/** Whether the line above the one of this offset is empty, and only separates: `texts` are the block scalars. */
function isBlankBefore(text: string, offset: number, texts: readonly TextNode[]): boolean {
  const lineStart = offset - columnOf(text, offset);
  if (lineStart === 0 || text.slice(lineStart, offset).trim() !== '') return false;
  const above = lineStart - 1 - columnOf(text, lineStart - 1);
  if (text.slice(above, lineStart).trim() !== '') return false;
  const before = texts[lastBefore(texts, above + 1, ({ start }) => start)];
  return before === undefined || above >= before.end;
}
