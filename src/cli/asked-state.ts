// Owns how a command gets the State that it is asked about: that of a spec, or one that a store has or had. Never changes
// either.

import { indexState } from '../access/access-index.ts';
import type { World } from '../explain/world.ts';
import { Failure } from '../model/failure.ts';
import { compileOnce } from '../reconcile/compile-once.ts';
import { revisionOf, stateOf } from '../reconcile/history.ts';
import { loadSpec } from '../reconcile/load.ts';
import { unsettled } from '../reconcile/read.ts';
import type { Refusal } from '../reconcile/refusal.ts';
import type { SpecOptions } from './spec-input.ts';
import { storePath } from './store-path.ts';
import type { Terminal } from './terminal.ts';

export interface AskedOptions extends SpecOptions {
  readonly dir?: readonly string[];
  readonly store?: string;
  readonly generation?: number;
  /** Milliseconds since the epoch. */
  readonly time?: number;
  readonly json?: boolean;
  readonly full?: boolean;
}

export type AskedState =
  | {
      readonly ok: true;
      readonly world: World;
      /** Whether it is what is declared or applied now: what was, nobody can edit any more. */
      readonly isPresent: boolean;
      /** Said before the answer: which State it is about, where that is not the spec now. */
      readonly heading: string | undefined;
    }
  | { readonly ok: false; readonly refusal: Refusal };

/** Throws Failures: `usage`, `generation_unknown`, those of a store, `spec_unsettled`. */
export async function readAsked(options: AskedOptions, terminal: Terminal): Promise<AskedState> {
  const { dir, store, generation, overlay, secretsDir } = options;
  if (store === undefined && generation === undefined) return await readDeclared(options);
  const beside = dir !== undefined ? '--dir' : overlay !== undefined ? '--overlay' : secretsDir && '--secrets-dir';
  if (beside !== undefined) {
    const asked = generation === undefined ? '--store' : '--generation';
    throw new Failure('usage', `${asked} asks a store and ${beside} a spec. Leave one of the two out.`);
  }
  return await readStored(options, terminal);
}

async function readDeclared({ dir = ['.'], overlay, secretsDir, time }: AskedOptions): Promise<AskedState> {
  const now = time ?? Date.now();
  const options = { compile: compileOnce, secretsDir, overlays: overlay, gitLockMs: 0, clock: () => now };
  const { reading, checked } = await loadSpec(dir, options);
  if (!reading.settled) throw unsettled();
  if (!checked.ok) {
    return { ok: false, refusal: { reason: 'spec', diagnostics: checked.diagnostics, files: reading.files } };
  }
  const { state, origins, waivers } = checked.value;
  const world = { index: indexState(state), origins, waivers, now, generation: undefined };
  return { ok: true, world, isPresent: true, heading: undefined };
}

/** The newest generation as of now, an older one as of the instant at which it was applied: so it answered then. */
async function readStored({ store: path, generation, time }: AskedOptions, terminal: Terminal): Promise<AskedState> {
  const { openSqliteStore } = await import('../store/sqlite.ts');
  const store = await openSqliteStore(storePath(path, terminal.env), { readOnly: true, mustExist: true });
  try {
    const [newest] = await store.revisions(1);
    const revision = await revisionOf(store, generation ?? newest?.generation ?? 1);
    const isNewest = revision.generation === newest?.generation;
    const state = await stateOf(store, revision);
    // Where things were written is kept of the newest generation alone.
    const origins = isNewest ? (await store.read())?.origins : undefined;
    const now = time ?? (generation === undefined || isNewest ? Date.now() : revision.appliedAt);
    const applied = new Date(revision.appliedAt).toISOString().replace(/:[^:]*Z$/, 'Z');
    const heading = `Generation ${revision.generation}, applied ${applied}${isNewest ? '' : ', as it answered then'}`;
    const world = { index: indexState(state), origins, waivers: [], now, generation: revision.generation };
    return { ok: true, world, isPresent: isNewest, heading };
  } finally {
    await store.close();
  }
}
