import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type WatchOptions, watchSpec } from '../../src/reconcile/watch.ts';
import { eventually, mountVersion, replaceAtomically, temporary, write } from './directory.ts';

/** A watcher without polling, unless asked for: what arrives is an event. */
async function watch(directory: string, options: Partial<WatchOptions> = {}) {
  const hints: string[] = [];
  const troubles: (string | undefined)[] = [];
  const watcher = watchSpec({
    directories: [directory],
    files: () => [],
    onHint: (cause) => hints.push(cause),
    onTrouble: (reason) => troubles.push(reason),
    debounceMs: 60,
    pollMs: 1_000_000,
    lookMs: 30,
    ...options,
  });
  onTestFinished(() => watcher.close());
  await watcher.ready;
  return {
    hints,
    troubles,
    /** Runs it and waits for a hint that comes afterwards. */
    async sees(what: () => void) {
      const before = hints.length;
      what();
      await eventually(() => expect(hints.length).toBeGreaterThan(before));
    },
  };
}

describe('events', () => {
  it('hints at what editors and tools do: write, atomic rename, new file, deletion, new directory', async () => {
    const spec = temporary();
    write(spec, { 'a.yaml': 'a', 'sub/b.yaml': 'b' });
    const { sees } = await watch(spec);
    await sees(() => write(spec, { 'a.yaml': 'changed' }));
    await sees(() => replaceAtomically(spec, 'sub/b.yaml', 'changed'));
    await sees(() => replaceAtomically(spec, 'sub/b.yaml', 'changed again'));
    // A backup by renaming, as vim does with backupcopy=no.
    await sees(() => {
      renameSync(join(spec, 'a.yaml'), join(spec, 'a.yaml~'));
      writeFileSync(join(spec, 'a.yaml'), 'new');
    });
    await sees(() => write(spec, { 'a.yaml': 'still seen' }));
    await sees(() => write(spec, { 'new/deep/c.yaml': 'c' }));
    await sees(() => write(spec, { 'new/deep/c.yaml': 'changed' }));
    await sees(() => rmSync(join(spec, 'a.yaml')));
  });

  it('hints at every swap of ..data', async () => {
    const spec = temporary();
    mountVersion(spec, 'v1', { 'a.yaml': '1' });
    const { sees } = await watch(spec);
    for (const version of ['v2', 'v3', 'v4']) await sees(() => mountVersion(spec, version, { 'a.yaml': version }));
  });

  it('gathers a burst into few hints, and does not put one off for ever', async () => {
    const spec = temporary();
    write(spec, { 'a.yaml': '0' });
    const { hints } = await watch(spec, { debounceMs: 20 });
    for (let number = 0; number < 40; number += 1) {
      write(spec, { 'a.yaml': String(number) });
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await eventually(() => expect(hints.length).toBeGreaterThan(0));
    await new Promise((resolve) => setTimeout(resolve, 100));
    // 400 ms of uninterrupted writing; a hint is due every 200 ms at the latest.
    expect(hints.length).toBeGreaterThanOrEqual(2);
    expect(hints.length).toBeLessThan(12);
  });

  it('stirs once in a burst, before its hint, where known files were written and nothing else is told', async () => {
    const spec = temporary();
    write(spec, { 'a.yaml': 'a', 'b.yaml': 'b' });
    const told: string[] = [];
    await watch(spec, {
      debounceMs: 150,
      onStir: () => told.push('stir'),
      onHint: () => told.push('hint'),
      lookMs: 1_000_000,
    });
    const tellsOf = async (what: () => void | Promise<void>): Promise<readonly string[]> => {
      told.length = 0;
      await what();
      await eventually(() => expect(told).toContain('hint'));
      return [...told];
    };
    expect(await tellsOf(() => write(spec, { 'a.yaml': 'changed' }))).toEqual(['stir', 'hint']);
    const bothInTurn = async (): Promise<void> => {
      write(spec, { 'a.yaml': 'again' });
      await new Promise((resolve) => setTimeout(resolve, 70));
      write(spec, { 'b.yaml': 'changed' });
    };
    expect(await tellsOf(bothInTurn)).toEqual(['stir', 'hint']);
    expect(await tellsOf(() => write(spec, { 'c.yaml': 'new' }))).toEqual(['hint']);
    expect(await tellsOf(() => write(spec, { 'a.yaml': 'third', 'd.yaml': 'new' }))).toEqual(['hint']);
    expect(await tellsOf(() => rmSync(join(spec, 'd.yaml')))).toEqual(['hint']);
  });

  it('does not hint at writes to a store or a log beside the spec', async () => {
    const spec = temporary();
    write(spec, { 'a.yaml': 'a', 'charter.db-wal': '' });
    const { hints } = await watch(spec);
    write(spec, { 'charter.db-wal': 'a commit' });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(hints).toEqual([]);
  });

  it('does not hint at what Git does inside .git', async () => {
    const spec = temporary();
    write(spec, { 'a.yaml': 'a', '.git/HEAD': 'x' });
    const { hints } = await watch(spec);
    write(spec, { '.git/HEAD': 'y', '.git/objects/aa/bb': 'z' });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(hints).toEqual([]);
  });
});

describe('the directory itself', () => {
  it('may be deleted and made again, and events come from the new one', async () => {
    const root = temporary();
    const spec = join(root, 'spec');
    write(spec, { 'a.yaml': 'a' });
    const { sees } = await watch(spec);
    for (let round = 0; round < 3; round += 1) {
      await sees(() => rmSync(spec, { recursive: true }));
      await sees(() => write(spec, { 'a.yaml': 'again' }));
      await sees(() => write(spec, { 'a.yaml': `changed ${round}` }));
    }
  });

  it('may not exist yet', async () => {
    const root = temporary();
    const { sees } = await watch(join(root, 'later'));
    await sees(() => mkdirSync(join(root, 'later')));
    await sees(() => write(root, { 'later/a.yaml': 'a' }));
  });

  it('may be a link that is switched over, as git-sync does', async () => {
    const root = temporary();
    write(root, { 'v1/a.yaml': '1', 'v2/a.yaml': '2' });
    symlinkSync('v1', join(root, 'current'));
    const { sees } = await watch(join(root, 'current'));
    await sees(() => write(root, { 'v1/a.yaml': 'changed' }));
    await sees(() => {
      symlinkSync('v2', join(root, 'next'));
      renameSync(join(root, 'next'), join(root, 'current'));
    });
    await sees(() => write(root, { 'v2/a.yaml': 'changed' }));
  });
});

describe('the directory itself, between two looks', () => {
  it('may be switched away and back: the way back is seen too', async () => {
    const root = temporary();
    write(root, { 'v1/a.yaml': '1', 'v2/a.yaml': '2' });
    symlinkSync('v1', join(root, 'current'));
    const { hints } = await watch(join(root, 'current'), { lookMs: 500 });
    const lead = (to: string) => {
      symlinkSync(to, join(root, 'next'));
      renameSync(join(root, 'next'), join(root, 'current'));
    };
    lead('v2');
    // An event of what was watched so far makes a hint, and v2 is read.
    write(root, { 'v1/a.yaml': 'changed' });
    await eventually(() => expect(hints).toHaveLength(1));
    lead('v1');
    await eventually(() => expect(hints.length).toBeGreaterThan(1));
  });

  it('may be closed to us for a while', async () => {
    const root = temporary();
    const spec = join(root, 'spec');
    write(spec, { 'a.yaml': 'a' });
    const { sees } = await watch(spec);
    await sees(() => chmodSync(spec, 0o000));
    await sees(() => chmodSync(spec, 0o755));
    await sees(() => write(spec, { 'a.yaml': 'changed' }));
  });
});

describe('clocks', () => {
  it('hint at a changed, new or missing secret file elsewhere', async () => {
    const spec = temporary();
    const elsewhere = temporary();
    write(elsewhere, { x: '1' });
    const { sees } = await watch(spec, { files: () => [join(elsewhere, 'x'), join(elsewhere, 'y')] });
    await sees(() => write(elsewhere, { x: '12' }));
    await sees(() => rmSync(join(elsewhere, 'x')));
    await sees(() => write(elsewhere, { y: '1' }));
  });

  it('poll, so that nothing depends on events', async () => {
    const { hints } = await watch(temporary(), { pollMs: 60 });
    await eventually(() => expect(hints.filter((cause) => cause === 'poll').length).toBeGreaterThan(2));
  });

  it('end with the watcher', async () => {
    const spec = temporary();
    const hints: string[] = [];
    const watcher = watchSpec({
      directories: [spec],
      files: () => [],
      onHint: (cause) => hints.push(cause),
      onTrouble: () => undefined,
      debounceMs: 5,
      pollMs: 20,
      lookMs: 10,
    });
    await watcher.ready;
    await watcher.close();
    const before = hints.length;
    write(spec, { 'a.yaml': 'a' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(hints.length).toBe(before);
  });
});
