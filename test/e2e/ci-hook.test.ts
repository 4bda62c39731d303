// The pre-commit hook of examples/ci in real commits, with the index that Git locks and the variables that it sets.

import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { parse } from 'yaml';
import { REPOSITORY } from './charter.ts';
import { BASE, BESIDE, INVALID, PAYS, READS } from './ci-spec.ts';
import { createWorld, type World } from './ci-world.ts';

const HOOK = 'examples/ci/hooks/pre-commit';

let world: World;
afterEach(() => world.remove());

function create(): void {
  world = createWorld(BASE);
  cpSync(join(REPOSITORY, HOOK), join(world.author, '.git/hooks/pre-commit'));
}

function write(files: Readonly<Record<string, string>>, directory = world.author): void {
  for (const [path, text] of Object.entries(files)) writeFileSync(join(directory, path), text);
}

const commit = (words: string, directory = world.author) => world.shell(`git commit -m change ${words}`, directory, {});
const subjects = () => world.git('log', '--format=%s').split('\n');

it('a risk is told and stops nothing, with the plan against HEAD', async () => {
  create();
  write(PAYS);
  const { code, output } = await commit('--all');
  expect(code, output).toBe(0);
  expect(output).toContain('+ Client1 → Payments');
  expect(output).toContain('1 not approved');
  expect(output).toContain('Compared with HEAD');
  expect(subjects()).toEqual(['change', 'on main']);
  expect(world.git('status', '--porcelain')).toBe('');
});

it('what is staged is judged, and not what lies beside it', async () => {
  create();
  write(INVALID);
  world.git('add', '--all');
  write(BASE);
  const refused = await commit('');
  expect(refused.code).toBe(1);
  expect(refused.output).toContain('no user "Usr2" in site Example');
  expect(refused.output).toContain('Not committed');

  write(READS);
  world.git('add', '--all');
  write(INVALID);
  const passed = await commit('');
  expect(passed.code, passed.output).toBe(0);
  expect(passed.output).toContain('+ Client1 → Orders');
  expect(subjects()).toEqual(['change', 'on main']);
});

it('what is wrong is told once, and in a spec that passes each warning is', async () => {
  create();
  const times = (output: string, text: string) => output.split(text).length - 1;
  const [text = ''] = Object.values(BASE);
  write({ 'config/charter.yaml': `${text}  User3: [\n` });
  const broken = await commit('--all');
  expect(broken.code).toBe(1);
  expect(times(broken.output, 'error['), broken.output).toBe(1);

  write(INVALID);
  const invalid = await commit('--all');
  expect(times(invalid.output, 'error[reference.unknown]'), invalid.output).toBe(1);
  const [wrong = ''] = Object.values(INVALID);
  write({ 'config/charter.yaml': wrong.replace('issuer: ', 'issuer:   ') });
  const both = await commit('--all');
  expect(both.output).toContain('error[reference.unknown]');
  expect(both.output).toContain('Not formatted:\nconfig/charter.yaml\n');

  write({ 'config/charter.yaml': text.replace('  Readers:', '  Unused: { methods: [secret] }\n  Readers:') });
  const passed = await commit('--all');
  expect(passed.code, passed.output).toBe(0);
  expect(times(passed.output, 'warning[group.unused]'), passed.output).toBe(1);
});

it('a directory of which Git has nothing is told, and stops no commit', async () => {
  create();
  world.git('config', 'charter.directory', 'acces');
  write(READS);
  const { code, output } = await commit('--all');
  expect(code).toBe(0);
  expect(output).toContain('charter: Git has no file in acces, so no spec is checked.');
  expect(output).toContain('git config --add charter.directory DIR');
});

it('a commit that mends a spec which was committed invalid is let through', async () => {
  create();
  write(INVALID);
  expect((await commit('--all --no-verify')).code).toBe(0);
  write(READS);
  const { code, output } = await commit('--all');
  expect(code, output).toBe(0);
  expect(output).toContain('The base ref:HEAD is no valid spec');
});

it('a spec that is not formatted is refused', async () => {
  create();
  const [text = ''] = Object.values(READS);
  write({ 'config/charter.yaml': text.replace('issuer: ', 'issuer:   ') });
  const { code, output } = await commit('--all');
  expect(code).toBe(1);
  expect(output).toContain('1 of 1 file not formatted');
  expect(subjects()).toEqual(['on main']);
});

it('a commit that leaves the spec alone is not looked at, and needs no charter', async () => {
  create();
  write({ ...BESIDE, ...INVALID });
  world.git('add', 'README.md');
  writeFileSync(join(world.root, 'bin/charter'), '#!/bin/sh\nexit 1\n');
  expect(await commit('')).toMatchObject({ code: 0 });
});

it('a commit of one path in a linked work tree, and the first commit of a repository, are looked at too', async () => {
  create();
  const linked = join(world.root, 'linked');
  world.git('worktree', 'add', '--quiet', '-b', 'linked', linked);
  write({ ...READS, ...BESIDE }, linked);
  world.gitIn(linked, 'add', 'README.md');
  const one = await commit('config/charter.yaml', linked);
  expect(one.code, one.output).toBe(0);
  expect(one.output).toContain('+ Client1 → Orders');
  expect(world.gitIn(linked, 'status', '--porcelain')).toBe('A  README.md');

  const fresh = world.directory('fresh');
  world.gitIn(fresh, 'init', '--quiet');
  world.gitIn(fresh, 'config', '--add', 'charter.directory', 'the access');
  cpSync(join(REPOSITORY, HOOK), join(fresh, '.git/hooks/pre-commit'));
  mkdirSync(join(fresh, 'the access'));
  writeFileSync(join(fresh, 'the access/all.yaml'), Object.values(BASE)[0] ?? '');
  world.gitIn(fresh, 'add', '--all');
  const first = await commit('', fresh);
  expect(first.code, first.output).toBe(0);
  expect(first.output).toContain('the access: 10 entities in 1 file, 0 errors');
});

it('the pre-commit framework runs the same script, on all files too', async () => {
  create();
  const ran = join(world.root, 'ran');
  writeFileSync(join(world.root, 'bin/charter'), `#!/bin/sh\necho charter "$@" "$(ls)" >> '${ran}'\n`);
  const [hook, ...others] = parse(readFileSync(join(REPOSITORY, '.pre-commit-hooks.yaml'), 'utf8'));
  expect(others).toEqual([]);
  expect(hook).toMatchObject({ id: 'charter', language: 'script', entry: HOOK, pass_filenames: false, verbose: true });
  const command = `'${join(REPOSITORY, hook.entry)}' ${hook.args.join(' ')}`;
  expect(await world.shell(command, world.author, {})).toEqual({ code: 0, output: '' });
  const { output, code } = await world.shell(command, world.author, { PRE_COMMIT: '1' });
  expect(code, output).toBe(0);
  expect(readFileSync(ran, 'utf8').trim().split('\n')).toEqual([
    'charter validate config config',
    'charter fmt --check config config',
    'charter plan config --against ref:HEAD config',
  ]);
});
