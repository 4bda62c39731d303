// Owns the order of the benchmarks: each gets the options of this one, and takes its part of the results. Never measures.
//
//   node bench/all.mjs [P1 P9 …] [--quick] [--rounds N] [--out FILE]
//
// Of goals that are named the benchmarks run that have them, whole; without any, all do.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { RESULTS, tableOf } from './report.mjs';

const BENCHMARKS = [
  { name: 'tokens', goals: ['P1', 'P2', 'P4', 'P5'] },
  { name: 'latency', goals: ['P3'] },
  { name: 'store', goals: ['P6', 'P11'] },
  { name: 'logins', goals: ['P7'] },
  { name: 'secrets', goals: ['P8'] },
  { name: 'compile', goals: ['P9'] },
  { name: 'plan', goals: ['P10'] },
  { name: 'reload', goals: ['P13'] },
  { name: 'startup', goals: ['P12', 'P14', 'P15'] },
  { name: 'growth', goals: ['P16'] },
  { name: 'proxy', goals: ['P17'] },
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean' }, rounds: { type: 'string' }, out: { type: 'string' } },
});
const known = BENCHMARKS.flatMap(({ goals }) => goals);
const unknown = positionals.filter((id) => !known.includes(id));
if (unknown.length > 0) {
  console.error(`No benchmark has the goal ${unknown.join(', ')}. Goals are ${known.join(', ')}.`);
  process.exit(64);
}
const chosen = BENCHMARKS.filter(
  ({ goals }) => positionals.length === 0 || goals.some((id) => positionals.includes(id)),
);

const scratch = mkdtempSync(join(tmpdir(), 'charter-bench-all-'));
try {
  const out = values.out ?? (values.quick ? join(scratch, 'results.json') : RESULTS);
  const options = [...(values.quick ? ['--quick'] : []), ...(values.rounds ? ['--rounds', values.rounds] : [])];
  const began = performance.now();
  for (const { name } of chosen) {
    const path = fileURLToPath(new URL(`${name}.mjs`, import.meta.url));
    console.log(`\n== ${name}`);
    execFileSync(process.execPath, [path, ...options, '--out', out], { stdio: 'inherit' });
  }
  const results = existsSync(out) ? JSON.parse(readFileSync(out, 'utf8')) : {};
  console.log('\n== all');
  console.log(`${((performance.now() - began) / 60_000).toFixed(1)} minutes\n`);
  tableOf(chosen.flatMap(({ name }) => results[name]?.rows ?? []));
  if (values.out !== undefined || !values.quick) console.log(`Written to ${out}`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
