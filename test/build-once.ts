// Owns the build that tests of real processes and worker threads run on: dist is as new as src. Never cleans it.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

export default function setup(): void {
  execFileSync(process.execPath, ['scripts/build.mjs', '--over'], { cwd: root, stdio: 'inherit' });
}
