// Owns the benchmark of compiling (goal P9): Charter cold, with kept documents and with one file changed, against `yaml`
// alone and JSON.parse of the same data, each in a process of its own, in turn, in one run. Never asserts a time.
//
//   node bench/compile.mjs [--quick] [--rounds N] [--out FILE]

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { specFiles } from './spec.mjs';

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean' }, rounds: { type: 'string' }, out: { type: 'string' } },
});
const quick = options.quick === true;
const size = quick ? { applications: 1000, files: 10 } : { applications: 100_000, files: 1000 };
const rounds = Number(options.rounds ?? 3);
const out = options.out ?? (quick ? undefined : fileURLToPath(new URL('results.json', import.meta.url)));

/** What one process does, and which figures it gives. */
const SUBJECTS = ['yaml', 'json', 'compile'];

const GOALS = [
  { id: 'P9 cold', figure: 'cold compile / yaml alone', of: 'cold', against: 'yaml', goal: 0.7 },
  { id: 'P9 kept', figure: 'compile, all documents kept / JSON.parse', of: 'kept', against: 'json', goal: 1 },
  { id: 'P9 changed', figure: 'compile, one file changed / JSON.parse', of: 'changed', against: 'json', goal: 0.1 },
];

const directory = mkdtempSync(join(tmpdir(), 'charter-bench-'));
try {
  const files = specFiles(size);
  for (const { path, text } of files) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  const bytes = files.reduce((sum, { text }) => sum + text.length, 0);
  console.log(
    `${size.applications.toLocaleString('en')} applications in ${size.files.toLocaleString('en')} files, ` +
      `${(bytes / 1e6).toFixed(1)} MB; ${rounds} rounds; Node ${process.versions.node}, ${availableParallelism()} cores\n`,
  );
  report(measureAll(), bytes);
} finally {
  rmSync(directory, { recursive: true, force: true });
}

/** By figure, the measurements of all rounds. */
function measureAll() {
  const measured = new Map();
  for (let round = 0; round < rounds; round += 1) {
    for (const subject of SUBJECTS) {
      for (const [figure, one] of Object.entries(measure(subject))) {
        const { ms, peakRss, heap } = one;
        console.error(
          `round ${round + 1} ${figure}: ${Math.round(ms)} ms, ${mb(peakRss)} MB peak, ${mb(heap)} MB held`,
        );
        measured.set(figure, [...(measured.get(figure) ?? []), one]);
      }
    }
  }
  return measured;
}

function measure(subject) {
  const script = fileURLToPath(new URL('compile-subject.mjs', import.meta.url));
  const stdout = execFileSync(process.execPath, ['--expose-gc', script, subject, directory], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(stdout);
}

function report(measured, bytes) {
  const figures = [...measured].map(([figure, all]) => ({
    figure,
    ms: Math.round(median(all.map(({ ms }) => ms))),
    spread: spreadOf(all.map(({ ms }) => Math.round(ms))),
    peak_rss_mb: median(all.map(({ peakRss }) => mb(peakRss))),
    heap_mb: median(all.map(({ heap }) => mb(heap))),
  }));
  const rows = GOALS.map(({ id, figure, of, against, goal }) => {
    const others = measured.get(against);
    const ratios = measured.get(of).map(({ ms }, round) => ms / others[round].ms);
    const ratio = rounded(median(ratios));
    return { id, figure, ratio, goal, met: ratio <= goal, spread: spreadOf(ratios.map(rounded)) };
  });
  console.table(
    Object.fromEntries(
      figures.map(({ figure, ms, spread, peak_rss_mb, heap_mb }) => [
        figure,
        { ms, spread: spread.join('–'), 'peak RSS, MB': peak_rss_mb, 'heap held, MB': heap_mb },
      ]),
    ),
  );
  console.table(
    Object.fromEntries(
      rows.map(({ id, figure, ratio, goal, met, spread }) => [
        id,
        { figure, ratio, goal: `≤ ${goal}`, met: met ? 'yes' : 'no', spread: spread.join('–') },
      ]),
    ),
  );
  if (out === undefined) return;
  const machine = { node: process.versions.node, cores: availableParallelism(), arch: process.arch };
  if (!existsSync(dirname(out))) mkdirSync(dirname(out), { recursive: true });
  const results = JSON.stringify({ machine, spec: { ...size, bytes }, rounds, rows, figures }, null, 2);
  // Pairs on one line, as the formatter of this repository has them.
  writeFileSync(out, `${results.replace(/\[\s+([\d.]+),\s+([\d.]+)\s+\]/g, '[$1, $2]')}\n`);
  console.log(`Written to ${out}`);
}

function mb(bytes) {
  return Math.round(bytes / 1e6);
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function spreadOf(numbers) {
  return [Math.min(...numbers), Math.max(...numbers)];
}

function rounded(ratio) {
  return Number(ratio.toPrecision(3));
}
