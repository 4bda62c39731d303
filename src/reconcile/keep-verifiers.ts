// Owns keeping the stored verifiers up to date beside serving, and telling where somebody else's counts. Never decides which
// of two counts (precedence.ts).

import type { Address } from '../model/address.ts';
import { type StoredVerifier, verifierKey } from '../model/verifier.ts';
import type { SecretChecker } from '../oauth/secret.ts';
import type { ConfigStore, Revision } from '../plan/port.ts';
import { createPrecedence, type Standing, type Weighed } from './precedence.ts';
import type { Held, SecretValues } from './secrets.ts';
import { patiently, recognises } from './verifiers.ts';

export interface VerifierKeeper {
  /** What counts of these values, which are the newest from now on. Throws the store's Failures. */
  weigh(values: SecretValues, circumstances?: WeighingCircumstances): Promise<Weighed>;
  /** Brings what was weighed last up to date: it is served. What still waits for something older is dropped. */
  keep(): void;
  /** Resolves when nothing is left to do. */
  idle(): Promise<void>;
  /** Stops when nothing is left to do, or after `withinMs`. What is not written is found again at the next start. */
  close(withinMs: number): Promise<void>;
}

export interface WeighingCircumstances {
  /** What owners are still called in the store, where that is another name. */
  readonly renamed?: ReadonlyMap<Address, Address>;
  /**
   * Names the values, where nobody else has recorded anything in the store since something was weighed: by the same name, and with
   * nothing left to find out, the same is answered.
   */
  readonly known?: KnownValues;
  /** What is stored, where it was just read. */
  readonly stored?: readonly StoredVerifier[];
}

interface KnownValues {
  /** The same only of the same values. */
  readonly digest: string;
  /** Whether nobody else has recorded anything since the last values were weighed. */
  readonly isAlone: boolean;
}

export interface VerifierKeeperOptions {
  readonly store: Pick<ConfigStore, 'verifiers' | 'replaceVerifiers'>;
  readonly checker: SecretChecker;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Told the store's newest revision after each write. */
  readonly onRevision: (revision: Revision) => void;
  /** Told what counts after each round: it may be other than what was weighed before. */
  readonly onWeighed: (weighed: Weighed) => void;
  /** Told once which values of this process do not count, as somebody else has stored other ones. */
  readonly onOverruled: (overruled: readonly Held[]) => void;
  readonly onFailure: (error: unknown) => void;
}

/** Keeps stored verifiers up to date beside serving. */
export function keepVerifiers(options: VerifierKeeperOptions): VerifierKeeper {
  const { store, checker } = options;
  const stop = new AbortController();
  const { signal } = stop;
  const precedence = createPrecedence((value) => Buffer.from(checker.keyed(value).mac).toString('base64'));
  /** By verifierKey: whose value was told not to count. */
  let told: ReadonlySet<string> = new Set();
  /** What counts of the values that were weighed last, and what they are called. */
  let latest: { readonly digest: string | undefined; readonly weighed: Weighed } | undefined;
  /** Whether what is stored of them is up to date. */
  let isKept = false;
  let waiting = false;
  let working: Promise<void> | undefined;

  const isSettled = (): boolean => isKept && precedence.unchecked().length === 0;

  const work = async (): Promise<void> => {
    while (waiting && !signal.aborted) {
      waiting = false;
      try {
        await bringUpToDate();
      } catch (error) {
        if (!signal.aborted) options.onFailure(error);
      }
    }
  };

  const bringUpToDate = async (): Promise<void> => {
    precedence.again(await store.verifiers());
    const unchecked = precedence.unchecked();
    const outdated: Outdated[] = [];
    for (const standing of unchecked) {
      if (signal.aborted) return;
      const phc = await check(standing);
      if (phc !== undefined) outdated.push({ standing, phc });
    }
    if (signal.aborted) return;
    isKept = !waiting;
    if (unchecked.length === 0) return;
    if (outdated.length > 0) await write(outdated);
    const weighed = precedence.again(await store.verifiers());
    latest = { digest: latest?.digest, weighed };
    tellOverruled();
    options.onWeighed(weighed);
  };

  /** Finds out how a value stands to its row. Answers what is to be stored of it. */
  const check = async (standing: Standing): Promise<string | undefined> => {
    const { row, value, isOurs } = standing;
    if (!precedence.holds(standing)) return undefined;
    if (row !== undefined && (await recognises(row, value, checker, signal))) {
      precedence.settle(standing, { row, isOurs: true });
      return undefined;
    }
    if (isOurs) return await patiently(() => checker.hash(value), signal);
    precedence.settle(standing, { row, isOurs: false });
    return undefined;
  };

  const write = async (outdated: readonly Outdated[]): Promise<void> => {
    // While they were hashed a newer value may have come, or somebody have stored another: those are right.
    precedence.again(await store.verifiers());
    const wanted = outdated.filter(({ standing }) => precedence.holds(standing));
    if (wanted.length === 0) return;
    const rows = wanted.map(({ standing: { address, slot }, phc }): StoredVerifier => ({ address, slot, phc }));
    options.onRevision(await store.replaceVerifiers(rows, { appliedAt: options.clock() }));
    for (const { standing, phc } of wanted) precedence.settle(standing, { row: phc, isOurs: true });
  };

  const tellOverruled = (): void => {
    const overruled = precedence.overruled();
    const news = overruled.filter((one) => !told.has(verifierKey(one)));
    told = new Set(overruled.map(verifierKey));
    if (news.length > 0) options.onOverruled(news);
  };

  return {
    async weigh(values, { renamed, known, stored: read } = {}) {
      const isSame = known?.isAlone === true && known.digest === latest?.digest;
      if (latest !== undefined && isSame && isSettled()) return latest.weighed;
      const stored = read ?? (await store.verifiers());
      isKept = false;
      const weighed = precedence.weigh(values, stored, renamed);
      latest = { digest: known?.digest, weighed };
      return weighed;
    },
    keep() {
      if (isSettled()) return;
      waiting = true;
      if (working !== undefined || signal.aborted) return;
      working = work().finally(() => {
        working = undefined;
      });
    },
    async idle() {
      await working;
    },
    async close(withinMs) {
      const timer = setTimeout(() => stop.abort(), withinMs);
      await working;
      clearTimeout(timer);
      stop.abort();
    },
  };
}

/** A value that is to be stored, and what is stored of it. */
interface Outdated {
  readonly standing: Standing;
  readonly phc: string;
}
