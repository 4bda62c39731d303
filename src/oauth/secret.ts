// Owns how a client's secret is checked: verifiers, and their order of cost. Never holds a secret's text for longer than
// the call, and never decides what a failed check means.

import { createHash, hash as hashOnce, timingSafeEqual } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import type { Period } from '../model/duration.ts';
import { isGeneratedSecret } from '../model/generated-secret.ts';
import { phcFault } from '../model/phc.ts';
import { boundedCache } from './bounded-cache.ts';
import { createLane } from './lane.ts';

/** One way to recognise a secret. */
export type Verifier =
  /** A keyed digest of a value that this process resolved itself: compared in microseconds, never stored. */
  | { readonly kind: 'keyed'; readonly mac: Uint8Array }
  /** The SHA-256 of a generated secret: as cheap, and nobody guesses 256 bits. */
  | { readonly kind: 'sha256'; readonly digest: Uint8Array }
  /** A PHC string of Argon2id: 17 ms of CPU the first time. */
  | { readonly kind: 'argon2id'; readonly phc: string };

/** A verifier of one of a client's secrets, with the time in which that secret counts. */
export type SecretVerifier = Verifier & {
  /** slotOf of its reference; undefined for a written hash. */
  readonly slot: string | undefined;
  readonly period: Period;
};

export interface SecretChecker {
  /**
   * The first of the verifiers that recognises the presented secret; undefined when none does. Cheap ones are asked
   * first, all of them, and answer at once. Argon2id runs at most two at once behind a bounded queue; throws Failure `busy` when
   * the queue is full. A secret that was recognised once costs microseconds again. An empty secret is never recognised.
   */
  recognise<V extends Verifier>(presented: string, verifiers: readonly V[]): V | undefined | Promise<V | undefined>;
  /**
   * The same of a person's password: where no verifier recognises it a computation of Argon2id was made in any case, also where
   * there are none, so that the time tells nothing about who exists.
   */
  recognisePassword<V extends Verifier>(presented: string, verifiers: readonly V[]): Promise<V | undefined>;
  /** The keyed verifier of a value that this process resolved. */
  keyed(value: string): Verifier & { readonly kind: 'keyed' };
  /**
   * What is stored of a value: SHA-256 of a generated one, a new Argon2id hash with a random salt of any other. It shares
   * the lanes of `recognise`, but waits.
   */
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

/** Under what it is remembered that a secret was recognised by this Argon2id hash. */
type NameOf = (phc: string) => string;

/** Pairs of verifier and secret, a few hundred bytes each. */
const RECOGNISED_AT_MOST = 10_000;

/** OWASP's smallest profile. Argon2id, version 0x13 and a random salt of 16 bytes are the package's defaults. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** The id of the stored form that only a generated secret has: `$sha256$` and the digest in base64 without padding. */
const SHA256 = '$sha256$';

/** A new PHC string of Argon2id (19 MiB, t=2, p=1) with a random salt. */
export function hashWithArgon2id(value: string): Promise<string> {
  return hash(value, COST);
}

/** The verifier that a stored PHC string is. */
export function storedForm(phc: string): Verifier {
  if (!phc.startsWith(SHA256)) return { kind: 'argon2id', phc };
  return { kind: 'sha256', digest: Buffer.from(phc.slice(SHA256.length), 'base64') };
}

/** Whether a value is stored in this form: SHA-256 of generated secrets, and of nothing else. */
export function isStoredFormOf(value: string, phc: string): boolean {
  return phc.startsWith(SHA256) === isGeneratedSecret(value);
}

export function createSecretChecker(options: SecretCheckerOptions): SecretChecker {
  const lane = createLane(options.maxConcurrent ?? 2, options.maxQueue ?? 128);
  // By verifier and MAC both: what was recognised by a verifier is forgotten with it. Which verifiers count at the
  // moment is the caller's to say, each time anew: what is remembered here outlives no secret.
  const recognised = boundedCache<true>(RECOGNISED_AT_MOST);
  const running = new Map<string, Promise<boolean>>();
  // A key of a fixed length before the value is a MAC as long as nobody is shown one (nobody is): an HMAC costs four times as much.
  const key = Buffer.from(options.key).toString('hex');
  const macOf = (value: string): Buffer => Buffer.from(hashOnce('sha256', `${key}${value}`, 'hex'), 'hex');
  let nobody: Promise<string> | undefined;

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

  const computeAll = async <V extends Verifier>(
    presented: string,
    verifiers: readonly V[],
    nameOf: NameOf,
  ): Promise<V | undefined> => {
    for (const verifier of verifiers) {
      if (verifier.kind !== 'argon2id' || phcFault(verifier.phc) !== undefined) continue;
      if (await compute(nameOf(verifier.phc), presented, verifier.phc)) return verifier;
    }
    return undefined;
  };

  const checker: SecretChecker = {
    recognise(presented, verifiers) {
      if (presented === '') return undefined;
      const mac = macOf(presented);
      const nameOf: NameOf = (phc) => `${phc}\n${mac.toString('base64')}`;
      const isKnown = (verifier: Verifier): boolean => {
        if (verifier.kind === 'keyed') return sameBytes(mac, verifier.mac);
        if (verifier.kind === 'sha256') return sameBytes(sha256(presented), verifier.digest);
        return recognised.get(nameOf(verifier.phc)) === true;
      };
      // All are asked, so that the time does not tell which it was.
      const known = verifiers.filter(isKnown);
      if (known.length > 0) return known[0];
      return verifiers.some(({ kind }) => kind === 'argon2id') ? computeAll(presented, verifiers, nameOf) : undefined;
    },
    async recognisePassword(presented, verifiers) {
      const used = await checker.recognise(presented, verifiers);
      const isComputed = presented !== '' && verifiers.some(({ kind }) => kind === 'argon2id');
      if (used !== undefined || isComputed) return used;
      nobody ??= hashWithArgon2id(macOf('nobody').toString('base64'));
      const phc = await nobody;
      await lane.bounded(() => verify(phc, presented));
      return undefined;
    },
    keyed: (value) => ({ kind: 'keyed', mac: macOf(value) }),
    async hash(value) {
      if (isGeneratedSecret(value)) return `${SHA256}${sha256(value).toString('base64').replace(/=+$/, '')}`;
      return lane.unbounded(() => hashWithArgon2id(value));
    },
  };
  return checker;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
