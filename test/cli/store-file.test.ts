import { mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { watchStoreFile } from '../../src/cli/serve/store-file.ts';

async function watching() {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'charter-file-')));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'charter.db');
  writeFileSync(path, 'the one');
  const told: (string | undefined)[] = [];
  const file = watchStoreFile(path, (problem) => void told.push(problem));
  return { path, other: join(directory, 'other'), told, file };
}

it('a file that is deleted is told once, until it is back', async () => {
  const { path, other, told, file } = await watching();
  await file.look();
  await file.begin();
  await file.look();
  expect([file.problem(), told]).toEqual([undefined, []]);
  renameSync(path, other);
  await file.look();
  await file.look();
  expect(told).toEqual([expect.stringContaining(`The store ${path} was deleted while it is served`)]);
  expect(file.problem()).toBe(told[0]);
  renameSync(other, path);
  await file.look();
  expect([file.problem(), told.slice(1)]).toEqual([undefined, [undefined]]);
});

it('a file in its place is another one, also where a link leads to it', async () => {
  const { path, other, told, file } = await watching();
  await file.begin();
  writeFileSync(other, 'a backup');
  renameSync(other, path);
  await file.look();
  expect(told).toEqual([expect.stringContaining(`The store ${path} was replaced by another file`)]);

  const link = `${path}-link`;
  symlinkSync(path, link);
  const linked = watchStoreFile(link, () => undefined);
  await linked.begin();
  writeFileSync(other, 'a third');
  rmSync(link);
  symlinkSync(other, link);
  await linked.look();
  expect(linked.problem()).toContain('was replaced');
});
