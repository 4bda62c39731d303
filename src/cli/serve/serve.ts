// Owns `charter serve`: what is opened in which order, what it says of itself, and how it ends. Never knows a protocol.

import { randomBytes } from 'node:crypto';
import { isatty } from 'node:tty';
import type { Logger } from 'pino';
import { signerOf } from '../../oauth/keys.ts';
import { createSecretChecker } from '../../oauth/secret.ts';
import { unapproved } from '../../plan/approving.ts';
import { createCompileBeside } from '../../reconcile/compile-beside.ts';
import type { ReconcileEvent } from '../../reconcile/event.ts';
import { commitOf, olderCommitOf } from '../../reconcile/git.ts';
import { createKeyring } from '../../reconcile/keyring.ts';
import { createReconciler } from '../../reconcile/loop.ts';
import type { Reconciler, Start } from '../../reconcile/reconciler.ts';
import type { Refusal } from '../../reconcile/refusal.ts';
import { orActor } from '../actor.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { escapeLines } from '../harmless.ts';
import { openStoreLate } from '../late-store.ts';
import { isLeftAlone } from '../left-alone.ts';
import { tellError, tellRefusal } from '../problem.ts';
import { specWords } from '../spec-input.ts';
import { storeOption, storePath } from '../store-path.ts';
import type { Terminal } from '../terminal.ts';
import { version } from '../version.ts';
import { banner } from './banner.ts';
import { followStore, lookForGeneration } from './follow-store.ts';
import { createLog } from './log.ts';
import { narrate } from './narrate.ts';
import { startUseNotes } from './note-use.ts';
import { operatorVerbs } from './operator-verbs.ts';
import { readTls, type ServeOptions } from './options.ts';
import { awaitSignal, type Signals } from './signals.ts';
import { openApprovals, type ServerFacts, statusBody } from './status-body.ts';
import { watchStore } from './store-health.ts';
import { openSurfaces, type Surfaces } from './surfaces.ts';
import { startSweep } from './sweep.ts';

export async function serve(
  directories: readonly string[],
  options: ServeOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const closing: Closing[] = [];
  const signals = awaitSignal({ hasTerminal: [0, 1, 2].some((descriptor) => isatty(descriptor)) });
  try {
    return await run(directories, options, terminal, signals, (close) => closing.unshift(close));
  } finally {
    for (const close of closing) await closeQuietly(close, terminal);
    signals.release();
  }
}

/** What is called at the end: what was opened last is closed first. */
type Closing = () => Promise<void> | void;

/** What cannot be closed is told and does not keep the rest open. */
async function closeQuietly(close: Closing, terminal: Terminal): Promise<void> {
  try {
    await close();
  } catch (error) {
    tellError(error, terminal);
  }
}

async function run(
  directories: readonly string[],
  options: ServeOptions,
  terminal: Terminal,
  signals: Signals,
  atEnd: (close: Closing) => void,
): Promise<ExitCode> {
  const { env } = terminal;
  const tls = await readTls(options);
  const log = createLog(env, process.stderr.isTTY === true);
  atEnd(log.close);
  const path = storePath(options.store, env);
  const opened = await openStoreLate(path);
  atEnd(opened.close);
  const health = watchStore(opened, path, log.logger);
  const { store } = health;
  atEnd(health.stop);
  const keyring = createKeyring(store, Date.now);
  const secrets = createSecretChecker({ key: randomBytes(32) });

  const signer = signerOf();
  const startedAt = new Date().toISOString();
  let surfaces: Surfaces | undefined;
  const facts = (): ServerFacts => ({
    version: version(),
    pid: process.pid,
    started_at: startedAt,
    listening: surfaces?.listening ?? [],
    store: store.path,
  });
  let tell = (event: ReconcileEvent): void => void early.push(event);
  const early: ReconcileEvent[] = [];
  const compiling = createCompileBeside();
  atEnd(compiling.close);
  const reconciler = createReconciler({
    directories,
    overlays: options.overlay,
    secretsDir: options.secretsDir,
    env,
    store,
    keys: keyring.keysFor,
    checker: secrets,
    compile: compiling.compile,
    clock: Date.now,
    commitOf: orActor(commitOf, terminal.env),
    olderCommitOf,
    onEvent: (event) => tell(event),
  });
  atEnd(() => reconciler.close());

  const lookAtKeys = async (): Promise<void> => reconciler.takeKeys(await keyring.read());
  // An operator has it look when a command has changed something.
  const reload = async (): Promise<void> => {
    await lookAtKeys();
    await reconciler.reload();
  };

  const status = () => statusBody(facts(), reconciler.status(), health.problem());
  const uses = startUseNotes(store, (error) => health.tellUnlessKnown(error, 'last use not recorded'));
  // After the surfaces: what is under way when they close is noted too.
  atEnd(uses.stop);

  /** Until it serves. Answers with what it ends where it does not. A function of its own: what a start is made of is not held afterwards. */
  const begin = async (): Promise<ExitCode | undefined> => {
    const starting = reconciler.start(async (server) => {
      surfaces = await openSurfaces(server, {
        options,
        tls,
        current: reconciler.current,
        degraded: () => reconciler.status().degraded,
        storeProblem: health.problem,
        status,
        verbs: (logoutNotices) =>
          operatorVerbs({ approve: reconciler.approve, reload }, status, storeOption(store.path), {
            ...{ store, current: reconciler.current, signer, logoutNotices, random: randomBytes },
            log: (event) => log.logger.info({ events: [{ time: Date.now(), ...event }] }, 'events'),
          }),
        grants: store,
        signer,
        secrets,
        noteUse: uses.note,
        storePath: store.path,
        env,
        logger: log.logger,
      });
      atEnd(surfaces.close);
      await health.begin();
      await keyring.read();
    });
    // Nothing but that it started: what waits for the end holds what it waited for as long as this serves.
    const ended = await Promise.race([signals.ended, starting.then(() => undefined)]);
    if (ended !== undefined) {
      // Told to end before it served: what is being opened is opened first, so that it can be closed.
      await reconciler.close();
      await starting.catch(() => undefined);
      return EXIT.done;
    }
    const started = await starting;
    if (started.serving === undefined) return tellRefusal(started.refusal, terminal);

    const sweep = startSweep(store, Date.now, (error) => health.tellUnlessKnown(error, 'expired rows not removed'));
    atEnd(sweep.stop);
    const look = () =>
      Promise.all([health.look(), lookAtKeys(), lookForGeneration(store, reconciler)]).then(() => undefined);
    const following = followStore(look, (error) => health.tellUnlessKnown(error, 'store not looked at'));
    atEnd(following.stop);
    tell = (event) => narrate(event, terminal, log.logger, store.path);
    for (const event of early.splice(0)) tell(event);
    tellStart(started, surfaces, reconciler, {
      spec: specWords(directories, options, ', '),
      path: store.path,
      terminal,
    });
    return undefined;
  };
  const refused = await begin();
  if (refused !== undefined) return refused;

  const renewTls = async (): Promise<void> => surfaces?.renewTls(await readTls(options));
  signals.onReload(reloading([reload, renewTls], log.logger));
  const signal = await signals.ended;
  terminal.out(`\n${signal}: finishing what is under way. A second signal ends at once.\n`);
  return EXIT.done;
}

/** What SIGHUP does: each of these once, one time after the other. What fails is told and leaves things as they were. */
function reloading(parts: readonly (() => Promise<void>)[], logger: Logger): () => void {
  let last: Promise<void> = Promise.resolve();
  const all = async (): Promise<void> => {
    logger.info('SIGHUP: reading everything again');
    for (const part of parts) await part().catch((error: unknown) => logger.error({ err: error }, 'not reloaded'));
  };
  return () => {
    last = last.then(all);
  };
}

/** Why the store's last generation is served and not the spec, and what brings the spec: without a restart. */
function speakDegraded(refusal: Refusal, generation: number, store: string): string {
  const kept = `so generation ${generation}, the last one of the store, is`;
  if (isLeftAlone(refusal))
    return `Left alone: the spec is not what is applied, and generation ${generation} is served.`;
  const risks = refusal.reason === 'risks' ? unapproved(refusal.held.plan.risks) : [];
  if (risks.length > 0 && risks.every(({ approvable }) => approvable)) {
    const lines = openApprovals(risks).map((text) => `  charter approve ${text}${storeOption(store)}`);
    return `Held: the spec waits for its risks to be approved, ${kept} served. To serve the spec, without a restart:\n${lines.join('\n')}`;
  }
  return `Degraded: the spec cannot be served, ${kept}. Mend the spec and it is served, without a restart.`;
}

function tellStart(
  started: Extract<Start, { degraded?: unknown }>,
  surfaces: Surfaces | undefined,
  reconciler: Reconciler,
  place: { readonly spec: string; readonly path: string; readonly terminal: Terminal },
): void {
  const { terminal, spec, path } = place;
  const { serving, degraded, compiling } = started;
  if (compiling)
    terminal.out(
      `\nThe spec is being compiled. Until then generation ${serving.generation}, the last one of the store, is served.\n`,
    );
  if (degraded !== undefined) terminal.out(`\n${speakDegraded(degraded, serving.generation, path)}\n`);
  terminal.out(
    escapeLines(
      banner({
        version: version(),
        snapshot: serving,
        origins: reconciler.origins(),
        spec,
        store: path,
        listening: surfaces?.listening ?? [],
        operator: surfaces?.operator,
        now: Date.now(),
      }),
    ),
  );
}
