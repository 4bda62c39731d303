import { describe, expect, it } from 'vitest';
import { sortDiagnostics } from '../../src/model/diagnostic.ts';
import { formatPlace, originFrom, type SourceRange } from '../../src/model/origin.ts';

const range = (line: number, file = 'a.yaml'): SourceRange => ({
  file,
  start: { line, column: 3, offset: line * 10 },
  end: { line, column: 9, offset: line * 10 + 6 },
});

describe('a stored origin', () => {
  const origin = originFrom({
    '': range(1),
    '/metadata': range(2),
    '/metadata/scope': range(3),
    '/members/1': range(4),
  });

  it('answers with the place of the pointer, else of its nearest parent', () => {
    const lines = [
      '',
      '/metadata',
      '/metadata/scope',
      '/metadata/aud',
      '/members/1',
      '/members/1/to',
      '/members/10',
      '/x/y/z',
    ];
    expect(lines.map((pointer) => origin(pointer).start.line)).toEqual([1, 2, 3, 2, 4, 4, 1, 1]);
  });
});

describe('a place', () => {
  it('is told as file, line and column', () => {
    expect(formatPlace(range(7, 'sites/example/client1.yaml'))).toBe('sites/example/client1.yaml:7:3');
  });
});

describe('diagnostics', () => {
  it('DESIGN 7 are sorted by file and position, severities mixed, those without a file first', () => {
    const diagnostic = (code: string, severity: 'error' | 'warning', at?: SourceRange) => ({
      severity,
      code,
      summary: '',
      detail: '',
      ...(at === undefined ? {} : { range: at }),
    });
    const sorted = sortDiagnostics([
      diagnostic('d', 'error', range(10)),
      diagnostic('c', 'warning', range(9)),
      diagnostic('e', 'error', range(1, 'b.yaml')),
      diagnostic('a', 'error'),
      diagnostic('b', 'error', range(9)),
    ]);
    expect(sorted.map(({ code }) => code)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });
});
