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

/** A secret as the key of a MAC. A KeyObject: neither JSON nor what a debugger prints shows the value. */
export interface MacKey {
  readonly key: KeyObject;
  readonly period: Period;
  /** slotOf of its reference. */
  readonly slot: string;
}

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
   * Of each application's secrets, in their order, those over and those to come included, and of each user's password; who
   * is missing here cannot authenticate with one.
   */
  readonly verifiers: ReadonlyMap<Address, readonly SecretVerifier[]>;
  /** Of each application of client_secret_jwt, in the same order, those of its secrets whose values this process resolved. */
  readonly macKeys: ReadonlyMap<Address, readonly MacKey[]>;
  /** Newest first for each algorithm. Which of them sign and are published is a question of time (signing-keys.ts). */
  readonly keys: readonly SigningKey[];
}

/** What says whether something that was issued still counts. */
export type Standing = Pick<Snapshot, 'state' | 'index' | 'since'>;

/** The issuer identifier. A State that was compiled or stored always has one; a snapshot without is a bug. */
export function issuerOf({ index }: Pick<Snapshot, 'index'>): string {
  const issuer = index.server?.issuer;
  if (issuer === undefined) throw new Error('a snapshot without a server entity answers no request');
  return issuer;
}
