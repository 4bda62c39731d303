// Owns bringing the stored verifiers up to the values that were resolved: checks each, hashes what does not match.
// Beside serving it takes one place of two in the queue for Argon2id, and waits where clients need it.

import { setTimeout as sleep } from 'node:timers/promises';
import { type Address, compareText } from '../model/address.ts';
import { Failure } from '../model/failure.ts';
import type { StoredVerifier } from '../model/verifier.ts';
import type { SecretChecker } from '../oauth/secret.ts';
import type { ConfigStore, Revision } from '../plan/port.ts';
import { ONLY_SLOT } from './build-snapshot.ts';

type Values = ReadonlyMap<Address, string>;

export interface Diligence {
  /** How many are computed at once, 17 ms of CPU each: 1 beside serving, where clients wait; 2 where nobody does. */
  readonly atOnce: number;
  readonly signal?: AbortSignal;
}

/** New verifiers for the values that their stored one does not recognise, or that have none, by address. */
export async function outdatedVerifiers(
  values: Values,
  stored: readonly StoredVerifier[],
  checker: Pick<SecretChecker, 'check' | 'hash'>,
  { atOnce, signal }: Diligence,
): Promise<StoredVerifier[]> {
  const phcs = new Map(stored.map((verifier) => [verifier.address, verifier.phc]));
  const outdated: StoredVerifier[] = [];
  const waiting = values.entries();
  const work = async (): Promise<void> => {
    // One iterator for all: each takes the next value that nobody has taken.
    for (const [address, value] of waiting) {
      if (signal?.aborted) return;
      const phc = phcs.get(address);
      if (phc !== undefined && (await patiently(() => checker.check(value, [{ kind: 'argon2id', phc }]), signal)))
        continue;
      outdated.push({ address, slot: ONLY_SLOT, phc: await patiently(() => checker.hash(value), signal) });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return outdated.sort((a, b) => compareText(a.address, b.address));
}

/** Clients that authenticate go first: a full queue is waited out, not joined. */
async function patiently<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Failure && error.code === 'busy')) throw error;
      await sleep(50, undefined, signal === undefined ? {} : { signal });
    }
  }
}

/** The values to which the references of a generation led. */
export interface ResolvedGeneration {
  readonly generation: number;
  readonly values: Values;
}

export interface VerifierKeeper {
  /** Takes over the values of the newest snapshot. What still waits for an older one is dropped. */
  keep(resolved: ResolvedGeneration): void;
  /** Resolves when nothing is left to do. */
  idle(): Promise<void>;
  /** Stops when nothing is left to do, or after `withinMs`. What is not written is found again at the next start. */
  close(withinMs: number): Promise<void>;
}

export interface VerifierKeeperOptions {
  readonly store: Pick<ConfigStore, 'verifiers' | 'replaceVerifiers'>;
  readonly checker: SecretChecker;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Told the store's newest revision after each write. */
  readonly onRevision: (revision: Revision) => void;
  readonly onFailure: (error: unknown) => void;
}

/** Keeps stored verifiers up to date beside serving. */
export function keepVerifiers(options: VerifierKeeperOptions): VerifierKeeper {
  const { store, checker } = options;
  const stop = new AbortController();
  /** The stored verifier that was found to recognise a value, with that value's keyed digest. */
  const confirmed = new Map<Address, { readonly phc: string; readonly digest: string }>();
  let newest: ResolvedGeneration = { generation: 0, values: new Map() };
  let waiting = false;
  let working: Promise<void> | undefined;

  const work = async (): Promise<void> => {
    while (waiting && !stop.signal.aborted) {
      waiting = false;
      try {
        await bringUpToDate(newest);
      } catch (error) {
        if (!stop.signal.aborted) options.onFailure(error);
      }
    }
  };

  const bringUpToDate = async ({ generation, values }: ResolvedGeneration): Promise<void> => {
    const stored = new Map((await store.verifiers()).map((verifier) => [verifier.address, verifier]));
    const unsure = new Map<Address, string>();
    for (const [address, value] of values) {
      const known = confirmed.get(address);
      const same = known !== undefined && known.phc === stored.get(address)?.phc && known.digest === digestOf(value);
      if (!same) unsure.set(address, value);
    }
    const outdated = await outdatedVerifiers(unsure, [...stored.values()], checker, {
      atOnce: 1,
      signal: stop.signal,
    });
    if (stop.signal.aborted) return;
    // A newer snapshot may have come meanwhile: its values are the ones to write.
    const wanted = outdated.filter(({ address }) => newest.values.get(address) === values.get(address));
    if (wanted.length > 0) {
      options.onRevision(await store.replaceVerifiers(wanted, { generation, appliedAt: options.clock() }));
    }
    const phcs = new Map([...stored.values(), ...wanted].map(({ address, phc }) => [address, phc]));
    for (const [address, value] of unsure) {
      const phc = phcs.get(address);
      if (phc !== undefined) confirmed.set(address, { phc, digest: digestOf(value) });
    }
  };

  const digestOf = (value: string): string => {
    const verifier = checker.keyed(value);
    return verifier.kind === 'keyed' ? Buffer.from(verifier.mac).toString('base64') : verifier.phc;
  };

  return {
    keep(resolved) {
      newest = resolved;
      waiting = true;
      if (working !== undefined || stop.signal.aborted) return;
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
