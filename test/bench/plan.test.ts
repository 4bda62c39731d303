import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { createState } from '../../src/model/state.ts';
import { compile } from '../../src/spec/compile.ts';
import { planOf } from '../plan/make.ts';

const bench = (name: string) => new URL(`../../bench/${name}`, import.meta.url);
const directory = mkdtempSync(join(tmpdir(), 'charter-bench-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

it('the benchmark of planning runs, and writes the row of goal P10 beside what others wrote', {
  timeout: 120_000,
}, async () => {
  const out = join(directory, 'results.json');
  writeFileSync(out, '{"compile":{"rows":[]}}');
  const script = bench('plan.mjs').pathname;
  const { stdout } = await promisify(execFile)(execPath, [script, '--quick', '--rounds', '1', '--out', out]);
  expect(stdout).toContain('1,000 applications in 10 files');
  const { compile: other, plan } = JSON.parse(readFileSync(out, 'utf8'));
  expect(other).toEqual({ rows: [] });
  const row = (id: string, goal: number, { ratio }: { ratio: number }) => {
    return {
      id,
      figure: expect.any(String),
      ratio: expect.any(Number),
      goal,
      met: ratio <= goal,
      spread: [ratio, ratio],
    };
  };
  expect(plan.rows).toEqual([row('P10', 10, plan.rows[0]), row('P10 memory', 1.5, plan.rows[1])]);
  for (const { ratio } of plan.rows) expect(ratio).toBeGreaterThan(0);
  const parts = ['changes', 'index', 'affected', 'access', 'permissions', 'risks', 'digest', 'ending'];
  expect(plan.figures.map(({ figure }: { figure: string }) => figure)).toEqual(['maps', 'plan', ...parts, 'unhashed']);
  for (const figure of plan.figures) {
    expect(figure.peak_rss_mb, figure.figure).toBeGreaterThan(0);
    expect(figure.heap_mb, figure.figure).toBeGreaterThan(0);
  }
});

it('the ten edits that are measured are of every kind, change access, and are a State that a spec could declare', async () => {
  const { specFiles } = await import(bench('spec.mjs').href);
  const { CHANGES, editedState } = await import(bench('plan-edits.mjs').href);
  const compiled = compile(specFiles({ applications: 200, files: 10 }));
  if (!compiled.ok) throw new Error('the spec is valid');
  const { entities, moves } = editedState(compiled.value.state);
  const plan = planOf(compiled.value.state, createState(entities), 0, [], moves);
  const actions = plan.changes.map(({ action }) => action).sort();
  expect(actions).toEqual(['create', 'delete', 'move', ...Array.from({ length: 9 }, () => 'update')]);
  expect(actions).toHaveLength(CHANGES);
  expect(new Set(plan.access.map(({ effect }) => effect))).toEqual(new Set(['grant', 'revoke']));
  for (const entity of entities.values()) {
    const links = [entity.allowed_to, entity.members, entity.impersonated_by].flatMap((list) => list ?? []);
    // What was deleted is listed nowhere, nor what was renamed by its former name.
    for (const { to } of links) expect(entities.has(to), to).toBe(true);
  }
});
