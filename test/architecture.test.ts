import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadsOf } from './architecture/loads.ts';
import { FOLDERS, type Source, violations } from './architecture/rules.ts';

const root = join(import.meta.dirname, '..');

function sources(): readonly Source[] {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') || path.endsWith('.tsx'))
    .map((path) => ({ path: `src/${path}`, text: readFileSync(join(root, 'src', path), 'utf8') }));
}

describe('the import rule (DESIGN 2)', () => {
  it('holds for every source file', () => {
    const files = sources();
    expect(files.length).toBeGreaterThan(20);
    expect(violations(files)).toEqual([]);
  });

  it('knows every folder of src', () => {
    const folders = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    for (const folder of folders) expect(Object.keys(FOLDERS)).toContain(folder.name);
  });
});

describe('a command loads what it uses before it begins, and no more', () => {
  const SPEC = ['ajv-formats/dist/formats.js', 'fastest-levenshtein', 'ipaddr.js', 'yaml'];

  it.each([
    ['the version', 'src/cli/main.ts', []],
    ['the command line as a whole', 'src/cli/run-program.ts', ['commander', 'fastest-levenshtein']],
    ['validate', 'src/cli/validate.ts', SPEC],
    ['plan, until it opens a store', 'src/cli/plan.ts', [...SPEC, 'commander']],
    ['explain, until it opens a store', 'src/cli/explain.ts', SPEC],
    ['test', 'src/cli/test.ts', SPEC],
  ])('%s', (_, entry, packages) => {
    expect(loadsOf(entry).packages).toEqual([...packages].sort());
  });

  it('what makes plans is nothing that checking a spec needs', () => {
    const { files } = loadsOf('src/cli/validate.ts');
    expect(files).toContain('src/spec/compile.ts');
    expect(files).not.toContain('src/plan/make-plan.ts');
  });
});

describe('the rules catch a planted violation of each kind', () => {
  const plant = (path: string, code: string) => violations([{ path, text: `// Owns nothing. Never real.\n${code}\n` }]);

  it.each([
    ['an import from a higher rank', 'src/model/x.ts', "import { a } from '../access/decide.ts';", 'rank 1'],
    ['an import from the same rank', 'src/access/x.ts', "import { a } from '../spec/compile.ts';", 'rank 1'],
    ['an import of a type only', 'src/oauth/x.ts', "import type { Plan } from '../plan/plan.ts';", 'rank 2'],
    ['an inline import type', 'src/oauth/x.ts', "export type P = import('../plan/plan.ts').Plan;", 'rank 2'],
    ['a re-export', 'src/http/x.ts', "export { a } from '../store/sqlite.ts';", 'rank 3'],
    ['a dynamic import', 'src/reconcile/x.ts', "export const a = () => import('../http/listen.ts');", 'rank 3'],
    ['an import from outside src', 'src/plan/x.ts', "import s from '../../schema/site.schema.json';", 'outside src'],
    ['a package that is not the folder’s', 'src/access/x.ts', "import { parse } from 'yaml';", 'package yaml'],
    ['a file system in the core', 'src/spec/x.ts', "import { readFileSync } from 'node:fs';", 'package node:fs'],
    ['a database outside the store', 'src/http/x.ts', "import D from 'better-sqlite3';", 'package better-sqlite3'],
    ['a clock in the core', 'src/plan/x.ts', 'export const a = Date.now();', 'Date.now'],
    ['a Date of now in the core', 'src/oauth/x.ts', 'export const a = new Date();', 'new Date()'],
    ['a Date call in the core', 'src/oauth/x.ts', 'export const a = Date();', 'Date()'],
    ['chance in the core', 'src/access/x.ts', 'export const a = Math.random();', 'Math.random'],
    ['random bytes in the core', 'src/oauth/x.ts', "import { randomBytes } from 'node:crypto';", 'randomBytes'],
    ['a timer in the core', 'src/oauth/x.ts', 'setTimeout(() => {}, 1);', 'setTimeout'],
    ['the process in the core', 'src/model/x.ts', 'export const a = process.env.X;', 'process'],
    ['the console in the core', 'src/spec/x.ts', "console.log('x');", 'console'],
    ['the network in the core', 'src/oauth/x.ts', "export const a = fetch('x');", 'fetch'],
    ['a global by another way', 'src/oauth/x.ts', 'export const a = globalThis;', 'globalThis'],
    ['a clock in what explains', 'src/explain/x.ts', 'export const a = Date.now();', 'Date.now'],
    [
      'a file system in what explains',
      'src/explain/x.ts',
      "import { readFileSync } from 'node:fs';",
      'package node:fs',
    ],
    ['a folder that says nothing', 'src/model/utils/x.ts', 'export const a = 1;', 'says nothing'],
    ['a barrel', 'src/model/index.ts', 'export const a = 1;', 'barrel'],
    ['an unknown folder', 'src/stuff/x.ts', 'export const a = 1;', 'not in the table'],
  ])('%s', (_, path, code, message) => {
    expect(plant(path, code).join('\n')).toContain(message);
  });

  it('a file without its opening comment', () => {
    expect(violations([{ path: 'src/model/x.ts', text: 'export const a = 1;\n' }])).toHaveLength(1);
  });

  it('but not the same words as members, keys or comments', () => {
    const code = `import ipaddr from 'ipaddr.js';
      // process, console and Date.now() in a comment
      export const a = { process: 1, fetch: 2 };
      export const b = (x: { process(): number }) => x.process() + a.fetch + new Date(0).getTime();
      export const c = () => ipaddr.process('::1');`;
    expect(plant('src/model/x.ts', code)).toEqual([]);
  });
});
