// Owns which comment belongs to what: found in the tokens of a document, put beside, above or below the items of its
// tree. Never changes a comment's text, and loses none.

import type { CST } from 'yaml';
import { type CollectionNode, type CommentLine, columnOf, type FormatNode, type Item } from './format-tree.ts';

interface Comment {
  readonly text: string;
  readonly offset: number;
  readonly column: number;
  /** Whether nothing else stands on its line. */
  readonly alone: boolean;
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
 * Gives every comment of the tokens its place in the tree, and every item its empty line.
 *
 * @returns the comments that are about the document as a whole: its modelines first, then what stands before its first
 *   item and an empty line.
 */
export function placeComments(root: CollectionNode, tokens: readonly CST.Token[], text: string): CommentLine[] {
  const lines = new BlankLines(tokens, text);
  const blocks: Placed[] = [];
  const flows: CollectionNode[] = [];
  collect(root, [], blocks, flows, lines);
  const comments = commentsOf(tokens, text, lines);
  const firstAt = root.items[0]?.start ?? root.span.end;
  const leading = comments.filter(({ offset }) => offset < firstAt);
  for (const comment of comments) {
    if (comment.offset < firstAt) continue;
    const flow = flows.findLast(({ span }) => span.start < comment.offset && comment.offset < span.end);
    if (flow === undefined) placeInBlock(comment, root, blocks);
    else placeInFlow(comment, flow, blocks);
  }
  return headerOf(leading, root);
}

/** The comments before anything else: up to the last empty line they are the document's, then the first item's. */
function headerOf(leading: readonly Comment[], root: CollectionNode): CommentLine[] {
  const [first] = root.items;
  const blanks = [...leading.slice(1).map(({ blank }) => blank), first?.blank === true];
  const ofDocument = first === undefined ? leading.length : blanks.lastIndexOf(true) + 1;
  const modelines = leading.filter(({ text }) => MODELINE.test(text));
  const rest = leading.slice(0, ofDocument).filter((comment) => !modelines.includes(comment));
  const own = leading.slice(ofDocument).filter((comment) => !modelines.includes(comment));
  first?.above.unshift(...own.map(lineOf));
  return [...modelines.map(({ text }) => ({ text, blank: false })), ...rest.map(lineOf)];
}

function placeInFlow(comment: Comment, flow: CollectionNode, blocks: readonly Placed[]): void {
  const before = flow.items.findLast(({ start }) => start < comment.offset);
  if (!comment.alone && before !== undefined) return setBeside(before, comment);
  // Between a key and its value, both of one item.
  if (before !== undefined && comment.offset < before.end) return void before.above.push(lineOf(comment));
  const next = flow.items.find(({ start }) => start > comment.offset);
  if (comment.alone || before !== undefined) return void (next?.above ?? flow.end).push(lineOf(comment));
  // Behind the opening bracket: about all that the brackets hold.
  const holder = blocks.findLast(({ item }) => item.start <= flow.span.start);
  if (holder?.item.value === flow) setBeside(holder.item, comment);
  else (next?.above ?? flow.end).push(lineOf(comment));
}

function placeInBlock(comment: Comment, root: CollectionNode, blocks: readonly Placed[]): void {
  const at = blocks.findLastIndex(({ item }) => item.start < comment.offset);
  const before = blocks[at];
  const next = blocks[at + 1];
  const line = lineOf(comment);
  if (before === undefined) return void root.end.push(line);
  const { value } = before.item;
  const isBlock = value !== undefined && value.type !== 'text' && !value.flow;
  if (!comment.alone) return setBeside(before.item, comment);
  // Between a key and its value.
  if (!isBlock && comment.offset < before.item.end) return void before.item.above.push(line);
  const nextColumn = next === undefined ? -1 : next.collection.column;
  if (comment.column <= nextColumn) return void next?.item.above.push(line);
  // Deeper than an item that has nothing inside: what was, or will be, in it. Under a block scalar it would be its text.
  const isScalar = value?.type === 'text' && value.isBlock;
  if (!isBlock && !isScalar && comment.column > before.collection.column && nextColumn <= before.collection.column) {
    return void before.item.below.push(line);
  }
  const ended = before.chain.find(({ collection }) => collection.column <= comment.column);
  if (next === undefined) (ended?.collection ?? root).end.push(line);
  else if (ended !== undefined && ended.collection.column > nextColumn) ended.collection.end.push(line);
  else next.item.above.push(line);
}

/** One comment can stand beside an item; an earlier one moves above it. */
function setBeside(item: Item, { text }: Comment): void {
  if (item.beside !== undefined) item.above.push({ text: item.beside, blank: false });
  item.beside = text;
}

function lineOf({ text, blank }: Comment): CommentLine {
  return { text, blank };
}

function collect(
  node: FormatNode,
  chain: Placed['chain'],
  blocks: Placed[],
  flows: CollectionNode[],
  lines: BlankLines,
): void {
  if (node.type === 'text') return;
  if (node.flow) flows.push(node);
  for (const item of node.items) {
    item.blank = lines.isBlankBefore(item.start);
    const placed = { item, collection: node, chain: [{ item, collection: node }, ...chain] };
    if (!node.flow) blocks.push(placed);
    if (item.value !== undefined) collect(item.value, placed.chain, blocks, flows, lines);
  }
}

/** The comments of the tokens, as written and in their order. */
export function commentTexts(tokens: readonly CST.Token[]): readonly string[] {
  return [...allTokens(tokens)].filter((token) => token.type === 'comment').map((token) => token.source.trimEnd());
}

function commentsOf(tokens: readonly CST.Token[], text: string, lines: BlankLines): Comment[] {
  return [...allTokens(tokens)]
    .filter((token) => token.type === 'comment')
    .sort((a, b) => a.offset - b.offset)
    .map((token) => {
      const column = columnOf(text, token.offset);
      const before = text.slice(token.offset - column, token.offset).trim();
      return {
        text: token.source.trimEnd(),
        offset: token.offset,
        column,
        alone: before === '' || before === '---' || before === '...',
        blank: before === '' && lines.isBlankBefore(token.offset),
      };
    });
}

function* allTokens(tokens: readonly (CST.Token | null | undefined)[]): Generator<CST.SourceToken | CST.BlockScalar> {
  for (const token of tokens) {
    if (!token) continue;
    switch (token.type) {
      case 'document':
        yield* allTokens([...token.start, token.value, ...(token.end ?? [])]);
        break;
      case 'block-map':
      case 'block-seq':
        yield* itemTokens(token.items);
        break;
      case 'flow-collection':
        yield* itemTokens(token.items);
        yield* allTokens(token.end);
        break;
      case 'block-scalar':
        yield token;
        yield* allTokens(token.props);
        break;
      case 'scalar':
      case 'alias':
      case 'single-quoted-scalar':
      case 'double-quoted-scalar':
      case 'doc-end':
        yield* allTokens(token.end ?? []);
        break;
      case 'error':
      case 'directive':
        break;
      default:
        yield token;
    }
  }
}

function* itemTokens(items: readonly CST.CollectionItem[]): Generator<CST.SourceToken | CST.BlockScalar> {
  for (const { start, key, sep, value } of items) yield* allTokens([...start, key, ...(sep ?? []), value]);
}

/** Where the empty lines are that only separate: those at the end of a block scalar with `+` are its text. */
class BlankLines {
  readonly #text: string;
  readonly #texts: readonly { readonly start: number; readonly end: number }[];

  constructor(tokens: readonly CST.Token[], text: string) {
    this.#text = text;
    this.#texts = [...allTokens(tokens)]
      .filter((token) => token.type === 'block-scalar')
      .map((token) => {
        const props = token.props.reduce((length, prop) => length + ('source' in prop ? prop.source.length : 0), 0);
        return { start: token.offset, end: token.offset + props + token.source.length };
      });
  }

  /** Whether the line above the one of this offset is empty. */
  isBlankBefore(offset: number): boolean {
    const lineStart = offset - columnOf(this.#text, offset);
    if (lineStart === 0 || this.#text.slice(lineStart, offset).trim() !== '') return false;
    const above = lineStart - 1 - columnOf(this.#text, lineStart - 1);
    if (this.#text.slice(above, lineStart).trim() !== '') return false;
    return !this.#texts.some(({ start, end }) => start <= above && above < end);
  }
}
