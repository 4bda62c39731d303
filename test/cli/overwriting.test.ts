// No output is written over what a command works on, and none is found to be impossible after something was applied.

import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { charterHere, workplace, writeFiles } from './case.ts';

const SPEC = 'server: { issuer: "http://localhost:8080" }\n';

/** Two specs, an overlay beside them, a plan that was saved and a directory. */
async function prepared(): Promise<string> {
  const cwd = workplace();
  writeFiles(cwd, [
    ['a/server.yaml', SPEC],
    ['b/server.yaml', SPEC],
    ['laid/server.yaml', SPEC],
  ]);
  mkdirSync(join(cwd, 'dd'));
  expect((await charterHere(['plan', 'b', '--out', 'p.json'], cwd)).code).toBe(0);
  return cwd;
}

/** All below the directory, with its content. */
function filesBelow(cwd: string): readonly (readonly [string, string])[] {
  return readdirSync(cwd, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => [path, readFileSync(path, 'utf8')]);
}

async function expectRefused(cwd: string, line: string, reason: string): Promise<void> {
  const before = filesBelow(cwd);
  const answer = await charterHere(line.split(' '), cwd);
  expect([answer.code, answer.stdout], line).toEqual([64, '']);
  expect(answer.stderr).toContain(reason);
  expect(filesBelow(cwd)).toEqual(before);
}

describe('an output is refused before anything is done', () => {
  it.each([
    ['plan b --against dir:a --md a/server.yaml', '--md a/server.yaml would be a file of the spec'],
    ['plan b --against dir:a --json a/new.yml', '--json a/new.yml would be a file of the spec'],
    ['plan b --overlay ./laid --sarif laid/server.yaml', '--sarif laid/server.yaml would be a file of the spec'],
    ['validate b --overlay ./laid --sarif laid/server.yaml', '--sarif laid/server.yaml would be a file of the spec'],
    ['apply b --overlay ./laid --md laid/server.yaml', '--md laid/server.yaml would be a file of the spec'],
    ['apply p.json --dir b --md b/server.yaml', '--md b/server.yaml would be a file of the spec'],
    ['apply p.json --md b/server.yaml', '--md b/server.yaml would be a file of the spec'],
    ['apply p.json --json p.json', '--json p.json is the plan that is applied. Name another file.'],
  ])('over what is read: %s', async (line, reason) => {
    await expectRefused(await prepared(), line, reason);
  });

  it('over the saved plan or a file of the spec that a link leads to', async () => {
    const cwd = await prepared();
    symlinkSync('p.json', join(cwd, 'link.json'));
    writeFiles(cwd, [['b/text', 'site: A\n']]);
    symlinkSync('text', join(cwd, 'b/linked.yaml'));
    await expectRefused(cwd, 'apply p.json --json link.json', 'is the plan that is applied');
    await expectRefused(cwd, 'plan b --json b/linked.yaml', 'would be a file of the spec');
  });

  it('where another one is the same file by a link, whether the file is there or not', async () => {
    const cwd = await prepared();
    symlinkSync('q1', join(cwd, 'q2'));
    const reason = 'would both be written to';
    await expectRefused(cwd, 'plan b --md q1 --json q2', reason);
    await expectRefused(cwd, 'plan b --md q2 --json q1', reason);
    writeFiles(cwd, [['q1', '']]);
    await expectRefused(cwd, 'plan b --md q1 --json q2', reason);
  });

  it.each([
    ['dd', '--json dd cannot be written: it is a directory, not a file. Name another file. Nothing was applied.'],
    ['new/', '--json new/ cannot be written: it is a directory, not a file. Name another file. Nothing was applied.'],
    [
      'no/x.json',
      '--json no/x.json cannot be written: its directory does not exist. Make it, or name another file. Nothing was applied.',
    ],
    [
      'p.json/x.json',
      '--json p.json/x.json cannot be written: a part of its path is not a directory. Name another file. Nothing was applied.',
    ],
  ])('where no file can be, before an apply: --json %s', async (path, reason) => {
    const cwd = await prepared();
    await expectRefused(cwd, `apply b --json ${path}`, reason);
    await expectRefused(cwd, `apply p.json --json ${path}`, reason);
  });

  it('where it is to hold a plan that nobody could apply', async () => {
    await expectRefused(await prepared(), 'plan b --against dir:a --out pw.json', '--out and --against dir: exclude');
  });
});

it('outputs that meet at a device are not refused by its other names', async () => {
  const cwd = await prepared();
  symlinkSync('/dev/null', join(cwd, 'nowhere'));
  expect((await charterHere(['plan', 'b', '--md', 'nowhere', '--json', '/dev/null'], cwd)).code).toBe(0);
  expect(existsSync(join(cwd, 'charter.db'))).toBe(false);
});
