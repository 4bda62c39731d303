// Owns the part of the conformance suite about seeing and taking back what was issued. Never knows a database.

import { expect, test } from 'vitest';
import type { ApplicationAddress, UserAddress } from '../../src/model/address.ts';
import type { Ended } from '../../src/oauth/issued-port.ts';
import type { GrantStore } from '../../src/oauth/port.ts';
import type { OpenGrants } from './conformance.ts';
import { accessToken, codeOf, grantOf, refreshToken, sessionOf, successor } from './fixture.ts';

const CLIENT1: ApplicationAddress = 'application:Example/Client1';
const CLIENT2: ApplicationAddress = 'application:Example/Client2';
const USER1: UserAddress = 'user:Example/User1';
const USER2: UserAddress = 'user:Example/User2';
const NOTHING: Ended = { sessions: 0, codes: 0, consents: 0, grants: 0, accessTokens: 0, stays: [] };

/** Something of two users at two clients, and of a client alone. */
async function fill(store: GrantStore): Promise<void> {
  await store.insertSession({ hash: 's1', record: sessionOf('sid-1') });
  await store.insertSession({ hash: 's2', record: sessionOf('sid-2', { user: USER2 }) });
  const of = [
    [USER1, CLIENT1],
    [USER1, CLIENT2],
    [USER2, CLIENT1],
  ] as const;
  for (const [index, [user, client]] of of.entries()) {
    const id = `g${index + 1}`;
    const session = user === USER1 ? 'sid-1' : 'sid-2';
    await store.insertGrant({
      grant: grantOf(id, { user, client, session, offline: true, issued_at: 1000 + index }),
      accessToken: accessToken(`access ${id}`, id, { user, client }),
      refreshToken: refreshToken(`refresh ${id}`, id),
    });
    await store.insertCode({ hash: `code ${id}`, record: codeOf({ user, client, session, offline: true }) });
    await store.keepConsent({ user, client, scopes: [], generation: 1, granted_at: 1 });
  }
  const alone = { grant: undefined, user: undefined, issued_at: 1001, expires_at: 9000 };
  await store.insertAccessToken('alone', accessToken('alone', '', { ...alone, client: CLIENT2 }).record);
  await store.insertAccessToken('as user', accessToken('as', '', { ...alone, user: USER1 }).record);
}

async function idsOf(store: GrantStore, owners: Parameters<GrantStore['issuedTo']>[0], now = 1500) {
  return (await store.issuedTo(owners, { now, limit: 100 })).map(({ record }) => record.id);
}

export function connecting(open: OpenGrants): void {
  test('what was issued is listed by its owners, the newest first, and not what has expired', async () => {
    const { store, another } = await open();
    await fill(store);
    const second = await another();
    expect(await idsOf(second, {})).toEqual(['g3', 'g2', 'as', 'alone', 'g1']);
    expect(await idsOf(second, { user: USER1 })).toEqual(['g2', 'as', 'g1']);
    expect(await idsOf(second, { client: CLIENT1 })).toEqual(['g3', 'as', 'g1']);
    expect(await idsOf(second, { user: USER1, client: CLIENT1 })).toEqual(['as', 'g1']);
    expect(await idsOf(second, { user: USER2, client: CLIENT2 })).toEqual([]);
    expect(await idsOf(second, {}, 9000)).toEqual([]);
  });

  test('it is listed in pages, each after the last of the one before', async () => {
    const { store } = await open();
    await fill(store);
    const ids: string[] = [];
    for (let after: { issued_at: number; id: string } | undefined; ; ) {
      const page = await store.issuedTo({}, { now: 1500, limit: 2, after });
      expect(page.length).toBeLessThanOrEqual(2);
      ids.push(...page.map(({ record }) => record.id));
      after = page.at(-1)?.record;
      if (after === undefined) break;
    }
    expect(ids).toEqual(['g3', 'g2', 'as', 'alone', 'g1']);
  });

  test('a Grant is told with the refresh token that can be used next, and with when the last token of it was issued', async () => {
    const { store } = await open();
    await fill(store);
    const next = { ...successor('next', 'g1'), record: { grant: 'g1', issued_at: 1200, expires_at: 8500 } };
    const newer = accessToken('newer', 'g1', { issued_at: 1201, expires_at: 2201 });
    await store.rotateRefreshToken('refresh g1', next, newer, { now: 1_200_000, grace: 0 });
    const record = grantOf('g1', { session: 'sid-1', offline: true });
    expect(await store.findIssued('g1')).toEqual({
      record,
      grant: record,
      refreshToken: next.record,
      accessUntil: 2201,
      lastIssued: 1201,
    });
    await store.insertGrant({ grant: grantOf('plain') });
    expect(await store.findIssued('plain')).toMatchObject({
      refreshToken: undefined,
      accessUntil: undefined,
      lastIssued: 1000,
    });
    expect(await store.findIssued('as')).toEqual({
      record: {
        ...accessToken('as', '', { issued_at: 1001, expires_at: 9000 }).record,
        grant: undefined,
      },
      grant: undefined,
      refreshToken: undefined,
      accessUntil: 9000,
      lastIssued: 1001,
    });
    // A token of a Grant is no row of its own.
    expect(await store.findIssued('access g1')).toBeUndefined();
    expect(await store.findIssued('never')).toBeUndefined();
  });

  test('of a user everything ends, sessions too, and nothing of anybody else', async () => {
    const { store, another } = await open();
    await fill(store);
    expect(await (await another()).endIssued({ user: USER1 }, 100)).toEqual({
      sessions: 1,
      codes: 2,
      consents: 2,
      grants: 2,
      accessTokens: 1,
      stays: [{ sid: 'sid-1', user: USER1, clients: [CLIENT1, CLIENT2] }],
    });
    expect(await store.findSession('s1')).toBeUndefined();
    expect(await store.findCode('code g1')).toBeUndefined();
    expect(await store.findConsent(USER1, CLIENT2)).toBeUndefined();
    expect(await store.findRefreshToken('refresh g1'), 'what hangs on a Grant').toBeUndefined();
    expect(await store.findAccessToken('access g2')).toBeUndefined();
    expect(await store.findAccessToken('as user')).toBeUndefined();
    expect(await idsOf(store, {})).toEqual(['g3', 'alone']);
    expect(await store.findSession('s2')).toBeDefined();
    expect(await store.findCode('code g3')).toBeDefined();
    expect(await store.findConsent(USER2, CLIENT1)).toBeDefined();
    expect(await store.endIssued({ user: USER1 }, 100)).toEqual(NOTHING);
  });

  test('of a client everything ends, and between a user and a client; sessions stay', async () => {
    const { store } = await open();
    await fill(store);
    expect(await store.endIssued({ user: USER1, client: CLIENT1 }, 100)).toEqual({
      ...NOTHING,
      codes: 1,
      consents: 1,
      grants: 1,
      accessTokens: 1,
    });
    expect(await idsOf(store, {})).toEqual(['g3', 'g2', 'alone']);
    expect(await store.endIssued({ client: CLIENT2 }, 100)).toEqual({
      ...NOTHING,
      codes: 1,
      consents: 1,
      grants: 1,
      accessTokens: 1,
    });
    expect(await idsOf(store, {})).toEqual(['g3']);
    expect(await store.findSession('s1')).toBeDefined();
  });

  test('so many at most end at once, and what is of everybody never does', async () => {
    const { store } = await open();
    await fill(store);
    const counts: number[] = [];
    for (let again = true; again; ) {
      const { stays: _, ...ended } = await store.endIssued({ user: USER1 }, 1);
      for (const one of Object.values(ended)) expect(one).toBeLessThanOrEqual(1);
      counts.push(Object.values(ended).reduce((sum, one) => sum + one, 0));
      again = counts.at(-1) !== 0;
    }
    expect(counts.reduce((sum, one) => sum + one, 0)).toBe(8);
    await expect(store.endIssued({}, 100)).rejects.toThrow();
    expect(await idsOf(store, {})).toEqual(['g3', 'alone']);
  });

  test('a code that was redeemed is still known for a replay after its Grant was taken back', async () => {
    const { store } = await open();
    await store.insertCode({ hash: 'used', record: codeOf() });
    await store.redeemCode('used', { grant: grantOf('g', { session: undefined }) });
    expect(await store.endIssued({ client: CLIENT1 }, 100)).toEqual({ ...NOTHING, grants: 1 });
    expect(await store.redeemCode('used', { grant: grantOf('again') })).toBe('replayed');
  });

  test('by their ids Grants end with what hangs on them, and tokens that hang on none; unknown ones are no error', async () => {
    const { store } = await open();
    await fill(store);
    expect(await store.endIssuedById(['g1', 'never', 'alone', 'access g2'])).toEqual(['g1', 'alone']);
    expect(await store.findRefreshToken('refresh g1')).toBeUndefined();
    expect(await store.findAccessToken('alone')).toBeUndefined();
    expect(await store.findAccessToken('access g2')).toBeDefined();
    expect(await store.findConsent(USER1, CLIENT1), 'what was remembered stays').toBeDefined();
  });
}
