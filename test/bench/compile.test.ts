import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { compile } from '../../src/spec/compile.ts';

interface Row {
  readonly id: string;
  readonly ratio: number;
  readonly goal: number;
  /** The ratio has to be at least the goal. */
  readonly more?: true;
  readonly met: boolean;
}

const bench = (name: string) => new URL(`../../bench/${name}`, import.meta.url);
const directory = mkdtempSync(join(tmpdir(), 'charter-bench-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

it('the benchmark of compiling runs, and writes a row for each figure of goal P9', { timeout: 120_000 }, async () => {
  const out = join(directory, 'results.json');
  const script = bench('compile.mjs').pathname;
  const { stdout } = await promisify(execFile)(execPath, [script, '--quick', '--rounds', '1', '--out', out]);
  expect(stdout).toContain('1,000 applications in 10 files');
  const { rows, figures } = JSON.parse(readFileSync(out, 'utf8')).compile;
  expect(rows.map((row: Row) => row.id)).toEqual(['P9 cold', 'P9 kept', 'P9 changed']);
  for (const row of rows) {
    expect(row).toEqual({
      id: expect.any(String),
      figure: expect.any(String),
      ratio: expect.any(Number),
      goal: expect.any(Number),
      met: row.ratio <= row.goal,
      spread: [row.ratio, row.ratio],
    });
    expect(row.ratio).toBeGreaterThan(0);
  }
  for (const figure of figures) {
    expect(figure.peak_rss_mb, figure.figure).toBeGreaterThan(0);
    expect(figure.heap_mb, figure.figure).toBeGreaterThan(0);
  }
});

it('the results that are in the repository are of the whole size, and say truly what was met', () => {
  const results = JSON.parse(readFileSync(bench('results.json'), 'utf8'));
  const applications = { applications: 100_000, files: 1000 };
  const whole: Record<string, object> = {
    compile: applications,
    plan: applications,
    store: applications,
    startup: applications,
    proxy: { requests: 20_000 },
    tokens: { connections: 64, seconds: 2 },
    latency: { connections: 64, seconds: 4 },
    logins: { browsers: 16, seconds: 3 },
    reload: { clients: 10_000 },
    secrets: { secrets: 20 },
    growth: { clients: 100_000, groups: 3000 },
  };
  for (const [name, { rows, spec }] of Object.entries<{ rows: Row[]; spec: object }>(results)) {
    expect(spec, name).toMatchObject(whole[name] ?? {});
    expect(rows.length).toBeGreaterThan(0);
    for (const { id, ratio, goal, more, met } of rows) {
      expect([id, met]).toEqual([id, more === true ? ratio >= goal : ratio <= goal]);
    }
  }
});

it('the spec that is measured has no fault, and one edit of it changes one entity', async () => {
  const { specFiles, edited } = await import(bench('spec.mjs').href);
  const files = specFiles({ applications: 30, files: 3 });
  expect(specFiles({ applications: 30, files: 3 })).toEqual(files);
  const [before, after] = [files, [files[0], edited(files[1]), ...files.slice(2)]].map((all) => compile(all));
  if (!before?.ok || !after?.ok) throw new Error('the spec is valid');
  expect(before.diagnostics).toEqual([]);
  const { state } = before.value;
  expect([...state.values()].filter(({ kind }) => kind === 'application')).toHaveLength(30);
  const changed = [...after.value.state].filter(([address, entity]) => {
    return JSON.stringify(entity) !== JSON.stringify(state.get(address));
  });
  expect(changed).toHaveLength(1);
});
