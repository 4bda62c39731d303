// Owns checking values by their stored verifiers, and hashing those that are not recognised. Beside serving it takes one place
// of two in the queue for Argon2id, and waits where clients need it. Never stores one.

import { setTimeout as sleep } from 'node:timers/promises';
import { compareText } from '../model/address.ts';
import { Failure } from '../model/failure.ts';
import { type StoredVerifier, verifierKey } from '../model/verifier.ts';
import { isStoredFormOf, type SecretChecker, storedForm } from '../oauth/secret.ts';
import { eachValue, type SecretValues } from './secrets.ts';

export interface Diligence {
  /** How many are computed at once, 17 ms of CPU each: 1 beside serving, where clients wait; 2 where nobody does. */
  readonly atOnce: number;
  readonly signal?: AbortSignal;
}

/** New verifiers for the values that their stored one does not recognise, or that have none, by address and slot. */
export async function outdatedVerifiers(
  values: SecretValues,
  stored: readonly StoredVerifier[],
  checker: Pick<SecretChecker, 'recognise' | 'hash'>,
  { atOnce, signal }: Diligence,
): Promise<StoredVerifier[]> {
  // One for all: each takes the next value that nobody has taken.
  const waiting = eachValue(values);
  const phcs = new Map(stored.map((verifier) => [verifierKey(verifier), verifier.phc]));
  const outdated: StoredVerifier[] = [];
  const work = async (): Promise<void> => {
    for (const { address, slot, value } of waiting) {
      if (signal?.aborted) return;
      const phc = phcs.get(verifierKey({ address, slot }));
      if (phc !== undefined && (await recognises(phc, value, checker, signal))) continue;
      outdated.push({ address, slot, phc: await patiently(() => checker.hash(value), signal) });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return outdated.sort((a, b) => compareText(a.address, b.address) || compareText(a.slot, b.slot));
}

/** Whether a stored verifier is of this value, and of the kind that is stored of it. */
export async function recognises(
  phc: string,
  value: string,
  checker: Pick<SecretChecker, 'recognise'>,
  signal?: AbortSignal,
): Promise<boolean> {
  if (!isStoredFormOf(value, phc)) return false;
  return (await patiently(async () => checker.recognise(value, [storedForm(phc)]), signal)) !== undefined;
}

/** Clients that authenticate go first: a full queue is waited out, not joined. */
export async function patiently<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Failure && error.code === 'busy')) throw error;
      await sleep(50, undefined, signal === undefined ? {} : { signal });
    }
  }
}
