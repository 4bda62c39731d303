// Owns the code that V8 makes of the files of the bundled command: what it compiled of each while a small spec was planned, which validates it too. Never run by
// hand: bundle.mjs does, in a process of its own.

import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundledFiles, codeOf } from '../dist/cli/bundled-files.js';

const directory = process.argv[2];
const scripts = new Map();
const load = bundledFiles(directory, (path, script) => scripts.set(path, script));

const store = mkdtempSync(join(tmpdir(), 'charter-code-'));
process.on('exit', (status) => {
  rmSync(store, { recursive: true, force: true });
  if (status !== 0) return;
  for (const [path, script] of scripts) {
    const partial = `${codeOf(path)}.${process.pid}`;
    writeFileSync(partial, script.createCachedData());
    renameSync(partial, codeOf(path));
  }
});

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
process.argv = [
  process.execPath,
  `${directory}/charter.js`,
  'plan',
  'examples/quickstart',
  '--store',
  join(store, 'none.db'),
];
load('main.js');
