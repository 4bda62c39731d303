// Owns the last line of a CI run: "N passed, N failed", read from vitest's own report. A run that failed before or
// beside its tests (install, types, format) counts as one failure, so that the line never says more than was seen.

import { existsSync, readFileSync } from 'node:fs';

const [report, status] = process.argv.slice(2);
const seen = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : { numPassedTests: 0, numFailedTests: 0 };
const broken = status !== '0' && seen.numFailedTests === 0 ? 1 : 0;
console.log(`${seen.numPassedTests} passed, ${seen.numFailedTests + broken} failed`);
