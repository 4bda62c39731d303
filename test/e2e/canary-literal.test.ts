// Canary secrets in a spec, in all the places where none may be: each is an error, and none of them comes out again
// (DESIGN 1).

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCanaries } from './canary.ts';
import { commitDirectory, createSearch, type Search } from './canary-search.ts';
import { createWorkspace, type Workspace } from './charter.ts';
import { baseSpec, type LiteralFile, literalFiles } from './literal-secrets.ts';

/** So few that all their problems are told: of more than 100 only the number is. */
const TOLD_TOGETHER = 40;

let workspace: Workspace;
let search: Search;
const canaries = createCanaries();
let files: readonly LiteralFile[];

beforeAll(async () => {
  workspace = await createWorkspace(baseSpec('http://localhost:8080'));
  commitDirectory(workspace, 'config');
  files = literalFiles(canaries);
  search = createSearch(workspace, [canaries]);
});

afterAll(() => workspace.remove());

/** The files that have an error, as JSON tells it. */
function wrongIn(path: string): ReadonlySet<string | undefined> {
  const { diagnostics } = JSON.parse(readFileSync(path, 'utf8')) as {
    readonly diagnostics: readonly { readonly severity: string; readonly range?: { readonly file: string } }[];
  };
  return new Set(diagnostics.filter(({ severity }) => severity === 'error').map(({ range }) => range?.file));
}

// Each test starts a handful of processes.
describe('a secret where none may be', { timeout: 90_000 }, () => {
  it('is an error that shows nothing of it, in every output', async () => {
    const good = Object.entries(baseSpec('http://localhost:8080'));
    for (let from = 0; from < files.length; from += TOLD_TOGETHER) {
      const some = files.slice(from, from + TOLD_TOGETHER);
      const below = `../some-${from}`;
      for (const [path, text] of good) workspace.write(`${below}/${path}`, text);
      for (const { path, text } of some) workspace.write(`${below}/${path}`, text);
      const overlays = some.some(({ path }) => path.startsWith('overlays/')) ? ['--overlay', 'prod'] : [];
      const outputs = search.outputs(`some-${from}`);
      const argv = ['plan', join(workspace.root, `some-${from}`), ...overlays, ...outputs.argv];
      const said = await search.run([...argv, '--store', join(workspace.root, 'none.db')], {
        code: 3,
        shows: /(error\[[\s\S]*){20}/,
      });
      expect(said).not.toContain('more problem');
      outputs.expectClean(/error/);
      const wrong = wrongIn(outputs.path('json'));
      expect(some.filter(({ path }) => !wrong.has(path))).toEqual([]);
    }
  });

  it('of whichever command, and of a server', async () => {
    for (const { path, text } of files) workspace.write(path, text);
    const directory = workspace.spec;
    const overlaid = [directory, '--overlay', 'prod'];
    const store = ['--store', join(workspace.root, 'none.db')];
    const checked = search.outputs('checked', ['json', 'sarif', 'junit']);
    const told = { code: 3, shows: 'secret.literal' } as const;
    await search.run(['validate', ...overlaid, ...checked.argv], told);
    checked.expectClean('secret.literal');
    await search.run(['plan', ...overlaid, '--against', 'ref:HEAD'], told);
    await search.run(['apply', ...overlaid, ...store], told);
    await search.run(['serve', ...overlaid, ...store], told);
    workspace.write('../good/server.yaml', baseSpec('http://localhost:8080')['server.yaml'] ?? '');
    const good = join(workspace.root, 'good');
    await search.run(['plan', good, '--against', `dir:${directory}`], { code: 3, shows: directory });
    await search.run(['fmt', directory], { code: 3, shows: 'yaml.' });
  });
});
