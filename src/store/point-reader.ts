// Owns the reads that a request waits for: one row by its key, on a connection in the thread that serves, where it costs a fraction of
// what a message to the store's thread does. Never writes, and never waits for a lock: what cannot be read at once that thread reads.

import type { Database } from 'better-sqlite3';
import { connectPointReader } from './open.ts';
import { type PointVerb, type PointVerbs, pointVerbs } from './point-verbs.ts';
import { pointStatements } from './sql.ts';
import type { WorkerClient } from './worker-client.ts';

interface Open {
  readonly db: Database;
  readonly verbs: PointVerbs;
  readonly begin: { run(): unknown };
  readonly end: { run(): unknown };
}

interface Waiting {
  readonly read: (verbs: PointVerbs) => unknown;
  /** By the store's thread. */
  readonly ask: () => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
}

export class PointReader {
  readonly #client: WorkerClient;
  #open: Open | undefined;
  #waiting: Waiting[] = [];

  /** Of a store that is open for writing: its file is there and of this version. Opens nothing yet: most commands read no token. */
  constructor(client: WorkerClient) {
    this.#client = client;
  }

  /**
   * Those of one turn of the event loop are read in one transaction and answered together: so are then the requests that wait for
   * them, and sockets are written in one go, which is most of what answering costs. Sees every write that was answered
   * before. Throws what the store's thread says where it cannot be read.
   */
  read<V extends PointVerb>(verb: V, ...args: Parameters<PointVerbs[V]>): Promise<ReturnType<PointVerbs[V]>> {
    const ask = () => this.#client.call<PointVerb>(verb, ...args);
    if (!this.#client.isOpen) return ask() as Promise<ReturnType<PointVerbs[V]>>;
    return new Promise((resolve) => {
      const read = (verbs: PointVerbs) => (verbs[verb] as (...args: Parameters<PointVerbs[V]>) => unknown)(...args);
      this.#waiting.push({ read, ask, resolve: resolve as Waiting['resolve'] });
      if (this.#waiting.length === 1) setImmediate(() => this.#answer());
    });
  }

  /** Before the store's thread ends: the last to leave the file tidies its log, and this connection cannot. */
  close(): void {
    this.#answer();
    this.#open?.db.close();
    this.#open = undefined;
  }

  #answer(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    const found = this.#readAll(waiting);
    for (const [position, { ask, resolve }] of waiting.entries()) {
      resolve(found === undefined ? ask() : found[position]);
    }
  }

  /** Undefined where the file is locked for a moment, or worse: the thread waits for the one and tells of the other. */
  #readAll(waiting: readonly Waiting[]): readonly unknown[] | undefined {
    try {
      this.#open ??= connect(this.#client.path);
      const { begin, verbs, end } = this.#open;
      begin.run();
      try {
        return waiting.map(({ read }) => read(verbs));
      } finally {
        end.run();
      }
    } catch {
      return undefined;
    }
  }
}

function connect(path: string): Open {
  const db = connectPointReader(path);
  return { db, verbs: pointVerbs(pointStatements(db)), begin: db.prepare('BEGIN'), end: db.prepare('COMMIT') };
}
