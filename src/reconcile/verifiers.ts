// Owns bringing the stored verifiers up to the values that were resolved: checks each, hashes what does not match.
// Beside serving it takes one place of two in the queue for Argon2id, and waits where clients need it.

import { setTimeout as sleep } from 'node:timers/promises';
import { type Address, compareText } from '../model/address.ts';
import { Failure } from '../model/failure.ts';
import { type StoredVerifier, verifierKey } from '../model/verifier.ts';
import { isStoredFormOf, type SecretChecker, storedForm } from '../oauth/secret.ts';
import type { ConfigStore, Revision } from '../plan/port.ts';
import type { SecretValues } from './secrets.ts';

export interface Diligence {
  /** How many are computed at once, 17 ms of CPU each: 1 beside serving, where clients wait; 2 where nobody does. */
  readonly atOnce: number;
  readonly signal?: AbortSignal;
}

/** A value with whose it is. */
interface Held {
  readonly address: Address;
  readonly slot: string;
  readonly value: string;
}

function* each(values: SecretValues): IterableIterator<Held> {
  for (const [address, slots] of values) for (const [slot, value] of slots) yield { address, slot, value };
}

/** New verifiers for the values that their stored one does not recognise, or that have none, by address and slot. */
export function outdatedVerifiers(
  values: SecretValues,
  stored: readonly StoredVerifier[],
  checker: Pick<SecretChecker, 'recognise' | 'hash'>,
  diligence: Diligence,
): Promise<StoredVerifier[]> {
  return outdatedOf(each(values), stored, checker, diligence);
}

/** Of one iterator for all: each takes the next value that nobody has taken. */
async function outdatedOf(
  waiting: IterableIterator<Held>,
  stored: readonly StoredVerifier[],
  checker: Pick<SecretChecker, 'recognise' | 'hash'>,
  { atOnce, signal }: Diligence,
): Promise<StoredVerifier[]> {
  const phcs = new Map(stored.map((verifier) => [verifierKey(verifier), verifier.phc]));
  const outdated: StoredVerifier[] = [];
  const recognises = async (phc: string, value: string): Promise<boolean> =>
    isStoredFormOf(value, phc) &&
    (await patiently(() => checker.recognise(value, [storedForm(phc)]), signal)) !== undefined;
  const work = async (): Promise<void> => {
    for (const { address, slot, value } of waiting) {
      if (signal?.aborted) return;
      const phc = phcs.get(verifierKey({ address, slot }));
      if (phc !== undefined && (await recognises(phc, value))) continue;
      outdated.push({ address, slot, phc: await patiently(() => checker.hash(value), signal) });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return outdated.sort((a, b) => compareText(a.address, b.address) || compareText(a.slot, b.slot));
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

export interface VerifierKeeper {
  /** Takes over the values of the newest snapshot. What still waits for an older one is dropped. */
  keep(values: SecretValues): void;
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
  /** By verifierKey, the stored verifier that was found to recognise a value, with that value's keyed digest. */
  let confirmed = new Map<string, { readonly phc: string; readonly digest: string }>();
  let newest: SecretValues = new Map();
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

  const bringUpToDate = async (values: SecretValues): Promise<void> => {
    const stored = new Map((await store.verifiers()).map((verifier) => [verifierKey(verifier), verifier]));
    const unsure: Held[] = [];
    // What is kept is of the values at hand: who is gone is forgotten.
    const still: typeof confirmed = new Map();
    for (const held of each(values)) {
      const key = verifierKey(held);
      const known = confirmed.get(key);
      const same = known !== undefined && known.phc === stored.get(key)?.phc && known.digest === digestOf(held.value);
      if (same) still.set(key, known);
      else unsure.push(held);
    }
    confirmed = still;
    const outdated = await outdatedOf(unsure.values(), [...stored.values()], checker, {
      atOnce: 1,
      signal: stop.signal,
    });
    if (stop.signal.aborted) return;
    // A newer snapshot may have come meanwhile: its values are the ones to write.
    const wanted = outdated.filter(
      ({ address, slot }) => newest.get(address)?.get(slot) === values.get(address)?.get(slot),
    );
    if (wanted.length > 0) options.onRevision(await store.replaceVerifiers(wanted, { appliedAt: options.clock() }));
    const dropped = new Set(outdated.filter((verifier) => !wanted.includes(verifier)).map(verifierKey));
    const phcs = new Map([...stored.values(), ...wanted].map((verifier) => [verifierKey(verifier), verifier.phc]));
    for (const held of unsure) {
      const key = verifierKey(held);
      const phc = dropped.has(key) ? undefined : phcs.get(key);
      if (phc !== undefined) confirmed.set(key, { phc, digest: digestOf(held.value) });
    }
  };

  const digestOf = (value: string): string => Buffer.from(checker.keyed(value).mac).toString('base64');

  return {
    keep(values) {
      newest = values;
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
