// Owns how a formatted document looks: two spaces, one empty line at most, brackets that fit their line. Never decides an
// order, and never puts other words than the author's.

import { indentBlockText, indentLines, tidyQuotes } from './format-text.ts';
import type { CollectionNode, CommentLine, FormatNode, Item, TextNode } from './format-tree.ts';

/** Columns of a line. What was written in brackets and does not fit is put one item to a line. */
const WIDTH = 120;
const STEP = '  ';
/** Maps up to this depth are never in brackets: the document and its sections. */
const OPEN_DEPTH = 1;

/** The lines of a document, without a line break at the end of the last. */
export function printDocument(header: readonly CommentLine[], root: CollectionNode): string[] {
  const lines: string[] = [];
  for (const { text, blank } of header) lines.push(...(blank && lines.length > 0 ? ['', text] : [text]));
  const body = collectionLines(root, '', 0);
  const [first] = root.items;
  const isApart = first === undefined ? root.end[0]?.blank : (first.above[0]?.blank ?? first.blank);
  if (header.length > 0 && isApart && body.length > 0) lines.push('');
  return [...lines, ...body];
}

function collectionLines(node: CollectionNode, pad: string, depth: number): string[] {
  const lines: string[] = [];
  // Behind a text that keeps its empty lines, one more would be part of it.
  let separable = false;
  const separate = (blank: boolean): void => {
    if (blank && separable) lines.push('');
    separable = true;
  };
  const comment = ({ text, blank }: CommentLine, margin = pad): void => {
    separate(blank);
    lines.push(margin + text);
  };
  for (const original of node.items) {
    const item = lifted(original, pad, depth);
    for (const line of item.above) comment(line);
    separate(item.blank);
    for (const line of itemLines(item, pad, depth)) lines.push(line);
    separable = !endsInKeptText(item);
    for (const line of item.below) comment(line, pad + STEP);
  }
  for (const line of node.end) comment(line);
  return lines;
}

function endsInKeptText({ value, below }: Item): boolean {
  if (value === undefined || below.length > 0) return false;
  if (value.type === 'text') return value.isBlock && /^.\d?\+/.test(value.source);
  const last = value.items.at(-1);
  return last !== undefined && value.end.length === 0 && endsInKeptText(last);
}

function itemLines(item: Item, pad: string, depth: number): string[] {
  const { value } = item;
  const beside = item.beside === undefined ? '' : ` ${item.beside}`;
  const lead = pad + leadOf(item);
  if (value === undefined) return [lead.trimEnd() + beside];
  const anchor = value.anchor === undefined ? '' : ` ${value.anchor}`;
  if (value.type === 'text') return textLines(value, `${lead}${anchor}`, pad, beside);
  const short = inBrackets(value, `${lead}${anchor}`, depth);
  if (short !== undefined) return [`${lead}${anchor} ${short}${beside}`];
  const inner = collectionLines(value, pad + STEP, depth + 1);
  const [first = '', ...rest] = inner;
  // The first entry of an item stands on the line of its dash.
  if (isCompact(item)) return [`${lead} ${first.trimStart()}`, ...rest];
  return [`${lead}${anchor}${beside}`, ...inner];
}

function textLines(value: TextNode, lead: string, pad: string, beside: string): string[] {
  if (value.source === '') return [lead + beside];
  if (value.isBlock) {
    const [header = '', ...content] = indentBlockText(value, pad + STEP);
    return [`${lead} ${header}${beside}`, ...content];
  }
  const [first = '', ...rest] = indentLines(tidyQuotes(value.source), pad + STEP);
  const lines = [`${lead} ${first}`, ...rest];
  return [...lines.slice(0, -1), `${lines.at(-1) ?? ''}${beside}`];
}

function leadOf(item: Item): string {
  return item.key === undefined ? '-' : `${keyText(item.key)}:`;
}

function keyText(key: string): string {
  const anchor = /^&\S+\s+/.exec(key)?.[0] ?? '';
  return `${anchor.trimEnd()}${anchor === '' ? '' : ' '}${tidyQuotes(key.slice(anchor.length))}`;
}

/** Whether a list's item begins its own map or list on the line of the dash. */
function isCompact({ key, value, beside }: Item): boolean {
  return key === undefined && beside === undefined && value !== undefined && value.anchor === undefined;
}

/** Comments above the first entry of what begins on the line of a dash stand above the dash. */
function lifted(item: Item, pad: string, depth: number): Item {
  const { value } = item;
  if (value === undefined || value.type === 'text' || !isCompact(item)) return item;
  if (inBrackets(value, pad + leadOf(item), depth) !== undefined) return item;
  const [first, ...rest] = value.items;
  if (first === undefined) return item;
  const inner = lifted(first, pad + STEP, depth + 1);
  const [top, ...others] = inner.above;
  if (top === undefined) return item;
  const above = [...item.above, { text: top.text, blank: item.blank }, ...others];
  return { ...item, above, blank: inner.blank, value: { ...value, items: [{ ...inner, above: [] }, ...rest] } };
}

/** The collection on one line, where it was written in brackets, may stay there and fits. */
function inBrackets(node: CollectionNode, lead: string, depth: number): string | undefined {
  if (node.items.length === 0) return node.end.length > 0 ? undefined : node.type === 'map' ? '{}' : '[]';
  if (!node.flow || (node.type === 'map' && depth < OPEN_DEPTH)) return undefined;
  const text = oneLine(node);
  return text !== undefined && lead.length + 1 + text.length <= WIDTH ? text : undefined;
}

/** Undefined for what holds a comment or a line break. */
function oneLine(node: FormatNode): string | undefined {
  if (node.type === 'text') return node.isBlock || node.source.includes('\n') ? undefined : tidyQuotes(node.source);
  if (node.end.length > 0) return undefined;
  const parts: string[] = [];
  for (const item of node.items) {
    if (item.above.length > 0 || item.below.length > 0 || item.beside !== undefined) return undefined;
    const value = item.value === undefined ? '' : oneLine(item.value);
    if (value === undefined || item.key?.includes('\n')) return undefined;
    const key = item.key === undefined ? undefined : keyText(item.key) + (item.colon ? ':' : '');
    parts.push([key, item.value?.anchor, value].filter((part) => part !== undefined && part !== '').join(' '));
  }
  const inner = parts.join(', ');
  if (node.type === 'list') return `[${inner}]`;
  return inner === '' ? '{}' : `{ ${inner} }`;
}
