// Owns the compile of a command: a large spec is parsed on several cores, or taken from where an earlier command has kept
// it. Never keeps anything in memory for the next one (compile-beside.ts does).

import { compile } from '../spec/compile.ts';
import { KeptDocuments } from '../spec/kept-documents.ts';
import { cacheDirectory, type DocumentCache, openDocumentCache } from './document-cache.ts';
import type { Compile } from './load.ts';
import { LARGE, parseAhead } from './parse-ahead.ts';

export const compileOnce: Compile = compileWith(() => undefined);

/** For commands that only tell: what is applied or served is parsed by the process that does so. */
export function compileCached(version: string, directory = cacheDirectory(process.env), large = LARGE): Compile {
  return compileWith((size) => (size < large ? undefined : openDocumentCache(directory, version)));
}

function compileWith(open: (size: number) => DocumentCache | undefined): Compile {
  return async (files, options, { signal } = {}) => {
    const parsed = new KeptDocuments();
    const cache = open(files.reduce((sum, { text }) => sum + text.length, 0));
    for (const file of files) {
      const known = cache?.read(file);
      if (known !== undefined) parsed.add(file, known);
    }
    const missing = cache === undefined ? [] : files.filter((file) => !parsed.has(file));
    await parseAhead(files, parsed);
    signal?.throwIfAborted();
    const checked = compile(files, { ...options, parsed });
    // Errors may be about secrets, which are kept nowhere.
    if (checked.ok && missing.length > 0) {
      for (const file of missing) cache?.keep(file, parsed.parse(file));
      cache?.bound();
    }
    return checked;
  };
}
