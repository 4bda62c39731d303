// Owns where a serving process compiles: a small spec at once, a large one on a thread of its own, so that requests
// never wait for YAML. Never compiles itself.

import { Worker } from 'node:worker_threads';
import type { Address } from '../model/address.ts';
import type { Checked } from '../model/diagnostic.ts';
import type { Entity } from '../model/entity.ts';
import { type Origin, originFrom } from '../model/origin.ts';
import { createState } from '../model/state.ts';
import { compile } from '../spec/compile.ts';
import type { CompileInput, CompileMessage } from './compile-protocol.ts';
import type { Compile, Declared } from './load.ts';

/** Node 20 loads no TypeScript in a worker thread: tests, which run the sources, take the built worker. */
const WORKER = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/reconcile/compile-worker.js', import.meta.url)
  : new URL('./compile-worker.js', import.meta.url);

/** Characters that compile in about 20 ms: less than starting a thread costs. */
const SMALL = 32 * 1024;

/** Compiles without holding up the event loop for longer than a small spec takes. */
export const compileBeside: Compile = (files, options) => {
  const size = files.reduce((sum, { text }) => sum + text.length, 0);
  return size <= SMALL ? compile(files, options) : compileOnThread({ files, options });
};

function compileOnThread(input: CompileInput): Promise<Checked<Declared>> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(WORKER, { workerData: input, name: 'charter-compile' });
    const entities: [Address, Entity][] = [];
    const origins = new Map<Address, Origin>();
    worker.on('message', (message: CompileMessage) => {
      if (message.kind === 'page') {
        // Frozen page by page: the whole at the end would be a long moment.
        entities.push(...createState(message.entities.map(([address, entity]) => [address, entity])));
        for (const [address, , origin] of message.entities) origins.set(address, originFrom(origin));
        return;
      }
      const { ok, diagnostics } = message;
      resolve(ok ? { ok, value: { state: createState(entities), origins }, diagnostics } : { ok, diagnostics });
    });
    worker.on('error', reject);
    // After its end message this says nothing new: the promise is settled.
    worker.on('exit', (code) => reject(new Error(`the compiling thread ended with code ${code}`)));
  });
}
