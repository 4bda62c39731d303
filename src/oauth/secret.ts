// Owns how a client's secret is checked: verifiers, and their order of cost. Never holds a secret's text for longer than
// the call, and never decides what a failed check means.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { phcFault } from '../model/phc.ts';
import { boundedCache } from './bounded-cache.ts';
import { createLane } from './lane.ts';

/** One way to recognise a secret. */
export type Verifier =
  /** A keyed digest of a value that this process resolved itself: compared in microseconds, never stored. */
  | { readonly kind: 'keyed'; readonly mac: Uint8Array }
  /** A PHC string of Argon2id: 17 ms of CPU the first time. */
  | { readonly kind: 'argon2id'; readonly phc: string };

export interface SecretChecker {
  /**
   * Whether the presented secret is one that a verifier recognises. Argon2id runs at most two at once behind a bounded
   * queue; throws Failure `busy` when the queue is full. A secret that was recognised once costs microseconds again.
   * An empty secret is never recognised.
   */
  check(presented: string, verifiers: readonly Verifier[]): Promise<boolean>;
  /** The keyed verifier of a value that this process resolved. */
  keyed(value: string): Verifier;
  /** A new PHC string of Argon2id (19 MiB, t=2, p=1) with a random salt; shares the lanes of `check`, but waits. */
  hash(value: string): Promise<string>;
}

export interface SecretCheckerOptions {
  /** 32 random bytes of this process: what it recognises means nothing to any other. */
  readonly key: Uint8Array;
  /** How many Argon2id computations run at once; 2 by default. */
  readonly maxConcurrent?: number;
  /** How many checks may wait for their turn; 128 by default, a second's work. */
  readonly maxQueue?: number;
}

/** Pairs of verifier and secret, a few hundred bytes each. */
const RECOGNISED_AT_MOST = 10_000;

/** OWASP's smallest profile. Argon2id, version 0x13 and a random salt of 16 bytes are the package's defaults. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export function createSecretChecker(options: SecretCheckerOptions): SecretChecker {
  const lane = createLane(options.maxConcurrent ?? 2, options.maxQueue ?? 128);
  // By verifier and MAC both: what was recognised by a verifier is forgotten with it.
  const recognised = boundedCache<true>(RECOGNISED_AT_MOST);
  const running = new Map<string, Promise<boolean>>();
  const macOf = (value: string): Buffer => createHmac('sha256', options.key).update(value).digest();

  const compute = (name: string, presented: string, phc: string): Promise<boolean> => {
    // Many requests of one client at the same moment, as after a start, pay once.
    const known = running.get(name);
    if (known !== undefined) return known;
    const computation = lane
      .bounded(() => verify(phc, presented))
      .then((matches) => {
        if (matches) recognised.set(name, true);
        return matches;
      })
      .finally(() => running.delete(name));
    running.set(name, computation);
    return computation;
  };

  return {
    async check(presented, verifiers) {
      if (presented === '') return false;
      const mac = macOf(presented);
      const byDigest = verifiers.filter((verifier) => verifier.kind === 'keyed' && sameBytes(mac, verifier.mac));
      if (byDigest.length > 0) return true;
      for (const verifier of verifiers) {
        if (verifier.kind !== 'argon2id') continue;
        const name = `${verifier.phc}\n${mac.toString('base64')}`;
        if (recognised.get(name) === true) return true;
        if (phcFault(verifier.phc) === undefined && (await compute(name, presented, verifier.phc))) return true;
      }
      return false;
    },
    keyed: (value) => ({ kind: 'keyed', mac: macOf(value) }),
    hash: (value) => lane.unbounded(() => hash(value, COST)),
  };
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
