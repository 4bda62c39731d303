// `charter fmt` on disk: which files, what is written, what is left alone, and the exit codes.

import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Answer, charter, MAIN, REPOSITORY, workplace, writeFiles } from './case.ts';

const UNTIDY = 'groups:   {}\nsite:  S\n';
const TIDY = 'site: S\ngroups: {}\n';

function read(cwd: string, path: string): string {
  return readFileSync(join(cwd, path), 'utf8');
}

function fmtStdin(text: string | Buffer, ...more: string[]): Promise<Answer> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [MAIN, 'fmt', '-', ...more], (_error, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    );
    child.stdin?.end(text);
  });
}

it('formats the files of a spec and its overlays, keeps their modes, and then has nothing to do', async () => {
  const cwd = workplace();
  const formatted = [
    'config/a.yaml',
    'config/overlays/prod/c.yaml',
    'config/teams/b.yml',
    'config/teams/overlays/d.yaml',
  ];
  const others = ['config/.hidden/e.yaml', 'config/notes.txt', 'other.yaml'];
  writeFiles(
    cwd,
    [...formatted, ...others].map((path) => [path, UNTIDY]),
  );
  chmodSync(join(cwd, 'config/a.yaml'), 0o640);
  const first = await charter(['fmt', 'config'], cwd);
  expect(first).toEqual({
    code: 0,
    stdout: formatted.map((path) => `${path}\n`).join(''),
    stderr: '4 of 4 files changed\n',
  });
  for (const path of formatted) expect(read(cwd, path)).toBe(TIDY);
  for (const path of others) expect(read(cwd, path)).toBe(UNTIDY);
  expect(statSync(join(cwd, 'config/a.yaml')).mode & 0o777).toBe(0o640);
  expect(await charter(['fmt', 'config'], cwd)).toEqual({ code: 0, stdout: '', stderr: '0 of 4 files changed\n' });
  expect((await charter(['fmt', '--check', 'config'], cwd)).code).toBe(0);
});

it('--check lists what is not formatted, writes nothing and ends with 1', async () => {
  const cwd = workplace();
  writeFiles(cwd, [
    ['a.yaml', UNTIDY],
    ['b.yaml', TIDY],
  ]);
  const answer = await charter(['fmt', '--check', '.'], cwd);
  expect(answer).toEqual({ code: 1, stdout: 'a.yaml\n', stderr: '1 of 2 files not formatted: charter fmt does it\n' });
  expect(read(cwd, 'a.yaml')).toBe(UNTIDY);
});

it('a file that is no YAML is told and left as it is, the others are formatted, and it ends with 3', async () => {
  const cwd = workplace();
  const bad = 'applications: { A: { secret: "hunter2hunter2" ]\nsite: S\n';
  writeFiles(cwd, [
    ['bad.yaml', bad],
    ['good.yaml', UNTIDY],
    ['bytes.yaml', Buffer.from([0x73, 0xff])],
  ]);
  const answer = await charter(['fmt', '.'], cwd);
  expect(answer.code).toBe(3);
  expect(answer.stdout).toBe('good.yaml\n');
  expect(answer.stderr).toContain('error[yaml.syntax]');
  expect(answer.stderr).toContain('bad.yaml:1:');
  expect(answer.stderr).toContain('error[file.not-utf8]');
  expect(answer.stderr).not.toContain('hunter2');
  expect(read(cwd, 'bad.yaml')).toBe(bad);
  expect(read(cwd, 'good.yaml')).toBe(TIDY);
});

it('a link is followed within the spec only', async () => {
  const cwd = workplace();
  writeFiles(cwd, [
    ['config/real.yaml', UNTIDY],
    ['outside.yaml', UNTIDY],
    ['config/text', UNTIDY],
  ]);
  mkdirSync(join(cwd, 'config/more'));
  symlinkSync('../text', join(cwd, 'config/more/inside.yaml'));
  symlinkSync('../outside.yaml', join(cwd, 'config/out.yaml'));
  const answer = await charter(['fmt', 'config'], cwd);
  expect(answer.code).toBe(3);
  expect(answer.stderr).toContain('error[file.outside]');
  expect(read(cwd, 'outside.yaml')).toBe(UNTIDY);
  expect(read(cwd, 'config/text')).toBe(TIDY);
  expect((await charter(['fmt', 'config/out.yaml'], cwd)).stderr).toContain('error[file.outside]');
  expect(read(cwd, 'outside.yaml')).toBe(UNTIDY);
});

it('single files are taken whatever they are called; what is missing ends with 3, nothing named with 64', async () => {
  const cwd = workplace();
  writeFiles(cwd, [['a.yaml.tmpl', UNTIDY]]);
  expect(await charter(['fmt', 'a.yaml.tmpl'], cwd)).toMatchObject({ code: 0, stdout: 'a.yaml.tmpl\n' });
  expect(read(cwd, 'a.yaml.tmpl')).toBe(TIDY);
  const missing = await charter(['fmt', 'nothing'], cwd);
  expect(missing.code).toBe(3);
  expect(missing.stderr).toContain('nothing: it does not exist');
  mkdirSync(join(cwd, 'empty'));
  expect((await charter(['fmt', 'empty'], cwd)).stderr).toContain('error[spec.empty]');
  expect((await charter(['fmt'], cwd)).code).toBe(64);
});

it('- reads stdin and writes stdout, for editors', async () => {
  expect(await fmtStdin(UNTIDY)).toEqual({ code: 0, stdout: TIDY, stderr: '' });
  expect(await fmtStdin(UNTIDY, '--check')).toEqual({ code: 1, stdout: '', stderr: '<stdin> is not formatted\n' });
  expect((await fmtStdin(TIDY, '--check')).code).toBe(0);
  expect(await fmtStdin('a: [')).toMatchObject({ code: 3, stdout: '' });
  expect(await fmtStdin(Buffer.from([0xff]))).toMatchObject({ code: 3, stdout: '' });
  expect(await fmtStdin('', 'config')).toMatchObject({ code: 64, stdout: '' });
});

it('the examples are formatted', async () => {
  const answer = await charter(['fmt', '--check', 'examples'], REPOSITORY);
  expect(answer.stdout).toBe('');
  expect(answer.code).toBe(0);
});
