// Owns how a client's secret is checked: verifiers, and their order of cost. Never holds a secret's text for longer than
// the call, and never decides what a failed check means.

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
   */
  check(presented: string, verifiers: readonly Verifier[]): Promise<boolean>;
  /** The keyed verifier of a value that this process resolved. */
  keyed(value: string): Verifier;
  /** A new PHC string of Argon2id (19 MiB, t=2, p=1) with a random salt; shares the bound of `check`. */
  hash(value: string): Promise<string>;
}
