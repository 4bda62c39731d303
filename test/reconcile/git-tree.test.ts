import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openGitObjects } from '../../src/reconcile/git-objects.ts';
import { openGitTree } from '../../src/reconcile/git-tree.ts';
import { readSpec, type SpecReading } from '../../src/reconcile/read.ts';
import { MAX_FILE_BYTES } from '../../src/spec/source.ts';
import { temporary, write } from './directory.ts';
import { commit, git, initialize } from './repository.ts';

interface From {
  readonly top: string;
  readonly id: string;
  readonly overlays?: readonly string[];
  readonly onDisk?: readonly string[];
  readonly maxListed?: number;
}

async function readCommit(directories: readonly string[], { top, id, overlays, onDisk = [], ...bound }: From) {
  const objects = openGitObjects(top);
  try {
    const named = [...directories, ...(overlays ?? []).filter((one) => one.includes('/') && !onDisk.includes(one))];
    const tree = await openGitTree(objects, { commit: id, top, named, onDisk, ...bound });
    const reading = await readSpec(directories, { tree, overlays });
    return { reading, submodules: [...tree.submodules] };
  } finally {
    await objects.close();
  }
}

/** What does not depend on where it was read from. Texts of which nobody wants to see the difference by their size. */
function shape({ files, problems, overlays, root, digest }: SpecReading) {
  const short = files.map((file) => ({ ...file, text: file.text.length > 10_000 ? file.text.length : file.text }));
  return { files: short, problems, overlays, root, digest };
}

/** Commits what is in the directory, and expects the commit to read as the clean work tree does. */
async function expectAsOnDisk(top: string, directories: readonly string[], overlays?: readonly string[]) {
  const id = commit(top);
  const fromDisk = await readSpec(directories, { overlays, settleMs: 1 });
  const { reading } = await readCommit(directories, { top, id, ...(overlays === undefined ? {} : { overlays }) });
  expect(shape(reading)).toEqual(shape(fromDisk));
  return reading;
}

function repository(): string {
  const top = temporary();
  initialize(top);
  return top;
}

const paths = (reading: SpecReading) => reading.files.map(({ path }) => path);
const problems = (reading: SpecReading) =>
  reading.problems.map(({ code, range, detail }) => [code, range?.file, detail] as const);

describe('a commit reads as its clean checkout does', () => {
  it('which files are the spec: at any depth, without dotfiles, overlays/ and other names', async () => {
    const top = repository();
    write(top, {
      'config/b.yml': 'b',
      'config/a.yaml': 'a',
      'config/deep/er/c.yaml': 'c',
      'config/.hidden.yaml': 'no',
      'config/.hidden/x.yaml': 'no',
      'config/overlays/prod/a.yaml': 'no',
      'config/README.md': 'no',
      'other/x.yaml': 'no',
    });
    const reading = await expectAsOnDisk(top, [join(top, 'config')]);
    expect(paths(reading)).toEqual(['a.yaml', 'b.yml', 'deep/er/c.yaml']);
  });

  it('names with spaces, with line breaks and in UTF-8, empty files, a BOM and CRLF', async () => {
    const top = repository();
    write(top, {
      'conf ig/a b.yaml': 'a',
      'conf ig/åäö/日本.yaml': 'name: "å"\r\nother: 1\r\n',
      'conf ig/line\nbreak.yaml': 'l',
      'conf ig/empty.yaml': '',
      'conf ig/bom.yaml': '\uFEFFx: 1\n',
    });
    const reading = await expectAsOnDisk(top, [join(top, 'conf ig')]);
    expect(reading.files).toHaveLength(5);
  });

  it('the top itself, several directories, and directories that hold one another', async () => {
    const top = repository();
    write(top, { 'platform/server.yaml': 's', 'teams/pay/site.yaml': 'p', 'top.yaml': 't' });
    expect(paths(await expectAsOnDisk(top, [top]))).toEqual([
      'platform/server.yaml',
      'teams/pay/site.yaml',
      'top.yaml',
    ]);
    const two = await expectAsOnDisk(top, [join(top, 'platform'), join(top, 'teams/pay')]);
    expect(paths(two)).toEqual(['platform/server.yaml', 'teams/pay/site.yaml']);
    await expectAsOnDisk(top, [top, join(top, 'teams')]);
  });

  it('symbolic links: to files and directories within, out of the spec, nowhere, in circles', async () => {
    const top = repository();
    const config = join(top, 'config');
    write(top, { 'config/real/a.yaml': 'a', 'config/.versions/1/b.yaml': 'b', 'out/x.yaml': 'x', 'out/d/y.yaml': 'y' });
    symlinkSync('real', join(config, 'alias'));
    symlinkSync('.versions/1', join(config, 'current'));
    symlinkSync('real/a.yaml', join(config, 'again.yaml'));
    symlinkSync('current/b.yaml', join(config, 'through.yaml'));
    symlinkSync('../out/x.yaml', join(config, 'out.yaml'));
    symlinkSync('../out/d', join(config, 'out'));
    symlinkSync('/nowhere/at/all.yaml', join(config, 'absolute.yaml'));
    symlinkSync(join(config, 'real', 'a.yaml'), join(config, 'itself.yaml'));
    const elsewhere = temporary();
    symlinkSync(top, join(elsewhere, 'top'));
    symlinkSync(join(elsewhere, 'top/config/real/a.yaml'), join(config, 'there-and-back.yaml'));
    symlinkSync(join(elsewhere, 'top/config/real/not.yaml'), join(config, 'there-and-nothing.yaml'));
    symlinkSync('nothing.yaml', join(config, 'dangling.yaml'));
    symlinkSync('nothing', join(config, 'dangling'));
    symlinkSync('real/a.yaml/x', join(config, 'below-a-file.yaml'));
    symlinkSync('loop.yaml', join(config, 'loop.yaml'));
    symlinkSync('..', join(config, 'real', 'up'));
    symlinkSync('../../../../../../../../etc', join(config, 'etc'));
    write(top, { 'config/.versions/2.yaml/c.yaml': 'c', 'config/sites.yaml/d.yaml': 'd' });
    symlinkSync('.versions/2.yaml', join(config, 'directory.yaml'));
    const reading = await expectAsOnDisk(top, [config]);
    expect(paths(reading)).toEqual(['current/b.yaml', 'directory.yaml/c.yaml', 'real/a.yaml', 'sites.yaml/d.yaml']);
    expect(problems(reading)).toEqual([
      ['file.unreadable', 'absolute.yaml', 'it does not exist'],
      ['file.unreadable', 'below-a-file.yaml', 'a part of its path is not a directory'],
      ['file.unreadable', 'dangling.yaml', 'it does not exist'],
      ['file.outside', 'etc', 'this link leads to /etc'],
      ['file.unreadable', 'loop.yaml', 'its symbolic links form a loop'],
      ['file.outside', 'out', `this link leads to ${join(top, 'out/d')}`],
      ['file.outside', 'out.yaml', `this link leads to ${join(top, 'out/x.yaml')}`],
      ['file.unreadable', 'there-and-nothing.yaml', 'it does not exist'],
    ]);
  });

  it('a directory that is a link in the repository', async () => {
    const top = repository();
    write(top, { 'v1/a.yaml': 'a' });
    symlinkSync('v1', join(top, 'current'));
    symlinkSync('a.yaml', join(top, 'v1', 'b.yaml'));
    expect(paths(await expectAsOnDisk(top, [join(top, 'current')]))).toEqual(['a.yaml']);
  });

  it('a directory reached through a link beside the repository', async () => {
    const top = repository();
    const elsewhere = temporary();
    write(top, { 'config/sub/a.yaml': 'a' });
    symlinkSync(join(top, 'config'), join(elsewhere, 'link'));
    symlinkSync(top, join(elsewhere, 'top'));
    await expectAsOnDisk(top, [join(elsewhere, 'link')]);
    await expectAsOnDisk(top, [join(elsewhere, 'link', 'sub')]);
    await expectAsOnDisk(top, [join(elsewhere, 'top', 'config')]);
  });

  it('a directory reached through a link that Git does not have', async () => {
    const top = repository();
    write(top, { 'config/a.yaml': 'a', '.gitignore': 'mine\n' });
    symlinkSync('config', join(top, 'mine'));
    expect(paths(await expectAsOnDisk(top, [join(top, 'mine')]))).toEqual(['a.yaml']);
  });

  it('what is no text of a spec: too large, not UTF-8, a pointer of Git LFS', async () => {
    const top = repository();
    write(top, {
      'config/large.yaml': ' '.repeat(MAX_FILE_BYTES + 1),
      'config/most.yaml': ' '.repeat(MAX_FILE_BYTES),
      'config/latin.yaml': new Uint8Array([0x61, 0xe5, 0x0a]),
      'config/lfs.yaml': 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n',
      'config/z.yaml': 'read after the large one',
    });
    const reading = await expectAsOnDisk(top, [join(top, 'config')]);
    expect(paths(reading)).toEqual(['most.yaml', 'z.yaml']);
    expect(reading.problems.map(({ code, range }) => [code, range?.file])).toEqual([
      ['file.too-large', 'large.yaml'],
      ['file.not-utf8', 'latin.yaml'],
      ['file.lfs-pointer', 'lfs.yaml'],
    ]);
  });

  it('overlays by name and by path, in order', async () => {
    const top = repository();
    write(top, {
      'config/a.yaml': 'a',
      'config/overlays/prod/a.yaml': 'prod',
      'config/overlays/empty/README.md': 'x',
      'envs/eu/a.yaml': 'eu',
    });
    const config = [join(top, 'config')];
    const reading = await expectAsOnDisk(top, config, ['prod', join(top, 'envs/eu')]);
    expect(reading.files.map(({ path, overlay }) => [path, overlay])).toEqual([
      ['a.yaml', undefined],
      ['overlays/prod/a.yaml', 0],
      ['../envs/eu/a.yaml', 1],
    ]);
    expect((await expectAsOnDisk(top, config, ['prd'])).problems[0]?.help).toContain('Did you mean prod?');
    await expectAsOnDisk(top, config, ['empty']);
    await expectAsOnDisk(top, config, [join(top, 'config/overlays')]);
  });

  it('the empty directory and the missing one', async () => {
    const top = repository();
    write(top, { 'config/README.md': 'x', 'file.yaml': 'x' });
    mkdirSync(join(top, 'never'));
    expect((await expectAsOnDisk(top, [join(top, 'config')])).problems[0]?.code).toBe('spec.empty');
    await expectAsOnDisk(top, [join(top, 'file.yaml')]);
    const id = commit(top);
    const { reading } = await readCommit([join(top, 'never')], { top, id });
    expect(problems(reading)).toEqual([
      ['spec.directory-missing', undefined, `${join(top, 'never')}: it does not exist`],
    ]);
  });

  it('a linked work tree, whose .git is a file', async () => {
    const top = repository();
    write(top, { 'config/a.yaml': 'main' });
    commit(top);
    const linked = join(temporary(), 'linked');
    git(top, 'worktree', 'add', '--quiet', '-b', 'other', linked);
    write(linked, { 'config/b.yaml': 'b' });
    expect(paths(await expectAsOnDisk(linked, [join(linked, 'config')]))).toEqual(['a.yaml', 'b.yaml']);
  });

  it('a repository whose ids are SHA-256', async () => {
    const top = temporary();
    git(top, 'init', '--quiet', '--object-format=sha256');
    write(top, { 'config/a.yaml': 'a', 'config/sub/b.yaml': 'b' });
    expect(paths(await expectAsOnDisk(top, [join(top, 'config')]))).toEqual(['a.yaml', 'sub/b.yaml']);
  });
});

describe('what is read is the commit, and only the commit', () => {
  it('whatever the work tree has become: changed, new, removed, of another kind, half written by Git', async () => {
    const top = repository();
    const config = join(top, 'config');
    write(top, { 'config/a.yaml': 'old', 'config/gone.yaml': 'old', 'config/dir/x.yaml': 'old', '.gitattributes': '' });
    const id = commit(top);
    const before = await readCommit([config], { top, id });

    write(top, { 'config/a.yaml': 'new', 'config/added.yaml': 'new', '.gitattributes': '*.yaml text eol=crlf\n' });
    rmSync(join(config, 'gone.yaml'));
    rmSync(join(config, 'dir'), { recursive: true });
    symlinkSync('/etc', join(config, 'dir'));
    git(top, 'add', 'config/added.yaml');
    writeFileSync(join(top, '.git', 'index.lock'), '');
    const index = join(top, '.git', 'index');
    const [bytes, { mtimeMs }] = [readFileSync(index), statSync(index)];
    const after = await readCommit([config], { top, id });

    expect(after.reading.files).toEqual(before.reading.files);
    expect(after.reading.files).toEqual([
      { path: 'a.yaml', text: 'old' },
      { path: 'dir/x.yaml', text: 'old' },
      { path: 'gone.yaml', text: 'old' },
    ]);
    expect(readFileSync(index).equals(bytes)).toBe(true);
    expect(statSync(index).mtimeMs).toBe(mtimeMs);
    expect(readFileSync(join(top, '.git', 'index.lock'), 'utf8')).toBe('');
  });

  it('the stored bytes: no conversion of line ends and no filter of .gitattributes runs', async () => {
    const top = repository();
    git(top, 'config', 'filter.shout.smudge', 'tr a-z A-Z');
    write(top, { 'config/a.yaml': 'a: b\n', 'config/b.yaml': 'quiet\n' });
    commit(top);
    write(top, { '.gitattributes': 'a.yaml text eol=crlf\nb.yaml filter=shout\n' });
    const id = commit(top);
    rmSync(join(top, 'config'), { recursive: true });
    git(top, 'checkout', '--quiet', '.');
    expect(readFileSync(join(top, 'config/a.yaml'), 'utf8')).toBe('a: b\r\n');
    expect(readFileSync(join(top, 'config/b.yaml'), 'utf8')).toBe('QUIET\n');
    const { reading } = await readCommit([join(top, 'config')], { top, id });
    expect(reading.files.map(({ text }) => text)).toEqual(['a: b\n', 'quiet\n']);
  });

  it('an overlay beside the repository is read from the disk', async () => {
    const top = repository();
    const elsewhere = temporary();
    write(top, { 'config/a.yaml': 'a' });
    write(elsewhere, { 'prod/p.yaml': 'p' });
    const overlay = join(elsewhere, 'prod');
    const id = commit(top);
    const { reading } = await readCommit([join(top, 'config')], { top, id, overlays: [overlay], onDisk: [overlay] });
    expect(reading.files.map(({ text, overlay: of }) => [text, of])).toEqual([
      ['a', undefined],
      ['p', 0],
    ]);
    expect(reading.problems).toEqual([]);
  });

  it('submodules have no files here, and are told', async () => {
    const part = repository();
    write(part, { 'x.yaml': 'x' });
    commit(part);
    const top = repository();
    write(top, { 'config/a.yaml': 'a' });
    git(top, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', part, 'config/shared');
    symlinkSync('shared/x.yaml', join(top, 'config/into.yaml'));
    const id = commit(top);
    const { reading, submodules } = await readCommit([join(top, 'config')], { top, id });
    expect(paths(reading)).toEqual(['a.yaml']);
    expect(submodules).toEqual(['config/shared']);
    expect(problems(reading)).toEqual([
      ['file.unreadable', 'into.yaml', 'it is in a submodule, which is another repository'],
    ]);
  });
});

describe('trees that no checkout has', () => {
  /** Makes a tree object out of entries, and a commit of it. */
  function commitTree(top: string, entries: readonly (readonly [mode: string, name: string | Buffer, id: string])[]) {
    const bytes = entries.map(([mode, name, id]) =>
      Buffer.concat([Buffer.from(`${mode} `), Buffer.from(name), Buffer.from([0]), Buffer.from(id, 'hex')]),
    );
    const argv = ['hash-object', '-t', 'tree', '-w', '--stdin', '--literally'];
    const tree = execFileSync('git', argv, { cwd: top, input: Buffer.concat(bytes) })
      .toString()
      .trim();
    return git(top, 'commit-tree', '-m', 'made', tree);
  }

  function blob(top: string, text: string): string {
    return execFileSync('git', ['hash-object', '-w', '--stdin'], { cwd: top, input: text }).toString().trim();
  }

  it('a name that is not UTF-8 is told, of a file and of a directory; of another file it does not matter', async () => {
    const top = repository();
    const id = blob(top, 'x');
    const sub = git(top, 'rev-parse', `${commitTree(top, [['100644', 'y.yaml', id]])}^{tree}`);
    const made = commitTree(top, [
      ['100644', Buffer.from([0x61, 0xff, ...Buffer.from('.yaml')]), id],
      ['100644', Buffer.from([0x62, 0xff, ...Buffer.from('.txt')]), id],
      ['40000', Buffer.from([0x63, 0xff]), sub],
      ['100644', 'good.yaml', id],
    ]);
    const { reading } = await readCommit([top], { top, id: made });
    expect(paths(reading)).toEqual(['good.yaml']);
    expect(problems(reading)).toEqual([
      ['file.unreadable', 'c\uFFFD', 'its name is not UTF-8'],
      ['file.unreadable', 'a\uFFFD.yaml', 'its name is not UTF-8'],
    ]);
  });

  it('a name that would lead out of the tree is never followed', async () => {
    const top = repository();
    const elsewhere = temporary();
    write(elsewhere, { 'secret.yaml': 'not of the repository' });
    const name = `x/../../../../../../../..${elsewhere}/secret.yaml`;
    const made = commitTree(top, [['100644', name, blob(top, 'x')]]);
    const { reading } = await readCommit([top], { top, id: made });
    expect(reading.files).toEqual([]);
    expect(problems(reading)).toEqual([['file.unreadable', '', 'its tree object in Git is damaged']]);
  });

  it('a few objects that stand for millions of files are given up', async () => {
    const top = repository();
    let made = commitTree(top, [['100644', 'a.yaml', blob(top, 'a')]]);
    for (let level = 0; level < 6; level += 1) {
      const id = git(top, 'rev-parse', `${made}^{tree}`);
      made = commitTree(
        top,
        Array.from({ length: 20 }, (_, position) => ['40000', String.fromCharCode(97 + position), id] as const),
      );
    }
    await expect(readCommit([top], { top, id: made, maxListed: 5000 })).rejects.toMatchObject({
      code: 'base_unreadable',
      message: expect.stringContaining('more than 5000 files'),
    });
  });

  it('objects that the clone lacks are told, and the rest is read', async () => {
    const top = repository();
    const lost = '0123456789012345678901234567890123456789';
    const made = commitTree(top, [
      ['100644', 'a.yaml', lost],
      ['40000', 'b', lost],
      ['100644', 'c.yaml', blob(top, 'c')],
    ]);
    const { reading } = await readCommit([top], { top, id: made });
    expect(paths(reading)).toEqual(['c.yaml']);
    expect(problems(reading).map(([code, file, detail]) => [code, file, detail.includes('0123456789')])).toEqual([
      ['file.unreadable', 'b', true],
      ['file.unreadable', 'a.yaml', true],
    ]);
  });
});
