// Owns the benchmark of compiling (goal P9): Charter cold, with kept documents and with one file changed, against `yaml`
// alone and JSON.parse of the same data, each in a process of its own, in turn, in one run. Never asserts a time.
//
//   node bench/compile.mjs [--quick] [--rounds N] [--out FILE]

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { announce, measure, measureRounds, readOptions, report } from './report.mjs';
import { specFiles } from './spec.mjs';

const options = readOptions({
  whole: { applications: 100_000, files: 1000 },
  quick: { applications: 1000, files: 10 },
});

/** What one process does, and which figures it gives. */
const SUBJECTS = ['yaml', 'json', 'compile'];

const GOALS = [
  { id: 'P9 cold', figure: 'cold compile / yaml alone', of: 'cold', against: 'yaml', goal: 0.7 },
  { id: 'P9 kept', figure: 'compile, all documents kept / JSON.parse', of: 'kept', against: 'json', goal: 1 },
  { id: 'P9 changed', figure: 'compile, one file changed / JSON.parse', of: 'changed', against: 'json', goal: 0.1 },
];

const directory = mkdtempSync(join(tmpdir(), 'charter-bench-'));
try {
  const files = specFiles(options.size);
  for (const { path, text } of files) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  const bytes = files.reduce((sum, { text }) => sum + text.length, 0);
  announce(options, bytes);
  const measured = await measureRounds(options.rounds, SUBJECTS, (subject) =>
    measure('compile-subject.mjs', subject, directory),
  );
  report('compile', GOALS, measured, options, bytes);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
