import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { bundledFiles, codeOf, scriptOf } from '../../src/cli/bundled-files.ts';
import { MAIN } from './case.ts';

/** A directory with these files. */
function filesOf(texts: Readonly<Record<string, string>>): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'charter-bundle-')));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(directory, name), text);
  return directory;
}

it('files of the bundle load each other once, and others as Node does', () => {
  const directory = filesOf({
    'a.js':
      'exports.of = [require("./b.js"), require("./b.js"), require("node:path").basename(__filename), __dirname, module.exports === exports];',
    'b.js': 'exports.a = Object.keys(require("./a.js"));',
  });
  const { of } = bundledFiles(directory)('a.js') as { readonly of: readonly unknown[] };
  expect(of).toEqual([{ a: [] }, { a: [] }, 'a.js', directory, true]);
  expect(of[0]).toBe(of[1]);
});

it('the code of a file is taken from beside it, and one that V8 did not make of such a text is refused', () => {
  const directory = filesOf({
    'a.js': 'exports.of = "a";',
    'b.js': 'exports.of = "of b";',
    'c.js': 'exports.of = "c";',
  });
  const [a = '', b = '', c = ''] = ['a.js', 'b.js', 'c.js'].map((name) => join(directory, name));
  const script = scriptOf(a);
  expect(script.cachedDataRejected).toBeUndefined();
  for (const path of [a, b]) writeFileSync(codeOf(path), script.createCachedData());
  writeFileSync(codeOf(c), 'no code');
  expect([a, b, c].map((path) => scriptOf(path).cachedDataRejected)).toEqual([false, true, true]);
  expect(['a.js', 'b.js', 'c.js'].map(bundledFiles(directory))).toEqual([{ of: 'a' }, { of: 'of b' }, { of: 'c' }]);
});

it('an error names the file and its line', () => {
  const directory = filesOf({ 'a.js': '\n\nthrow new Error("here");' });
  expect(() => bundledFiles(directory)('a.js')).toThrow(
    expect.objectContaining({ stack: expect.stringContaining(`${join(directory, 'a.js')}:3:7`) }),
  );
});

it('who asks Node for the lines of the sources gets the same command', () => {
  const run = (...flags: readonly string[]) =>
    execFileSync(process.execPath, [...flags, MAIN, '--version'], { encoding: 'utf8' });
  expect(run('--enable-source-maps')).toBe(run());
});
