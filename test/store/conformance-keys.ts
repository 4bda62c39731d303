// Owns the part of the conformance suite about signing keys. Never knows a database.

import { expect, test } from 'vitest';
import type { OpenStore } from './conformance.ts';
import { signingKey } from './fixture.ts';

export function keeping(open: OpenStore): void {
  test('ensureSigningKeys adds a key only for an algorithm that has none, and answers all', async () => {
    const { store } = await open();
    expect(await store.signingKeys()).toEqual([]);
    const es = signingKey('es-1', 'ES256');
    expect(await store.ensureSigningKeys([es])).toEqual([es]);
    const ed = signingKey('ed-1', 'EdDSA');
    const all = await store.ensureSigningKeys([signingKey('es-2', 'ES256', 9), ed]);
    expect(all).toHaveLength(2);
    expect(all).toEqual(expect.arrayContaining([es, ed]));
    expect(await store.signingKeys()).toEqual(all);
  });

  test('two starts at once agree on the keys', async () => {
    const { store, another } = await open();
    const second = await another();
    const [left, right] = await Promise.all([
      store.ensureSigningKeys([signingKey('left-es', 'ES256'), signingKey('left-rs', 'RS256')]),
      second.ensureSigningKeys([signingKey('right-es', 'ES256'), signingKey('right-rs', 'RS256')]),
    ]);
    expect(left).toHaveLength(2);
    expect(right).toEqual(left);
    expect(await store.signingKeys()).toEqual(left);
  });

  test('a key reads back with when it begins to sign and how long a token lived that it signed', async () => {
    const { store, another } = await open();
    const second = await another();
    const soon = { ...signingKey('soon', 'RS256', 7), active_from: 1_800_000_000_000, longest_ttl: 31_536_000 };
    await store.insertSigningKeys([signingKey('first', 'RS256', 3), soon]);
    expect(await second.signingKeys()).toEqual([soon, signingKey('first', 'RS256', 3)]);
  });

  test('keys are added all or none, beside others of their algorithm', async () => {
    const { store } = await open();
    await store.insertSigningKeys([signingKey('es-1', 'ES256', 1)]);
    await store.insertSigningKeys([signingKey('es-2', 'ES256', 2)]);
    await expect(store.insertSigningKeys([signingKey('es-3', 'ES256'), signingKey('es-1', 'ES256')])).rejects.toThrow();
    expect((await store.signingKeys()).map(({ kid }) => kid)).toEqual(['es-2', 'es-1']);
    await store.insertSigningKeys([]);
  });

  test('extendSigningKeys raises how long tokens live, of every key, and never lowers it', async () => {
    const { store } = await open();
    await store.insertSigningKeys([
      { ...signingKey('long', 'ES256', 2), longest_ttl: 5000 },
      { ...signingKey('short', 'ES256', 1), longest_ttl: 100 },
    ]);
    const lifetimes = async () => (await store.signingKeys()).map(({ longest_ttl }) => longest_ttl);
    await store.extendSigningKeys(600);
    expect(await lifetimes()).toEqual([5000, 600]);
    await store.extendSigningKeys(50);
    expect(await lifetimes()).toEqual([5000, 600]);
    await store.extendSigningKeys(9000);
    expect(await lifetimes()).toEqual([9000, 9000]);
  });

  test('a key that is deleted is gone, elsewhere too; an unknown one, and the last of an algorithm, is left', async () => {
    const { store, another } = await open();
    const second = await another();
    await store.insertSigningKeys([
      signingKey('a', 'ES256', 3),
      signingKey('b', 'ES256', 2),
      signingKey('c', 'RS256', 1),
    ]);
    expect(await store.deleteSigningKeys(['a', 'c', 'unknown'])).toEqual(['a']);
    expect(await store.deleteSigningKeys([])).toEqual([]);
    expect((await second.signingKeys()).map(({ kid }) => kid)).toEqual(['b', 'c']);
    expect(await store.ensureSigningKeys([signingKey('d', 'ES256')]), 'the algorithm still has one').toHaveLength(2);
  });

  test('two who each delete another key of an algorithm leave one', async () => {
    const { store, another } = await open();
    const second = await another();
    await store.insertSigningKeys([signingKey('a', 'ES256', 2), signingKey('b', 'ES256', 1)]);
    const deleted = await Promise.all([store.deleteSigningKeys(['a']), second.deleteSigningKeys(['b'])]);
    expect(deleted.flat()).toHaveLength(1);
    expect(await store.signingKeys()).toHaveLength(1);
    expect(await store.deleteSigningKeys(['a', 'b']), 'nor both at once').toEqual([]);
  });
}
