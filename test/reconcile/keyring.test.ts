// The keyring over a real store: what others change, what tokens may live, what has served its time.

import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { SIGNING_ALGORITHMS } from '../../src/model/entity.ts';
import { createKeyring } from '../../src/reconcile/keyring.ts';
import { openSqliteStore, type SqliteStore } from '../../src/store/sqlite.ts';
import { EX2, edited } from '../model/example-state.ts';
import { signingKey } from '../store/fixture.ts';
import { temporary } from './directory.ts';

const HOUR = 3_600_000;
/** Tokens of an hour, and of two days. */
const SHORT = EX2;
const LONG = edited(EX2, 'server', 'server', { tokens: { access_ttl: '2d' } });

async function openStore(): Promise<SqliteStore> {
  const store = await openSqliteStore(join(temporary(), 'charter.db'));
  onTestFinished(() => store.close());
  return store;
}

const kidsOf = (keys: readonly { readonly kid: string }[]) => keys.map(({ kid }) => kid).sort();

it('makes a key for each algorithm that has none, and answers the same list as long as nothing changes', async () => {
  const store = await openStore();
  await store.insertSigningKeys([signingKey('es-1', 'ES256')]);
  const keyring = createKeyring(store, () => HOUR);
  const keys = await keyring.read();
  expect(kidsOf(keys)).toEqual(kidsOf(await store.signingKeys()));
  expect(keys.map(({ alg }) => alg).sort()).toEqual([...SIGNING_ALGORITHMS].sort());
  expect(kidsOf(keys)).toContain('es-1');
  expect(await keyring.read()).toBe(keys);
  expect(await keyring.keysFor(SHORT)).toBe(keys);
});

it('takes what another process adds and removes, and keeps the keys that stay', async () => {
  const store = await openStore();
  const keyring = createKeyring(store, () => HOUR);
  const before = await keyring.read();
  const [first] = before;
  await store.insertSigningKeys([signingKey('new', first?.alg ?? 'ES256', 2 * HOUR)]);
  const after = await keyring.read();
  expect(kidsOf(after)).toEqual(kidsOf([...before, { kid: 'new' }]));
  expect(after[0]?.kid, 'the newest first').toBe('new');
  for (const key of before) expect(after).toContain(key);
  await store.deleteSigningKeys([first?.kid ?? '']);
  expect(kidsOf(await keyring.read())).not.toContain(first?.kid);
});

it('the store knows how long the tokens of a State live before there is a snapshot of it', async () => {
  const store = await openStore();
  const keyring = createKeyring(store, () => HOUR);
  await keyring.read();
  const lives = async () => new Set((await store.signingKeys()).map(({ longest_ttl }) => longest_ttl));
  expect((await keyring.keysFor(LONG)).every(({ longest_ttl }) => longest_ttl === 172_800)).toBe(true);
  expect(await lives()).toEqual(new Set([172_800]));
  await keyring.keysFor(SHORT);
  expect(await lives(), 'what was signed before lives on').toEqual(new Set([172_800]));
});

it('a key that comes later is to live as long as the tokens of the States that were asked for', async () => {
  const store = await openStore();
  const keyring = createKeyring(store, () => HOUR);
  await keyring.read();
  await keyring.keysFor(LONG);
  await store.insertSigningKeys([signingKey('later', 'ES256', 2 * HOUR)]);
  const found = (await keyring.read()).find(({ kid }) => kid === 'later');
  expect(found?.longest_ttl).toBe(172_800);
  expect((await store.signingKeys()).every(({ longest_ttl }) => longest_ttl === 172_800)).toBe(true);
});

it('lets go of a key ten minutes after the last token that it signed, and not before', async () => {
  const store = await openStore();
  let now = 0;
  const keyring = createKeyring(store, () => now);
  await store.insertSigningKeys([signingKey('old', 'ES256', 0), signingKey('new', 'ES256', HOUR)]);
  await keyring.read();
  const end = HOUR + HOUR + 600_000;
  now = end - 1;
  expect(kidsOf(await keyring.read())).toContain('old');
  now = end;
  expect(kidsOf(await keyring.read())).not.toContain('old');
  expect(kidsOf(await store.signingKeys())).toContain('new');
  expect(kidsOf(await store.signingKeys())).not.toContain('old');
});

it('tells what the store cannot do, and goes on with what it knows', async () => {
  const store = await openStore();
  const broken = { ...store, extendSigningKeys: () => Promise.reject(new Error('full')) };
  const keyring = createKeyring(broken, () => HOUR);
  const keys = await keyring.read();
  await expect(keyring.keysFor(LONG), 'nothing is signed that the store does not know of').rejects.toThrow('full');
  expect(await createKeyring(store, () => HOUR).read()).toEqual(keys);
});
