// Owns the part of the conformance suite about use: live tokens, when the last was issued. Never knows a database.

import { expect, test } from 'vitest';
import type { Address, ApplicationAddress } from '../../src/model/address.ts';
import type { OpenStore } from './conformance.ts';
import { application, applyState, live, SMALL, smallWith, stateOf, tokenRecord } from './fixture.ts';

const CLIENT1: ApplicationAddress = 'application:Example/Client1';
const CLIENT2: ApplicationAddress = 'application:Example/Client2';
const USER1 = 'user:Example/User1' as const;

export function using(open: OpenStore): void {
  test('live tokens are those that have not expired, of a client and for a user', async () => {
    const { store } = await open();
    await applyState(store, SMALL);
    const records = [
      tokenRecord({ expires_at: 100 }),
      tokenRecord({ expires_at: 101 }),
      tokenRecord({ expires_at: 102, user: undefined }),
      tokenRecord({ expires_at: 102, client: CLIENT2 }),
      tokenRecord({ expires_at: 101, client: 'application:Other/Client' }),
    ];
    for (const [index, record] of records.entries()) await store.insertAccessToken(`h${index}`, record);
    const asked: Address[] = [CLIENT1, CLIENT2, USER1, 'user:Example/Nobody', 'group:Example/G', 'server'];
    const at = async (now: number) =>
      [...(await store.usage(asked, now))].map(([address, { liveTokens }]) => [address, liveTokens]);
    expect(await at(100_000), 'a token of 100 s ends as it begins').toEqual([
      [CLIENT1, 2],
      [CLIENT2, 1],
      [USER1, 3],
    ]);
    expect(await at(101_999)).toEqual([
      [CLIENT1, 1],
      [CLIENT2, 1],
      [USER1, 1],
    ]);
    expect(await at(102_000)).toEqual([]);
    expect(await store.usage([], 0)).toEqual(new Map());
  });

  test('the last use is the latest that was told, of what is an entity', async () => {
    const { store, another } = await open();
    const second = await another();
    await applyState(store, SMALL);
    await store.recordUse(
      new Map([
        [CLIENT1, 2000],
        [USER1, 1000],
        ['application:Example/Nobody', 1],
      ] as const),
    );
    await second.recordUse(
      new Map([
        [CLIENT1, 1999],
        [USER1, 1001],
      ] as const),
    );
    const asked: Address[] = [CLIENT1, CLIENT2, USER1, 'application:Example/Nobody'];
    expect([...(await store.usage(asked, 0))]).toEqual([
      [CLIENT1, live(0, 2000)],
      [USER1, live(0, 1001)],
    ]);
    await store.recordUse(new Map());
  });

  test('the use of a client that is deleted is forgotten, also when it returns; a change of it does not matter', async () => {
    const { store } = await open();
    await applyState(store, SMALL);
    await store.recordUse(
      new Map([
        [CLIENT1, 5],
        [CLIENT2, 5],
      ]),
    );
    await applyState(store, smallWith({ [CLIENT1]: undefined, [CLIENT2]: application('Client2', { enabled: false }) }));
    await applyState(store, SMALL);
    expect([...(await store.usage([CLIENT1, CLIENT2], 0)).keys()]).toEqual([CLIENT2]);
  });

  test('many addresses at once', async () => {
    const { store } = await open();
    const names = Array.from({ length: 1000 }, (_, index) => `App${index}`);
    const addresses = names.map((name): ApplicationAddress => `application:Big/${name}`);
    await applyState(
      store,
      stateOf(Object.fromEntries(names.map((name) => [`application:Big/${name}`, application(name)]))),
    );
    await store.recordUse(new Map(addresses.map((address, index) => [address, index + 1])));
    await store.insertAccessToken('h', tokenRecord({ client: 'application:Big/App999' }));
    const usage = await store.usage(addresses, 0);
    expect([...usage.values()].map(({ lastUsed }) => lastUsed)).toEqual(names.map((_, index) => index + 1));
    expect(usage.get('application:Big/App999')?.liveTokens).toBe(1);
    expect(usage.get('application:Big/App998')?.liveTokens).toBe(0);
  });
}
