// Owns what every store must do, whatever it stands on: one suite for the three ports. Never knows a database.

import { describe } from 'vitest';
import type { GrantStore, KeyStore } from '../../src/oauth/port.ts';
import type { ConfigStore } from '../../src/plan/port.ts';
import { applying } from './conformance-apply.ts';
import { redeeming } from './conformance-codes.ts';
import { drifting } from './conformance-drift.ts';
import { rotating } from './conformance-families.ts';
import { issuing } from './conformance-grants.ts';
import { recording } from './conformance-history.ts';
import { connecting } from './conformance-issued.ts';
import { keeping } from './conformance-keys.ts';
import { moving } from './conformance-moves.ts';
import { owning } from './conformance-owners.ts';
import { staying } from './conformance-sessions.ts';
import { sweeping } from './conformance-sweep.ts';
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

/** What has no configuration: of its rows none ends with its owner. */
export type OpenGrants = () => Promise<{ readonly store: GrantStore; readonly another: () => Promise<GrantStore> }>;

export function grantConformance(name: string, open: OpenGrants): void {
  describe(`${name}: tokens`, () => issuing(open));
  describe(`${name}: codes`, () => redeeming(open));
  describe(`${name}: refresh tokens`, () => rotating(open));
  describe(`${name}: sessions`, () => staying(open));
  describe(`${name}: taking back`, () => connecting(open));
  describe(`${name}: what has expired`, () => sweeping(open));
}

export function conformance(name: string, open: OpenStore): void {
  describe(`${name}: configuration`, () => applying(open));
  describe(`${name}: moves`, () => moving(open));
  describe(`${name}: history`, () => recording(open));
  describe(`${name}: drift`, () => drifting(open));
  describe(`${name}: usage`, () => using(open));
  describe(`${name}: verifiers`, () => verifying(open));
  describe(`${name}: owners`, () => owning(open));
  describe(`${name}: keys`, () => keeping(open));
  grantConformance(name, open);
}
