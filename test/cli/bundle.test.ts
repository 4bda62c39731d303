import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MAIN } from './case.ts';

const bundle = dirname(MAIN);
const chunks = readdirSync(bundle).filter((name) => name.endsWith('.js'));
const textOf = (name: string) => readFileSync(join(bundle, name), 'utf8');

/** The files that one is loaded with, itself left out. */
function loadedWith(name: string, known = new Set<string>()): ReadonlySet<string> {
  for (const [, named = ''] of textOf(name).matchAll(/\b(?:from|import)\s*["']\.\/([\w-]+\.js)["']/g)) {
    if (known.has(named)) continue;
    known.add(named);
    loadedWith(named, known);
  }
  return known;
}

describe('the command is few files', () => {
  it('the version is one, and checking a spec is four', () => {
    expect([...loadedWith('charter.js')]).toEqual([]);
    const checking = ['commands.js', 'spec.js'].flatMap((name) => [name, ...loadedWith(name)]);
    expect([...new Set(checking)].sort()).toEqual(['charter.js', 'commands.js', 'rolldown-runtime.js', 'spec.js']);
  });

  it('a thread is started from a file that is there', () => {
    const started = chunks.flatMap((name) =>
      [...textOf(name).matchAll(/new URL\(\s*["'`](\.\/[^"'`]+)["'`],\s*import\.meta\.url\)/g)].map(([, to]) => to),
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
