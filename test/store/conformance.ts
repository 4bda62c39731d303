// Owns what every store must do, whatever it stands on: one suite for the three ports. Never knows a database.

import { describe } from 'vitest';
import type { GrantStore, KeyStore } from '../../src/oauth/port.ts';
import type { ConfigStore } from '../../src/plan/port.ts';
import { applying } from './conformance-apply.ts';
import { grantsAndKeys } from './conformance-grants.ts';
import { verifying } from './conformance-verifiers.ts';

export type AnyStore = ConfigStore & GrantStore & KeyStore;

export interface StoreUnderTest {
  readonly store: AnyStore;
  /** The same data through another connection, as another process has it. */
  readonly another: () => Promise<AnyStore>;
}

/** Opens an empty store, which the opener closes and removes when the test has ended. */
export type OpenStore = () => Promise<StoreUnderTest>;

export function conformance(name: string, open: OpenStore): void {
  describe(`${name}: configuration`, () => applying(open));
  describe(`${name}: verifiers`, () => verifying(open));
  describe(`${name}: grants and keys`, () => grantsAndKeys(open));
}
