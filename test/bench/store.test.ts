import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';

interface Row {
  readonly id: string;
  readonly ratio: number;
}

const directory = mkdtempSync(join(tmpdir(), 'charter-bench-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

it.each([
  ['store', ['P6', 'P11'], ['one commit at a time', '64 at once', 'bulk insert', 'apply']],
  [
    'startup',
    ['P15 version', 'P15 validate', 'P15 serve', 'P12', 'P14'],
    [
      ...['node', 'version', 'validate', 'rows', 'serve', 'JSON', 'memory', 'memory, its peak', 'event', 'reload'],
      ...['healthz, slowest', 'healthz while reloading, slowest'],
    ],
  ],
])('the benchmark %s runs, and writes a row for each of its goals', { timeout: 240_000 }, async (name, ids, names) => {
  const out = join(directory, 'results.json');
  const script = new URL(`../../bench/${name}.mjs`, import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(execPath, [script, '--quick', '--rounds', '1', '--out', out]);
  expect(stdout).toContain('1,000 applications in 10 files');
  const { rows, figures } = JSON.parse(readFileSync(out, 'utf8'))[name];
  expect(rows.map(({ id }: Row) => id)).toEqual(ids);
  for (const { id, ratio } of rows) expect(ratio, id).toBeGreaterThan(0);
  expect(figures.map(({ figure }: { figure: string }) => figure)).toEqual(names);
});
