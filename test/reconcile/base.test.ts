import { chownSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { approvalOf } from '../../src/plan/approving.ts';
import { noteText } from '../../src/plan/notes.ts';
import { type BaseOptions, type BaseRead, planBetween, readDirectoryBase } from '../../src/reconcile/base.ts';
import { readCommitBase } from '../../src/reconcile/base-commit.ts';
import { loadSpec } from '../../src/reconcile/load.ts';
import { compile } from '../../src/spec/compile.ts';
import { temporary, write } from './directory.ts';
import { commit, git, initialize } from './repository.ts';

const NOW = Date.UTC(2026, 5, 1);
const OPTIONS: BaseOptions = { compile, clock: () => NOW };

const SERVER = 'server: { issuer: "https://id.example.com" }\nmethods: { cc: { type: client_credentials } }\n';
const site = (name: string, ...clients: string[]) =>
  `site: ${name}\nmethods: [cc]\napplications:\n${clients
    .map(
      (client) =>
        `  ${client}: { methods: [cc], secret: { file: ${client}.secret }, allowed_to: [All], ` +
        'metadata: { grant_types: [client_credentials] } }\n',
    )
    .join('')}groups: { All: { methods: [cc] } }\n`;

/** A repository with a valid spec in config/ and a commit on main. */
function repository(files: Readonly<Record<string, string>> = {}): string {
  const top = temporary();
  initialize(top);
  write(top, { 'config/server.yaml': SERVER, 'config/sites/a.yaml': site('A', 'Client1', 'Client2'), ...files });
  commit(top);
  return top;
}

function valid(read: BaseRead): Extract<BaseRead, { ok: true }> {
  if (!read.ok) throw new Error(JSON.stringify(read.diagnostics));
  return read;
}

/** The plan from a base to what is on disk. */
async function planTo(directories: readonly string[], read: BaseRead, overlays?: readonly string[]) {
  const { checked } = await loadSpec(directories, { ...OPTIONS, overlays, settleMs: 1 });
  if (!checked.ok) throw new Error(JSON.stringify(checked.diagnostics));
  return planBetween(valid(read).base, checked.value, { now: NOW }).plan;
}

const said = (plan: Awaited<ReturnType<typeof planTo>>) =>
  plan.changes.map(({ action, address }) => `${action} ${address}`);

/** What is told beside the plan, as a terminal gets it. */
const told = (read: BaseRead) => valid(read).notes.map(noteText);

/** Sets variables of this process until the test ends. */
function setEnvironment(variables: Readonly<Record<string, string>>): void {
  const before = { ...process.env };
  Object.assign(process.env, variables);
  onTestFinished(() => {
    for (const name of Object.keys(variables)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  });
}

describe('a commit as the base of a plan', () => {
  it('holds what was committed: work that is not committed is on the other side only', async () => {
    const top = repository();
    const config = join(top, 'config');
    const id = git(top, 'rev-parse', 'HEAD');
    expect(said(await planTo([config], await readCommitBase('main', [config], OPTIONS)))).toEqual([]);

    write(top, { 'config/sites/a.yaml': site('A', 'Client2', 'Client3') });
    write(top, { 'config/staged.yaml': site('B', 'Client9') });
    git(top, 'add', 'config/staged.yaml');
    const status = git(top, 'status', '--porcelain');
    const index = readFileSync(join(top, '.git/index'));
    const read = valid(await readCommitBase('main', [config], OPTIONS));
    const plan = await planTo([config], read);
    expect(plan.base).toEqual({ kind: 'ref', ref: 'main', commit: id, digest: plan.base.digest });
    expect(said(plan)).toEqual(
      expect.arrayContaining(['create application:A/Client3', 'create site:B', 'delete application:A/Client1']),
    );
    expect(plan.drift).toBeUndefined();
    // Where a deleted entity was written is known from the commit, by the path that it had there.
    expect(read.base.origins.get('application:A/Client1')?.('')).toMatchObject({
      file: 'sites/a.yaml',
      start: { line: 4 },
    });
    expect(readFileSync(join(top, '.git/index')).equals(index)).toBe(true);
    expect(git(top, 'status', '--porcelain')).toBe(status);
  });

  it('is named by any revision that names a commit, and by nothing that does not', async () => {
    const top = repository();
    const config = join(top, 'config');
    const first = git(top, 'rev-parse', 'HEAD');
    write(top, { 'config/sites/a.yaml': site('A', 'Client1') });
    commit(top);
    git(top, 'tag', '-a', 'v1', '-m', 'tagged', first);
    git(top, 'branch', 'feature/x', first);
    for (const ref of [
      'HEAD~1',
      'main^',
      'v1',
      'v1^{}',
      'feature/x',
      first,
      first.slice(0, 8),
      ':/a commit',
      '@{0}~',
    ]) {
      const { base } = valid(await readCommitBase(ref, [config], OPTIONS)).base;
      expect(base, ref).toMatchObject({ kind: 'ref', ref, ...(ref === ':/a commit' ? {} : { commit: first }) });
    }
    for (const ref of [
      'mian',
      'HEAD:config',
      'HEAD^{tree}',
      '^main',
      '--all',
      '-h',
      '--output=x',
      'main\n',
      'f'.repeat(40),
    ]) {
      const failure = { code: 'usage', message: expect.stringMatching(/no commit/) };
      await expect(readCommitBase(ref, [config], OPTIONS), ref).rejects.toMatchObject(failure);
    }
    expect(readdirSync(top)).toEqual(['.git', 'config']);
  });

  it('an unknown one: the name that was meant, and in a shallow clone what fetches it', async () => {
    const top = repository();
    write(top, { 'config/sites/a.yaml': site('A', 'Client1') });
    commit(top);
    const of = (directory: string, ref: string) => readCommitBase(ref, [join(directory, 'config')], OPTIONS);
    await expect(of(top, 'mian')).rejects.toThrow('Did you mean ref:main? If only the remote has it');
    const clone = join(temporary(), 'clone');
    git(top, 'branch', 'release');
    git(top, 'clone', '--quiet', '--depth=1', `file://${top}`, clone);
    await expect(of(clone, 'release')).rejects.toThrow(
      'shallow: git fetch --depth=1 origin release, then --against ref:FETCH_HEAD',
    );
    await expect(of(clone, 'HEAD~1')).rejects.toThrow('git fetch --unshallow');
    await expect(of(clone, 'origin/main')).resolves.toMatchObject({ ok: true });
    git(clone, 'checkout', '--quiet', '-b', 'topic');
    git(clone, 'branch', '--quiet', '-D', 'main');
    await expect(of(clone, 'main')).rejects.toThrow('Did you mean ref:origin/main?');
  });

  it('tells what Git warns of: a name that is both a branch and a tag', async () => {
    const top = repository();
    git(top, 'tag', 'main');
    const read = await readCommitBase('main', [join(top, 'config')], OPTIONS);
    expect(told(read)).toEqual([expect.stringMatching(/^Git says: refname 'main' is ambiguous/)]);
  });

  it('that is no valid spec: its problems, named by the revision and the path in it', async () => {
    const top = repository({ 'config/sites/a.yaml': site('A', 'Client1').replace('[All]', '[Al]') });
    write(top, { 'config/sites/a.yaml': site('A', 'Client1') });
    const read = await readCommitBase('main', [join(top, 'config')], OPTIONS);
    expect(read).toMatchObject({ ok: false, diagnostics: [{ code: 'reference.unknown' }] });
    if (read.ok) return;
    expect(read.diagnostics[0]?.range?.file).toBe('main:config/sites/a.yaml');
    expect(read.diagnostics[0]?.fixes).toBeUndefined();
    expect(read.files.map(({ path }) => path)).toContain('main:config/sites/a.yaml');
  });

  it('tells no warnings: nobody can mend them there', async () => {
    const top = repository({ 'config/sites/b.yaml': 'site: B\nmethods: [cc]\ngroups: { Unused: {} }\n' });
    const { checked } = await loadSpec([join(top, 'config')], { ...OPTIONS, settleMs: 1 });
    expect(checked.diagnostics).not.toEqual([]);
    expect(valid(await readCommitBase('main', [join(top, 'config')], OPTIONS)).notes).toEqual([]);
  });
});

describe('what a commit does not have yet', () => {
  it('the directory: everything is new, and a note says so', async () => {
    const top = repository();
    write(top, { 'new/server.yaml': SERVER, 'docs/README.md': 'x' });
    const read = valid(await readCommitBase('main', [join(top, 'new')], { ...OPTIONS, overlays: ['prod'] }));
    const short = git(top, 'rev-parse', 'HEAD').slice(0, 7);
    expect(read.notes.map(({ isCaution }) => isCaution)).toEqual([true]);
    expect(told(read)).toEqual([
      `The base main (${short}) has no spec at ${join(top, 'new')}: everything counts as new and no risk is judged. ` +
        'Where the spec was elsewhere then, name that directory of the commit: --against ref:main:PATH.',
    ]);
    const plan = await planTo([join(top, 'new')], read);
    expect(said(plan)).toEqual(['create server', 'create method:cc']);
    expect(plan.risks).toEqual([]);

    commit(top);
    write(top, { 'docs/server.yaml': SERVER });
    const empty = valid(await readCommitBase('main', [join(top, 'docs')], OPTIONS));
    expect(told(empty)).toEqual([
      expect.stringMatching(/has no spec at \/.*docs: everything counts as new and no risk/),
    ]);
  });

  it('one of several directories: the others are compared under the paths that they have now', async () => {
    const top = repository();
    write(top, { 'new/b.yaml': 'site: B\nmethods: [cc]\ngroups: { All: { methods: [cc] } }\n' });
    const directories = [join(top, 'config'), join(top, 'new')];
    const read = valid(await readCommitBase('main', directories, OPTIONS));
    expect(told(read)).toEqual([expect.stringMatching(/new is not in main \(.*\): everything in it counts as new\.$/)]);
    // A file of a secret is relative to the root of the spec, which is the same on both sides.
    expect(said(await planTo(directories, read))).toEqual(['create site:B', 'create group:B/All']);
  });

  it('an overlay: compared with the spec without it', async () => {
    const top = repository({ 'envs/eu/server.yaml': 'server: { tokens: { access_ttl: 5m } }\n' });
    const config = [join(top, 'config')];
    write(top, { 'config/overlays/prod/server.yaml': 'server: { tokens: { access_ttl: 10m } }\n' });
    const overlays = ['prod', join(top, 'envs/eu')];
    const read = valid(await readCommitBase('main', config, { ...OPTIONS, overlays: ['prod'] }));
    expect(told(read)).toEqual([
      expect.stringMatching(/^The overlay prod is not in main .*: compared with the spec without it\.$/),
    ]);
    expect(said(await planTo(config, read, ['prod']))).toEqual(['update server']);
    const laid = valid(await readCommitBase('main', config, { ...OPTIONS, overlays: overlays.slice(1) }));
    expect(laid.notes).toEqual([]);
    expect(said(await planTo(config, laid, overlays.slice(1)))).toEqual([]);
  });

  it('an overlay in a submodule, and beside the repository, is read from the disk', async () => {
    const envs = temporary();
    initialize(envs);
    write(envs, { 'prod/server.yaml': 'server: { tokens: { access_ttl: 5m } }\n' });
    commit(envs);
    const top = repository();
    git(top, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', envs, 'envs');
    commit(top);
    for (const overlay of [join(top, 'envs/prod'), join(envs, 'prod')]) {
      const read = valid(await readCommitBase('main', [join(top, 'config')], { ...OPTIONS, overlays: [overlay] }));
      expect(read.notes).toEqual([]);
      expect(said(await planTo([join(top, 'config')], read, [overlay]))).toEqual([]);
    }
  });

  it('the files of a submodule, which a note names', async () => {
    const part = temporary();
    initialize(part);
    write(part, { 'b.yaml': 'site: B\nmethods: [cc]\ngroups: { All: { methods: [cc] } }\n' });
    commit(part);
    const top = repository();
    git(top, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', part, 'config/part');
    commit(top);
    const read = valid(await readCommitBase('HEAD', [join(top, 'config')], OPTIONS));
    expect(told(read)).toEqual([
      expect.stringMatching(/^config\/part is a submodule in HEAD .*: its files are not compared\.$/),
    ]);
  });
});

describe('a path in the commit', () => {
  it('is read in the place of the directories, which may be new: a spec that was renamed is compared with itself', async () => {
    const top = repository({ 'config/overlays/prod/server.yaml': 'server: { tokens: { access_ttl: 5m } }\n' });
    git(top, 'mv', 'config', 'access');
    const now = [join(top, 'access')];
    const overlays = ['prod'];
    const read = valid(await readCommitBase('main', now, { ...OPTIONS, path: 'config', overlays }));
    expect(read.notes).toEqual([]);
    expect(read.base.base).toMatchObject({ kind: 'ref', ref: 'main:config' });
    expect(said(await planTo(now, read, overlays))).toEqual([]);

    // Several that were one: the whole of it is compared with.
    write(top, { 'access/server.yaml': '', 'more/server.yaml': SERVER });
    const both = await readCommitBase('main', [...now, join(top, 'more')], { ...OPTIONS, path: 'config/' });
    const plan = await planTo([...now, join(top, 'more')], both);
    // The files of secrets are others by their paths.
    expect(said(plan)).toEqual(['update application:A/Client1', 'update application:A/Client2']);
  });

  it('names the files of an invalid base by it', async () => {
    const top = repository({ 'old/a.yaml': 'site: A\nusrs: {}\n' });
    const read = await readCommitBase('main', [join(top, 'config')], { ...OPTIONS, path: 'old' });
    expect(read.ok ? [] : read.diagnostics.map(({ range }) => range?.file)).toContain('main:old/a.yaml');
  });

  it('counts from the working directory where it begins with a dot', async () => {
    const top = repository();
    const before = process.cwd();
    onTestFinished(() => process.chdir(before));
    process.chdir(join(top, 'config'));
    for (const path of ['.', './', '../config', '../config/../config/']) {
      const read = valid(await readCommitBase('main', ['.'], { ...OPTIONS, path }));
      expect(said(await planTo(['.'], read)), path).toEqual([]);
    }
  });

  it('at which there is no spec is refused: nobody meant an empty base', async () => {
    const top = repository({ 'docs/README.md': 'x' });
    for (const path of ['confg', 'docs', 'config/server.yaml', 'docs\u001b[2J', '..', '../x', '/etc', 'a/../../x']) {
      await expect(readCommitBase('main', [join(top, 'config')], { ...OPTIONS, path }), path).rejects.toMatchObject({
        code: 'usage',
        message: expect.not.stringMatching(/\p{Cc}/u),
      });
    }
  });
});

describe('the tests of a base', () => {
  const TESTS = (deny: string) =>
    `tests:\n  - { name: kept, ${deny} }\n  - { name: other, allow: { client: Client1 } }\n`;

  it('that the spec no longer makes are told, for a commit and for a directory', async () => {
    const top = repository({ 'config/tests.yaml': TESTS('allow: { client: Client2 }') });
    const config = join(top, 'config');
    const copy = temporary();
    write(copy, {
      'server.yaml': SERVER,
      'sites/a.yaml': site('A', 'Client1', 'Client2'),
      'tests.yaml': TESTS('allow: { client: Client2 }'),
    });
    write(top, { 'config/tests.yaml': 'tests:\n  - { name: kept, allow: { client: Client1 } }\n' });
    const { checked } = await loadSpec([config], { ...OPTIONS, settleMs: 1 });
    if (!checked.ok) throw new Error('the spec is valid');
    for (const read of [await readCommitBase('main', [config], OPTIONS), await readDirectoryBase(copy, OPTIONS)]) {
      const { testChanges } = planBetween(valid(read).base, checked.value, { now: NOW });
      expect(testChanges).toMatchObject([
        { action: 'change', name: 'kept', was: { file: 'tests.yaml', start: { line: 2 } } },
      ]);
    }
  });
});

describe('which repository it is', () => {
  it('the one that holds the directory: a linked work tree, a submodule, the top itself', async () => {
    const top = repository();
    const linked = join(temporary(), 'linked');
    git(top, 'worktree', 'add', '--quiet', '-b', 'other', linked);
    write(linked, { 'config/sites/a.yaml': site('A', 'Client1') });
    const plan = await planTo(
      [join(linked, 'config')],
      await readCommitBase('main', [join(linked, 'config')], OPTIONS),
    );
    expect(said(plan)).toEqual(['delete application:A/Client2']);

    const outer = temporary();
    initialize(outer);
    git(outer, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', top, 'part');
    commit(outer);
    const inner = [join(outer, 'part', 'config')];
    write(outer, { 'part/config/sites/a.yaml': site('A', 'Client2') });
    expect(said(await planTo(inner, await readCommitBase('HEAD', inner, OPTIONS)))).toEqual([
      'delete application:A/Client1',
    ]);
    await expect(readCommitBase('HEAD', [outer, ...inner], OPTIONS)).rejects.toMatchObject({ code: 'usage' });

    expect(said(await planTo([top], await readCommitBase('main', [top], OPTIONS)))).toEqual([]);
  });

  it('that of the directory also in a hook, whatever repository the hook is of', async () => {
    const top = repository();
    const other = repository({ 'config/sites/a.yaml': site('A', 'Client9') });
    setEnvironment({
      GIT_DIR: join(other, '.git'),
      GIT_INDEX_FILE: join(other, '.git', 'index'),
      GIT_WORK_TREE: other,
      GIT_OBJECT_DIRECTORY: join(other, '.git', 'objects'),
      GIT_PREFIX: 'config/',
    });
    const config = join(top, 'config');
    expect(said(await planTo([config], await readCommitBase('main', [config], OPTIONS)))).toEqual([]);
  });

  it('none: told, with what Git said and what to do', async () => {
    const lone = temporary();
    write(lone, { 'config/server.yaml': SERVER });
    setEnvironment({ GIT_CEILING_DIRECTORIES: lone });
    await expect(readCommitBase('main', [join(lone, 'config')], OPTIONS)).rejects.toMatchObject({
      code: 'base_unreadable',
      message: expect.stringMatching(
        /config is in no Git repository, .*\(git: not a git repository.*\)\. Run it in a clone/,
      ),
    });
  });

  it('two: told', async () => {
    const [one, two] = [join(repository(), 'config'), join(repository(), 'config')];
    await expect(readCommitBase('main', [one, two], OPTIONS)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(`${two} is not in the repository of ${one}`),
    });
  });

  it('told, when there is no program git', async () => {
    const top = repository();
    setEnvironment({ PATH: temporary() });
    await expect(readCommitBase('main', [join(top, 'config')], OPTIONS)).rejects.toMatchObject({
      code: 'base_unreadable',
      message: expect.stringContaining('There is no program git'),
    });
  });

  it.runIf(process.getuid?.() === 0)(
    'told with what trusts it, when Git refuses a repository of another user',
    async () => {
      const top = repository();
      chownSync(top, 12_345, 12_345);
      chownSync(join(top, '.git'), 12_345, 12_345);
      setEnvironment({ HOME: temporary(), GIT_CONFIG_NOSYSTEM: '1' });
      await expect(readCommitBase('main', [join(top, 'config')], OPTIONS)).rejects.toMatchObject({
        code: 'base_unreadable',
        message: expect.stringContaining(`git config --global --add safe.directory '${top}'`),
      });
      setEnvironment({ GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: top });
      await expect(readCommitBase('main', [join(top, 'config')], OPTIONS)).resolves.toMatchObject({ ok: true });
    },
  );

  it('one that is damaged: told, never taken for a base that is empty', async () => {
    const top = repository({ 'teams/pay/a.yaml': SERVER });
    const lose = (name: string) => {
      const id = git(top, 'rev-parse', name);
      rmSync(join(top, '.git/objects', id.slice(0, 2), id.slice(2)));
    };
    const codes = async (directory: string) => {
      const read = await readCommitBase('main', [join(top, directory)], OPTIONS);
      return read.ok ? read.notes : read.diagnostics.map(({ code, range }) => `${code} ${range?.file}`);
    };
    lose('HEAD:config/sites/a.yaml');
    expect(await codes('config')).toEqual(['file.unreadable main:config/sites/a.yaml']);
    lose('HEAD:config/sites');
    expect(await codes('config')).toEqual(['file.unreadable main:config/sites']);
    lose('HEAD:teams');
    await expect(codes('teams/pay')).rejects.toMatchObject({
      code: 'base_unreadable',
      message: expect.stringMatching(/teams\/pay cannot be read from Git: Git lacks its object [0-9a-f]{12}/),
    });
  });
});

describe('another directory as the base of a plan', () => {
  it('is read with the options of the spec; files of secrets mean the same on both sides', async () => {
    const root = temporary();
    write(root, {
      'old/server.yaml': SERVER,
      'old/a.yaml': site('A', 'Client1'),
      'old/overlays/prod/server.yaml': 'server: { tokens: { access_ttl: 10m } }\n',
      'new/server.yaml': SERVER,
      'new/moved/a.yaml': site('A', 'Client1', 'Client2').replaceAll('file: ', 'file: ../'),
      'new/overlays/prod/server.yaml': 'server: { tokens: { access_ttl: 10m } }\n',
    });
    const path = join(root, 'old');
    const read = valid(await readDirectoryBase(path, { ...OPTIONS, overlays: ['prod'] }));
    const plan = await planTo([join(root, 'new')], read, ['prod']);
    expect(plan.base).toMatchObject({ kind: 'dir', path });
    expect(said(plan)).toEqual(['create application:A/Client2']);
  });

  it('without the overlay is compared without it, and a note says so', async () => {
    const root = temporary();
    write(root, {
      'old/server.yaml': SERVER,
      'old/overlays/eu/server.yaml': 'server: { tokens: { access_ttl: 10m } }\n',
      'new/server.yaml': SERVER,
      'new/overlays/eu/server.yaml': 'server: { tokens: { access_ttl: 10m } }\n',
      'new/overlays/prod/server.yaml': 'server: { tokens: { access_ttl: 20m } }\n',
    });
    const path = join(root, 'old');
    const read = await readDirectoryBase(path, { ...OPTIONS, overlays: ['eu', 'prod'] });
    expect(told(read)).toEqual([`The overlay prod is not in ${path}: compared with the spec without it.`]);
    expect(said(await planTo([join(root, 'new')], read, ['eu', 'prod']))).toEqual(['update server']);
    const same = await readDirectoryBase(path, { ...OPTIONS, overlays: ['eu'] });
    expect([told(same), said(await planTo([join(root, 'new')], same, ['eu']))]).toEqual([[], []]);
  });

  it('without the directory that an overlay is the path of: that is missing on both sides', async () => {
    const root = temporary();
    write(root, { 'old/server.yaml': SERVER });
    const read = await readDirectoryBase(join(root, 'old'), { ...OPTIONS, overlays: [join(root, 'laid')] });
    expect(read).toMatchObject({ ok: false, diagnostics: [{ code: 'overlay.missing' }] });
  });

  it('that is no valid spec, or is not there: its problems, named by its path', async () => {
    const root = temporary();
    write(root, { 'old/a.yaml': 'site: A\nusrs: {}\n' });
    const bad = await readDirectoryBase(join(root, 'old'), OPTIONS);
    const files = bad.ok ? [] : bad.diagnostics.map(({ range }) => range?.file);
    expect(files).toContain(join(root, 'old/a.yaml'));
    const gone = await readDirectoryBase(join(root, 'gone'), OPTIONS);
    expect(gone).toMatchObject({ ok: false, diagnostics: [{ code: 'spec.directory-missing' }] });
  });

  it('whose issuer is another one: a risk, and no error', async () => {
    const root = temporary();
    write(root, { 'old/s.yaml': SERVER.replace('id.', 'old.'), 'new/s.yaml': SERVER });
    const read = await readDirectoryBase(join(root, 'old'), OPTIONS);
    const { risks } = await planTo([join(root, 'new')], read);
    expect(risks.map(({ kind, approved }) => [kind, approved])).toEqual([['issuer', undefined]]);

    const approvals = risks.map(approvalOf);
    const { checked } = await loadSpec([join(root, 'new')], { ...OPTIONS, settleMs: 1 });
    if (!checked.ok) throw new Error('the spec is valid');
    for (const [target, given] of [
      [{ ...checked.value, approvals }, []],
      [checked.value, approvals],
    ] as const) {
      const { plan } = planBetween(valid(read).base, target, { now: NOW, approvals: given });
      expect(plan.risks.map(({ approved }) => approved)).toEqual(approvals);
    }
  });
});
