import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DISK, type FileTree } from '../../src/reconcile/file-tree.ts';
import { type EarlyReading, readAhead, readSpec, type SpecReading } from '../../src/reconcile/read.ts';
import { MAX_FILE_BYTES } from '../../src/spec/source.ts';
import { makeFifo, mountVersion, replaceAtomically, temporary, write } from './directory.ts';

const paths = (reading: SpecReading) => reading.files.map(({ path }) => path);
const problems = (reading: SpecReading) => reading.problems.map(({ code, range }) => [code, range?.file]);

describe('which files are the spec (DESIGN 1)', () => {
  it('takes every *.yaml and *.yml at any depth, sorted, relative to the directory', async () => {
    const spec = temporary();
    write(spec, { 'b.yml': 'b', 'a.yaml': 'a', 'sites/x/y.yaml': 'y', 'README.md': 'no', 'c.yaml.bak': 'no' });
    const reading = await readSpec([spec]);
    expect(reading.files).toEqual([
      { path: 'a.yaml', text: 'a' },
      { path: 'b.yml', text: 'b' },
      { path: 'sites/x/y.yaml', text: 'y' },
    ]);
    expect(reading.problems).toEqual([]);
    expect(reading.root).toBe(spec);
  });

  it('skips dotfiles, directories that begin with a dot, and overlays/', async () => {
    const spec = temporary();
    write(spec, { 'a.yaml': 'a', '.hidden.yaml': 'no', '.git/x.yaml': 'no', 'overlays/prod/a.yaml': 'no' });
    expect(paths(await readSpec([spec]))).toEqual(['a.yaml']);
  });

  it('names files of several directories relative to the nearest directory that holds them all', async () => {
    const root = temporary();
    write(root, { 'platform/server.yaml': 's', 'teams/pay/site.yaml': 'p', 'teams/pay/server.yaml': 'q' });
    const reading = await readSpec([join(root, 'platform'), join(root, 'teams/pay')]);
    expect(paths(reading)).toEqual(['platform/server.yaml', 'teams/pay/server.yaml', 'teams/pay/site.yaml']);
    expect(reading.root).toBe(root);
  });

  it('reads a file once when the directories hold one another or are named twice', async () => {
    const root = temporary();
    write(root, { 'a.yaml': 'a', 'sub/b.yaml': 'b' });
    const reading = await readSpec([root, join(root, 'sub'), `${root}/`]);
    expect(paths(reading)).toEqual(['a.yaml', 'sub/b.yaml']);
  });

  it('names no file by how the command line spelled its directory', async () => {
    const root = temporary();
    write(root, { 'conf/a.yaml': 'a' });
    const reading = await readSpec([join(root, 'conf', '..', 'conf', '.')]);
    expect(paths(reading)).toEqual(['a.yaml']);
  });
});

describe('symbolic links (DESIGN 1)', () => {
  it('reads each file of a ConfigMap mount once, by its public name', async () => {
    const spec = temporary();
    mountVersion(spec, '2026_01', { 'clients.yaml': 'one', 'server.yaml': 's' });
    const reading = await readSpec([spec]);
    expect(reading.files).toEqual([
      { path: 'clients.yaml', text: 'one' },
      { path: 'server.yaml', text: 's' },
    ]);
    expect(reading.problems).toEqual([]);
  });

  it('follows links to files and directories below the spec, and prefers the direct path', async () => {
    const spec = temporary();
    write(spec, { 'real/a.yaml': 'a', '.versions/1/b.yaml': 'b' });
    symlinkSync('real', join(spec, 'alias'));
    symlinkSync('.versions/1', join(spec, 'current'));
    symlinkSync('real/a.yaml', join(spec, 'again.yaml'));
    expect(paths(await readSpec([spec]))).toEqual(['current/b.yaml', 'real/a.yaml']);
  });

  it('ends in spite of links that form a cycle', async () => {
    const spec = temporary();
    write(spec, { 'a.yaml': 'a', 'sub/b.yaml': 'b' });
    symlinkSync('..', join(spec, 'sub', 'up'));
    symlinkSync('loop', join(spec, 'loop'));
    symlinkSync('loop.yaml', join(spec, 'loop.yaml'));
    const reading = await readSpec([spec]);
    expect(paths(reading)).toEqual(['a.yaml', 'sub/b.yaml']);
    expect(problems(reading)).toEqual([['file.unreadable', 'loop.yaml']]);
  });

  it('refuses a link to a file and to a directory that lie outside', async () => {
    const root = temporary();
    write(root, { 'spec/a.yaml': 'a', 'outside/b.yaml': 'b', 'speculative/c.yaml': 'c' });
    symlinkSync('../outside/b.yaml', join(root, 'spec', 'b.yaml'));
    symlinkSync('../outside', join(root, 'spec', 'more'));
    symlinkSync('../speculative/c.yaml', join(root, 'spec', 'c.yaml'));
    const reading = await readSpec([join(root, 'spec')]);
    expect(paths(reading)).toEqual(['a.yaml']);
    expect(problems(reading)).toEqual([
      ['file.outside', 'b.yaml'],
      ['file.outside', 'c.yaml'],
      ['file.outside', 'more'],
    ]);
    expect(reading.problems[0]?.detail).toContain(join(root, 'outside', 'b.yaml'));
  });

  it('follows a directory that is itself a link, and links into its target', async () => {
    const root = temporary();
    write(root, { 'v1/a.yaml': 'a' });
    symlinkSync('v1', join(root, 'current'));
    symlinkSync('a.yaml', join(root, 'v1', 'b.yaml'));
    const reading = await readSpec([join(root, 'current')]);
    expect(paths(reading)).toEqual(['a.yaml']);
    expect(reading.problems).toEqual([]);
  });
});

describe('what cannot be read is a diagnostic, never an exception', () => {
  it('tells a missing directory, a file in its place, and an empty one', async () => {
    const root = temporary();
    write(root, { 'file.yaml': 'x', 'empty/README.md': 'x' });
    const missing = await readSpec([join(root, 'nowhere')]);
    expect(problems(missing)).toEqual([['spec.directory-missing', undefined]]);
    expect(missing.problems[0]?.detail).toContain('nowhere: it does not exist');
    const file = await readSpec([join(root, 'file.yaml')]);
    expect(problems(file)).toEqual([['spec.directory-missing', undefined]]);
    expect(file.problems[0]?.detail).toContain('not a directory');
    expect(problems(await readSpec([join(root, 'empty')]))).toEqual([['spec.empty', undefined]]);
  });

  it('tells a missing directory beside a good one, and reads the good one', async () => {
    const root = temporary();
    write(root, { 'good/a.yaml': 'a' });
    const reading = await readSpec([join(root, 'good'), join(root, 'bad')]);
    expect(problems(reading)).toEqual([['spec.directory-missing', undefined]]);
    expect(reading.files).toHaveLength(1);
  });

  it('walks into a directory that is called as a file of a spec is, also through a link', async () => {
    const spec = temporary();
    write(spec, { 'a.yaml': 'a', 'sites.yaml/b.yaml': 'b', 'sites.yaml/c.yml/d.yaml': 'd', '.versions/1/e.yaml': 'e' });
    mkdirSync(join(spec, 'empty.yaml'));
    symlinkSync('.versions/1', join(spec, 'current.yml'));
    const reading = await readSpec([spec]);
    expect(reading.problems).toEqual([]);
    expect(paths(reading)).toEqual(['a.yaml', 'current.yml/e.yaml', 'sites.yaml/b.yaml', 'sites.yaml/c.yml/d.yaml']);
  });

  it('tells a FIFO and a dangling link where a file should be, without waiting', async () => {
    const spec = temporary();
    write(spec, { 'a.yaml': 'a' });
    makeFifo(join(spec, 'pipe.yaml'));
    symlinkSync('gone.yaml', join(spec, 'dangling.yaml'));
    symlinkSync('gone', join(spec, 'dangling.txt'));
    const reading = await readSpec([spec]);
    expect(problems(reading)).toEqual([
      ['file.unreadable', 'dangling.yaml'],
      ['file.unreadable', 'pipe.yaml'],
    ]);
    expect(reading.problems.map(({ detail }) => detail)).toEqual(['it does not exist', 'it is not a regular file']);
  });

  it('tells a file over the limit, and takes one at the limit', async () => {
    const spec = temporary();
    write(spec, { 'big.yaml': Buffer.alloc(MAX_FILE_BYTES + 1, '#'), 'full.yaml': Buffer.alloc(MAX_FILE_BYTES, '#') });
    const reading = await readSpec([spec]);
    expect(problems(reading)).toEqual([['file.too-large', 'big.yaml']]);
    expect(paths(reading)).toEqual(['full.yaml']);
  });

  it('tells bytes that are not UTF-8, and reads past a byte order mark', async () => {
    const spec = temporary();
    write(spec, { 'latin.yaml': Buffer.from([0x6e, 0xe4, 0x6d, 0x65]), 'bom.yaml': '\uFEFFa: 1' });
    const reading = await readSpec([spec]);
    expect(problems(reading)).toEqual([['file.not-utf8', 'latin.yaml']]);
    expect(reading.files).toEqual([{ path: 'bom.yaml', text: 'a: 1' }]);
  });

  it.skipIf(process.getuid?.() === 0)('tells a file that permissions close', async () => {
    const spec = temporary();
    write(spec, { 'a.yaml': 'a' });
    writeFileSync(join(spec, 'closed.yaml'), 'x', { mode: 0o000 });
    expect(problems(await readSpec([spec]))).toEqual([['file.unreadable', 'closed.yaml']]);
  });
});

describe('a consistent set (DESIGN 5)', () => {
  it('has the same digest for the same contents, and another for any path, content or problem', async () => {
    const spec = temporary();
    write(spec, { 'a.yaml': 'one', 'b.yaml': 'two' });
    const { digest } = await readSpec([spec]);
    write(spec, { 'a.yaml': 'one', 'README.md': 'no part of it' });
    expect((await readSpec([spec])).digest).toBe(digest);
    write(spec, { 'a.yaml': 'onet', 'b.yaml': 'wo' });
    const moved = (await readSpec([spec])).digest;
    expect(moved).not.toBe(digest);
    symlinkSync(join(spec, 'nowhere'), join(spec, 'c.yaml'));
    expect((await readSpec([spec])).digest).not.toBe(moved);
  });

  it('never gives out a set of which half is older than the other', async () => {
    const spec = temporary();
    const version = (number: number) => {
      for (const name of ['a', 'b', 'c', 'd']) replaceAtomically(spec, `${name}.yaml`, `v${number}`);
    };
    version(0);
    let number = 0;
    const writer = setInterval(() => {
      number += 1;
      // Not at once: a reader between two of the four would see a mix.
      replaceAtomically(spec, 'a.yaml', `v${number}`);
      setTimeout(() => replaceAtomically(spec, 'b.yaml', `v${number}`), 3);
      setTimeout(() => replaceAtomically(spec, 'c.yaml', `v${number}`), 6);
      setTimeout(() => replaceAtomically(spec, 'd.yaml', `v${number}`), 9);
    }, 90);
    for (let round = 0; round < 15; round += 1) {
      const reading = await readSpec([spec]);
      expect(reading.settled).toBe(true);
      expect(new Set(reading.files.map(({ text }) => text)).size, JSON.stringify(reading.files)).toBe(1);
    }
    clearInterval(writer);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(number).toBeGreaterThan(3);
  });

  it('never mixes two versions of a ConfigMap', async () => {
    const spec = temporary();
    const names = ['a.yaml', 'b.yaml', 'c.yaml'];
    const mount = (version: number) =>
      mountVersion(spec, `v${version}`, Object.fromEntries(names.map((name) => [name, `v${version}`])));
    mount(0);
    let version = 0;
    const writer = setInterval(() => {
      version += 1;
      mount(version);
    }, 70);
    for (let round = 0; round < 12; round += 1) {
      const { files, settled } = await readSpec([spec]);
      expect(settled).toBe(true);
      expect(files).toHaveLength(3);
      expect(new Set(files.map(({ text }) => text)).size).toBe(1);
    }
    clearInterval(writer);
  });

  it('takes what was read ahead as the first of two readings where it was long enough before, and is the same', async () => {
    const spec = temporary();
    write(spec, { 'a.yaml': 'a' });
    let rounds = 0;
    const tree: FileTree = {
      ...DISK,
      list(real) {
        rounds += 1;
        return DISK.list(real);
      },
    };
    const roundsWith = async (earlier: EarlyReading | undefined): Promise<number> => {
      rounds = 0;
      expect(await readSpec([spec], { tree, earlier, settleMs: 25 })).toMatchObject({ settled: true });
      return rounds;
    };
    const ahead = await readAhead([spec]);
    if (ahead === undefined) throw new Error('nothing holds it up');
    expect(await roundsWith(undefined)).toBe(2);
    expect(await roundsWith({ ...ahead, at: performance.now() - 25 })).toBe(1);
    expect(await roundsWith({ ...ahead, at: performance.now() })).toBe(2);
    write(spec, { 'a.yaml': 'b' });
    expect(await roundsWith({ ...ahead, at: performance.now() - 25 })).toBe(2);
  });

  it('reads nothing ahead while Git works on it', async () => {
    const work = temporary();
    write(work, { '.git/HEAD': 'ref: refs/heads/main', '.git/index.lock': '', 'spec/a.yaml': 'a' });
    expect(await readAhead([join(work, 'spec')])).toBeUndefined();
    rmSync(join(work, '.git/index.lock'));
    expect((await readAhead([join(work, 'spec')]))?.reading.files).toHaveLength(1);
  });

  it('says that a set which goes on changing never settled', async () => {
    const spec = temporary();
    write(spec, { 'a.yaml': '0' });
    let number = 0;
    const writer = setInterval(() => write(spec, { 'a.yaml': String(++number) }), 1);
    const reading = await readSpec([spec], { settleMs: 10, maxRounds: 5 });
    clearInterval(writer);
    expect(reading.settled).toBe(false);
  });

  it('waits while Git holds index.lock, in a linked work tree too', async () => {
    for (const linked of [false, true]) {
      const root = temporary();
      const gitDirectory = join(root, linked ? 'elsewhere/worktrees/w' : 'repository/.git');
      const spec = join(root, 'repository/config');
      write(spec, { 'a.yaml': 'old' });
      mkdirSync(gitDirectory, { recursive: true });
      if (linked) write(root, { 'repository/.git': `gitdir: ${gitDirectory}\n` });
      writeFileSync(join(gitDirectory, 'index.lock'), '');
      setTimeout(() => {
        write(spec, { 'a.yaml': 'new' });
        rmSync(join(gitDirectory, 'index.lock'));
      }, 150);
      const reading = await readSpec([spec], { gitLockMs: 5000 });
      expect(reading.files).toEqual([{ path: 'a.yaml', text: 'new' }]);
      expect(reading.gitLock).toBeUndefined();
    }
  });

  it('waits for a lock no longer than it is told to, and names it', async () => {
    const root = temporary();
    write(root, { 'a.yaml': 'a', '.git/index.lock': '' });
    const began = performance.now();
    const reading = await readSpec([root], { gitLockMs: 200 });
    expect(reading.gitLock).toBe(join(root, '.git/index.lock'));
    expect(reading.files).toHaveLength(1);
    expect(performance.now() - began).toBeLessThan(3000);
    // A commit hook runs while Git holds the lock: commands that it calls do not look.
    expect((await readSpec([root])).gitLock).toBeUndefined();
  });

  it('ends at once when it is told to', async () => {
    const root = temporary();
    write(root, { 'a.yaml': 'a', '.git/index.lock': '' });
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 50);
    await expect(readSpec([root], { gitLockMs: 60_000, signal: stop.signal })).rejects.toThrow(/abort/i);
  });
});
