// Owns how dist is made: emptied, compiled from src, the command bundled and executable. Never generates source (generate.mjs does).

import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

// With --over what is there is written over: tests may be using it.
if (!process.argv.includes('--over'))
  rmSync(`${root}dist`, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
execFileSync(process.execPath, [`${root}node_modules/typescript/bin/tsc`, '-p', `${root}tsconfig.build.json`], {
  stdio: 'inherit',
});
await bundle();
chmodSync(`${root}dist/bundle/charter.js`, 0o755);
