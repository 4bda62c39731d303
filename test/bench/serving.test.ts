// The quick forms of the benchmarks of serving: that they run and what they write, never a time. What Charter is measured against is
// not part of the repository's installation: without it the rows against it are left out, and a sentence says so.

import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';

const directory = mkdtempSync(join(tmpdir(), 'charter-bench-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

const bench = (name: string) => new URL(`../../bench/${name}`, import.meta.url).pathname;
const hasPeers = existsSync(bench('node_modules/oidc-provider/package.json'));

async function run(name: string, ...more: string[]) {
  const out = join(directory, `${name}.json`);
  const { stdout } = await promisify(execFile)(execPath, [
    bench(`${name}.mjs`),
    ...more,
    '--quick',
    '--rounds',
    '1',
    '--out',
    out,
  ]);
  return { stdout, results: existsSync(out) ? JSON.parse(readFileSync(out, 'utf8')) : {} };
}

interface Row {
  readonly id: string;
  readonly ratio: number;
  readonly goal: number;
  readonly more?: true;
  readonly met: boolean;
  readonly spread: readonly number[];
}

function expectRows(rows: readonly Row[], own: readonly string[], againstPeers: readonly string[] = []) {
  const expected = hasPeers ? [...own, ...againstPeers] : own;
  expect(rows.map(({ id }) => id).sort()).toEqual([...expected].sort());
  for (const { id, ratio, goal, more, met, spread } of rows) {
    // How many reloads a second brings is a time, too.
    expect(ratio, id).toBeGreaterThan(id === 'P13 reloads' ? -1 : 0);
    expect(met, id).toBe(more === true ? ratio >= goal : ratio <= goal);
    expect(spread, id).toEqual([ratio, ratio]);
  }
}

describe('the benchmark', { timeout: 240_000 }, () => {
  it('of tokens runs against the real server, and writes the rows of goals P1, P2, P4 and P5', async () => {
    const { stdout, results } = await run('tokens');
    const { rows, figures } = results.tokens;
    expectRows(rows, ['P2 http', 'P2 bare', 'P4 own'], ['P1', 'P4', 'P5 jwt', 'P5 opaque']);
    expect(stdout.includes('npm ci --prefix bench')).toBe(!hasPeers);
    for (const { figure, per_second } of figures) expect(per_second, figure).toBeGreaterThan(0);
  });

  it('of latency, the row of goal P3', async () => {
    expectRows((await run('latency')).results.latency.rows, ['P3']);
  });

  it('of logins lets people in, and writes the row of goal P7 where there is something to compare with', async () => {
    const { rows, figures } = (await run('logins')).results.logins;
    expectRows(rows, [], ['P7']);
    expect(figures[0]).toMatchObject({ figure: 'charter', per_second: expect.any(Number) });
    expect(figures[0].per_second).toBeGreaterThan(0);
  });

  it('of reloading edits the spec while it asks, and writes the rows of goal P13', async () => {
    expectRows((await run('reload')).results.reload.rows, ['P13 p99', 'P13 rate', 'P13 reloads']);
  });

  it('of growth, the rows of goal P16', async () => {
    expectRows((await run('growth')).results.growth.rows, ['P16 clients', 'P16 groups']);
  });

  it('of all takes goals by their ids, and shows the rows of those at the end', async () => {
    const { stdout, results } = await run('all', 'P8');
    expect(Object.keys(results)).toEqual(['secrets']);
    expectRows(results.secrets.rows, ['P8']);
    expect(stdout.split('== all')[1]).toContain('first Argon2id check / second of the same secret');
    await expect(run('all', 'P99')).rejects.toMatchObject({ code: 64, stderr: expect.stringContaining('P99') });
  });

  it('the profile of a token request says how much of it is signing', async () => {
    const { stdout } = await promisify(execFile)(execPath, [bench('profile.mjs'), '--seconds', '1']);
    expect(stdout).toMatch(/^\| signing \| \d+\.\d % \| \d+\.\d \|$/m);
    expect(stdout).toMatch(/^\| HTTP \| \d+\.\d % \| \d+\.\d \|$/m);
  });
});
