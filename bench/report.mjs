// Owns what the benchmarks share: the options, a process for each measurement, the tables, and results.json, in which each
// benchmark has a part of its own. Never knows what is measured.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** `--quick` takes the small size and writes nothing, unless `--out` says where. */
export function readOptions({ whole, quick }) {
  const { values } = parseArgs({
    options: { quick: { type: 'boolean' }, rounds: { type: 'string' }, out: { type: 'string' } },
  });
  const isQuick = values.quick === true;
  return {
    size: isQuick ? quick : whole,
    rounds: Number(values.rounds ?? 3),
    out: values.out ?? (isQuick ? undefined : fileURLToPath(new URL('results.json', import.meta.url))),
  };
}

export function announce({ size, rounds }, bytes) {
  console.log(
    `${size.applications.toLocaleString('en')} applications in ${size.files.toLocaleString('en')} files, ` +
      `${mb(bytes, 1)} MB; ${rounds} rounds; Node ${process.versions.node}, ${availableParallelism()} cores\n`,
  );
}

/** What one process of a script prints as JSON: `{ figure: { ms, peakRss, heap } }`, times and bytes. */
export function measure(script, ...args) {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const stdout = execFileSync(process.execPath, ['--expose-gc', path, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(stdout);
}

/** By figure, the measurements of all rounds: in each, every subject in its turn. */
export function measureRounds(rounds, subjects, measureSubject) {
  const measured = new Map();
  for (let round = 0; round < rounds; round += 1) {
    for (const subject of subjects) {
      for (const [figure, one] of Object.entries(measureSubject(subject))) {
        const { ms, peakRss, heap } = one;
        console.error(`round ${round + 1} ${figure}: ${shown(ms)} ms, ${mb(peakRss)} MB peak, ${mb(heap)} MB held`);
        measured.set(figure, [...(measured.get(figure) ?? []), one]);
      }
    }
  }
  return measured;
}

/** Goals: `{ id, figure, of, against, by, goal }`, two figures of which the ratio in each round is at most the goal; by `ms` unless said. */
export function report(name, goals, measured, { size, rounds, out }, bytes) {
  const figures = [...measured].map(([figure, all]) => ({
    figure,
    ms: shown(median(all.map(({ ms }) => ms))),
    spread: spreadOf(all.map(({ ms }) => shown(ms))),
    peak_rss_mb: median(all.map(({ peakRss }) => mb(peakRss))),
    heap_mb: median(all.map(({ heap }) => mb(heap))),
  }));
  const rows = goals.map(({ id, figure, of, against, by = 'ms', goal }) => {
    const others = measured.get(against);
    const ratios = measured.get(of).map((one, round) => one[by] / others[round][by]);
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
  write(out, name, { machine, spec: { ...size, bytes }, rounds, rows, figures });
  console.log(`Written to ${out}`);
}

/** The parts of the other benchmarks stay. */
function write(out, name, part) {
  if (!existsSync(dirname(out))) mkdirSync(dirname(out), { recursive: true });
  const known = existsSync(out) ? JSON.parse(readFileSync(out, 'utf8')) : {};
  const results = JSON.stringify({ ...known, [name]: part }, null, 2);
  // Pairs on one line, as the formatter of this repository has them.
  writeFileSync(out, `${results.replace(/\[\s+([\d.]+),\s+([\d.]+)\s+\]/g, '[$1, $2]')}\n`);
}

export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The most that the process took so far, and what it holds after a collection, in bytes. */
export function memory() {
  const peakRss = process.resourceUsage().maxRSS * 1024;
  global.gc();
  return { peakRss, heap: process.memoryUsage().heapUsed };
}

/** Milliseconds: whole ones, and below ten to a tenth. */
function shown(ms) {
  return ms < 10 ? Number(ms.toFixed(1)) : Math.round(ms);
}

function mb(bytes, digits = 0) {
  return Number((bytes / 1e6).toFixed(digits));
}

function spreadOf(numbers) {
  return [Math.min(...numbers), Math.max(...numbers)];
}

function rounded(ratio) {
  return Number(ratio.toPrecision(3));
}
