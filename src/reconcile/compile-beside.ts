// Owns where a serving process compiles: a small spec at once, a large one on a thread of its own, so that requests
// never wait for YAML. The thread keeps the documents that it parsed, so that the next compile parses what changed.
// Never compiles itself.

import type { Checked } from '../model/diagnostic.ts';
import { compile } from '../spec/compile.ts';
import { KeptDocuments } from '../spec/kept-documents.ts';
import type { SourceFile } from '../spec/source.ts';
import type { CompileOptions } from './compile-protocol.ts';
import { type CompileThread, startCompileThread } from './compile-thread.ts';
import type { Compile, CompileCircumstances, Declared } from './load.ts';

/** Characters that compile in about 20 ms: less than starting a thread costs. */
const SMALL = 32 * 1024;

export interface CompileBeside {
  /** Compiles without holding up the event loop for longer than a small spec takes; one at a time. */
  readonly compile: Compile;
  /** Ends the thread. What is being compiled is rejected; end that by its signal first. */
  close(): Promise<void>;
}

export interface CompileBesideOptions {
  /**
   * Milliseconds after which a thread without work ends, and what it keeps is freed: a parsed spec takes some ten
   * times the memory of its text. The next compile parses everything again.
   */
  readonly idleMs?: number;
  readonly start?: () => CompileThread;
}

export function createCompileBeside({
  idleMs = 5 * 60_000,
  start = startCompileThread,
}: CompileBesideOptions = {}): CompileBeside {
  const kept = new KeptDocuments();
  let thread: CompileThread | undefined;
  let idle: NodeJS.Timeout | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  async function endThread(): Promise<void> {
    clearTimeout(idle);
    const ending = thread;
    thread = undefined;
    await ending?.end();
  }

  async function compileOnThread(
    files: readonly SourceFile[],
    options: CompileOptions,
    { signal, served }: CompileCircumstances,
  ): Promise<Checked<Declared>> {
    signal?.throwIfAborted();
    clearTimeout(idle);
    const known = thread?.hasEnded === false ? thread : undefined;
    const current = known ?? start();
    thread = current;
    const abort = (): void => void endThread();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      return await current.compile(files, options, served);
    } catch (error) {
      signal?.throwIfAborted();
      // A thread that kept documents may have died of that: a new one keeps none yet.
      if (known === undefined || thread !== current) throw error;
      return await compileOnThread(files, options, { signal, served });
    } finally {
      signal?.removeEventListener('abort', abort);
      clearTimeout(idle);
      idle = setTimeout(() => void endThread(), idleMs).unref();
    }
  }

  return {
    compile(files, options, circumstances = {}) {
      const size = files.reduce((sum, { text }) => sum + text.length, 0);
      if (size <= SMALL) return compile(files, { ...options, kept });
      const compiling = queue.then(() => compileOnThread(files, options, circumstances));
      queue = compiling.catch(() => undefined);
      return compiling;
    },
    close: endThread,
  };
}
