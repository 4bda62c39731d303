// Owns the thread in which all of SQLite happens: it takes requests in, answers reads at once and hands writes to the
// queue. The event loop that serves never waits on a lock, an fsync or a large read. Never decides anything.

import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { Database } from 'better-sqlite3';
import { apply } from './apply.ts';
import { checkpoint, checkpoints } from './checkpoint.ts';
import { groupedVerbs } from './grants.ts';
import { type Connections, openConnections } from './open.ts';
import { openingFailure, storeFailure } from './problem.ts';
import {
  type Answer,
  type FromWorker,
  type GroupedVerbs,
  type LoneVerbs,
  type ReadVerbs,
  type Request,
  type ToWorker,
  toWire,
  type WorkerInput,
} from './protocol.ts';
import { readVerbs } from './reading.ts';
import { replaceVerifiers } from './replace-verifiers.ts';
import { readStatements, writeStatements } from './sql.ts';
import { Staging } from './staging.ts';
import { WriteQueue } from './write-queue.ts';

type AnyVerb = (...args: readonly unknown[]) => unknown;

function isOf<Verbs extends object>(verbs: Verbs, verb: string): verb is Extract<keyof Verbs, string> {
  return Object.hasOwn(verbs, verb);
}

/** The arguments crossed the border as plain data; their types are those of the caller's side, in worker-client.ts. */
function call(verbs: ReadVerbs | GroupedVerbs | LoneVerbs, { verb, args }: Request): unknown {
  const run = (verbs as unknown as Record<string, AnyVerb>)[verb];
  if (run === undefined) throw new Error(`the store has no verb ${verb}`);
  return run(...args);
}

function serve(port: MessagePort, connections: Connections): void {
  const { path, reader, writer } = connections;
  const read = readStatements(reader);
  const staged = new Map<number, Staging>();
  const reading = readVerbs(connections, read, staged);
  let answers: Answer[] = [];
  let closing = false;

  const send = (message: FromWorker) => port.postMessage(message);
  const flush = () => {
    if (answers.length === 0) return;
    send({ kind: 'answers', answers });
    answers = [];
  };
  const answer = (id: number, value: unknown) => void answers.push({ id, value });
  const refuse = (id: number, error: unknown) =>
    void answers.push({ id, error: toWire(storeFailure(path, error) ?? error) });

  const take = (message: ToWorker) => {
    if (message === 'close') {
      closing = true;
      return;
    }
    for (const request of message) {
      if (!isOf(reading.verbs, request.verb)) {
        if (queue === undefined) refuse(request.id, new Error(`${path} was opened for reading: no ${request.verb}`));
        else queue.push(request);
        continue;
      }
      try {
        answer(request.id, call(reading.verbs, request));
      } catch (error) {
        refuse(request.id, error);
      }
    }
  };
  const pump = () => {
    for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
      take(next.message as ToWorker);
    }
    flush();
  };

  const queue = writer === undefined ? undefined : writeQueue(writer);

  function writeQueue(db: Database): WriteQueue {
    const write = writeStatements(db);
    const grouped = groupedVerbs(write);
    const lone: LoneVerbs = {
      apply(staging, head) {
        return apply({ path, write, read, breathe: pump }, head, staged.get(staging) ?? new Staging());
      },
      replaceVerifiers: (verifiers, at) => replaceVerifiers(write, verifiers, at),
    };
    return new WriteQueue({
      db,
      path,
      isLone: (request) => isOf(lone, request.verb),
      run: (request) => call(isOf(lone, request.verb) ? lone : grouped, request),
      pump,
      answer,
      refuse,
      checkpoint: checkpoints(db),
    });
  }

  port.on('message', (message: ToWorker) => {
    take(message);
    pump();
    queue?.drain();
    if (!closing) return;
    reading.end();
    reader.close();
    // The last to leave removes the log.
    if (writer !== undefined) checkpoint(writer);
    writer?.close();
    port.close();
  });
}

function start(port: MessagePort, input: WorkerInput): void {
  try {
    const connections = openConnections(input.path, input);
    serve(port, connections);
    port.postMessage({ kind: 'opened', path: connections.path } satisfies FromWorker);
  } catch (error) {
    const told = openingFailure(input.path, error) ?? error;
    port.postMessage({ kind: 'refused', error: toWire(told) } satisfies FromWorker);
    // Lets the thread end; connections that were open end with it.
    port.close();
  }
}

if (parentPort === null) throw new Error('store/worker.ts runs as a worker thread only');
start(parentPort, workerData as WorkerInput);
