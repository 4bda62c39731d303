// Owns what the benchmarks share: the options, a process for each measurement, the tables, and results.json, in which each
// benchmark has a part of its own. Never knows what is measured.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** `--quick` takes the small size and writes nothing, unless `--out` says where. */
export function readOptions({ whole, quick, rounds = 3 }) {
  const { values } = parseArgs({
    options: { quick: { type: 'boolean' }, rounds: { type: 'string' }, out: { type: 'string' } },
  });
  const isQuick = values.quick === true;
  return {
    size: isQuick ? quick : whole,
    rounds: Number(values.rounds ?? rounds),
    out: values.out ?? (isQuick ? undefined : RESULTS),
  };
}

/** Where the results of the whole size are. */
export const RESULTS = fileURLToPath(new URL('results.json', import.meta.url));

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
export async function measureRounds(rounds, subjects, measureSubject) {
  const measured = new Map();
  for (let round = 0; round < rounds; round += 1) {
    for (const subject of subjects) {
      for (const [figure, one] of Object.entries(await measureSubject(subject, round))) {
        const told = membersOf([one]).map(({ name, show, of }) => `${show(one[of])} ${name}`);
        console.error(`round ${round + 1} ${figure}: ${told.join(', ')}`);
        measured.set(figure, [...(measured.get(figure) ?? []), one]);
      }
    }
  }
  return measured;
}

/** What a measurement may hold, and the name that it has in the results. The first that it has is told with its spread. */
const MEMBERS = [
  { of: 'ms', name: 'ms', show: shown },
  { of: 'rate', name: 'per_second', show: Math.round },
  { of: 'cpu', name: 'cpu_us', show: shown },
  { of: 'p50', name: 'p50_ms', show: shown },
  { of: 'p99', name: 'p99_ms', show: shown },
  { of: 'reloads', name: 'reloads', show: Math.round },
  // Of who asks: at 1 it would be what bounds.
  { of: 'busy', name: 'load_busy', show: rounded },
  { of: 'peakRss', name: 'peak_rss_mb', show: (bytes) => mb(bytes) },
  { of: 'heap', name: 'heap_mb', show: (bytes) => mb(bytes) },
];

const membersOf = (all) => MEMBERS.filter(({ of }) => all.every((one) => one[of] !== undefined));

/**
 * Goals: `{ id, figure, of, against, by, goal }`, two figures of which the ratio in each round is at most the goal; by `ms` unless
 * said. With `more` it is at least the goal.
 */
export function report(name, goals, measured, { size, rounds, out }, bytes) {
  const figures = [...measured].map(([figure, all]) => {
    const [first, ...others] = membersOf(all);
    const medianOf = ({ of, show }) => show(median(all.map((one) => one[of])));
    return {
      figure,
      [first.name]: medianOf(first),
      spread: spreadOf(all.map((one) => first.show(one[first.of]))),
      ...Object.fromEntries(others.map((member) => [member.name, medianOf(member)])),
    };
  });
  const rows = goals.map(({ id, figure, of, against, by = 'ms', goal, more = false }) => {
    const others = measured.get(against);
    const ratios = measured.get(of).map((one, round) => one[by] / others[round][by]);
    const ratio = rounded(median(ratios));
    const met = more ? ratio >= goal : ratio <= goal;
    const spread = spreadOf(ratios.map(rounded));
    return { id, figure, ratio, goal, ...(more ? { more } : {}), met, spread, ...byCpu(by, measured.get(of), others) };
  });
  console.table(
    Object.fromEntries(
      figures.map(({ figure, spread, ...values }) => {
        const [[first, value], ...others] = Object.entries(values);
        return [figure, { [first]: value, spread: spread.join('–'), ...Object.fromEntries(others) }];
      }),
    ),
  );
  tableOf(rows);
  if (out === undefined) return;
  const machine = { node: process.versions.node, cores: availableParallelism(), arch: process.arch };
  write(out, name, { machine, spec: { ...size, bytes }, rounds, rows, figures });
}

/** Of rates, the same ratio by the CPU that each answer took: it stays when something else takes the machine. */
function byCpu(by, all, others) {
  if (by !== 'rate' || ![...all, ...others].every(({ cpu }) => cpu > 0)) return {};
  return { by_cpu: rounded(median(all.map(({ cpu }, round) => others[round].cpu / cpu))) };
}

/** The one table of ratios. */
export function tableOf(rows) {
  console.table(
    Object.fromEntries(
      rows.map(({ id, figure, ratio, goal, more, met, spread, by_cpu }) => [
        id,
        {
          ...{ figure, ratio, goal: `${more ? '≥' : '≤'} ${goal}`, met: met ? 'yes' : 'no', spread: spread.join('–') },
          ...(by_cpu === undefined ? {} : { 'by CPU': by_cpu }),
        },
      ]),
    ),
  );
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

/** Milliseconds: whole ones, below ten to a tenth, and below a tenth to a thousandth. */
function shown(ms) {
  return ms < 0.1 ? Number(ms.toFixed(4)) : ms < 10 ? Number(ms.toFixed(1)) : Math.round(ms);
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
