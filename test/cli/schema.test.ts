import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { charter, REPOSITORY, workplace } from './case.ts';

const kinds = readdirSync(join(REPOSITORY, 'schema'))
  .filter((name) => name.endsWith('.schema.json'))
  .map((name) => name.replace('.schema.json', ''));

function shipped(kind: string): unknown {
  return JSON.parse(readFileSync(join(REPOSITORY, `schema/${kind}.schema.json`), 'utf8'));
}

it.each(kinds)('--kind %s prints the schema that is shipped', async (kind) => {
  const answer = await charter(['schema', '--kind', kind], workplace());
  expect(answer).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(answer.stdout)).toEqual(shipped(kind));
});

it('without an option it lists every kind, with its name and its title', async () => {
  const answer = await charter(['schema'], workplace());
  expect(answer.code).toBe(0);
  for (const kind of kinds)
    expect(answer.stdout).toMatch(new RegExp(`^${kind} +https://\\S+/${kind}.schema.json  \\S`, 'm'));
});

it('--write writes all of them, or one, and makes the directory', async () => {
  const cwd = workplace();
  const answer = await charter(['schema', '--write', 'a/b'], cwd);
  expect(answer.code).toBe(0);
  expect(answer.stdout.trim().split('\n').sort()).toEqual(kinds.map((kind) => `a/b/${kind}.schema.json`).sort());
  for (const kind of kinds) {
    expect(JSON.parse(readFileSync(join(cwd, `a/b/${kind}.schema.json`), 'utf8'))).toEqual(shipped(kind));
  }
  await charter(['schema', '--write', 'c', '--kind', 'site'], cwd);
  expect(readdirSync(join(cwd, 'c'))).toEqual(['site.schema.json']);
});

it('an unknown kind and an empty directory are wrong usage, a directory that cannot be made is 1', async () => {
  const cwd = workplace();
  expect((await charter(['schema', '--kind', 'sites'], cwd)).code).toBe(64);
  expect((await charter(['schema', '--write', ''], cwd)).code).toBe(64);
  const answer = await charter(['schema', '--write', '/dev/null/x'], cwd);
  expect(answer.code).toBe(1);
  expect(answer.stderr).toMatch(/^error: --write \/dev\/null\/x cannot be written: /);
});
