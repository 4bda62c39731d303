// Owns a reconciler of a test: over a directory and a store in memory, with what it told. Never asserts anything.

import { randomBytes } from 'node:crypto';
import { onTestFinished } from 'vitest';
import type { Address } from '../../src/model/address.ts';
import { createSecretChecker } from '../../src/oauth/secret.ts';
import type { Snapshot } from '../../src/oauth/snapshot.ts';
import type { ReconcileEvent } from '../../src/reconcile/event.ts';
import { createReconciler } from '../../src/reconcile/loop.ts';
import type { Reconciler, ReconcilerOptions } from '../../src/reconcile/reconciler.ts';
import { compile } from '../../src/spec/compile.ts';
import { eventually, temporary, write } from './directory.ts';
import { createMemoryStore, type MemoryStore } from './memory-store.ts';

export const CLIENT: Address = 'application:Example/Client1';
/** Strong enough that nothing is said of it. */
export const SECRET = 'correct-horse-battery-staple';

/** A valid spec whose one group has the members that are given. */
export function spec(
  members: string,
  secret = '{ env: CLIENT1_SECRET }',
  issuer = 'http://localhost:8080/uas',
): string {
  return `server:
  issuer: ${issuer}
methods:
  cc: { type: client_credentials }
---
site: Example
methods: [cc]
applications:
  Client1:
    methods: [cc]
    secret: ${secret}
    impersonates: User1
    allowed_to: [ClientGroup]
    metadata: { grant_types: [client_credentials], scope: Server1 }
  Server1: { methods: [cc], allowed_to: [Group1] }
groups:
  ClientGroup: { members: [User1] }
  Group1: { methods: [cc], members: [${members}] }
users:
  User1: { methods: [cc] }
  User2: { methods: [cc] }
`;
}

interface Setup {
  readonly directory: string;
  readonly store: MemoryStore;
  readonly loop: Reconciler;
  readonly events: ReconcileEvent[];
  readonly kinds: () => readonly string[];
  readonly checker: ReturnType<typeof createSecretChecker>;
}

export function setUp(options: Partial<ReconcilerOptions> & { directory?: string; memory?: MemoryStore } = {}): Setup {
  const { directory = temporary(), memory = createMemoryStore(), ...others } = options;
  const events: ReconcileEvent[] = [];
  const checker = createSecretChecker({ key: randomBytes(32) });
  const loop = createReconciler({
    directories: [directory],
    env: { CLIENT1_SECRET: SECRET },
    store: memory,
    keys: () => [],
    checker,
    compile,
    clock: Date.now,
    commitOf: async () => ({ commit: 'c0ffee', author: 'Ada <ada@example.com>' }),
    olderCommitOf: async () => undefined,
    onEvent: (event) => events.push(event),
    settleMs: 5,
    watch: { debounceMs: 10, pollMs: 400, lookMs: 50 },
    ...others,
  });
  onTestFinished(() => loop.close());
  return { directory, store: memory, loop, events, kinds: () => events.map(({ kind }) => kind), checker };
}

export const open = async (): Promise<void> => undefined;

export async function started(setup: Setup, text = spec('User1')): Promise<Snapshot> {
  write(setup.directory, { 'charter.yaml': text });
  const start = await setup.loop.start(open);
  if (start.serving === undefined) throw new Error(`not serving: ${JSON.stringify(start.refusal)}`);
  await setup.loop.idle();
  return start.serving;
}

/** Writes the spec and waits until the loop has told something new. */
export async function edit(setup: Setup, text: string): Promise<ReconcileEvent> {
  const before = setup.events.length;
  write(setup.directory, { 'charter.yaml': text });
  const event = await eventually(() => {
    const found = setup.events[before];
    if (found === undefined) throw new Error('nothing was told');
    return found;
  });
  await setup.loop.idle();
  return event;
}
