// Owns the main thread's side of the store's thread: requests out, answers in. Never blocks, and never leaves a caller
// without an answer: when the thread ends, whatever waits is refused.

import { Worker } from 'node:worker_threads';
import { closedStore, lostStore } from './problem.ts';
import {
  type FromWorker,
  fromWire,
  handedOver,
  type Request,
  type ToWorker,
  type Verb,
  type Verbs,
  type WorkerInput,
} from './protocol.ts';

/** Node 20 loads no TypeScript in a worker thread: tests, which run the sources, take the built worker. */
const WORKER = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/store/worker.js', import.meta.url)
  : new URL('./worker.js', import.meta.url);

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class WorkerClient {
  /** The real path of the store. */
  readonly path: string;
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  readonly #ended: Promise<void>;
  #requests: Request[] = [];
  #lastId = 0;
  /** Work of several calls that has not ended. */
  readonly #running = new Set<Promise<unknown>>();
  /** Set when the thread has ended. */
  #lost: Error | undefined;
  /** Set when `close` was called. */
  #closed: Error | undefined;
  #closing: Promise<void> | undefined;

  private constructor(worker: Worker, path: string) {
    this.path = path;
    this.#worker = worker;
    let reason = 'it was stopped';
    worker.on('message', (message: FromWorker) => this.#receive(message));
    worker.on('error', (error: Error) => {
      reason = error.message;
    });
    this.#ended = new Promise((resolve) => {
      worker.on('exit', () => {
        this.#end(lostStore(path, reason));
        resolve();
      });
    });
  }

  /** Starts the thread and opens the store. Throws the Failures of openConnections. */
  static open(input: WorkerInput): Promise<WorkerClient> {
    return new Promise((resolve, reject) => {
      const worker = new Worker(WORKER, { workerData: input, name: 'charter-store', execArgv: [] });
      const lost = (reason: string) => reject(lostStore(input.path, reason));
      const onError = (error: Error) => lost(error.message);
      const onExit = (code: number) => lost(`exit code ${code}`);
      worker.once('error', onError);
      worker.once('exit', onExit);
      worker.once('message', (message: FromWorker) => {
        worker.off('error', onError);
        worker.off('exit', onExit);
        if (message.kind === 'opened') resolve(new WorkerClient(worker, message.path));
        else reject(message.kind === 'refused' ? fromWire(message.error) : new Error('the store answered unasked'));
      });
    });
  }

  /** Whether it takes calls. */
  get isOpen(): boolean {
    return this.#closed === undefined && this.#lost === undefined;
  }

  /** The answer of the store's thread, which for a write means that it is durable. */
  call<V extends Verb>(verb: V, ...args: Parameters<Verbs[V]>): Promise<ReturnType<Verbs[V]>> {
    return this.#closed === undefined ? this.#send(verb, ...args) : Promise.reject(this.#closed);
  }

  /** Work of several calls, which `close` waits for as for a single one. */
  steps<T>(run: (call: WorkerClient['call']) => Promise<T>): Promise<T> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    const work = run((verb, ...args) => this.#send(verb, ...args));
    this.#running.add(work);
    const forget = () => void this.#running.delete(work);
    work.then(forget, forget);
    return work;
  }

  /** Waits for what was called before, then ends the thread. Doing it again is no error. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#closed = closedStore(this.path);
    await Promise.allSettled(this.#running);
    this.#flush();
    if (this.#lost === undefined) this.#worker.postMessage('close' satisfies ToWorker);
    await this.#ended;
  }

  #send<V extends Verb>(verb: V, ...args: Parameters<Verbs[V]>): Promise<ReturnType<Verbs[V]>> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      this.#pending.set(id, { resolve: resolve as Pending['resolve'], reject });
      this.#requests.push({ id, verb, args });
      // Requests of one turn of the event loop travel in one message.
      if (this.#requests.length === 1) setImmediate(() => this.#flush());
    });
  }

  #flush(): void {
    if (this.#requests.length === 0 || this.#lost !== undefined) return;
    const requests = this.#requests;
    this.#requests = [];
    try {
      this.#worker.postMessage(requests satisfies ToWorker, requests.flatMap(handedOver));
    } catch {
      for (const request of requests) this.#post(request);
    }
  }

  /** One of a turn whose requests could not be cloned together: only who passed what is no data is refused. */
  #post(request: Request): void {
    try {
      this.#worker.postMessage([request] satisfies ToWorker, handedOver(request));
    } catch (error) {
      this.#pending.get(request.id)?.reject(error instanceof Error ? error : new Error(String(error)));
      this.#pending.delete(request.id);
    }
  }

  #receive(message: FromWorker): void {
    if (message.kind !== 'answers') return;
    for (const answer of message.answers) {
      const pending = this.#pending.get(answer.id);
      this.#pending.delete(answer.id);
      if ('error' in answer) pending?.reject(fromWire(answer.error));
      else pending?.resolve(answer.value);
    }
  }

  #end(why: Error): void {
    this.#lost = why;
    for (const { reject } of this.#pending.values()) reject(why);
    this.#pending.clear();
  }
}
