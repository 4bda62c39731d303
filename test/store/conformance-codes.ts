// Owns the part of the conformance suite about codes and the Grants that they become. Never knows a database.

import { expect, test } from 'vitest';
import type { OpenGrants } from './conformance.ts';
import { accessToken, codeOf, grantOf, refreshToken, sessionOf, tally } from './fixture.ts';

/** A Grant with a token of each kind, all named after it. */
function rowsOf(id: string, more: Parameters<typeof grantOf>[1] = {}) {
  return {
    grant: grantOf(id, more),
    accessToken: accessToken(`access ${id}`, id),
    refreshToken: refreshToken(`refresh ${id}`, id),
  };
}

export function redeeming(open: OpenGrants): void {
  test('a code reads back as it was kept, with all that a request may name and with as little as it may', async () => {
    const { store, another } = await open();
    const little = codeOf({
      redirect_uri: undefined,
      code_challenge: undefined,
      requested_scope: undefined,
      nonce: undefined,
      acr: undefined,
      audiences: [],
      offline: true,
    });
    await Promise.all([
      store.insertCode({ hash: 'c1', record: codeOf() }),
      store.insertCode({ hash: 'c2', record: little }),
    ]);
    const second = await another();
    expect(await second.findCode('c1')).toEqual(codeOf());
    expect(await second.findCode('c2')).toEqual(little);
    expect(await second.findCode('c3')).toBeUndefined();
  });

  test('a redeemed code is still answered as it was issued, and as redeemed; what was issued for it is kept', async () => {
    const { store, another } = await open();
    await store.insertCode({ hash: 'c', record: codeOf() });
    expect(await store.redeemCode('c', rowsOf('g', { acr: 'high' }))).toBe('redeemed');
    const second = await another();
    expect(await second.findCode('c')).toEqual({ ...codeOf(), redeemed: true });
    expect(await second.findGrant('g')).toEqual(grantOf('g', { acr: 'high' }));
    expect(await second.findAccessToken('access g')).toEqual(accessToken('access g', 'g').record);
    expect(await second.findRefreshToken('refresh g')).toEqual({
      record: refreshToken('refresh g', 'g').record,
      grant: grantOf('g', { acr: 'high' }),
      rotated_at: undefined,
    });
  });

  test('RFC 6749 4.1.2: a code that is used again ends its Grant and all that came from it, and keeps nothing', async () => {
    const { store } = await open();
    await store.insertCode({ hash: 'c', record: codeOf() });
    await store.redeemCode('c', rowsOf('g'));
    await store.rotateRefreshToken(
      'refresh g',
      { ...refreshToken('next', 'g'), sealed: 's' },
      accessToken('more', 'g'),
      {
        now: 1_000_000,
        grace: 9000,
      },
    );
    await store.insertGrant(rowsOf('other'));
    expect(await store.redeemCode('c', rowsOf('again'))).toBe('replayed');
    for (const hash of ['access g', 'more', 'access again']) expect(await store.findAccessToken(hash)).toBeUndefined();
    for (const hash of ['refresh g', 'next', 'refresh again'])
      expect(await store.findRefreshToken(hash)).toBeUndefined();
    expect(await store.findGrant('g')).toBeUndefined();
    expect(await store.findGrant('again')).toBeUndefined();
    expect(await store.findAccessToken('access other')).toBeDefined();
    expect(await store.redeemCode('c', rowsOf('again')), 'also when its Grant has ended').toBe('replayed');
  });

  test('an unknown code is none, and nothing is kept for it', async () => {
    const { store } = await open();
    expect(await store.redeemCode('never', rowsOf('g'))).toBe('unknown');
    expect(await store.findGrant('g')).toBeUndefined();
    expect(await store.findAccessToken('access g')).toBeUndefined();
    expect(await store.findRefreshToken('refresh g')).toBeUndefined();
  });

  test('a code whose tokens cannot be kept was not used', async () => {
    const { store } = await open();
    await store.insertGrant(rowsOf('taken'));
    await store.insertCode({ hash: 'c', record: codeOf() });
    const clash = { ...rowsOf('g'), refreshToken: refreshToken('refresh taken', 'g') };
    await expect(store.redeemCode('c', clash)).rejects.toThrow();
    expect(await store.findGrant('g')).toBeUndefined();
    expect(await store.findAccessToken('access g')).toBeUndefined();
    expect(await store.redeemCode('c', rowsOf('g'))).toBe('redeemed');
  });

  test('of a thousand that redeem one code at once, here and elsewhere, one does, and its Grant has ended then', async () => {
    const { store, another } = await open();
    const stores = [store, await another()];
    await store.insertCode({ hash: 'c', record: codeOf() });
    const answers = await Promise.all(
      Array.from({ length: 1000 }, (_, index) => (stores[index % 2] ?? store).redeemCode('c', rowsOf(`g${index}`))),
    );
    expect(tally(answers)).toEqual({ redeemed: 1, replayed: 999 });
    const winner = answers.indexOf('redeemed');
    for (const index of [winner, 0, 1, 500, 999]) {
      expect(await store.findGrant(`g${index}`)).toBeUndefined();
      expect(await store.findAccessToken(`access g${index}`)).toBeUndefined();
      expect(await store.findRefreshToken(`refresh g${index}`)).toBeUndefined();
    }
  });

  test('a thousand codes that are redeemed at once are each redeemed', async () => {
    const { store, another } = await open();
    const stores = [store, await another()];
    const names = Array.from({ length: 1000 }, (_, index) => `${index}`);
    await Promise.all(names.map((name) => store.insertCode({ hash: name, record: codeOf() })));
    const answers = await Promise.all(
      names.map((name, index) => (stores[index % 2] ?? store).redeemCode(name, rowsOf(name))),
    );
    expect(tally(answers)).toEqual({ redeemed: 1000 });
    const found = await Promise.all(names.map((name) => store.findRefreshToken(`refresh ${name}`)));
    expect(found.map((one) => one?.grant.id)).toEqual(names);
  });

  test('a Grant that began without a code reads back, with a user, a session and tokens, and without', async () => {
    const { store, another } = await open();
    const bare = grantOf('bare', { user: undefined, scopes: [], audiences: [], grant_type: 'client_credentials' });
    const full = grantOf('full', { session: 'sid-1', offline: true, acr: 'high' });
    await store.insertGrant({ grant: bare });
    await store.insertGrant({ ...rowsOf('full'), grant: full });
    const second = await another();
    expect(await second.findGrant('bare')).toEqual(bare);
    expect(await second.findGrant('full')).toEqual(full);
    expect((await second.findRefreshToken('refresh full'))?.grant).toEqual(full);
    expect(await second.findGrant('unknown')).toBeUndefined();
  });

  test('SEMANTICS N-61: a Grant that is ended takes all that came from it along, and nothing else', async () => {
    const { store, another } = await open();
    await store.insertGrant(rowsOf('g'));
    await store.insertGrant(rowsOf('other'));
    await store.insertAccessToken('alone', accessToken('alone', 'x', { grant: undefined }).record);
    const second = await another();
    await second.endGrant('g');
    await second.endGrant('g');
    expect(await store.findGrant('g')).toBeUndefined();
    expect(await store.findAccessToken('access g')).toBeUndefined();
    expect(await store.findRefreshToken('refresh g')).toBeUndefined();
    expect(await store.findGrant('other')).toBeDefined();
    expect(await store.findAccessToken('access other')).toBeDefined();
    expect(await store.findRefreshToken('refresh other')).toBeDefined();
    expect(await store.findAccessToken('alone')).toBeDefined();
  });

  test('an access token whose Grant ended while it was issued is dead', async () => {
    const { store } = await open();
    await store.insertGrant({ grant: grantOf('g') });
    await Promise.all([store.endGrant('g'), store.insertAccessToken('late', accessToken('late', 'g').record)]);
    expect(await store.findAccessToken('late')).toBeUndefined();
  });

  test('who is given a Grant in a session is one of its clients, by a code and without', async () => {
    const { store } = await open();
    await store.insertSession({ hash: 's', record: sessionOf('sid-1') });
    await store.insertCode({ hash: 'c', record: codeOf() });
    await store.redeemCode('c', rowsOf('g', { session: 'sid-1' }));
    await store.insertGrant({
      grant: grantOf('h', { session: 'sid-1', client: 'application:Example/Client2', offline: true }),
    });
    await store.insertGrant({ grant: grantOf('again', { session: 'sid-1' }) });
    await store.insertGrant({ grant: grantOf('none', { client: 'application:Example/Client3' }) });
    expect(await store.endSession('sid-1')).toEqual(['application:Example/Client1', 'application:Example/Client2']);
  });
}
