// Owns the serving side of the thread that compiles: what is sent to it, and its answer put together. Never decides when
// one is started or ended.

import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Address } from '../model/address.ts';
import type { Checked } from '../model/diagnostic.ts';
import { editTable } from '../model/edited-table.ts';
import type { Entity } from '../model/entity.ts';
import type { Origin } from '../model/origin.ts';
import { originOfText } from '../model/origin-text.ts';
import { type PackedTexts, unpackText } from '../model/packed-texts.ts';
import { sameValue } from '../model/same-value.ts';
import { completeState, createState, EMPTY_STATE, editState, type State } from '../model/state.ts';
import type { SourceFile } from '../spec/source.ts';
import type { CompileMessage, CompileOptions, CompileRequest, SentFile } from './compile-protocol.ts';
import type { Declared, Written } from './load.ts';

/** Node 20 loads no TypeScript in a worker thread: tests, which run the sources, take the built worker. */
const WORKER = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/reconcile/compile-worker.js', import.meta.url)
  : new URL('./compile-worker.js', import.meta.url);

const NOTHING: Written = { state: EMPTY_STATE, origins: new Map() };

/** Characters in one message: copying so many takes the serving thread about a millisecond. */
const MESSAGE = 1024 * 1024;

export interface CompileThread {
  /**
   * One at a time. Rejects when the thread ends, for whatever reason, before it answers. Entities and Origins that are the same as those
   * `served` are these, and the State is that one where all of it is.
   */
  compile(files: readonly SourceFile[], options: CompileOptions, served?: Written): Promise<Checked<Declared>>;
  /** Whether it takes no further compile. */
  readonly hasEnded: boolean;
  end(): Promise<void>;
}

/** An answer as far as it has come in. */
interface Receiving {
  readonly state: Map<Address, Entity>;
  readonly origins: Map<Address, Origin>;
  /** What the entities may be of. */
  readonly served: Written;
  /** How many are. */
  taken: number;
  readonly resolve: (checked: Checked<Declared>) => void;
  readonly reject: (reason: Error) => void;
}

/** Keeps the process alive only while it compiles. */
export function startCompileThread(): CompileThread {
  const worker = new Worker(WORKER, { name: 'charter-compile' });
  worker.unref();
  /** What the thread holds: a file that it has in the same words is only named. */
  let held: ReadonlyMap<string, SourceFile> = new Map();
  let receiving: Receiving | undefined;
  /** The last answer without errors, as the thread knows it too. */
  let known: Written = NOTHING;
  let hasEnded = false;

  const post = (request: CompileRequest): void => worker.postMessage(request);
  const settle = (): Receiving | undefined => {
    const settled = receiving;
    receiving = undefined;
    worker.unref();
    return settled;
  };
  const fail = (reason: Error): void => {
    hasEnded = true;
    held = new Map();
    settle()?.reject(reason);
  };
  worker.on('error', fail);
  worker.on('exit', (code) => fail(new Error(`the compiling thread ended with code ${code}`)));
  worker.on('message', (message: CompileMessage) => {
    if (receiving === undefined) return;
    const { state, origins, served } = receiving;
    if (message.kind === 'page') {
      // Sorted by the thread, frozen page by page: the whole at the end would be a long moment.
      const page = createState(
        message.entities.map(([address, entity]) => [
          address,
          knownOr(entity, known.state.get(address), served.state.get(address)),
        ]),
      );
      for (const [address, entity] of page) {
        state.set(address, entity);
        if (entity === served.state.get(address)) receiving.taken += 1;
      }
      for (const [position, [address]] of message.entities.entries())
        origins.set(address, knownOriginOr(lazyOrigin(message.origins, position), served.origins.get(address)));
      post({ kind: 'next' });
      return;
    }
    const { ok, diagnostics, gone, beside } = message;
    if (ok) known = gone === undefined ? { state: wholeOf(receiving), origins } : editKnown(known, gone, receiving);
    settle()?.resolve(ok ? { ok, value: { ...known, ...beside }, diagnostics } : { ok, diagnostics });
  });
  async function send(files: readonly SourceFile[], options: CompileOptions): Promise<void> {
    let batch: SentFile[] = [];
    let size = 0;
    for (const file of files) {
      const before = held.get(file.path);
      const isHeld = before !== undefined && before.text === file.text && before.overlay === file.overlay;
      batch.push(isHeld ? { path: file.path } : file);
      if (!isHeld) size += file.text.length;
      if (size < MESSAGE) continue;
      post({ kind: 'files', files: batch });
      batch = [];
      size = 0;
      await turn();
    }
    held = new Map(files.map((file) => [file.path, file]));
    post({ kind: 'compile', files: batch, options });
  }

  return {
    compile(files, options, served = NOTHING) {
      return new Promise((resolve, reject) => {
        worker.ref();
        receiving = { state: new Map(), origins: new Map(), served, taken: 0, resolve, reject };
        if (hasEnded) fail(new Error('the compiling thread has ended'));
        else send(files, options).catch(fail);
      });
    },
    get hasEnded() {
      return hasEnded;
    },
    async end() {
      hasEnded = true;
      await worker.terminate();
    },
  };
}

/** Read on the first question: places are several times what the entities are, and asked for few of them. */
function lazyOrigin(packed: PackedTexts, position: number): Origin {
  return originOfText(() => unpackText(packed, position));
}

/** The one of these that says the same as an entity that came in, else that one. */
function knownOr(entity: Entity, ...known: readonly (Entity | undefined)[]): Entity {
  return known.find((one) => one !== undefined && sameValue(one, entity)) ?? entity;
}

/** The Origin that is known where it says the same: the packet that the other one is read from is then let go of. */
function knownOriginOr(origin: Origin, known: Origin | undefined): Origin {
  return known?.text?.() === origin.text?.() ? (known ?? origin) : origin;
}

/** What came in, where that is all there is. */
function wholeOf({ state, served, taken }: Receiving): State {
  return taken === state.size && taken === served.state.size ? served.state : completeState(state);
}

function editKnown(known: Written, gone: readonly Address[], { state, origins }: Receiving): Written {
  const ends = gone.map((address) => [address, undefined] as const);
  // Of many only the place changed.
  const others = [...state].filter(([address, entity]) => known.state.get(address) !== entity);
  return {
    state: editState(known.state, new Map<Address, Entity | undefined>([...ends, ...others])),
    origins: editTable(known.origins, new Map<Address, Origin | undefined>([...ends, ...origins])),
  };
}
