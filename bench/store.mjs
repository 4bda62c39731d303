// Owns the benchmark of the store: refresh tokens rotated 64 at once against one durable commit at a time (goal P6), and an apply of
// new applications against inserting their rows (goal P11), each in a process of its own, in turn, in one run. Never asserts a time.
//
//   node bench/store.mjs [--quick] [--rounds N] [--out FILE]

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { announce, measure, measureRounds, readOptions, report } from './report.mjs';

const AT_ONCE = 64;

const options = readOptions({
  whole: { applications: 100_000, files: 1000, rotations: 16_384 },
  quick: { applications: 1000, files: 10, rotations: 512 },
});

const GOALS = [
  {
    ...{ id: 'P6', figure: 'refresh tokens rotated one commit at a time / 64 at once, at the port' },
    ...{ of: 'one commit at a time', against: `${AT_ONCE} at once`, goal: 8, more: true },
  },
  {
    id: 'P11',
    figure: 'apply of new applications / bulk insert of their rows',
    of: 'apply',
    against: 'bulk insert',
    goal: 2,
  },
];

const directory = mkdtempSync(join(tmpdir(), 'charter-bench-'));
try {
  const rows = join(directory, 'rows.jsonl');
  const { bytes } = measure('apply-subject.mjs', 'apply-rows', rows, '', String(options.size.applications));
  announce(options, bytes);
  const subjects = {
    'rotation-bare': (store) => ['rotation-subject.mjs', 'rotation-bare', store, String(options.size.rotations)],
    rotation: (store) => ['rotation-subject.mjs', 'rotation', store, String(options.size.rotations), String(AT_ONCE)],
    'apply-bare': (store) => ['apply-subject.mjs', 'apply-bare', rows, store],
    apply: (store) => ['apply-subject.mjs', 'apply', rows, store],
  };
  const measured = await measureRounds(options.rounds, Object.keys(subjects), (subject) => {
    // A store of its own each time, removed before the next begins.
    const own = mkdtempSync(join(directory, 'store-'));
    const figures = measure(...subjects[subject](join(own, 'charter.db')));
    rmSync(own, { recursive: true });
    return figures;
  });
  report('store', GOALS, measured, options, bytes);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
