// Owns the benchmark of planning (goal P10): the plan of a large spec with ten changes against what a store holds, access
// diff included, against diffing two Maps of digests, each in a process of its own, in turn, in one run. Never asserts a time.
//
//   node bench/plan.mjs [--quick] [--rounds N] [--out FILE]

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { announce, measure, measureRounds, readOptions, report } from './report.mjs';

const options = readOptions({
  whole: { applications: 100_000, files: 1000 },
  quick: { applications: 1000, files: 10 },
});

const SUBJECTS = ['maps', 'plan'];

const GOALS = [
  { id: 'P10', figure: 'plan with 10 changes / diff of two Maps of digests', of: 'plan', against: 'maps', goal: 10 },
  // Both processes read the rows and make both States of them.
  { id: 'P10 memory', figure: 'the same by peak RSS', of: 'plan', against: 'maps', by: 'peakRss', goal: 1.5 },
];

const directory = mkdtempSync(join(tmpdir(), 'charter-bench-'));
try {
  const rows = join(directory, 'rows.jsonl');
  const { bytes } = measure('plan-subject.mjs', 'rows', rows, String(options.size.applications));
  announce(options, bytes);
  const measured = await measureRounds(options.rounds, SUBJECTS, (subject) =>
    measure('plan-subject.mjs', subject, rows),
  );
  report('plan', GOALS, measured, options, bytes);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
