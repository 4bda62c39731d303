// Owns the part of the conformance suite about the removal of what has expired. Never knows a database.

import { expect, test } from 'vitest';
import type { GrantStore } from '../../src/oauth/port.ts';
import type { OpenGrants } from './conformance.ts';
import { accessToken, codeOf, grantOf, refreshToken, sessionOf, successor, tokenRecord } from './fixture.ts';

const CLIENT1 = 'application:Example/Client1' as const;

/** One row of each kind, all of which expire then; the Grant with tokens that do too. */
async function fill(store: GrantStore, name: string, expires_at: number): Promise<void> {
  const expiring = { expires_at };
  await store.insertAccessToken(`alone ${name}`, tokenRecord(expiring));
  await store.revokeJwt(name, expires_at);
  await store.insertCode({ hash: name, record: codeOf(expiring) });
  await store.insertSession({ hash: name, record: sessionOf(name, expiring) });
  await store.useAssertion(CLIENT1, name, expires_at);
  await store.insertGrant({
    grant: grantOf(name, { ...expiring, session: name }),
    accessToken: accessToken(`access ${name}`, name, expiring),
    refreshToken: refreshToken(name, name, expiring),
  });
}

const DAY = 86_400;

/** How many of those are there. */
async function countOf(store: GrantStore, name: string): Promise<number> {
  const found = await Promise.all([
    store.findAccessToken(`alone ${name}`),
    store.isJwtRevoked(name).then((isRevoked) => isRevoked || undefined),
    store.findCode(name),
    store.findSession(name),
    store.findGrant(name),
    store.findAccessToken(`access ${name}`),
    store.findRefreshToken(name),
  ]);
  return found.filter((one) => one !== undefined).length;
}

export function sweeping(open: OpenGrants): void {
  test('everything that has an end goes after it, and nothing before', async () => {
    const { store } = await open();
    await fill(store, 'a', 1000);
    await fill(store, 'b', 1001);
    expect(await store.removeExpired(1000, 100), 'what ends at 1000 does not end before 1000').toBe(0);
    expect(await countOf(store, 'a')).toBe(7);
    expect(await store.removeExpired(1001, 100)).toBe(6);
    expect(await countOf(store, 'a'), 'its revocation').toBe(1);
    expect(await countOf(store, 'b')).toBe(7);
    expect(await store.removeExpired(1001, 100)).toBe(0);
  });

  test('what was revoked or used stays a day beyond its end: a clock that went ahead and comes back revives nothing', async () => {
    const { store } = await open();
    await fill(store, 'a', 1000);
    expect(await store.removeExpired(1000 + DAY, 100)).toBe(6);
    expect(await store.isJwtRevoked('a')).toBe(true);
    expect(await store.useAssertion(CLIENT1, 'a', 1000), 'it was used').toBe(false);
    expect(await store.removeExpired(1001 + DAY, 100)).toBe(2);
    expect(await store.isJwtRevoked('a')).toBe(false);
    expect(await store.useAssertion(CLIENT1, 'a', 1000)).toBe(true);
  });

  test('no more rows go at once than the limit, and in the end all', async () => {
    const { store } = await open();
    for (let index = 0; index < 20; index++) await fill(store, `n${index}`, 1000 + index);
    let removed = 0;
    for (let batch = 1; batch > 0; removed += batch) {
      batch = await store.removeExpired(5000 + DAY, 9);
      expect(batch).toBeLessThanOrEqual(9);
      if (removed < 20 * 8) expect(batch, 'steadily').toBeGreaterThan(0);
    }
    expect(removed).toBe(20 * 8);
    for (let index = 0; index < 20; index++) expect(await countOf(store, `n${index}`)).toBe(0);
  });

  test('a code is remembered for as long as its Grant, so that its reuse is seen', async () => {
    const { store } = await open();
    await store.insertCode({ hash: 'c', record: codeOf({ expires_at: 1060 }) });
    await store.insertCode({ hash: 'unused', record: codeOf({ expires_at: 1060 }) });
    await store.redeemCode('c', {
      grant: grantOf('g', { expires_at: 9000 }),
      refreshToken: refreshToken('r', 'g', { expires_at: 9000 }),
    });
    expect(await store.removeExpired(9000, 100)).toBe(1);
    expect(await store.findCode('unused')).toBeUndefined();
    expect(await store.findCode('c')).toMatchObject({ expires_at: 1060 });
    expect(await store.redeemCode('c', { grant: grantOf('h') })).toBe('replayed');
    expect(await store.findRefreshToken('r')).toBeUndefined();
    expect(await store.removeExpired(9001, 100)).toBe(1);
    expect(await store.findCode('c')).toBeUndefined();
  });

  test('a token that was rotated stays until its own end, so that its reuse is seen', async () => {
    const { store } = await open();
    await store.insertGrant({
      grant: grantOf('g', { expires_at: 9000 }),
      refreshToken: refreshToken('r0', 'g', { expires_at: 5000 }),
    });
    await store.rotateRefreshToken('r0', successor('r1', 'g'), undefined, { now: 2_000_000, grace: 1000 });
    expect(await store.removeExpired(5000, 100)).toBe(0);
    expect(await store.findRefreshToken('r0')).toMatchObject({ rotated_at: expect.any(Number) });
    expect(await store.removeExpired(5001, 100)).toBe(1);
    expect(await store.findRefreshToken('r0')).toBeUndefined();
    expect(await store.findRefreshToken('r1')).toBeDefined();
  });

  test('a session that has expired is gone with its clients; Grants that began in it stay until their own end', async () => {
    const { store } = await open();
    await store.insertSession({ hash: 's', record: sessionOf('sid-1', { expires_at: 2000 }) });
    await store.insertGrant({ grant: grantOf('g', { session: 'sid-1', expires_at: 9000 }) });
    expect(await store.removeExpired(2001, 100)).toBe(1);
    expect(await store.findSessionBySid('sid-1')).toBeUndefined();
    expect(await store.findGrant('g')).toBeDefined();
    expect(await store.endSession('sid-1')).toEqual([]);
    expect(await store.findGrant('g'), 'the end of the session ends them all the same').toBeUndefined();
  });
}
