// Owns how dist is made: emptied, compiled from src, the command executable. Never generates source (generate.mjs does).

import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

rmSync(`${root}dist`, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
execFileSync(process.execPath, [`${root}node_modules/typescript/bin/tsc`, '-p', `${root}tsconfig.build.json`], {
  stdio: 'inherit',
});
const main = `${root}dist/cli/main.js`;
if (existsSync(main)) chmodSync(main, 0o755);
