import { describe, expect, it } from 'vitest';
import { indexLines } from '../../src/spec/lines.ts';

describe('lines of a text', () => {
  const text = 'ab\r\n\nc💥d\ne';
  const lines = indexLines(text);

  it('have positions with columns in Unicode characters', () => {
    const at = (part: string) => {
      const { line, column } = lines.position(text.indexOf(part));
      return `${line}:${column}`;
    };
    expect(['ab', 'b', 'c', '💥', 'd', 'e'].map(at)).toEqual(['1:1', '1:2', '3:1', '3:2', '3:3', '4:1']);
    expect(lines.position(text.length)).toEqual({ line: 4, column: 2, offset: text.length });
    expect(lines.position(text.length + 5)).toEqual({ line: 4, column: 2, offset: text.length });
  });

  it('have their text without the break', () => {
    expect([1, 2, 3, 4, 5].map((line) => lines.lineText(line))).toEqual(['ab', '', 'c💥d', 'e', '']);
    expect(lines.lineStart(3)).toBe(text.indexOf('c'));
  });

  it('a byte order mark is no character', () => {
    const marked = indexLines('\uFEFFa\nb');
    expect(marked.position(1)).toEqual({ line: 1, column: 1, offset: 1 });
    expect(marked.position(0)).toEqual({ line: 1, column: 1, offset: 1 });
    expect(marked.lineText(1)).toBe('a');
  });
});
