// Owns a thread that parses files for another one. Never keeps one, and never ends itself.

import { parentPort } from 'node:worker_threads';
import { packFile } from '../spec/pack.ts';
import { parseFile } from '../spec/parse.ts';
import type { SourceFile } from '../spec/source.ts';

// The parser asks for a variable at each of its tokens, and to ask the real environment is a fifth of all that parsing takes.
process.env = {};

parentPort?.on('message', (files: readonly SourceFile[]) => {
  const packed = files.map((file) => packFile(parseFile(file)));
  parentPort?.postMessage(
    packed,
    packed.map(({ tape }) => tape.buffer as ArrayBuffer),
  );
});
