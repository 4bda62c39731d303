// Owns the part of the conformance suite about clients and users: what was issued for them ends, moves and is counted with
// them. Never knows a database.

import { expect, test } from 'vitest';
import type { Address, ApplicationAddress, UserAddress } from '../../src/model/address.ts';
import type { AnyStore, OpenStore } from './conformance.ts';
import {
  accessToken,
  application,
  applyState,
  codeOf,
  grantOf,
  live,
  refreshToken,
  SMALL,
  sessionOf,
  smallWith,
  stateOf,
  successor,
  user,
} from './fixture.ts';

const CLIENT1: ApplicationAddress = 'application:Example/Client1';
const CLIENT2: ApplicationAddress = 'application:Example/Client2';
const RENAMED: ApplicationAddress = 'application:Example/Renamed';
const USER1: UserAddress = 'user:Example/User1';
const USER2: UserAddress = 'user:Example/User2';
const PERSON: UserAddress = 'user:Example/Person';

const TWO_USERS = smallWith({ [USER2]: user('User2') });

/** One of everything between a client and a user, named so. */
async function issue(store: AnyStore, name: string, client: ApplicationAddress, owner: UserAddress): Promise<void> {
  await store.insertSession({ hash: name, record: sessionOf(name, { user: owner }) });
  await store.insertCode({ hash: name, record: codeOf({ client, user: owner, session: name }) });
  await store.insertCode({ hash: `used ${name}`, record: codeOf({ client, user: owner, session: name }) });
  await store.redeemCode(`used ${name}`, {
    grant: grantOf(name, { client, user: owner, session: name, offline: true }),
    accessToken: accessToken(name, name, { client, user: owner }),
    refreshToken: refreshToken(name, name),
  });
  await store.keepConsent({ user: owner, client, scopes: ['openid'], generation: 1, granted_at: 1 });
}

/** What of it is there: of the session, for its clients too. */
async function leftOf(store: AnyStore, name: string, client: ApplicationAddress, owner: UserAddress) {
  const left = {
    session: await store.findSession(name),
    code: await store.findCode(name),
    used: await store.findCode(`used ${name}`),
    grant: await store.findGrant(name),
    access: await store.findAccessToken(name),
    refresh: await store.findRefreshToken(name),
    consent: await store.findConsent(owner, client),
  };
  return Object.entries(left).flatMap(([kind, one]) => (one === undefined ? [] : [kind]));
}

const ALL = ['session', 'code', 'used', 'grant', 'access', 'refresh', 'consent'];

export function owning(open: OpenStore): void {
  async function opened() {
    const { store } = await open();
    await applyState(store, TWO_USERS);
    await issue(store, '11', CLIENT1, USER1);
    await issue(store, '12', CLIENT1, USER2);
    await issue(store, '21', CLIENT2, USER1);
    await issue(store, '22', CLIENT2, USER2);
    return store;
  }

  async function left(store: AnyStore) {
    return {
      '11': await leftOf(store, '11', CLIENT1, USER1),
      '12': await leftOf(store, '12', CLIENT1, USER2),
      '21': await leftOf(store, '21', CLIENT2, USER1),
      '22': await leftOf(store, '22', CLIENT2, USER2),
    };
  }

  test('what was issued for a client ends with it; sessions are the users', async () => {
    const store = await opened();
    await applyState(store, smallWith({ [USER2]: user('User2'), [CLIENT1]: undefined }));
    expect(await left(store)).toEqual({ '11': ['session'], '12': ['session'], '21': ALL, '22': ALL });
    expect(await store.endSession('11'), 'there is nobody to be told').toEqual([]);
    expect(await store.redeemCode('11', { grant: grantOf('late') })).toBe('unknown');
  });

  test('what was issued for a user ends with them, their sessions too', async () => {
    const store = await opened();
    await applyState(store, SMALL);
    expect(await left(store)).toEqual({ '11': ALL, '12': [], '21': ALL, '22': [] });
  });

  test('what is renewed begins anew', async () => {
    const store = await opened();
    await applyState(
      store,
      smallWith({ [USER2]: user('User2'), [CLIENT1]: application('Another'), [USER1]: user('Somebody') }),
    );
    expect(await left(store)).toEqual({ '11': [], '12': ['session'], '21': [], '22': ALL });
  });

  test('what changes otherwise keeps what was issued for it', async () => {
    const store = await opened();
    const changed = smallWith({
      [USER2]: user('User2', { attributes: { mail: 'a@b.example' } }),
      [CLIENT1]: application('Client1', { metadata: { client_name: 'One' } }),
    });
    await applyState(store, changed);
    expect(await left(store)).toEqual({ '11': ALL, '12': ALL, '21': ALL, '22': ALL });
  });

  test('who is moved takes along what was issued for them', async () => {
    const store = await opened();
    await store.useAssertion(CLIENT1, 'jti', 9000);
    const renames = new Map<Address, Address>([
      [CLIENT1, RENAMED],
      [USER1, PERSON],
    ]);
    await applyState(
      store,
      smallWith({
        [USER2]: user('User2'),
        [CLIENT1]: undefined,
        [RENAMED]: application('Client1'),
        [USER1]: undefined,
        [PERSON]: user('User1'),
      }),
      { renames },
    );
    expect(await leftOf(store, '11', RENAMED, PERSON)).toEqual(ALL);
    expect(await leftOf(store, '12', RENAMED, USER2)).toEqual(ALL);
    expect(await leftOf(store, '21', CLIENT2, PERSON)).toEqual(ALL);
    expect(await leftOf(store, '22', CLIENT2, USER2)).toEqual(ALL);
    const moved = { client: RENAMED, user: PERSON };
    expect(await store.findCode('11')).toEqual(codeOf({ ...moved, session: '11' }));
    expect(await store.findGrant('11')).toEqual(grantOf('11', { ...moved, session: '11', offline: true }));
    expect(await store.findRefreshToken('11')).toMatchObject({ grant: moved });
    expect(await store.findAccessToken('11')).toMatchObject(moved);
    expect(await store.findSession('11')).toEqual(sessionOf('11', { user: PERSON }));
    expect(await store.endSession('11')).toEqual([RENAMED]);
    expect(await store.useAssertion(RENAMED, 'jti', 9000), 'it was used under the old name').toBe(false);
  });

  test('two that change places take along what is theirs', async () => {
    const store = await opened();
    const renames = new Map<Address, Address>([
      [CLIENT1, CLIENT2],
      [CLIENT2, CLIENT1],
    ]);
    await applyState(
      store,
      smallWith({
        [USER2]: user('User2'),
        [CLIENT1]: application('Client2'),
        [CLIENT2]: application('Client1'),
      }),
      { renames },
    );
    expect(await store.findGrant('11')).toMatchObject({ client: CLIENT2, user: USER1 });
    expect(await store.findGrant('22')).toMatchObject({ client: CLIENT1, user: USER2 });
    expect(await store.findConsent(USER1, CLIENT1)).toBeDefined();
  });

  test('an assertion that was used stays used when its client is deleted and comes again', async () => {
    const store = await opened();
    await store.useAssertion(CLIENT1, 'jti', 9000);
    await applyState(store, smallWith({ [USER2]: user('User2'), [CLIENT1]: undefined }));
    await applyState(store, TWO_USERS);
    expect(await store.useAssertion(CLIENT1, 'jti', 9000)).toBe(false);
  });

  test('usage counts refresh families of a client and of a user, the users of a client, and the sessions of a user', async () => {
    const store = await opened();
    const asked = [CLIENT1, CLIENT2, USER1, USER2];
    const usage = async (now: number) => Object.fromEntries(await store.usage(asked, now * 1000));
    const ofClient = live(2, undefined, { families: 2, users: 2 });
    const ofUser = live(2, undefined, { families: 2, sessions: 2 });
    expect(await usage(1999)).toEqual({ [CLIENT1]: ofClient, [CLIENT2]: ofClient, [USER1]: ofUser, [USER2]: ofUser });

    // Two Grants of one user are one user; a Grant without a refresh token is no family; a client that acts as itself is no user.
    await store.insertGrant({ grant: grantOf('more', { client: CLIENT1, user: USER1 }) });
    await store.insertGrant({
      grant: grantOf('itself', { client: CLIENT2, user: undefined }),
      refreshToken: refreshToken('itself', 'itself'),
    });
    // A rotated token is no other family, and one whose newest token has ended is none.
    await store.rotateRefreshToken('12', successor('13', '12'), undefined, { now: 1, grace: 0 });
    await store.insertGrant({
      grant: grantOf('ended', { client: CLIENT1, user: USER2 }),
      refreshToken: refreshToken('ended', 'ended'),
    });
    const short = { ...refreshToken('short', 'ended', { expires_at: 3000 }), sealed: '' };
    await store.rotateRefreshToken('ended', short, undefined, { now: 1, grace: 0 });
    await store.endSession('21');
    expect(await usage(3000)).toEqual({
      [CLIENT1]: live(0, undefined, { families: 2, users: 2 }),
      [CLIENT2]: live(0, undefined, { families: 3, users: 2 }),
      [USER1]: live(0, undefined, { families: 2, sessions: 1 }),
      [USER2]: live(0, undefined, { families: 2, sessions: 2 }),
    });
    expect(await usage(8500), 'refresh tokens have ended, Grants and sessions have not').toEqual({
      [CLIENT1]: live(0, undefined, { users: 2 }),
      [CLIENT2]: live(0, undefined, { users: 2 }),
      [USER1]: live(0, undefined, { sessions: 1 }),
      [USER2]: live(0, undefined, { sessions: 2 }),
    });
    expect(await usage(9000)).toEqual({});
  });

  test('a store to which nothing was applied keeps Grants, and the first apply leaves them alone', async () => {
    const { store } = await open();
    await issue(store, '11', CLIENT1, USER1);
    await applyState(store, stateOf({}));
    expect(await leftOf(store, '11', CLIENT1, USER1)).toEqual(ALL);
  });
}
