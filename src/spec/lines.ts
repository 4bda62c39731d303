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
  // At the first question: of most files of a large spec nothing is ever asked.
  let found: Uint32Array | undefined;
  const starts = () => {
    found ??= findLineStarts(text);
    return found;
  };
  const startOf = (line: number) => starts()[line - 1] ?? text.length;

  // Characters before every STEP-th code unit of a line: one long line may be asked about thousands of times.
  const counted = new Map<number, number[]>();
  const charactersIn = (line: number, offset: number) => {
    const start = starts()[line] ?? 0;
    if (offset - start < STEP) return countCharacters(text, start, offset);
    const counts = counted.get(line) ?? [0];
    counted.set(line, counts);
    const step = Math.floor((offset - start) / STEP);
    for (let at = counts.length; at <= step; at += 1) {
      counts.push((counts[at - 1] ?? 0) + countCharacters(text, start + (at - 1) * STEP, start + at * STEP));
    }
    return (counts[step] ?? 0) + countCharacters(text, start + step * STEP, offset);
  };

  return {
    position(offset) {
      const clamped = Math.max(Math.min(offset, text.length), startOf(1));
      let low = 0;
      const known = starts();
      let high = known.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if ((known[middle] ?? 0) <= clamped) low = middle;
        else high = middle - 1;
      }
      return { line: low + 1, column: charactersIn(low, clamped) + 1, offset: clamped };
    },
    lineText(line) {
      const end = line < starts().length ? startOf(line + 1) - 1 : text.length;
      const content = text.slice(startOf(line), end);
      return content.endsWith('\r') ? content.slice(0, -1) : content;
    },
    lineStart: startOf,
  };
}

const STEP = 256;

function findLineStarts(text: string): Uint32Array {
  let count = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  const starts = new Uint32Array(count);
  starts[0] = text.startsWith(BYTE_ORDER_MARK) ? 1 : 0;
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    starts[line] = at + 1;
    line += 1;
  }
  return starts;
}

/** The characters that begin in a stretch: the second half of a surrogate pair begins none. */
function countCharacters(text: string, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at += 1) {
    const isSecondHalf = isBetween(text, at, 0xdc00) && isBetween(text, at - 1, 0xd800);
    if (!isSecondHalf) count += 1;
  }
  return count;
}

/** Whether the code unit at an offset is one of the 1,024 surrogates from `first` on. */
function isBetween(text: string, at: number, first: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= first && unit < first + 0x400;
}
