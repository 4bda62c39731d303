// Owns the stored form of a secret: what can check one, never what is one. Outside State and every digest.

import type { Address } from './address.ts';

export interface StoredVerifier {
  readonly address: Address;
  /** Which of the owner's secrets: `secret` for the only one. */
  readonly slot: string;
  /** A PHC string: `$argon2id$v=19$m=…,t=…,p=…$salt$hash`. */
  readonly phc: string;
}
