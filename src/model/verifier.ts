// Owns the stored form of a secret: what can check one, never what is one. Outside State and every digest.

import type { Address } from './address.ts';
import type { SecretReference } from './entity.ts';

export interface StoredVerifier {
  readonly address: Address;
  /** Which of the owner's secrets: slotOf its reference. */
  readonly slot: string;
  /** A PHC string: `$argon2id$v=19$m=…,t=…,p=…$salt$hash`, or `$sha256$…` of a generated secret. */
  readonly phc: string;
}

/** What tells two verifiers apart: neither an address nor a slot has a line break. */
export function verifierKey(verifier: { readonly address: Address; readonly slot: string }): string {
  return `${verifier.address}\n${verifier.slot}`;
}

/**
 * The slot of a secret that has a value somewhere: `env:NAME` or `file:PATH`. By the reference and not by its place in
 * a list, so that a secret keeps its verifier when others come and go. Undefined for a hash, which is its own verifier.
 */
export function slotOf(reference: SecretReference): string | undefined {
  if ('env' in reference) return `env:${reference.env}`;
  return 'file' in reference ? `file:${reference.file}` : undefined;
}
