// Owns what every store must do, whatever it stands on: one suite for the three ports. Never knows a database.

import { describe } from 'vitest';
import type { GrantStore, KeyStore } from '../../src/oauth/port.ts';
import type { ConfigStore } from '../../src/plan/port.ts';
import { applying } from './conformance-apply.ts';
import { drifting } from './conformance-drift.ts';
import { grantsAndKeys } from './conformance-grants.ts';
import { recording } from './conformance-history.ts';
import { moving } from './conformance-moves.ts';
import { using } from './conformance-usage.ts';
import { verifying } from './conformance-verifiers.ts';

export type AnyStore = ConfigStore & GrantStore & KeyStore;

export interface StoreUnderTest {
  readonly store: AnyStore;
  /** The same data through another connection, as another process has it. */
  readonly another: () => Promise<AnyStore>;
  /** Runs SQL on the data past Charter, as somebody with a database client does. */
  readonly meddle: (sql: string) => void | Promise<void>;
}

/** Opens an empty store, which the opener closes and removes when the test has ended. */
export type OpenStore = () => Promise<StoreUnderTest>;

export function conformance(name: string, open: OpenStore): void {
  describe(`${name}: configuration`, () => applying(open));
  describe(`${name}: moves`, () => moving(open));
  describe(`${name}: history`, () => recording(open));
  describe(`${name}: drift`, () => drifting(open));
  describe(`${name}: usage`, () => using(open));
  describe(`${name}: verifiers`, () => verifying(open));
  describe(`${name}: grants and keys`, () => grantsAndKeys(open));
}
