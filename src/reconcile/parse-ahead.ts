// Owns parsing the files of a large spec on several cores, before it is compiled: parsing is most of a first compile. Never
// decides what is parsed twice, and never fails: what is not parsed here the compile parses itself.

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { KeptDocuments } from '../spec/kept-documents.ts';
import type { PackedFile } from '../spec/pack.ts';
import type { SourceFile } from '../spec/source.ts';

/** Node 20 loads no TypeScript in a worker thread: tests, which run the sources, take the built worker. */
const WORKER = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/reconcile/parse-worker.js', import.meta.url)
  : new URL('./parse-worker.js', import.meta.url);

/** Characters that one thread parses in about a second: less is not worth starting two. */
export const LARGE = 1024 * 1024;
/** Characters in one message. */
const BATCH = 128 * 1024;
/** Messages that wait at a thread, so that it has none to wait for. */
const AHEAD = 2;
const MOST_THREADS = 4;
/** Megabytes of short-lived objects before they are collected: the parser makes many, and nothing of them stays. */
const YOUNG = 128;

interface ParseAheadOptions {
  readonly threads?: number;
  /** Characters from which on there is much to parse. */
  readonly large?: number;
}

/** Parses what is not kept yet into `kept`, where there is much of it and more than one core. */
export async function parseAhead(
  files: readonly SourceFile[],
  kept: KeptDocuments,
  { threads = Math.min(MOST_THREADS, availableParallelism()), large = LARGE }: ParseAheadOptions = {},
): Promise<void> {
  const missing = files.filter((file) => !kept.has(file));
  const size = missing.reduce((sum, { text }) => sum + text.length, 0);
  if (threads < 2 || size < large) return;
  const batches = batchesOf(missing);
  await Promise.all(Array.from({ length: Math.min(threads, batches.length) }, () => parseOnThread(batches, kept)));
}

/** In the order of the files, the last first: who takes one takes it from the end. */
function batchesOf(files: readonly SourceFile[]): SourceFile[][] {
  const batches: SourceFile[][] = [];
  let size = BATCH;
  for (const file of files) {
    if (size >= BATCH) {
      batches.push([]);
      size = 0;
    }
    batches.at(-1)?.push(file);
    size += file.text.length;
  }
  return batches.reverse();
}

/** Takes batches as long as there are some. Resolves when all that it took are parsed, or the thread has ended. */
function parseOnThread(batches: SourceFile[][], kept: KeptDocuments): Promise<void> {
  return new Promise((resolve) => {
    const worker = new Worker(WORKER, {
      name: 'charter-parse',
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG },
    });
    const waiting: SourceFile[][] = [];
    const take = (): void => {
      while (waiting.length < AHEAD) {
        const batch = batches.pop();
        if (batch === undefined) break;
        waiting.push(batch);
        worker.postMessage(batch);
      }
      if (waiting.length === 0) void worker.terminate();
    };
    worker.on('message', (packed: readonly PackedFile[]) => {
      const batch = waiting.shift() ?? [];
      take();
      for (const [position, file] of batch.entries()) {
        const one = packed[position];
        if (one === undefined) continue;
        kept.add(file, one);
        // What a compile asks of each file by itself is done while the others are parsed.
        kept.documentsOf(file);
      }
    });
    // It ends then, and what it has left is parsed by whoever compiles.
    worker.on('error', () => undefined);
    worker.on('exit', () => resolve());
    take();
  });
}
