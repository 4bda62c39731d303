import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codeOf, scriptOf } from '../../src/cli/bundled-files.ts';
import { MAIN } from './case.ts';

const bundle = dirname(MAIN);
const chunks = readdirSync(bundle).filter((name) => name.endsWith('.js'));
const textOf = (name: string) => readFileSync(join(bundle, name), 'utf8');

/** The files that one is loaded with, itself left out. */
function loadedWith(name: string, known = new Set<string>()): ReadonlySet<string> {
  // What an import() waits for became `() => require("./x.js")`.
  for (const [, named = ''] of textOf(name).matchAll(/(?<!=>\s*)\brequire\(["']\.\/([\w-]+\.js)["']\)/g)) {
    if (known.has(named)) continue;
    known.add(named);
    loadedWith(named, known);
  }
  return known;
}

describe('the command is few files', () => {
  it('the version is one that what starts it loads, and checking a spec is four', () => {
    expect([...loadedWith('charter.js')]).toEqual([]);
    expect([...loadedWith('main.js')]).toEqual([]);
    const checking = ['commands.js', 'spec.js'].flatMap((name) => [name, ...loadedWith(name)]);
    expect([...new Set(checking)].sort()).toEqual(['commands.js', 'main.js', 'rolldown-runtime.js', 'spec.js']);
  });

  it('the code of what checks and plans a spec lies beside, and is that of these files', () => {
    const coded = chunks.filter((name) => existsSync(codeOf(join(bundle, name))));
    const layers = ['commands.js', 'main.js', 'plan.js', 'rolldown-runtime.js', 'spec.js', 'store.js'];
    expect(coded.sort()).toEqual(layers);
    for (const name of coded) expect(scriptOf(join(bundle, name)).cachedDataRejected, name).toBe(false);
  });

  it('a thread is started from a file that is there', () => {
    const started = chunks.flatMap((name) =>
      [
        ...textOf(name).matchAll(
          /new URL\(\s*["'`](\.\/[^"'`]+)["'`],\s*require\("url"\)\.pathToFileURL\(__filename\)/g,
        ),
      ].map(([, to]) => to),
    );
    expect(new Set(started)).toEqual(new Set(['./worker.js', './compile-worker.js', './parse-worker.js']));
    for (const path of started) expect(existsSync(join(bundle, path ?? '')), path).toBe(true);
  });

  it('names stay, so that a stack trace can be read', () => {
    const whole = chunks.map((name) => textOf(name)).join('\n');
    for (const name of ['compile', 'makePlan', 'openSqliteStore'])
      expect(whole).toMatch(new RegExp(`function ${name}\\(`));
  });
});
