// Owns the part of the conformance suite about sessions, consents and assertions. Never knows a database.

import { expect, test } from 'vitest';
import type { ApplicationAddress, UserAddress } from '../../src/model/address.ts';
import type { Consent } from '../../src/oauth/port.ts';
import type { OpenGrants } from './conformance.ts';
import { accessToken, codeOf, grantOf, refreshToken, sessionOf, tally } from './fixture.ts';

const CLIENT1: ApplicationAddress = 'application:Example/Client1';
const CLIENT2: ApplicationAddress = 'application:Example/Client2';
const USER1: UserAddress = 'user:Example/User1';
const USER2: UserAddress = 'user:Example/User2';

function consentOf(more: Partial<Consent> = {}): Consent {
  return { user: USER1, client: CLIENT1, scopes: ['openid', 'é'], generation: 1, granted_at: 1000, ...more };
}

export function staying(open: OpenGrants): void {
  test('a session is found by its hash and by its sid, elsewhere too', async () => {
    const { store, another } = await open();
    await store.insertSession({ hash: 's1', record: sessionOf('sid-1') });
    await store.insertSession({ hash: 's2', record: sessionOf('sid-2', { user: USER2 }) });
    const second = await another();
    expect(await second.findSession('s1')).toEqual(sessionOf('sid-1'));
    expect(await second.findSessionBySid('sid-2')).toEqual(sessionOf('sid-2', { user: USER2 }));
    expect(await second.findSession('sid-1')).toBeUndefined();
    expect(await second.findSessionBySid('s1')).toBeUndefined();
  });

  test('a new cookie for the same stay ends the old one; the sid, its clients and its Grants stay', async () => {
    const { store } = await open();
    await store.insertSession({ hash: 'old', record: sessionOf('sid-1') });
    await store.insertGrant({ grant: grantOf('g', { session: 'sid-1' }) });
    const later = sessionOf('sid-1', { auth_time: 2000, method: 'totp.1', generation: 2 });
    await store.insertSession({ hash: 'new', record: later }, 'old');
    expect(await store.findSession('old')).toBeUndefined();
    expect(await store.findSession('new')).toEqual(later);
    expect(await store.findSessionBySid('sid-1')).toEqual(later);
    expect(await store.findGrant('g')).toBeDefined();
    expect(await store.endSession('sid-1')).toEqual([CLIENT1]);
    expect(await store.findGrant('g')).toBeUndefined();
  });

  test('the session of somebody else in the same browser takes the place of the one before', async () => {
    const { store } = await open();
    await store.insertSession({ hash: 'old', record: sessionOf('sid-1') });
    await store.insertSession({ hash: 'other', record: sessionOf('sid-3') });
    await store.insertSession({ hash: 'new', record: sessionOf('sid-2', { user: USER2 }) }, 'old');
    expect(await store.findSession('old')).toBeUndefined();
    expect(await store.findSessionBySid('sid-1')).toBeUndefined();
    expect(await store.findSession('new')).toMatchObject({ sid: 'sid-2', user: USER2 });
    expect(await store.findSession('other')).toBeDefined();
    await store.insertSession({ hash: 'newer', record: sessionOf('sid-4') }, 'never was');
    expect(await store.findSession('newer')).toBeDefined();
  });

  test('two that renew one session at once leave one cookie', async () => {
    const { store, another } = await open();
    const second = await another();
    await store.insertSession({ hash: 'old', record: sessionOf('sid-1') });
    await Promise.all([
      store.insertSession({ hash: 'left', record: sessionOf('sid-1') }, 'old'),
      second.insertSession({ hash: 'right', record: sessionOf('sid-1') }, 'old'),
    ]);
    const found = await Promise.all(['old', 'left', 'right'].map((hash) => store.findSession(hash)));
    expect(found.filter((session) => session !== undefined)).toHaveLength(1);
    expect(found[0]).toBeUndefined();
  });

  test('a use of a session is remembered, the latest that was told; one of none is no error', async () => {
    const { store } = await open();
    await store.insertSession({ hash: 's', record: sessionOf('sid-1') });
    await store.touchSession('s', 1500);
    await store.touchSession('s', 1400);
    await store.touchSession('never', 1500);
    expect(await store.findSession('s')).toEqual(sessionOf('sid-1', { last_used: 1500 }));
  });

  test('the end of a session ends its Grants without offline_access and all that came from those', async () => {
    const { store, another } = await open();
    await store.insertSession({ hash: 's', record: sessionOf('sid-1') });
    await store.insertSession({ hash: 's2', record: sessionOf('sid-2') });
    const issue = (id: string, more: Parameters<typeof grantOf>[1]) =>
      store.insertGrant({
        grant: grantOf(id, more),
        accessToken: accessToken(`access ${id}`, id),
        refreshToken: refreshToken(`refresh ${id}`, id),
      });
    await issue('g', { session: 'sid-1' });
    await issue('offline', { session: 'sid-1', offline: true, client: CLIENT2 });
    await issue('elsewhere', { session: 'sid-2' });
    await issue('without', { session: undefined });
    const second = await another();
    expect(await second.endSession('sid-1')).toEqual([CLIENT1, CLIENT2]);
    const alive = async (id: string) => [
      (await store.findGrant(id)) !== undefined,
      (await store.findAccessToken(`access ${id}`)) !== undefined,
      (await store.findRefreshToken(`refresh ${id}`)) !== undefined,
    ];
    expect(await alive('g')).toEqual([false, false, false]);
    for (const id of ['offline', 'elsewhere', 'without']) expect(await alive(id)).toEqual([true, true, true]);
    expect(await store.findSession('s')).toBeUndefined();
    expect(await store.findSession('s2')).toBeDefined();
    expect(await store.endSession('sid-1'), 'it is not there any more').toEqual([]);
    expect(await store.endSession('never')).toEqual([]);
  });

  test('a code of a session that has ended begins no Grant of it any more', async () => {
    const { store } = await open();
    await store.insertSession({ hash: 's', record: sessionOf('sid-1') });
    await store.insertCode({ hash: 'code', record: codeOf() });
    await store.insertCode({ hash: 'offline', record: codeOf({ offline: true }) });
    await store.insertCode({ hash: 'used', record: codeOf() });
    await store.redeemCode('used', { grant: grantOf('g', { session: 'sid-1' }) });
    await store.endSession('sid-1');
    expect(await store.redeemCode('code', { grant: grantOf('x', { session: 'sid-1' }) })).toBe('unknown');
    expect(await store.redeemCode('offline', { grant: grantOf('y', { session: 'sid-1', offline: true }) })).toBe(
      'redeemed',
    );
    expect(await store.redeemCode('used', { grant: grantOf('z') }), 'it is still known as used').toBe('replayed');
  });

  test('of many that end one session at once, one is told its clients', async () => {
    const { store, another } = await open();
    const stores = [store, await another()];
    await store.insertSession({ hash: 's', record: sessionOf('sid-1') });
    await store.insertGrant({ grant: grantOf('g', { session: 'sid-1' }) });
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => (stores[index % 2] ?? store).endSession('sid-1')),
    );
    expect(tally(answers.map((clients) => clients.join()))).toEqual({ [CLIENT1]: 1, '': 99 });
  });

  test('a consent is remembered between one user and one client; a later one takes its place', async () => {
    const { store, another } = await open();
    const second = await another();
    expect(await store.findConsent(USER1, CLIENT1)).toBeUndefined();
    await store.keepConsent(consentOf());
    await store.keepConsent(consentOf({ user: USER2, scopes: [] }));
    expect(await second.findConsent(USER1, CLIENT1)).toEqual(consentOf());
    expect(await second.findConsent(USER2, CLIENT1)).toEqual(consentOf({ user: USER2, scopes: [] }));
    expect(await second.findConsent(USER1, CLIENT2)).toBeUndefined();
    const later = consentOf({ scopes: ['email'], generation: 2, granted_at: 2000 });
    await second.keepConsent(later);
    expect(await store.findConsent(USER1, CLIENT1)).toEqual(later);
  });

  test('a consent that is withdrawn is forgotten, and every Grant that the user gave the client has ended', async () => {
    const { store } = await open();
    await store.keepConsent(consentOf());
    await store.keepConsent(consentOf({ client: CLIENT2 }));
    await store.insertCode({ hash: 'code', record: codeOf() });
    await store.insertCode({ hash: 'theirs', record: codeOf({ user: USER2 }) });
    const issue = (id: string, more: Parameters<typeof grantOf>[1]) =>
      store.insertGrant({
        grant: grantOf(id, more),
        accessToken: accessToken(`access ${id}`, id),
        refreshToken: refreshToken(`refresh ${id}`, id),
      });
    await issue('g', { offline: true });
    await issue('other-client', { client: CLIENT2 });
    await issue('other-user', { user: USER2 });
    await issue('itself', { user: undefined });
    await store.withdrawConsent(USER1, CLIENT1);
    await store.withdrawConsent(USER1, CLIENT1);
    expect(await store.findConsent(USER1, CLIENT1)).toBeUndefined();
    expect(await store.findConsent(USER1, CLIENT2)).toBeDefined();
    expect(await store.findGrant('g')).toBeUndefined();
    expect(await store.findAccessToken('access g')).toBeUndefined();
    expect(await store.findRefreshToken('refresh g')).toBeUndefined();
    expect(await store.findCode('code')).toBeUndefined();
    expect(await store.findCode('theirs')).toBeDefined();
    for (const id of ['other-client', 'other-user', 'itself']) {
      expect(await store.findGrant(id)).toBeDefined();
      expect(await store.findAccessToken(`access ${id}`)).toBeDefined();
    }
  });

  test('RFC 7523 3: an assertion is used once, also by a thousand at once, here and elsewhere', async () => {
    const { store, another } = await open();
    const stores = [store, await another()];
    const answers = await Promise.all(
      Array.from({ length: 1000 }, (_, index) => (stores[index % 2] ?? store).useAssertion(CLIENT1, 'jti', 2000)),
    );
    expect(tally(answers.map(String))).toEqual({ true: 1, false: 999 });
    expect(await store.useAssertion(CLIENT2, 'jti', 2000), 'of another client').toBe(true);
    expect(await store.useAssertion(CLIENT1, 'other', 2000)).toBe(true);
    await store.removeExpired(2000 + 86_400, 10);
    expect(await store.useAssertion(CLIENT1, 'jti', 2000), 'it has not expired before its end').toBe(false);
    expect(await store.removeExpired(2001 + 86_400, 10)).toBe(3);
    expect(await store.useAssertion(CLIENT1, 'jti', 3000)).toBe(true);
  });
}
