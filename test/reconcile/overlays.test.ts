import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { directoriesOf } from '../../src/reconcile/overlays.ts';
import { readSpec, type SpecReading } from '../../src/reconcile/read.ts';
import { type SpecWatcher, watchSpec } from '../../src/reconcile/watch.ts';
import { eventually, mountVersion, replaceAtomically, temporary, write } from './directory.ts';

const read = (directories: readonly string[], ...overlays: readonly string[]) =>
  readSpec(directories, { overlays, settleMs: 5 });
const found = ({ files }: SpecReading) => files.map(({ path, overlay }) => [overlay, path]);
const problems = (reading: SpecReading) => reading.problems.map(({ code, range }) => [code, range?.file]);

describe('which files an overlay has (DESIGN 1)', () => {
  it('a name is overlays/NAME below each directory of the spec that has it; paths stay relative to the root', async () => {
    const root = temporary();
    write(root, {
      'platform/server.yaml': 's',
      'platform/overlays/prod/server.yaml': 'p',
      'teams/a/site.yaml': 'a',
      'teams/a/overlays/prod/site.yaml': 'q',
      'teams/a/overlays/test/site.yaml': 'no',
      'teams/b/site.yaml': 'b',
    });
    const reading = await read([join(root, 'platform'), join(root, 'teams/a'), join(root, 'teams/b')], 'prod');
    expect(found(reading)).toEqual([
      [undefined, 'platform/server.yaml'],
      [undefined, 'teams/a/site.yaml'],
      [undefined, 'teams/b/site.yaml'],
      [0, 'platform/overlays/prod/server.yaml'],
      [0, 'teams/a/overlays/prod/site.yaml'],
    ]);
    expect(reading.overlays).toEqual(['platform/overlays/prod', 'teams/a/overlays/prod']);
    expect(reading.problems).toEqual([]);
  });

  it('a path is a directory anywhere, and the root stays that of the spec', async () => {
    const root = temporary();
    write(root, { 'spec/a.yaml': 'a', 'envs/prod/x/b.yaml': 'b', 'spec/overlays/prod/c.yaml': 'c' });
    const reading = await read([join(root, 'spec')], join(root, 'envs/prod'), 'prod');
    expect(reading.root).toBe(join(root, 'spec'));
    expect(found(reading)).toEqual([
      [undefined, 'a.yaml'],
      [0, '../envs/prod/x/b.yaml'],
      [1, 'overlays/prod/c.yaml'],
    ]);
    expect(reading.boundaries).toContain(join(root, 'envs/prod'));
  });

  it('reads the files of an overlay by the rules of the spec', async () => {
    const root = temporary();
    write(root, {
      'spec/a.yaml': 'a',
      'spec/overlays/prod/.hidden.yaml': 'no',
      'spec/overlays/prod/README.md': 'no',
      'spec/overlays/prod/b.yml': 'b',
      'spec/overlays/prod/latin.yaml': Buffer.from([0xe4]),
      'outside/c.yaml': 'c',
    });
    symlinkSync('../../../outside/c.yaml', join(root, 'spec/overlays/prod/c.yaml'));
    const reading = await read([join(root, 'spec')], 'prod');
    expect(found(reading).slice(1)).toEqual([[0, 'overlays/prod/b.yml']]);
    expect(problems(reading)).toEqual([
      ['file.outside', 'overlays/prod/c.yaml'],
      ['file.not-utf8', 'overlays/prod/latin.yaml'],
    ]);
  });

  it('has another digest for another order, another overlay, or another content of one', async () => {
    const spec = temporary();
    write(spec, { 'a.yaml': 'a', 'overlays/x/o.yaml': 'o', 'overlays/y/o.yaml': 'o' });
    const digests = [
      await read([spec]),
      await read([spec], 'x', 'y'),
      await read([spec], 'y', 'x'),
      await read([spec], 'x'),
    ];
    expect(new Set(digests.map(({ digest }) => digest)).size).toBe(4);
    expect((await read([spec], 'x', 'y')).digest).toBe(digests[1]?.digest);
    write(spec, { 'overlays/x/o.yaml': 'n' });
    expect((await read([spec], 'x', 'y')).digest).not.toBe(digests[1]?.digest);
  });
});

describe('an overlay that cannot be had is an error: a typo looks just like it', () => {
  it('overlay.missing names the overlays that there are, and the one that was meant', async () => {
    const spec = temporary();
    write(spec, { 'a.yaml': 'a', 'overlays/prod/o.yaml': 'o', 'overlays/test/o.yaml': 'o', 'overlays/file': 'no' });
    const { problems: told } = await read([spec], 'prdo');
    expect(told.map(({ code }) => code)).toEqual(['overlay.missing']);
    expect(told[0]?.help).toBe('Did you mean prod? Overlays: prod, test.');
    expect((await read([spec], 'file')).problems[0]?.code).toBe('overlay.missing');
    expect((await read([spec], join(spec, 'nowhere'))).problems[0]?.detail).toMatch(/nowhere: it does not exist$/);
    expect((await read([spec], '..')).problems[0]?.code).not.toBe('overlay.missing');
  });

  it('overlay.empty tells one without any file', async () => {
    const spec = temporary();
    write(spec, { 'a.yaml': 'a', 'overlays/prod/README.md': 'x' });
    expect(problems(await read([spec], 'prod'))).toEqual([['overlay.empty', undefined]]);
  });

  it('overlay.part-of-spec tells one whose files the spec has already', async () => {
    const spec = temporary();
    write(spec, { 'a.yaml': 'a', 'envs/prod/o.yaml': 'o' });
    const reading = await read([spec], join(spec, 'envs/prod'));
    expect(reading.problems.map(({ code, detail }) => [code, detail.startsWith('envs/prod/o.yaml is')])).toEqual([
      ['overlay.part-of-spec', true],
    ]);
  });

  it('a name that a link leads out of the spec is refused', async () => {
    const root = temporary();
    write(root, { 'spec/a.yaml': 'a', 'outside/o.yaml': 'o' });
    mkdirSync(join(root, 'spec/overlays'));
    symlinkSync('../../outside', join(root, 'spec/overlays/prod'));
    expect(problems(await read([join(root, 'spec')], 'prod'))).toEqual([['file.outside', 'overlays/prod']]);
  });
});

describe('the directories of overlays are watched', () => {
  let watcher: SpecWatcher | undefined;
  afterEach(() => watcher?.close());

  async function watching(directories: readonly string[], overlays: readonly string[]): Promise<() => number> {
    let hints = 0;
    watcher = watchSpec({
      directories: directoriesOf(directories, overlays),
      files: () => [],
      onHint: (cause) => {
        if (cause === 'event') hints += 1;
      },
      onTrouble: () => undefined,
      pollMs: 600_000,
      lookMs: 100,
    });
    await watcher.ready;
    return () => hints;
  }

  async function seen(hints: () => number, change: () => void): Promise<void> {
    const before = hints();
    change();
    await eventually(() => expect(hints()).toBeGreaterThan(before));
  }

  it('one below the spec: created, edited, renamed', async () => {
    const spec = temporary();
    write(spec, { 'a.yaml': 'a' });
    const hints = await watching([spec], ['prod']);
    await seen(hints, () => write(spec, { 'overlays/prod/o.yaml': 'o' }));
    await seen(hints, () => replaceAtomically(join(spec, 'overlays/prod'), 'o.yaml', 'p'));
    await seen(hints, () => rmSync(join(spec, 'overlays/prod'), { recursive: true }));
  });

  it('one elsewhere, and a ..data swap in it', async () => {
    const root = temporary();
    write(root, { 'spec/a.yaml': 'a' });
    mountVersion(join(root, 'envs'), 'v1', { 'o.yaml': 'o' });
    const hints = await watching([join(root, 'spec')], [join(root, 'envs')]);
    await seen(hints, () => mountVersion(join(root, 'envs'), 'v2', { 'o.yaml': 'p' }));
    await seen(hints, () => write(join(root, 'envs'), { 'more.yaml': 'x' }));
  });

  it('one that lies in a directory of the spec, given by its path', async () => {
    const spec = temporary();
    write(spec, { 'a.yaml': 'a', 'overlays/prod/o.yaml': 'o' });
    const hints = await watching([spec], [join(spec, 'overlays/prod')]);
    await seen(hints, () => write(spec, { 'overlays/prod/o.yaml': 'p' }));
    await seen(hints, () => write(spec, { 'a.yaml': 'b' }));
  });
});
