// Owns `charter rollback N` and `charter resume`: the way back to an older State, as a plan like any other, and the way
// forth again. Never asks.

import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Plan } from '../plan/plan.ts';
import { movesBack, revisionOf, stateOf } from '../reconcile/history.ts';
import { planAgainst } from '../reconcile/plan-against.ts';
import { type Refusal, refusalOf } from '../reconcile/refusal.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { MENDED } from './apply.ts';
import { readApprovals, tellUnusedApprovals } from './approvals.ts';
import { type CarriedOut, carryOut } from './carry-out.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { type LateStore, openStoreLate } from './late-store.ts';
import { qualifiedNames } from './names.ts';
import { checkOutputs, refuseOverwriting, requirePlaces } from './outputs.ts';
import { type ShownPlan, type Told, tellPlan, writePlan, writeRefusal } from './plan-output.ts';
import { tellRefusal } from './problem.ts';
import { tellServer, tellWhatIsHeld } from './running-server.ts';
import { storeOption, storePath } from './store-path.ts';
import type { Terminal } from './terminal.ts';

export interface RollbackOptions {
  readonly store?: string;
  /** What `{file}` secrets are relative to: the root of the spec; the current directory where nobody says it. */
  readonly dir?: string;
  readonly secretsDir?: string;
  readonly json?: string;
  readonly approve?: readonly string[];
}

export async function rollback(generation: number, options: RollbackOptions, terminal: Terminal): Promise<ExitCode> {
  checkOutputs(options);
  refuseOverwriting(options, { store: storePath(options.store, terminal.env), directories: [options.dir ?? '.'] });
  requirePlaces(options);
  const told = toldOf(options);
  const refuse = async (refusal: Refusal): Promise<ExitCode> =>
    await writeRefusal(refusal, { ...told, code: tellRefusal(refusal, terminal) }, terminal);
  try {
    const store = await openStoreLate(storePath(options.store, terminal.env), { mustExist: true });
    try {
      return await rollbackTo(store, generation, options, terminal, refuse);
    } finally {
      await store.close();
    }
  } catch (error) {
    return await refuse(refusalOf(error));
  }
}

async function rollbackTo(
  store: LateStore,
  generation: number,
  options: RollbackOptions,
  terminal: Terminal,
  refuse: (refusal: Refusal) => Promise<ExitCode>,
): Promise<ExitCode> {
  const approvals = readApprovals(options.approve);
  const { json, secretsDir } = options;
  const wanted = await revisionOf(store, generation);
  const [newest] = await store.revisions(1);
  const moves = await movesBack(store, { from: newest?.generation ?? generation, to: generation });
  const target = {
    state: await stateOf(store, wanted),
    origins: new Map(),
    moves,
    tests: [],
    approvals: [],
    waivers: [],
  };
  const planned = await planAgainst(store, target, { now: Date.now(), approvals });
  const { plan, stored } = planned;
  const shown: ShownPlan = { plan, beforeOrigins: stored?.origins ?? new Map(), afterOrigins: new Map() };
  tellPlan(shown, { ...options, hasSpec: false }, terminal);
  tellUnusedApprovals(plan, approvals, terminal);
  const root = resolve(options.dir ?? '.');
  const done = await carryOut(
    store,
    {
      planned,
      target,
      sources: { root, boundaries: [await realpath(root).catch(() => root)], secretsDir },
      files: [],
      // Nobody has the secrets of a hundred clients at hand at night; what the store can check goes on being checked.
      needsAllSecrets: false,
      asksForDir: options.dir === undefined,
      directories: [],
      standing: undefined,
      rollbackTo: generation,
      begun: { newest },
    },
    terminal,
  );
  if ('refusal' in done) return await refuse(done.refusal);
  if (json !== '-') terminal.out(outcomeOf(done, generation, { plan, store: storeOption(store.path) }));
  const applied = { generation: done.generation, secrets: done.secrets };
  const code = await writePlan(shown, { ...toldOf(options), code: EXIT.done, applied }, terminal);
  if (done.happened) await tellServer(store.path, terminal, { state: target.state, secrets: done.secrets });
  return code;
}

function outcomeOf(
  { happened, generation: made, secrets, mended }: CarriedOut,
  generation: number,
  { plan: { changes }, store }: { readonly plan: Pick<Plan, 'changes'>; readonly store: string },
): string {
  if (!happened) return `Nothing to roll back: the State of generation ${generation} is applied.\n`;
  const renewed = secrets.length > 0 ? ` New secrets: ${qualifiedNames(secrets)}.` : '';
  // Nothing that was applied is undone, and so nothing is left alone.
  if (changes.length === 0) {
    return `\nApplied generation ${made}: the store holds what generation ${generation} recorded.${renewed}\n`;
  }
  return (
    `\nRolled back to generation ${generation}: applied generation ${made}.${mended ? MENDED : ''}${renewed}\n` +
    `A running server leaves the spec that is undone alone until it changes, or until: charter resume${store}\n` +
    'Undo it in Git as well: charter apply would apply it again.\n'
  );
}

/** It has no spec to point into. */
function toldOf({ json }: RollbackOptions): Told {
  return { command: 'rollback', directories: [], options: json === undefined ? {} : { json } };
}

export interface ResumeOptions {
  readonly store?: string;
}

/** What was rolled back may be applied again. */
export async function resume(options: ResumeOptions, terminal: Terminal): Promise<ExitCode> {
  const store = await openSqliteStore(storePath(options.store, terminal.env), { mustExist: true });
  try {
    const was = await store.resume();
    terminal.out(was ? 'Resumed: what was rolled back may be applied again.\n' : 'Nothing was rolled back.\n');
    // Whoever resumes what is held has the wrong command, and is told the right one.
    await (was ? tellServer : tellWhatIsHeld)(store.path, terminal);
    return EXIT.done;
  } finally {
    await store.close();
  }
}
