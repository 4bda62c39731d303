import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';

const directory = mkdtempSync(join(tmpdir(), 'charter-bench-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

it('the benchmark of resource protection runs, and writes the rows of goal P17', { timeout: 120_000 }, async () => {
  const out = join(directory, 'results.json');
  const script = new URL('../../bench/proxy.mjs', import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(execPath, [script, '--quick', '--rounds', '1', '--out', out]);
  expect(stdout).toContain('500 requests over 32 connections');
  const { rows, figures } = JSON.parse(readFileSync(out, 'utf8')).proxy;
  expect(rows.map(({ id, ratio }: { id: string; ratio: unknown }) => [id, typeof ratio])).toEqual([
    ['P17 proxy', 'number'],
    ['P17 forward-auth', 'number'],
  ]);
  expect(figures.map(({ figure }: { figure: string }) => figure)).toContain('bare proxying');
});
