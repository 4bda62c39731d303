import { describe, expect, it } from 'vitest';
import { count, plural } from '../../src/model/count.ts';

describe('a number of things', () => {
  it('is one, or several', () => {
    expect(count(1, 'file')).toBe('1 file');
    expect(count(0, 'file')).toBe('0 files');
    expect(count(2, 'policy')).toBe('2 policies');
    expect(count(3, 'more policy')).toBe('3 more policies');
    expect(count(2, 'person', 'people')).toBe('2 people');
  });

  it('has its own letter for each plural', () => {
    expect(['key', 'policy', 'entry', 'application'].map(plural)).toEqual([
      ...['keys', 'policies', 'entries', 'applications'],
    ]);
  });
});
