// Owns noticing that the store cannot be written, as while its disk is full, and that it can be again. Never holds back a
// write, and never answers for one.

import { Failure } from '../../model/failure.ts';
import type { GroupedVerbs, LoneVerbs } from '../../store/protocol.ts';
import type { LateStore } from '../late-store.ts';

export interface StoreWrites {
  /** The same store, whose writes are watched. */
  readonly store: LateStore;
  /** Tries whether it can be written again, where it could not. */
  look(): Promise<void>;
  /** Why it cannot be written, as the store said it; undefined where it can. */
  problem(): string | undefined;
  /** Tells nothing from now on: the store is being closed. */
  stop(): void;
}

const WRITES: Readonly<Record<keyof (GroupedVerbs & LoneVerbs), true>> = {
  apply: true,
  replaceVerifiers: true,
  resume: true,
  recordUse: true,
  insertAccessToken: true,
  deleteAccessToken: true,
  revokeJwt: true,
  insertCode: true,
  redeemCode: true,
  insertGrant: true,
  endGrant: true,
  rotateRefreshToken: true,
  insertSession: true,
  touchSession: true,
  endSession: true,
  keepConsent: true,
  withdrawConsent: true,
  useAssertion: true,
  endIssued: true,
  endIssuedById: true,
  removeExpired: true,
  ensureSigningKeys: true,
  insertSigningKeys: true,
  extendSigningKeys: true,
  deleteSigningKeys: true,
  tryWriting: true,
};

type Verb = (...args: readonly unknown[]) => Promise<unknown>;

/**
 * `tell` is called when writing begins to fail, and without a problem when it works again: that is found out by a look, as
 * who is not ready is asked for nothing, and a write that found nothing to change proves nothing.
 */
export function watchStoreWrites(store: LateStore, tell: (problem: string | undefined) => void): StoreWrites {
  let problem: string | undefined;
  let stopped = false;

  const failed = (error: unknown): void => {
    if (stopped || problem !== undefined || !(error instanceof Failure) || error.code !== 'store_unavailable') return;
    problem = error.message;
    tell(problem);
  };
  const watched = (verb: keyof typeof WRITES): Verb => {
    const write = store[verb] as unknown as Verb;
    return async (...args) => {
      try {
        return await write(...args);
      } catch (error) {
        failed(error);
        throw error;
      }
    };
  };
  const writes = Object.keys(WRITES).map((verb) => [verb, watched(verb as keyof typeof WRITES)]);

  return {
    store: { ...store, ...(Object.fromEntries(writes) as Pick<LateStore, keyof typeof WRITES>) },
    async look() {
      if (problem === undefined || stopped) return;
      // It is told already that it fails.
      const works = await store.tryWriting().then(
        () => true,
        () => false,
      );
      if (!works || stopped) return;
      problem = undefined;
      tell(undefined);
    },
    problem: () => problem,
    stop() {
      stopped = true;
    },
  };
}
