// Owns when writes are committed: those that wait share one transaction, each undone alone where it fails, and are answered
// after its commit; an apply has its own. Runs in the worker thread. Never knows what a verb writes.

import type { Database } from 'better-sqlite3';
import { isLocked, LOCK_TIMEOUT, lockedStore } from './problem.ts';
import type { Request } from './protocol.ts';

export interface WriteQueueParts {
  /** With a short busy timeout: `pump` runs between two attempts at the lock. */
  readonly db: Database;
  /** For messages. */
  readonly path: string;
  readonly isLone: (request: Request) => boolean;
  /** Runs a verb inside the transaction and answers what it answers. */
  readonly run: (request: Request) => unknown;
  /** Takes in new requests and answers those that only read. */
  readonly pump: () => void;
  readonly answer: (id: number, value: unknown) => void;
  readonly refuse: (id: number, error: unknown) => void;
  /** After the answers of a commit went out. */
  readonly checkpoint: () => void;
}

interface Waiting {
  readonly request: Request;
  /** Of performance.now, in milliseconds. */
  readonly since: number;
}

/** The outcome of a verb, held back until the commit that makes it durable. */
type Outcome =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly error: unknown };

export class WriteQueue {
  readonly #parts: WriteQueueParts;
  readonly #statements: {
    readonly [name in 'begin' | 'commit' | 'rollback' | 'save' | 'undo' | 'release']: { run(): unknown };
  };
  #waiting: Waiting[] = [];

  constructor(parts: WriteQueueParts) {
    this.#parts = parts;
    this.#statements = {
      begin: parts.db.prepare('BEGIN IMMEDIATE'),
      commit: parts.db.prepare('COMMIT'),
      rollback: parts.db.prepare('ROLLBACK'),
      save: parts.db.prepare('SAVEPOINT verb'),
      undo: parts.db.prepare('ROLLBACK TO verb'),
      release: parts.db.prepare('RELEASE verb'),
    };
  }

  push(request: Request): void {
    this.#waiting.push({ request, since: performance.now() });
  }

  /** Works until nothing waits. Every request is answered or refused, whatever happens. */
  drain(): void {
    while (this.#waiting.length > 0) {
      if (this.#begin()) this.#commit(this.#take());
      this.#parts.pump();
      this.#parts.checkpoint();
    }
  }

  /** False when the lock was not to be had this time, or when nothing waits any more. */
  #begin(): boolean {
    try {
      this.#statements.begin.run();
      return true;
    } catch (error) {
      if (isLocked(error)) this.#refuseOverdue();
      else for (const { request } of this.#waiting.splice(0)) this.#parts.refuse(request.id, error);
      return false;
    }
  }

  #refuseOverdue(): void {
    const limit = performance.now() - LOCK_TIMEOUT;
    // In the order of arrival: the overdue are in front.
    const kept = this.#waiting.findIndex(({ since }) => since > limit);
    const overdue = this.#waiting.splice(0, kept < 0 ? this.#waiting.length : kept);
    for (const { request } of overdue) this.#parts.refuse(request.id, lockedStore(this.#parts.path));
  }

  /** The next lone request, or all that come before it. */
  #take(): readonly Waiting[] {
    const lone = this.#waiting.findIndex(({ request }) => this.#parts.isLone(request));
    const count = lone < 0 ? this.#waiting.length : Math.max(lone, 1);
    return this.#waiting.splice(0, count);
  }

  #commit(taken: readonly Waiting[]): void {
    let outcomes: readonly Outcome[];
    try {
      const together = this.#together(taken);
      if (together === undefined && !this.#beginAgain(taken)) return;
      outcomes = together ?? taken.map(({ request }) => this.#attempt(request));
      this.#statements.commit.run();
    } catch (error) {
      // No commit, so nothing of it is durable, neither what had succeeded.
      if (this.#parts.db.inTransaction) this.#statements.rollback.run();
      for (const { request } of taken) this.#parts.refuse(request.id, error);
      return;
    }
    for (const outcome of outcomes) {
      if (outcome.ok) this.#parts.answer(outcome.id, outcome.value);
      else this.#parts.refuse(outcome.id, outcome.error);
    }
  }

  /**
   * All without a savepoint: almost never does one fail, and for a savepoint every page is written once more. Undefined where one of
   * several did: then nothing has happened, and they run again, each with a savepoint. What a verb does is in the database alone.
   */
  #together(taken: readonly Waiting[]): readonly Outcome[] | undefined {
    try {
      return taken.map(({ request }): Outcome => ({ id: request.id, ok: true, value: this.#parts.run(request) }));
    } catch (error) {
      // A full disk or a broken one ends the whole transaction by itself.
      if (taken.length === 1 || !this.#parts.db.inTransaction) throw error;
      this.#statements.rollback.run();
      return undefined;
    }
  }

  /** False where another process has the lock by now: then they wait as before. */
  #beginAgain(taken: readonly Waiting[]): boolean {
    this.#waiting.unshift(...taken);
    if (!this.#begin()) return false;
    this.#waiting.splice(0, taken.length);
    return true;
  }

  #attempt(request: Request): Outcome {
    this.#statements.save.run();
    try {
      const value = this.#parts.run(request);
      this.#statements.release.run();
      return { id: request.id, ok: true, value };
    } catch (error) {
      // A full disk or a broken one ends the whole transaction, and then there is nothing to go back to.
      if (!this.#parts.db.inTransaction) throw error;
      this.#statements.undo.run();
      this.#statements.release.run();
      return { id: request.id, ok: false, error };
    }
  }
}
