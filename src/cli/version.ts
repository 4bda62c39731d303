// Owns which version this program is. The one place that reads the manifest.

import { readFileSync } from 'node:fs';

export function version(): string {
  // dist/cli/version.js and src/cli/version.ts stand equally deep.
  const manifest: { version: string } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  return manifest.version;
}
