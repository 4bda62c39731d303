import { rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFileMemory } from '../../src/reconcile/file-memory.ts';
import { replaceAtomically, temporary, write } from './directory.ts';

function remembering() {
  const directory = temporary();
  write(directory, { 'a.yaml': 'a', 'b.yaml': 'b' });
  let now = 0;
  let reads = 0;
  const remember = createFileMemory<{ readonly text: string | undefined }>(() => now);
  /** Asks for a file at an instant, and answers how often it was read for that. */
  const ask = async (
    at: number,
    name = 'a.yaml',
    made: { readonly text: string | undefined } = { text: 'a' },
  ): Promise<number> => {
    now = at;
    const before = reads;
    await remember(join(directory, name), async () => {
      reads += 1;
      return made;
    });
    return reads - before;
  };
  return { directory, ask };
}

describe.runIf(process.platform === 'linux')('what is remembered of a file', () => {
  it('is what was read when it had been the same for three seconds: a write before that may leave its time as it was', async () => {
    const { ask } = remembering();
    expect(await ask(0)).toBe(1);
    expect(await ask(25)).toBe(1);
    expect(await ask(2999)).toBe(1);
    expect(await ask(3000)).toBe(1);
    expect(await ask(3025)).toBe(0);
    expect(await ask(20_000)).toBe(0);
  });

  it.each<readonly [string, (directory: string) => void]>([
    ['written with as many bytes', (directory) => write(directory, { 'a.yaml': 'b' })],
    ['replaced by a file of the same bytes', (directory) => replaceAtomically(directory, 'a.yaml', 'a')],
    [
      'written and given its former time',
      (directory) => {
        write(directory, { 'a.yaml': 'b' });
        utimesSync(join(directory, 'a.yaml'), 0, 0);
      },
    ],
  ])('is nothing of one that was %s', async (_, change) => {
    const { directory, ask } = remembering();
    utimesSync(join(directory, 'a.yaml'), 0, 0);
    for (const at of [0, 3000]) await ask(at);
    expect(await ask(3001)).toBe(0);
    change(directory);
    expect(await ask(3002)).toBe(1);
    expect(await ask(3003)).toBe(1);
  });

  it('is nothing of one that could not be read, or is not there', async () => {
    const { directory, ask } = remembering();
    for (const at of [0, 3000, 3001, 9000]) expect(await ask(at, 'a.yaml', { text: undefined })).toBe(1);
    for (const at of [9001, 12_001]) await ask(at);
    expect(await ask(12_002)).toBe(0);
    rmSync(join(directory, 'a.yaml'));
    expect(await ask(12_003)).toBe(1);
  });

  it('is forgotten when nobody asks for it and others come', async () => {
    const { ask } = remembering();
    for (const at of [0, 3000]) await ask(at);
    await ask(63_001, 'b.yaml');
    expect(await ask(63_002)).toBe(1);
  });
});
