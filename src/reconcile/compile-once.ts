// Owns the compile of a command: a large spec is parsed on several cores. Never keeps anything for the next one
// (compile-beside.ts does).

import { compile } from '../spec/compile.ts';
import { KeptDocuments } from '../spec/kept-documents.ts';
import type { Compile } from './load.ts';
import { parseAhead } from './parse-ahead.ts';

export const compileOnce: Compile = async (files, options, signal) => {
  const parsed = new KeptDocuments();
  await parseAhead(files, parsed);
  signal?.throwIfAborted();
  return compile(files, { ...options, parsed });
};
