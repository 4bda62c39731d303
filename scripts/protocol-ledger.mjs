// Owns the ledger of the protocol: for each line of test/protocol/lines.json whether a test that carries its id passed, as the
// test run tells it. A reporter of vitest. Never runs a test.

import { readFileSync, writeFileSync } from 'node:fs';

const lines = JSON.parse(readFileSync(new URL('../test/protocol/lines.json', import.meta.url), 'utf8'));
const OUTPUT = new URL('../protocol.json', import.meta.url);
const ID = /\bP:([A-Z][A-Z0-9]*-\d{3})\b/g;

/** The ids in the name of a test; one that no line has is a mistake that must not go unnoticed. */
export function idsIn(name) {
  return [...name.matchAll(ID)].map(([, id]) => id);
}

/** A line counts as passed when a test with its id passed that exchanged HTTP or loaded a configuration, and none failed. */
export function ledgerOf(tests) {
  const rows = Object.entries(lines).map(([id, { tier }]) => {
    const own = tests.filter(({ name }) => idsIn(name).includes(id));
    const evident = own.filter(({ passed, exchanges, loads }) => passed && exchanges + loads > 0);
    const failed = own.some(({ passed, skipped }) => !passed && !skipped);
    const result = failed ? 'fail' : evident.length > 0 ? 'pass' : 'not yet';
    return { id, tier, result, tests: (failed ? own : evident).map(({ name }) => name) };
  });
  const unknown = [...new Set(tests.flatMap(({ name }) => idsIn(name)))].filter((id) => lines[id] === undefined);
  return { rows, unknown };
}

export default class ProtocolLedger {
  #tests = [];

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

  /** A file that does not load has no tests that could fail: it must not be mistaken for one that has none. */
  #broken = [];

  onTestModuleEnd(module) {
    for (const { message } of module.errors()) this.#broken.push(`${module.relativeModuleId}: ${message}`);
  }

  onTestRunEnd(_modules, errors) {
    const { rows, unknown } = ledgerOf(this.#tests);
    for (const { name, file, error } of this.#tests.filter(({ passed, skipped }) => !passed && !skipped)) {
      console.log(`failed: ${name} (${file})\n  ${String(error).split('\n').slice(0, 3).join('\n  ')}`);
    }
    for (const message of [...this.#broken, ...errors.map((error) => error.message)]) console.log(`error: ${message}`);
    for (const id of unknown) console.log(`a test names ${id}, which is no line of the protocol`);
    for (const { id, result, tests } of rows)
      console.log(`${id.padEnd(8)}${result.padEnd(8)}${tests[0] ?? ''}`.trimEnd());
    for (const tier of [1, 2, 3]) {
      const own = rows.filter((row) => row.tier === tier);
      console.log(`tier ${tier}: ${own.filter(({ result }) => result === 'pass').length} of ${own.length}`);
    }
    writeFileSync(OUTPUT, `${JSON.stringify(rows, null, 2)}\n`);
    if (errors.length + this.#broken.length > 0 || unknown.length > 0 || rows.some(({ result }) => result === 'fail'))
      process.exitCode = 1;
  }
}
