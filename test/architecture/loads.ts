// Owns what a module loads before it does anything: itself and all that it imports by more than a type, and what those do.
// Never follows an import() that waits to be called.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'oxc-parser';

const root = join(import.meta.dirname, '../..');

/** Paths below the repository (`src/cli/main.ts`), and names of packages. */
export function loadsOf(entry: string): { readonly files: readonly string[]; readonly packages: readonly string[] } {
  const files = new Set([entry]);
  const packages = new Set<string>();
  for (const path of files) {
    if (!/\.tsx?$/.test(path)) continue;
    for (const target of targetsOf(path, readFileSync(join(root, path), 'utf8'))) {
      if (target.startsWith('.')) files.add(join(path, '..', target));
      else if (!target.startsWith('node:')) packages.add(target);
    }
  }
  return { files: [...files].sort(), packages: [...packages].sort() };
}

function targetsOf(path: string, text: string): readonly string[] {
  const { staticImports, staticExports } = parseSync(path, text).module;
  return [
    ...staticImports
      .filter(({ start, end }) => !/^import type\b/.test(text.slice(start, end)))
      .map(({ moduleRequest }) => moduleRequest.value),
    ...staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest, isType }) => (moduleRequest === null || isType ? [] : [moduleRequest.value])),
    ),
  ];
}
