// Owns the order of the benchmarks: each gets the options of this one, and takes its part of the results. Never measures.
//
//   node bench/all.mjs [--quick] [--rounds N] [--out FILE]

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

for (const name of ['compile.mjs', 'plan.mjs', 'proxy.mjs']) {
  const path = fileURLToPath(new URL(name, import.meta.url));
  execFileSync(process.execPath, [path, ...process.argv.slice(2)], { stdio: 'inherit' });
}
