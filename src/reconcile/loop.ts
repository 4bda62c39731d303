// Owns the loop of a serving process: one pass at a time, the last good snapshot kept whatever happens. Never listens,
// prints or exits; it tells events and answers questions.

import { randomBytes } from 'node:crypto';
import { type Approval, formatApproval } from '../model/approval.ts';
import { Failure } from '../model/failure.ts';
import { serverOf } from '../model/state.ts';
import { approvalOf, unapproved } from '../plan/approving.ts';
import type { StoredConfiguration } from '../plan/port.ts';
import { withValues } from './build-snapshot.ts';
import { isSlow, openWithStored, SLOW_SPEC } from './early-start.ts';
import type { ApproveAnswer, ReconcileStatus } from './event.ts';
import { createFileMemory } from './file-memory.ts';
import { readServable } from './follow.ts';
import { readRecorded } from './history.ts';
import { keepVerifiers } from './keep-verifiers.ts';
import type { Compile } from './load.ts';
import { directoriesOf } from './overlays.ts';
import { speakOverruled } from './overruled.ts';
import {
  achieve,
  type Compilation,
  type Considered,
  type Judged,
  judge,
  type PassPorts,
  type Prepared,
  prepare,
  prepareAhead,
} from './pass.ts';
import type { Weighed } from './precedence.ts';
import { createPublication } from './publication.ts';
import type { EarlyReading, FileText, Reading } from './read.ts';
import type { Open, Reconciler, ReconcilerOptions, Start } from './reconciler.ts';
import { type Refusal, refusalOf } from './refusal.ts';
import { type LastingValues, resolveSecrets } from './secrets.ts';
import { specRoot } from './walk.ts';
import { type SpecWatcher, watchSpec } from './watch.ts';

/** Failures that may be gone at the next attempt, which nothing on disk would cause. */
const PASSING: readonly Failure['code'][] = ['store_unavailable', 'spec_unsettled', 'stale_plan', 'busy'];
const RETRY_MS = 2000;
/** A lock of Git that outlived the first wait is not waited for as long again. */
const STALE_LOCK_MS = 200;
/** How long an end waits for verifiers that are still to be stored: without them a degraded start knows no secret. */
const VERIFIERS_MS = 3000;

/** Reconciles a spec with a store and publishes what is to be served. Watches from `start` on. */
export function createReconciler(options: ReconcilerOptions): Reconciler {
  const stop = new AbortController();
  const { store, clock, checker, onEvent } = options;
  const publication = createPublication(clock, onEvent);
  let compilation: Compilation | undefined;
  /** What the last pass prepared that came to a plan: applied or held, it ends the same as long as nothing changes. */
  let last: Prepared | undefined;
  let considered: Considered | undefined;
  /** What the store holds since the last apply, unless something failed since. */
  let applied: StoredConfiguration | undefined;
  /** Of operators, for the plan that is held. */
  let approvals: readonly Approval[] = [];
  let places = { root: specRoot(options.directories), boundaries: [] as readonly string[] };
  let files = 0;
  let secretFiles: readonly string[] = [];
  let staleLock: string | undefined;
  let watcher: SpecWatcher | undefined;
  let watching: ReconcileStatus['watching'] = 'not yet';
  /** Read while it was waited for quiet, for the pass that comes then. */
  let earlier: EarlyReading | undefined;
  let hinted = false;
  let running: Promise<void> | undefined;
  let retry: NodeJS.Timeout | undefined;

  const note = (message: string): void => onEvent({ kind: 'note', at: clock(), message });

  const verifiers = keepVerifiers({
    store,
    checker,
    clock,
    onRevision: publication.recordSecrets,
    onWeighed: serveWeighed,
    onOverruled: (overruled) => note(speakOverruled(overruled, publication.current()?.state)),
    onFailure: (error) => note(`Stored verifiers could not be brought up to date: ${messageOf(error)}`),
  });
  const digestKey = randomBytes(32);
  const lasting: LastingValues = {};
  const remember = createFileMemory<FileText>();
  const compile: Compile = (given, how, circumstances) => {
    const state = publication.current()?.state;
    const served = state === undefined ? undefined : { state, origins: publication.origins() };
    return options.compile(given, how, { ...circumstances, served });
  };
  const { signal } = stop;
  const ports: PassPorts = { ...options, digestKey, lasting, remember, signal, compile, weigh: verifiers.weigh };

  /** Serves with what counts of the secrets now. Answers whether that is something new. */
  function serveWeighed(weighed: Weighed): boolean {
    const serving = publication.current();
    const renewed = serving === undefined ? undefined : withValues(serving, weighed, checker);
    if (renewed === undefined || renewed === serving) return false;
    publication.renew(renewed);
    return true;
  }

  function noteLock(lock: string | undefined): void {
    if (lock !== undefined && lock !== staleLock) {
      note(`${lock} stays: Git may have been interrupted. The spec is read all the same; remove it when no Git runs.`);
    }
    staleLock = lock;
  }

  async function readAndPrepare(onFirst?: (reading: Reading) => Promise<void>): Promise<Prepared | undefined> {
    const waits = staleLock === undefined ? {} : { gitLockMs: STALE_LOCK_MS };
    const first = onFirst === undefined ? {} : { onFirst };
    const preparation = await prepare({ ...ports, ...waits, ...first }, compilation, earlier);
    earlier = undefined;
    compilation = preparation.compilation;
    const known = preparation.ok ? preparation.prepared : preparation.partly;
    const { reading } = preparation.ok ? preparation.prepared : preparation;
    files = reading.files.length;
    places = { root: reading.root, boundaries: reading.boundaries };
    if (known !== undefined) secretFiles = known.secrets.files;
    noteLock(reading.gitLock);
    if (preparation.ok) return preparation.prepared;
    publication.refuse(preparation.refusal);
    await renewSecrets();
    return undefined;
  }

  /**
   * A spec that cannot be used holds up no rotation: the secrets of what is served are read anew beside it. Those that
   * do not resolve stay as they are.
   */
  async function renewSecrets(): Promise<void> {
    const serving = publication.current();
    if (serving === undefined) return;
    const resolved = await resolveSecrets(serving.state, publication.origins(), { ...ports, ...places }, clock());
    secretFiles = [...new Set([...secretFiles, ...resolved.files])];
    if (!serveWeighed(await verifiers.weigh(resolved.values))) return;
    verifiers.keep();
    note('A secret was changed. What is served takes its new value, though the spec cannot be applied.');
  }

  /** Whether the spec, a secret, or the store differs from what is served. */
  async function isNews({ reading, secretsDigest }: Prepared): Promise<boolean> {
    const refusal = publication.refusal();
    if (refusal !== undefined && !(await standsStill(refusal))) return true;
    if (last?.reading.digest !== reading.digest || last.secretsDigest !== secretsDigest) return true;
    const [newest] = await store.revisions(1);
    return newest?.generation !== publication.current()?.generation;
  }

  /** Whether a refusal lasts as long as neither the spec, a secret nor the store changes. */
  async function standsStill(refusal: Refusal): Promise<boolean> {
    if (refusal.reason === 'undone') return (await store.undone()).length > 0;
    if (refusal.reason === 'tests' || refusal.reason === 'overtaken') return true;
    // Live tokens expire by themselves.
    return refusal.reason === 'risks' && refusal.held.plan.risks.every(({ kind }) => kind !== 'live-tokens');
  }

  /** A spec that is held was judged on what the store had then: what others apply meanwhile it does not undo. */
  function hold({ reading }: Prepared, refusal: Refusal): void {
    const isJudged = refusal.reason === 'risks' || refusal.reason === 'tests';
    if (isJudged && considered?.reading !== reading.digest) {
      considered = { reading: reading.digest, stored: refusal.held.plan.base.digest };
    }
    publication.refuse(refusal);
  }

  async function accept(prepared: Prepared, first?: Judged): Promise<void> {
    const before = publication.current();
    // What was rolled back and may be applied again was not overtaken: an operator says so.
    const wasUndone = publication.refusal()?.reason === 'undone';
    const standing = { serving: before, approvals, considered: wasUndone ? undefined : considered, applied };
    applied = undefined;
    const achieved = await achieve(ports, prepared, standing, first);
    last = prepared;
    if ('refusal' in achieved) {
      hold(prepared, achieved.refusal);
      await renewSecrets();
      return;
    }
    approvals = [];
    applied = achieved.applied;
    considered = { reading: prepared.reading.digest, stored: achieved.plan.resultDigest };
    const stored = achieved.planned.stored?.generation ?? 0;
    // A revision of changed secrets alone is this process's own, and may have come since.
    const own = Math.max(before?.generation ?? 0, publication.current()?.generation ?? 0);
    if (before !== undefined && stored > own) {
      const what = `Generation ${stored} of the store was applied by another process.`;
      const isOther = achieved.plan.changes.length > 0;
      note(
        isOther
          ? `${what} The spec that is served here is applied over it.`
          : `${what} It is what the spec says, and served now.`,
      );
    }
    publication.accept(prepared, achieved);
    const { drift } = achieved.plan;
    if (drift !== undefined) {
      onEvent({ kind: 'mended', at: clock(), drift, generation: achieved.revision.generation });
    }
    verifiers.keep();
  }

  async function pass(): Promise<void> {
    await attempt(async () => {
      const prepared = await readAndPrepare();
      if (prepared !== undefined && (await isNews(prepared))) await accept(prepared);
    });
  }

  /** A pass: whatever fails in it, the last good snapshot stays. */
  async function attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      if (publication.refusal() !== undefined) await follow();
    } catch (error) {
      if (!stop.signal.aborted) publication.refuse(refusalOf(error));
    }
    const refusal = publication.refusal();
    clearTimeout(retry);
    if (refusal?.reason === 'failure' && PASSING.includes(refusal.failure.code)) {
      retry = setTimeout(hint, RETRY_MS).unref();
    }
  }

  /** A spec that cannot be served keeps nobody from what was applied to the store meanwhile, by a rollback for instance. */
  async function follow(): Promise<void> {
    const serving = publication.current();
    const [newest] = await store.revisions(1);
    if (serving === undefined || newest === undefined || newest.generation <= serving.generation) return;
    const servable = await readServable(ports, places);
    if (servable === undefined || servable.snapshot.generation <= serving.generation) return;
    secretFiles = [...new Set([...secretFiles, ...servable.secrets.files])];
    publication.fallBack(servable.snapshot, servable.origins);
    verifiers.keep();
  }

  async function run(): Promise<void> {
    while (hinted && !stop.signal.aborted) {
      hinted = false;
      await pass();
    }
  }

  function hint(): void {
    hinted = true;
    if (running !== undefined || stop.signal.aborted) return;
    running = run().finally(() => {
      running = undefined;
    });
  }

  /** Files were written: what they hold now is read and compiled while it is waited for whether that is all. */
  function stir(): void {
    if (running !== undefined || stop.signal.aborted) return;
    const ahead = prepareAhead(ports, compilation).then(
      (found) => {
        if (found !== undefined) ({ earlier, compilation } = found);
      },
      // The pass tells what is wrong.
      () => undefined,
    );
    running = ahead.then(run).finally(() => {
      running = undefined;
    });
  }

  function watch(): void {
    watcher = watchSpec({
      ...options.watch,
      directories: directoriesOf(options.directories, options.overlays),
      files: () => secretFiles,
      onHint: hint,
      onStir: stir,
      onTrouble(reason) {
        watching = reason === undefined ? 'events' : 'polling';
        note(
          reason === undefined
            ? 'Changes of files are told as events again.'
            : `Changes of files are not told as events (${reason}); the spec is polled instead.`,
        );
      },
    });
    watcher.ready.then(() => {
      if (watching === 'not yet') watching = 'events';
      // What changed between the first reading and the first event.
      hint();
    });
  }

  /** The first pass; listeners open between the plan and its transaction. */
  async function firstPass(open: Open, onFirst: (reading: Reading) => Promise<void>): Promise<void> {
    const prepared = await readAndPrepare(onFirst);
    const server = prepared === undefined ? undefined : serverOf(prepared.declared.state);
    if (prepared === undefined || server === undefined) return;
    const judged = await judge(ports, prepared, { serving: publication.current(), approvals, considered, applied });
    last = prepared;
    if (judged.refusal !== undefined) return hold(prepared, judged.refusal);
    await open(server);
    await accept(prepared, judged);
  }

  async function start(open: Open): Promise<Start> {
    let opening: Promise<void> | undefined;
    let openFailure: unknown;
    const openOnce: Open = (server) => {
      opening ??= open(server).then(undefined, (error: unknown) => {
        opening = undefined;
        openFailure = error;
        throw error;
      });
      return opening;
    };
    let hasPassed = false;
    let serveEarly: (early: Promise<Start | undefined>) => void = () => undefined;
    const early = new Promise<Start>((resolve, reject) => {
      serveEarly = (starting) => starting.then((started) => started !== undefined && resolve(started), reject);
    });
    const passing = firstPass(openOnce, async (reading) => {
      places = reading;
      if (!isSlow(reading, options.slowSpec ?? SLOW_SPEC)) return;
      const stored = serveStored(openOnce, () => !hasPassed && publication.current() === undefined);
      serveEarly(stored);
      // All else comes after that: it would take the cores that this needs.
      await stored.catch(() => undefined);
    });
    const passed = passing.finally(() => {
      hasPassed = true;
    });
    try {
      const started = await Promise.race([passed.then(() => undefined), early]);
      if (started !== undefined) {
        goOn(passed);
        watch();
        return started;
      }
    } catch (error) {
      // These are about how the server was started, not about the spec: serving something else would hide them.
      const otherIssuer = error instanceof Failure && error.code === 'store_other_issuer';
      if (error === openFailure || otherIssuer || stop.signal.aborted) {
        passed.catch(() => undefined);
        throw error;
      }
      publication.refuse(refusalOf(error));
    }
    const refusal = publication.refusal();
    const result = refusal === undefined ? undefined : await fallBack(openOnce, refusal);
    const serving = publication.current();
    if (serving === undefined) return result ?? { serving, refusal: refusalOf(new Error('nothing to serve')) };
    watch();
    return result ?? { serving };
  }

  /** Serves what is stored unless the first pass came to its end before. */
  async function serveStored(open: Open, isWanted: () => boolean): Promise<Start | undefined> {
    const servable = await openWithStored(ports, places, open, isWanted);
    if (servable === undefined || !isWanted()) return undefined;
    applied = servable.applied;
    secretFiles = [...new Set([...secretFiles, ...servable.secrets.files])];
    return { serving: publication.fallBack(servable.snapshot, servable.origins), compiling: true };
  }

  /** Serving has begun, and the first pass is like any other. */
  function goOn(passing: Promise<void>): void {
    const before = publication.current();
    const first = attempt(() => passing).then(() => {
      if (stop.signal.aborted) return;
      const snapshot = publication.current();
      const isSame = publication.refusal() === undefined && snapshot?.generation === before?.generation;
      if (isSame && snapshot !== undefined) onEvent({ kind: 'confirmed', at: clock(), snapshot });
    });
    running = first.then(run).finally(() => {
      running = undefined;
    });
  }

  async function fallBack(open: Open, refusal: Refusal): Promise<Start> {
    const recorded = await readRecorded(store);
    const server = recorded === undefined ? undefined : serverOf(recorded.stored.state);
    if (server === undefined) return { serving: undefined, refusal };
    await open(server);
    // Read again: opening made the store writable, and the keys that snapshots hold.
    const servable = await readServable(ports, places);
    if (servable === undefined) return { serving: undefined, refusal };
    secretFiles = [...new Set([...secretFiles, ...servable.secrets.files])];
    return { serving: publication.fallBack(servable.snapshot, servable.origins), degraded: refusal };
  }

  async function reload(): Promise<void> {
    last = undefined;
    hint();
    while (running !== undefined) await running;
  }

  async function approve(approval: Approval): Promise<ApproveAnswer> {
    const refusal = publication.refusal();
    if (refusal?.reason !== 'risks') return { outcome: 'nothing-held' };
    const open = unapproved(refusal.held.plan.risks).filter(({ approvable }) => approvable);
    if (!open.some((risk) => formatApproval(approvalOf(risk)) === formatApproval(approval)))
      return { outcome: 'no-such-risk', open };
    approvals = [...approvals, approval];
    await reload();
    const left = publication.refusal();
    if (left === undefined) return { outcome: 'applied', generation: publication.current()?.generation ?? 0 };
    return left.reason === 'risks'
      ? { outcome: 'held', open: unapproved(left.held.plan.risks) }
      : { outcome: 'refused', refusal: left };
  }

  return {
    start,
    reload,
    approve,
    current: publication.current,
    takeKeys: publication.takeKeys,
    origins: publication.origins,
    status: () => ({
      serving: publication.current(),
      servingSince: publication.since(),
      degraded: publication.refusal() !== undefined,
      lastPass: publication.lastPass(),
      files,
      secretFiles: secretFiles.length,
      watching,
    }),
    hint,
    async idle() {
      while (running !== undefined) await running;
      await verifiers.idle();
    },
    async close() {
      stop.abort();
      clearTimeout(retry);
      await Promise.all([watcher?.close(), running, verifiers.close(VERIFIERS_MS)]);
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
