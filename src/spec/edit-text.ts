// Owns edits of lists and maps as their authors laid them out: in brackets or in lines, with comments and line breaks
// kept. Never decides what is to be written; where a layout leaves room for doubt there is no edit.

import type { Fix } from '../model/diagnostic.ts';
import { type Entry, type Node, rangeOf, type Span } from './tree.ts';

type Edit = Fix['edits'][number];

function edit(span: Span, start: number, end: number, text: string): Edit {
  return { range: rangeOf({ ...span, start, end }), text };
}

/** Adds an item at the end of a list; undefined for an alias. */
export function addToList(list: Node, item: string): Edit | undefined {
  if (list.type !== 'list') return undefined;
  const { start, end, source } = list.span;
  const last = list.items.at(-1);
  if (list.flow) {
    const written = source.text.slice(start, end);
    if (!/^\[.*[^,\s]\s*\]$|^\[\s*\]$/s.test(written) || /#/.test(written)) return undefined;
    return edit(list.span, end - 1, end - 1, last === undefined ? item : `, ${item}`);
  }
  const dash = last && dashOf(last);
  if (last === undefined || dash === undefined) return undefined;
  const { indent, lineEnd, lineBreak } = lineOf(last.span);
  return edit(list.span, lineEnd, lineEnd, `${lineBreak}${indent}- ${item}`);
}

/** Takes an item, which is not the first, out of its list. A comment behind it stays. */
export function removeItem(list: Node, index: number): Edit | undefined {
  if (list.type !== 'list') return undefined;
  const [before, item] = [list.items[index - 1], list.items[index]];
  if (before === undefined || item === undefined) return undefined;
  const { text } = item.span.source;
  if (list.flow) {
    if (!/^\s*,\s*$/.test(text.slice(before.span.end, item.span.start))) return undefined;
    return edit(item.span, before.span.end, item.span.end, '');
  }
  const dash = dashOf(item);
  if (dash === undefined) return undefined;
  const { lineStart, lineEnd, lineBreak } = lineOf(item.span);
  const rest = text.slice(item.span.end, lineEnd);
  if (rest.trim() === '') {
    const behind = text.startsWith(lineBreak, lineEnd) ? lineEnd + lineBreak.length : lineEnd;
    return edit(item.span, lineStart, behind, '');
  }
  const comment = rest.indexOf('#');
  if (rest.slice(0, comment).trim() !== '') return undefined;
  return edit(item.span, dash, item.span.end + comment, '');
}

/** A text as YAML reads it again as that text: without quotes where that is beyond doubt. */
export function plainOrQuoted(text: string): string {
  const isWord = /^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text);
  return !isWord && /^[A-Za-z_][\w.@+~/-]*(?::[\w.@+~/-]+)*$/.test(text) ? text : JSON.stringify(text);
}

/** Writes a key into the map that an entry holds, or that is to become its value. Undefined for an alias and what one repeats. */
export function addKey({ keySpan, value }: Entry, key: string, written: string): Edit | undefined {
  const { source, start, end } = value.span;
  const { text } = source;
  const pair = `${key}: ${written}`;
  // An anchor: an alias may repeat the map elsewhere.
  if (text.slice(keySpan.end, start).replace(/#.*/g, '').includes('&')) return undefined;
  if (value.type === 'scalar') {
    if (value.value !== null || value.anchored !== undefined) return undefined;
    if (start !== end) return edit(value.span, start, end, `{ ${pair} }`);
    const colon = /^["']?\s*:/.exec(text.slice(keySpan.end))?.[0];
    if (colon === undefined) return undefined;
    const at = keySpan.end + colon.length;
    return edit(keySpan, at, at, ` { ${pair} }`);
  }
  // Two files hold a map with an overlay, and either could be meant.
  if (value.type !== 'map' || value.overlaid !== undefined) return undefined;
  const last = [...value.entries.values()].at(-1);
  if (value.flow) {
    if (text[start] !== '{' || text[end - 1] !== '}') return undefined;
    if (last === undefined)
      return /^\{\s*\}$/.test(text.slice(start, end)) ? edit(value.span, start, end, `{ ${pair} }`) : undefined;
    const { end: behind } = last.value.span.start < last.value.span.end ? last.value.span : last.keySpan;
    return /^\s*,?\s*\}$/.test(text.slice(behind, end)) ? edit(value.span, behind, behind, `, ${pair}`) : undefined;
  }
  const first = value.entries.values().next().value;
  if (first === undefined) return undefined;
  const { lineStart, lineBreak } = lineOf(first.keySpan);
  const indent = text.slice(lineStart, first.keySpan.start);
  if (!/^ +$/.test(indent)) return undefined;
  return edit(value.span, lineStart, lineStart, `${indent}${pair}${lineBreak}`);
}

/** Where the dash of an item in lines stands; undefined where more than the item is on its line, or it has several. */
function dashOf({ span, type, ...node }: Node): number | undefined {
  const { lineStart } = lineOf(span);
  const { text } = span.source;
  const isWhole = type === 'scalar' || ('flow' in node && node.flow);
  if (!isWhole || text.slice(span.start, span.end).includes('\n')) return undefined;
  const head = /^ *- +$/.exec(text.slice(lineStart, span.start))?.[0];
  return head === undefined ? undefined : lineStart + head.indexOf('-');
}

interface Line {
  readonly lineStart: number;
  /** Before the line break. */
  readonly lineEnd: number;
  readonly indent: string;
  readonly lineBreak: '\n' | '\r\n';
}

/** The line on which a span begins. */
function lineOf({ source, start }: Span): Line {
  const { text, lines } = source;
  const { line } = lines.position(start);
  const lineStart = lines.lineStart(line);
  const content = lines.lineText(line);
  const lineEnd = lineStart + content.length;
  const isCrlf = text.startsWith('\r\n', lineEnd) || (lineEnd === text.length && text.includes('\r\n'));
  return { lineStart, lineEnd, indent: /^ */.exec(content)?.[0] ?? '', lineBreak: isCrlf ? '\r\n' : '\n' };
}
