// Owns `npm run protocol`: runs the tests that carry the id of a line of the protocol and prints the ledger. Arguments narrow it
// to files, as those of vitest do. Never knows what a line asks.

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const files = readdirSync(join(root, 'test'), { recursive: true })
  .map(String)
  .filter((path) => path.endsWith('.test.ts') && /\bP:[A-Z]/.test(readFileSync(join(root, 'test', path), 'utf8')))
  .map((path) => join('test', path));
const asked = process.argv.slice(2);
const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    ...(asked.length > 0 ? asked : files),
    '--testNamePattern=P:[A-Z]',
    '--reporter=./scripts/protocol-ledger.mjs',
    '--passWithNoTests',
  ],
  { cwd: root, stdio: 'inherit' },
);
process.exitCode = status ?? 1;
