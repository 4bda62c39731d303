// Owns the part of the conformance suite about access tokens and revocations. Never knows a database.

import { expect, test } from 'vitest';
import type { OpenGrants } from './conformance.ts';
import { tokenRecord } from './fixture.ts';

export function issuing(open: OpenGrants): void {
  test('an access token reads back as it was kept, with a user and without', async () => {
    const { store } = await open();
    const odd = tokenRecord({ user: undefined, audiences: [], scopes: ['a"b', 'é☃😀'], subject: "o'hara" });
    await Promise.all([store.insertAccessToken('h1', tokenRecord()), store.insertAccessToken('h2', odd)]);
    expect(await store.findAccessToken('h1')).toEqual(tokenRecord());
    expect(await store.findAccessToken('h2')).toEqual(odd);
    expect(await store.findAccessToken('h3')).toBeUndefined();
  });

  test('SEMANTICS N-04: a revoked opaque token is deleted; an unknown one is no error', async () => {
    const { store } = await open();
    await store.insertAccessToken('h1', tokenRecord());
    await store.insertAccessToken('h2', tokenRecord());
    await store.deleteAccessToken('h1');
    await store.deleteAccessToken('h1');
    expect(await store.findAccessToken('h1')).toBeUndefined();
    expect(await store.findAccessToken('h2')).toEqual(tokenRecord());
  });

  test('an answered write is seen by who asks afterwards, elsewhere too', async () => {
    const { store, another } = await open();
    const second = await another();
    for (let index = 0; index < 20; index++) {
      await store.insertAccessToken(`h${index}`, tokenRecord());
      expect(await second.findAccessToken(`h${index}`)).toBeDefined();
      await second.deleteAccessToken(`h${index}`);
      expect(await store.findAccessToken(`h${index}`)).toBeUndefined();
    }
  });

  test('a write that fails does not spoil those of the same moment', async () => {
    const { store } = await open();
    await store.insertAccessToken('taken', tokenRecord());
    const outcomes = await Promise.allSettled([
      store.insertAccessToken('before', tokenRecord()),
      store.insertAccessToken('taken', tokenRecord({ subject: 'someone else' })),
      store.insertAccessToken('after', tokenRecord()),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await store.findAccessToken('before')).toBeDefined();
    expect(await store.findAccessToken('after')).toBeDefined();
    expect(await store.findAccessToken('taken')).toEqual(tokenRecord());
  });

  test('writes called at once by two processes are all kept', async () => {
    const { store, another } = await open();
    const stores = [store, await another()];
    const hashes = Array.from({ length: 200 }, (_, index) => `h${index}`);
    await Promise.all(
      hashes.map((hash, index) => (stores[index % 2] ?? store).insertAccessToken(hash, tokenRecord({ id: hash }))),
    );
    const found = await Promise.all(hashes.map((hash) => store.findAccessToken(hash)));
    expect(found.map((record) => record?.id)).toEqual(hashes);
  });

  test('a revoked JWT is known until it has expired; revoking again is no error and never shortens', async () => {
    const { store } = await open();
    expect(await store.isJwtRevoked('j1')).toBe(false);
    await store.revokeJwt('j1', 2000);
    await store.revokeJwt('j1', 1000);
    expect(await store.isJwtRevoked('j1')).toBe(true);
    expect(await store.isJwtRevoked('j2')).toBe(false);
    expect(await store.removeExpired(1500, 10)).toBe(0);
    expect(await store.isJwtRevoked('j1')).toBe(true);
    expect(await store.removeExpired(2001 + 86_400, 10)).toBe(1);
    expect(await store.isJwtRevoked('j1')).toBe(false);
  });

  test('removeExpired takes tokens and revocations whose time is past, the oldest first, no more than the limit', async () => {
    const { store } = await open();
    for (let index = 0; index < 6; index++) {
      await store.insertAccessToken(`h${index}`, tokenRecord({ expires_at: 1000 + index }));
    }
    await store.revokeJwt('past', 900 - 86_400);
    await store.revokeJwt('coming', 5000);
    expect(await store.removeExpired(1000, 0)).toBe(0);
    expect(await store.removeExpired(1004, 3)).toBe(3);
    expect(await store.findAccessToken('h2')).toBeUndefined();
    expect(await store.findAccessToken('h3')).toBeDefined();
    expect(await store.removeExpired(1004, 10), 'h3 and the revocation').toBe(2);
    expect(await store.findAccessToken('h4'), 'ends at 1004, which is not before 1004').toBeDefined();
    expect(await store.isJwtRevoked('past')).toBe(false);
    expect(await store.isJwtRevoked('coming')).toBe(true);
  });
}
