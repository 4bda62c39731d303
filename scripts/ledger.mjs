// Owns the ledgers of requirements: which rows have a test that carries their id in its name and passed, as the test run tells
// it. Never runs a test itself, and never knows what a row asks.

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/**
 * Runs the tests of files in which `pattern`, the beginning of an id in a name, stands, and has them reported. Arguments of the
 * command narrow it to files, as those of vitest do.
 */
export function runLedger(pattern, reporter) {
  const files = readdirSync(join(root, 'test'), { recursive: true })
    .map(String)
    .filter((path) => path.endsWith('.test.ts') && pattern.test(readFileSync(join(root, 'test', path), 'utf8')))
    .map((path) => join('test', path));
  const asked = process.argv.slice(2);
  const { status } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      ...(asked.length > 0 ? asked : files),
      `--testNamePattern=${pattern.source}`,
      `--reporter=${reporter}`,
      '--passWithNoTests',
    ],
    { cwd: root, stdio: 'inherit' },
  );
  process.exitCode = status ?? 1;
}

/** The object of a file beside the tests, by id. */
export function requirements(path) {
  return JSON.parse(readFileSync(join(root, path), 'utf8'));
}

/**
 * A reporter of vitest. `known`: what is required, by id; `idsIn`: the ids in the name of a test; `counts`: whether a test that
 * passed shows anything; `rowOf`: what a row of the file holds between its id and its result; `totals`: the last lines.
 */
export function ledgerReporter({ known, idsIn, counts, rowOf, totals, what, output }) {
  return class Ledger {
    #tests = [];
    /** A file that does not load has no tests that could fail: it must not be mistaken for one that has none. */
    #broken = [];

    onTestCaseResult(test) {
      const { state, errors } = test.result();
      const { exchanges = 0, loads = 0 } = test.meta();
      this.#tests.push({
        name: test.fullName,
        passed: state === 'passed',
        skipped: state === 'skipped',
        exchanges,
        loads,
        file: test.module.relativeModuleId,
        error: errors?.[0]?.message,
      });
    }

    onTestModuleEnd(module) {
      for (const { message } of module.errors()) this.#broken.push(`${module.relativeModuleId}: ${message}`);
    }

    onTestRunEnd(_modules, errors) {
      const failed = this.#tests.filter(({ passed, skipped }) => !passed && !skipped);
      for (const { name, file, error } of failed) {
        console.log(`failed: ${name} (${file})\n  ${String(error).split('\n').slice(0, 3).join('\n  ')}`);
      }
      for (const message of [...this.#broken, ...errors.map((error) => error.message)])
        console.log(`error: ${message}`);
      const unknown = new Set(this.#tests.flatMap(({ name }) => idsIn(name)).filter((id) => known[id] === undefined));
      for (const id of unknown) console.log(`a test names ${id}, which is no ${what}`);

      const rows = Object.entries(known).map(([id, row]) => ({ id, ...rowOf(row), ...this.#resultOf(id) }));
      for (const { id, result, tests } of rows)
        console.log(`${id.padEnd(8)}${result.padEnd(8)}${tests[0] ?? ''}`.trimEnd());
      for (const line of totals(rows)) console.log(line);
      writeFileSync(join(root, output), `${JSON.stringify(rows, null, 2)}\n`);
      if (errors.length + this.#broken.length + unknown.size > 0 || rows.some(({ result }) => result === 'fail'))
        process.exitCode = 1;
    }

    /** Passed: a test with the id passed and counts, and none failed. */
    #resultOf(id) {
      const own = this.#tests.filter(({ name }) => idsIn(name).includes(id));
      const evident = own.filter((test) => test.passed && counts(test));
      const failed = own.some(({ passed, skipped }) => !passed && !skipped);
      const result = failed ? 'fail' : evident.length > 0 ? 'pass' : 'not yet';
      return { result, tests: (failed ? own : evident).map(({ name }) => name) };
    }
  };
}

/** `N of M` of the rows that passed. */
export function share(rows) {
  return `${rows.filter(({ result }) => result === 'pass').length} of ${rows.length}`;
}
