// Owns the thread that compiles a large spec, one compile after the other, and keeps its documents in between. Never
// reads a file, and never ends itself.

import { parentPort } from 'node:worker_threads';
import type { Address } from '../model/address.ts';
import type { Checked } from '../model/diagnostic.ts';
import { differences } from '../model/differences.ts';
import { areMany } from '../model/edited-table.ts';
import type { Origins } from '../model/origin.ts';
import { textOf } from '../model/origin-text.ts';
import { packTexts } from '../model/packed-texts.ts';
import { EMPTY_STATE, type State } from '../model/state.ts';
import { type CompiledSpec, compile } from '../spec/compile.ts';
import { KeptDocuments } from '../spec/kept-documents.ts';
import type { SourceFile } from '../spec/source.ts';
import { collectGarbage } from './collect.ts';
import type { Beside, CompiledEntity, CompileMessage, CompileRequest, SentFile } from './compile-protocol.ts';
import { parseAhead } from './parse-ahead.ts';
import { stepBack } from './step-back.ts';

/** Entities in one message: what the serving thread takes in at once costs it a millisecond. */
const PAGE = 256;

const kept = new KeptDocuments();
let held: ReadonlyMap<string, SourceFile> = new Map();
let arriving: SourceFile[] = [];
/** What the other side knows. */
let sent: { readonly state: State; readonly origins: Origins } = { state: EMPTY_STATE, origins: new Map() };

stepBack();

const post = (message: CompileMessage): void => parentPort?.postMessage(message);

let proceed: () => void = () => undefined;

parentPort?.on('message', (request: CompileRequest) => {
  if (request.kind === 'next') return proceed();
  for (const file of request.files) arriving.push(wholeOf(file));
  if (request.kind === 'files') return;
  const files = arriving;
  arriving = [];
  held = new Map(files.map((file) => [file.path, file]));
  void parseAhead(files, kept).then(() => answer(compile(files, { ...request.options, kept })));
});

/** Resolves when the page was taken in. */
function hand(entities: readonly CompiledEntity[], origins: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    proceed = resolve;
    post({ kind: 'page', entities, origins: packTexts(origins) });
  });
}

function wholeOf(file: SentFile): SourceFile {
  const whole = file.text === undefined ? held.get(file.path) : file;
  if (whole === undefined) throw new Error(`${file.path} was named and is not held`);
  return whole;
}

async function answer(checked: Checked<CompiledSpec>): Promise<void> {
  let gone: readonly Address[] | undefined;
  let isWhole = false;
  if (checked.ok) {
    const { state, origins } = checked.value;
    const edits = editsSince(state, origins);
    gone = edits?.gone;
    isWhole = edits === undefined;
    let page: CompiledEntity[] = [];
    let places: string[] = [];
    for (const address of edits?.changed ?? state.keys()) {
      const entity = state.get(address);
      const origin = origins.get(address);
      if (entity === undefined || origin === undefined) continue;
      page.push([address, entity]);
      places.push(textOf(entity, origin));
      if (page.length < PAGE) continue;
      await hand(page, places);
      page = [];
      places = [];
    }
    await hand(page, places);
    sent = { state, origins };
  }
  post({ kind: 'end', ok: checked.ok, diagnostics: checked.diagnostics, gone, beside: besideOf(checked) });
  if (!checked.ok) return;
  kept.settle();
  // Of a small edit V8 takes care by itself.
  if (isWhole) collectGarbage();
}

/**
 * What is otherwise than it was sent, by the identity of what did not change; undefined where that is so much that all is rather
 * sent anew. What was sent before does not count: what the other side keeps stays the same to it, which saves it more.
 */
function editsSince(
  state: State,
  origins: Origins,
): { readonly changed: readonly Address[]; readonly gone: readonly Address[] } | undefined {
  const otherwise = new Set<Address>();
  for (const [address] of differences(sent.state, state)) otherwise.add(address);
  for (const [address] of differences(sent.origins, origins)) otherwise.add(address);
  const changed = [...otherwise].filter((address) => state.has(address));
  const gone = [...otherwise].filter((address) => !state.has(address));
  return areMany(changed.length + gone.length, sent.state.size) ? undefined : { changed, gone };
}

function besideOf(checked: Checked<CompiledSpec>): Beside {
  if (!checked.ok) return { waivers: [], moves: [], approvals: [], tests: [] };
  const { state: _, origins: __, ...beside } = checked.value;
  return beside;
}
