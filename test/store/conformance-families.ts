// Owns the part of the conformance suite about the rotation of refresh tokens. Never knows a database.

import { expect, test } from 'vitest';
import type { GrantStore, Rotation } from '../../src/oauth/port.ts';
import type { OpenGrants } from './conformance.ts';
import { accessToken, codeOf, grantOf, refreshToken, successor, tally } from './fixture.ts';

const NOW = 1_000_000;
const GRACE = 10_000;
const at = (now: number, grace = GRACE) => ({ now, grace });

export function rotating(open: OpenGrants): void {
  /** With a Grant `g` and its first refresh token `r0`. */
  async function opened() {
    const under = await open();
    await under.store.insertGrant({ grant: grantOf('g'), refreshToken: refreshToken('r0', 'g') });
    return under;
  }

  async function expectEnded(store: GrantStore): Promise<void> {
    expect(await store.findGrant('g')).toBeUndefined();
    for (const hash of ['r0', 'r1', 'r2']) expect(await store.findRefreshToken(hash)).toBeUndefined();
    for (const hash of ['a1', 'a2']) expect(await store.findAccessToken(hash)).toBeUndefined();
  }

  test('S:A-19 the address that a code and its Grant are bound to is kept with them, through rotations, and goes with the Grant', async () => {
    const { store, another } = await opened();
    const second = await another();
    await store.insertCode({ hash: 'c', record: codeOf({ bound_ip: '2001:db8::7' }) });
    expect((await second.findCode('c'))?.bound_ip).toBe('2001:db8::7');
    const grant = grantOf('bound', { bound_ip: '2001:db8::7' });
    await second.redeemCode('c', { grant, refreshToken: refreshToken('b0', 'bound') });
    await store.rotateRefreshToken('b0', successor('b1', 'bound'), undefined, at(NOW));
    expect((await second.findRefreshToken('b1'))?.grant).toEqual(grant);
    expect((await store.findGrant('g'))?.bound_ip).toBeUndefined();
    await store.endGrant('bound');
    expect(await second.findGrant('bound')).toBeUndefined();
  });

  test('a refresh token has one successor, which is the newest of its family; it is still known itself', async () => {
    const { store, another } = await opened();
    const next = successor('r1', 'g');
    expect(await store.rotateRefreshToken('r0', next, accessToken('a1', 'g'), at(NOW))).toEqual({ kind: 'rotated' });
    const second = await another();
    expect(await second.findRefreshToken('r0')).toMatchObject({ rotated_at: NOW });
    expect(await second.findRefreshToken('r1')).toEqual({
      record: next.record,
      grant: grantOf('g'),
      rotated_at: undefined,
    });
    expect(await second.findAccessToken('a1')).toBeDefined();
    expect(await second.rotateRefreshToken('r1', successor('r2', 'g'), undefined, at(NOW))).toEqual({
      kind: 'rotated',
    });
    expect(await store.findRefreshToken('r2')).toMatchObject({ rotated_at: undefined });
  });

  test('the same token again within the grace answers what was kept with its successor; of what comes, an access token is kept alone', async () => {
    const { store, another } = await opened();
    await store.rotateRefreshToken('r0', successor('r1', 'g', 'first'), accessToken('a1', 'g'), at(NOW));
    const second = await another();
    for (const [index, now] of [NOW, NOW + GRACE - 1, NOW - 5000].entries()) {
      const again = await second.rotateRefreshToken(
        'r0',
        successor(`x${index}`, 'g', 'second'),
        accessToken(`b${index}`, 'g'),
        at(now),
      );
      expect(again).toEqual({ kind: 'repeated', sealed: 'first' });
      expect(await store.findRefreshToken(`x${index}`)).toBeUndefined();
      expect(await store.findAccessToken(`b${index}`)).toBeDefined();
    }
    expect(await store.findRefreshToken('r1')).toMatchObject({ rotated_at: undefined });
  });

  test('the same token again after the grace ends the Grant and all that came from it', async () => {
    const { store, another } = await opened();
    await store.rotateRefreshToken('r0', successor('r1', 'g'), accessToken('a1', 'g'), at(NOW));
    const again = await (await another()).rotateRefreshToken(
      'r0',
      successor('r2', 'g'),
      accessToken('a2', 'g'),
      at(NOW + GRACE),
    );
    expect(again).toEqual({ kind: 'reused' });
    await expectEnded(store);
  });

  test('without a grace the same token again is reuse, in the same millisecond too', async () => {
    const { store } = await opened();
    await store.rotateRefreshToken('r0', successor('r1', 'g'), undefined, at(NOW, 0));
    expect(await store.rotateRefreshToken('r0', successor('r2', 'g'), accessToken('a2', 'g'), at(NOW, 0))).toEqual({
      kind: 'reused',
    });
    await expectEnded(store);
  });

  test('without a grace it is reuse to a request that began before the first one as well', async () => {
    const { store } = await opened();
    await store.rotateRefreshToken('r0', successor('r1', 'g'), undefined, at(NOW, 0));
    expect(await store.rotateRefreshToken('r0', successor('r2', 'g'), undefined, at(NOW - 500, 0))).toEqual({
      kind: 'reused',
    });
    await expectEnded(store);
  });

  test('an old token of a long family is reuse too', async () => {
    const { store } = await opened();
    for (let index = 0; index < 50; index++) {
      const next = successor(`r${index + 1}`, 'g');
      const answer = await store.rotateRefreshToken(`r${index}`, next, undefined, at(NOW + index * GRACE));
      expect(answer).toEqual({ kind: 'rotated' });
    }
    const late = at(NOW + 50 * GRACE);
    expect(await store.rotateRefreshToken('r3', successor('x', 'g'), undefined, late)).toEqual({ kind: 'reused' });
    expect(await store.findRefreshToken('r50')).toBeUndefined();
    expect(await store.rotateRefreshToken('r50', successor('x', 'g'), undefined, late)).toEqual({ kind: 'unknown' });
  });

  test('an unknown token is none, and one whose Grant has ended; nothing is kept', async () => {
    const { store } = await opened();
    const answer = await store.rotateRefreshToken('never', successor('r1', 'g'), accessToken('a1', 'g'), at(NOW));
    expect(answer).toEqual({ kind: 'unknown' });
    expect(await store.findRefreshToken('r1')).toBeUndefined();
    expect(await store.findAccessToken('a1')).toBeUndefined();
    await store.endGrant('g');
    expect(await store.rotateRefreshToken('r0', successor('r1', 'g'), undefined, at(NOW))).toEqual({ kind: 'unknown' });
  });

  test('a token whose successor cannot be kept was not rotated', async () => {
    const { store } = await opened();
    await store.insertGrant({ grant: grantOf('other'), refreshToken: refreshToken('taken', 'other') });
    await expect(
      store.rotateRefreshToken('r0', successor('taken', 'g'), accessToken('a1', 'g'), at(NOW)),
    ).rejects.toThrow();
    expect(await store.findRefreshToken('r0')).toMatchObject({ rotated_at: undefined });
    expect(await store.findAccessToken('a1')).toBeUndefined();
    expect(await store.findRefreshToken('taken')).toMatchObject({ grant: { id: 'other' } });
  });

  async function rotateAtOnce(stores: readonly GrantStore[], grace: number): Promise<readonly Rotation[]> {
    return Promise.all(
      Array.from({ length: 1000 }, async (_, index) => {
        const store = stores[index % stores.length];
        if (store === undefined) throw new Error('no store');
        return store.rotateRefreshToken(
          'r0',
          successor(`n${index}`, 'g', `sealed ${index}`),
          undefined,
          at(NOW, grace),
        );
      }),
    );
  }

  test('of a thousand that rotate one token at once, here and elsewhere, one does; the others are told of its successor', async () => {
    const { store, another } = await opened();
    const answers = await rotateAtOnce([store, await another()], GRACE);
    expect(tally(answers.map(({ kind }) => kind))).toEqual({ rotated: 1, repeated: 999 });
    const winner = answers.findIndex(({ kind }) => kind === 'rotated');
    const told = new Set(answers.flatMap((answer) => (answer.kind === 'repeated' ? [answer.sealed] : [])));
    expect([...told]).toEqual([`sealed ${winner}`]);
    const kept = await Promise.all(answers.map((_, index) => store.findRefreshToken(`n${index}`)));
    expect(kept.flatMap((one, index) => (one === undefined ? [] : [index]))).toEqual([winner]);
    expect(await store.findGrant('g')).toBeDefined();
  });

  test('without a grace one of a thousand rotates, the next ends the Grant, and the others find nothing', async () => {
    const { store, another } = await opened();
    const answers = await rotateAtOnce([store, await another()], 0);
    expect(tally(answers.map(({ kind }) => kind))).toEqual({ rotated: 1, reused: 1, unknown: 998 });
    await expectEnded(store);
  });

  test('what was kept with a successor is dropped when the grace is over, and the token stays known as used', async () => {
    const { store } = await opened();
    await store.rotateRefreshToken('r0', successor('r1', 'g'), undefined, at(NOW));
    await store.removeExpired((NOW + GRACE) / 1000 - 1, 10);
    expect(await store.rotateRefreshToken('r0', successor('x', 'g'), undefined, at(NOW))).toMatchObject({
      kind: 'repeated',
    });
    expect(await store.removeExpired((NOW + GRACE) / 1000, 10), 'no row of it').toBe(0);
    expect(await store.findRefreshToken('r0')).toMatchObject({ rotated_at: expect.any(Number) });
    const longer = at(NOW, 10 * GRACE);
    expect(await store.rotateRefreshToken('r0', successor('x', 'g'), undefined, longer)).toEqual({ kind: 'reused' });
  });

  test('a token without an end is kept as one whose end is far away', async () => {
    const { store } = await open();
    const endless = refreshToken('r', 'g', { expires_at: Number.MAX_SAFE_INTEGER });
    await store.insertGrant({
      grant: grantOf('g', { expires_at: Number.MAX_SAFE_INTEGER }),
      refreshToken: endless,
    });
    expect(await store.removeExpired(4_000_000_000, 10)).toBe(0);
    expect(await store.findRefreshToken('r')).toMatchObject({
      record: endless.record,
      grant: { expires_at: Number.MAX_SAFE_INTEGER },
    });
  });
}
