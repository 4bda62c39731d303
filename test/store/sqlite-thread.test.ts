// The thread of the SQLite store: what is committed together, what waits for a lock and what does not, and that no caller
// is left without an answer.

import { existsSync, renameSync } from 'node:fs';
import type { Worker } from 'node:worker_threads';
import type { JWK } from 'jose';
import { describe, expect, test, vi } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { application, applyState, requestTo, SMALL, signingKey, stateOf, tokenRecord } from './fixture.ts';
import { newPath, open, otherConnection } from './opening.ts';
import { readWal } from './wal.ts';

/** The threads that were started, newest last: to crash one. */
const threads = vi.hoisted((): Worker[] => []);

vi.mock('node:worker_threads', async (original) => {
  const actual = await original<typeof import('node:worker_threads')>();
  class WatchedWorker extends actual.Worker {
    constructor(...args: ConstructorParameters<typeof actual.Worker>) {
      super(...args);
      threads.push(this);
    }
  }
  return { ...actual, Worker: WatchedWorker };
});

/** The event loop turns so often, or the test runs into its timeout. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function state(call: Promise<unknown>): { settled: boolean } {
  const seen = { settled: false };
  const settle = () => {
    seen.settled = true;
  };
  call.then(settle, settle);
  return seen;
}

describe('look-ups where requests are served', () => {
  test('they do not wait for the thread: those of a turn are answered by the next', async () => {
    const store = await open(newPath());
    await store.insertAccessToken('h', tokenRecord());
    await store.findAccessToken('h');
    const calls = vi.spyOn(threads.at(-1) as Worker, 'postMessage');
    const found = state(Promise.all([store.findAccessToken('h'), store.isJwtRevoked('none'), store.findGrant('none')]));
    await turns(2);
    expect(found.settled).toBe(true);
    expect(calls).not.toHaveBeenCalled();
  });

  test('one that cannot be made there is made by the thread', async () => {
    const store = await open(newPath());
    await store.insertAccessToken('h', tokenRecord());
    // Too late for another connection; the thread has its own.
    renameSync(store.path, `${store.path}.away`);
    expect(await store.findAccessToken('h')).toEqual(tokenRecord());
    renameSync(`${store.path}.away`, store.path);
  });

  test('of the last to leave nothing but the file is left', async () => {
    const store = await open(newPath());
    await store.insertAccessToken('h', tokenRecord());
    const late = store.findAccessToken('h');
    await store.close();
    expect(await late).toEqual(tokenRecord());
    expect(existsSync(`${store.path}-wal`)).toBe(false);
  });
});

describe('group commit', () => {
  test('DESIGN 6: writes of one moment share a durable commit', async () => {
    const store = await open(newPath());
    const before = readWal(store.path).commits;
    await Promise.all(Array.from({ length: 200 }, (_, index) => store.insertAccessToken(`h${index}`, tokenRecord())));
    expect(readWal(store.path).commits - before).toBeLessThanOrEqual(2);
  });

  test('writes one after the other have a commit each: an answer means durable', async () => {
    const store = await open(newPath());
    const before = readWal(store.path).commits;
    for (let index = 0; index < 20; index++) {
      await store.insertAccessToken(`h${index}`, tokenRecord());
      expect(readWal(store.path).commits - before).toBe(index + 1);
    }
  });

  test('an apply has a commit of its own, in the order of the calls', async () => {
    const store = await open(newPath());
    await applyState(store, SMALL);
    const stored = await store.read();
    const before = readWal(store.path).commits;
    const gone = requestTo(stateOf({}), stored);
    // The client of the tokens goes with the apply: those written before it go too, those written after it stay.
    const calls = [store.insertAccessToken('before', tokenRecord()), store.apply(gone)];
    await Promise.all(calls);
    await store.insertAccessToken('after', tokenRecord());
    expect(readWal(store.path).commits - before).toBe(3);
    expect(await store.findAccessToken('before')).toBeUndefined();
    expect(await store.findAccessToken('after')).toBeDefined();
  });
});

describe('a lock held by another process', () => {
  test('DESIGN 5: the event loop turns on, and the write is answered once the lock is free', async () => {
    const store = await open(newPath());
    const other = otherConnection(store.path);
    other.exec('BEGIN IMMEDIATE');
    const write = store.insertAccessToken('h', tokenRecord());
    const seen = state(write);
    await turns(2000);
    expect(seen.settled).toBe(false);
    other.exec('COMMIT');
    await write;
    expect(await store.findAccessToken('h')).toBeDefined();
  });

  test('reads do not wait for it, not even behind a write that does', async () => {
    const store = await open(newPath());
    await applyState(store, SMALL);
    await store.insertAccessToken('h', tokenRecord());
    const other = otherConnection(store.path);
    other.exec('BEGIN IMMEDIATE');
    const write = store.deleteAccessToken('h');
    const seen = state(write);
    for (let count = 0; count < 5; count++) {
      expect(await store.findAccessToken('h')).toBeDefined();
      expect((await store.read())?.generation).toBe(1);
    }
    expect(seen.settled).toBe(false);
    other.exec('ROLLBACK');
    await write;
    expect(await store.findAccessToken('h')).toBeUndefined();
  });

  test('a lock that stays is told after five seconds; what comes later is written', { timeout: 30_000 }, async () => {
    const store = await open(newPath());
    const other = otherConnection(store.path);
    other.exec('BEGIN IMMEDIATE');
    await expect(store.insertAccessToken('h', tokenRecord())).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringMatching(/is locked: another process has been writing to it for over 5 seconds/),
    });
    other.exec('ROLLBACK');
    await store.insertAccessToken('h', tokenRecord());
    expect(await store.findAccessToken('h')).toBeDefined();
  });

  test('a new store that another process locks is told', { timeout: 30_000 }, async () => {
    const path = newPath();
    const other = otherConnection(path);
    other.exec('BEGIN EXCLUSIVE');
    await expect(openSqliteStore(path)).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringMatching(/is locked/),
    });
  });
});

test('a read is answered while a large apply of the same process is inside its transaction', async () => {
  const store = await open(newPath());
  await applyState(store, SMALL);
  const names = Array.from({ length: 20_000 }, (_, index) => `App${index}`);
  const large = stateOf(Object.fromEntries(names.map((name) => [`application:Big/${name}`, application(name)])));
  const other = otherConnection(store.path);
  const locked = () => {
    try {
      other.exec('BEGIN IMMEDIATE; ROLLBACK');
      return false;
    } catch {
      return true;
    }
  };
  const apply = applyState(store, large);
  const seen = state(apply);
  while (!locked()) await turns(1);
  // Inside: what is answered now is the generation before.
  expect((await store.revisions(1))[0]?.generation).toBe(1);
  expect(await store.findAccessToken('h')).toBeUndefined();
  expect(seen.settled).toBe(false);
  expect((await apply).generation).toBe(2);
});

test('a large log goes back into the file while the store is open, a small one stays', async () => {
  const store = await open(newPath());
  const other = otherConnection(store.path);
  const waiting = () => {
    const [found] = other.pragma('wal_checkpoint(NOOP)') as { log: number; checkpointed: number }[];
    return (found?.log ?? 0) - (found?.checkpointed ?? 0);
  };
  await applyState(store, SMALL);
  // Once answered, the thread has come past the point.
  await store.signingKeys();
  expect(waiting()).toBeGreaterThan(0);
  const metadata = { client_name: 'A'.repeat(4000) };
  const names = Array.from({ length: 3000 }, (_, index) => `App${index}`);
  const large = names.map((name) => [`application:Big/${name}`, application(name, { metadata })] as const);
  await applyState(store, stateOf(Object.fromEntries(large)));
  await store.signingKeys();
  expect(waiting()).toBe(0);
});

describe('the end', () => {
  test('close waits for what was called before, and refuses what comes after', async () => {
    const store = await open(newPath());
    const writes = Array.from({ length: 50 }, (_, index) => store.insertAccessToken(`h${index}`, tokenRecord()));
    const closing = store.close();
    await Promise.all(writes);
    await expect(store.findAccessToken('h1')).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringMatching(/was closed/),
    });
    await closing;
    await store.close();
    const again = await open(store.path);
    expect(await again.findAccessToken('h49')).toBeDefined();
  });

  test('close waits for an apply and a read of many messages, too', async () => {
    const store = await open(newPath());
    const names = Array.from({ length: 2000 }, (_, index) => `App${index}`);
    const large = stateOf(Object.fromEntries(names.map((name) => [`application:Big/${name}`, application(name)])));
    const apply = store.apply(requestTo(large, undefined));
    const closing = store.close();
    expect((await apply).generation).toBe(1);
    await closing;
    const again = await open(store.path);
    const reading = again.read();
    const closingAgain = again.close();
    expect((await reading)?.state.size).toBe(large.size);
    await closingAgain;
  });

  test('a thread that dies refuses what waits and whatever comes later, with its reason; close still ends', async () => {
    const store = await open(newPath());
    otherConnection(store.path).exec('BEGIN IMMEDIATE');
    const waiting = [
      store.insertAccessToken('h', tokenRecord()),
      store.revokeJwt('j', 1),
      store.apply(requestTo(SMALL, undefined)),
    ];
    const outcomes = Promise.allSettled(waiting);
    await turns(10);
    // No message of ours: it throws where nothing catches.
    threads.at(-1)?.postMessage(42);
    const lost = {
      code: 'store_unavailable',
      message: expect.stringMatching(/its thread ended \(.*not iterable\).*Start Charter again/),
    };
    expect(await outcomes).toEqual(waiting.map(() => ({ status: 'rejected', reason: expect.objectContaining(lost) })));
    await expect(store.read()).rejects.toMatchObject(lost);
    await store.close();
  });

  test('what is no data is refused to who passed it, and to nobody else', async () => {
    const store = await open(newPath());
    const strange = { ...signingKey('k', 'ES256'), jwk: { kty: () => 'EC' } as unknown as JWK };
    const outcomes = await Promise.allSettled([
      store.revokeJwt('j', 1),
      store.ensureSigningKeys([strange]),
      store.isJwtRevoked('other'),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await store.isJwtRevoked('j')).toBe(true);
  });
});
