// Owns the thread that compiles a large spec: one compile, then it ends. Never reads a file.

import { parentPort, workerData } from 'node:worker_threads';
import type { Entity } from '../model/entity.ts';
import { type Origin, type StoredOrigin, storedOrigin } from '../model/origin.ts';
import { compile } from '../spec/compile.ts';
import type { CompiledEntity, CompileInput, CompileMessage } from './compile-protocol.ts';

/** Entities in one message: what the serving thread takes in at once costs it a millisecond. */
const PAGE = 256;

const { files, options } = workerData as CompileInput;
const post = (message: CompileMessage): void => parentPort?.postMessage(message);

const checked = compile(files, options);
if (checked.ok) {
  const { state, origins } = checked.value;
  let page: CompiledEntity[] = [];
  for (const [address, entity] of state) {
    const origin = origins.get(address);
    if (origin !== undefined) page.push([address, entity, withSecret(entity, origin)]);
    if (page.length < PAGE) continue;
    post({ kind: 'page', entities: page });
    page = [];
  }
  post({ kind: 'page', entities: page });
}
post({ kind: 'end', ok: checked.ok, diagnostics: checked.diagnostics });

/** A missing secret is told at its reference, for which the store has no use. */
function withSecret(entity: Entity, origin: Origin): StoredOrigin {
  const stored = storedOrigin(entity, origin);
  if (entity.kind !== 'application' || entity.secret === undefined) return stored;
  const places = Object.keys(entity.secret).map((key) => [`/secret/${key}`, origin(`/secret/${key}`)]);
  return { ...stored, ...Object.fromEntries(places) };
}
