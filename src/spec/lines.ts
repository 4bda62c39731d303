// Owns the way between offsets and lines: positions as a person counts them. Never knows YAML.

import type { Position } from '../model/origin.ts';

const BYTE_ORDER_MARK = '\uFEFF';

export interface LineIndex {
  /** Columns count Unicode characters; a byte order mark at the start of the text is none. */
  position(offset: number): Position;
  /** The text of a 1-based line, without its line break; empty when there is no such line. */
  lineText(line: number): string;
  /** The offset at which a 1-based line begins, after a byte order mark. */
  lineStart(line: number): number;
}

/** Indexes a text once; each look-up is then a binary search. Lines end at LF; a CR before it belongs to the break. */
export function indexLines(text: string): LineIndex {
  const starts = [text.startsWith(BYTE_ORDER_MARK) ? 1 : 0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  const startOf = (line: number) => starts[line - 1] ?? text.length;

  return {
    position(offset) {
      const clamped = Math.max(Math.min(offset, text.length), startOf(1));
      let low = 0;
      let high = starts.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if ((starts[middle] ?? 0) <= clamped) low = middle;
        else high = middle - 1;
      }
      return { line: low + 1, column: countCharacters(text, starts[low] ?? 0, clamped) + 1, offset: clamped };
    },
    lineText(line) {
      const end = line < starts.length ? startOf(line + 1) - 1 : text.length;
      const content = text.slice(startOf(line), end);
      return content.endsWith('\r') ? content.slice(0, -1) : content;
    },
    lineStart: startOf,
  };
}

function countCharacters(text: string, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; count += 1) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return count;
}
