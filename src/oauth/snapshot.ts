// Owns Snapshot: all that answering a request needs of one generation, frozen. A request pins exactly one.
// Never changes one and never reads a store.

import type { KeyObject } from 'node:crypto';
import type { AccessIndex } from '../access/access-index.ts';
import type { Address } from '../model/address.ts';
import type { Period } from '../model/duration.ts';
import type { AppliedMove } from '../model/move.ts';
import type { State } from '../model/state.ts';
import type { SigningKey } from './port.ts';
import type { SecretVerifier } from './secret.ts';

export interface Snapshot {
  readonly generation: number;
  readonly digest: string;
  readonly state: State;
  readonly index: AccessIndex;
  /** For each entity the generation from which on its tokens count: older ones are dead (DESIGN 5). */
  readonly since: ReadonlyMap<Address, number>;
  /** All moves, the oldest first: a JWT says what its user was called when it was issued. */
  readonly moves: readonly AppliedMove[];
  /**
   * Of each application's secrets, in their order, those over and those to come included; an application that is missing
   * here cannot authenticate with a secret.
   */
  readonly verifiers: ReadonlyMap<Address, readonly SecretVerifier[]>;
  /**
   * Of clients with client_secret_jwt the secrets that this process resolved, as keys: a stored verifier cannot check a MAC.
   */
  readonly macKeys: ReadonlyMap<
    Address,
    readonly { readonly key: KeyObject; readonly period: Period; readonly slot: string | undefined }[]
  >;
  /** Newest first for each algorithm; all are published in the JWKS. */
  readonly keys: readonly SigningKey[];
}

/** The issuer identifier. A State that was compiled or stored always has one; a snapshot without is a bug. */
export function issuerOf(snapshot: Snapshot): string {
  const issuer = snapshot.index.server?.issuer;
  if (issuer === undefined) throw new Error('a snapshot without a server entity answers no request');
  return issuer;
}
