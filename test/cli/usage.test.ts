import { describe, expect, it } from 'vitest';
import { readDirectory } from '../../src/cli/usage.ts';

describe('the directories of a spec', () => {
  it('are gathered in order', () => {
    expect(readDirectory('b', readDirectory('a', undefined))).toEqual(['a', 'b']);
  });

  it('an empty one is a variable that was not set, and not the current directory', () => {
    expect(() => readDirectory('', undefined)).toThrow('is a variable not set?');
  });
});
