// Owns the part of the conformance suite about State: read, apply, revisions. Never knows a database.

import { expect, test } from 'vitest';
import type { Address } from '../../src/model/address.ts';
import { digestState } from '../../src/model/digest.ts';
import type { Entity } from '../../src/model/entity.ts';
import { formatPlace } from '../../src/model/origin.ts';
import { writeOrigin } from '../../src/model/origin-text.ts';
import type { OpenStore } from './conformance.ts';
import {
  application,
  applyState,
  ISSUER,
  NO_CHANGES,
  originsOf,
  rangeAt,
  requestTo,
  SMALL,
  smallWith,
  stateOf,
  tokenRecord,
  user,
} from './fixture.ts';

const CLIENT1: Address = 'application:Example/Client1';
const CLIENT2: Address = 'application:Example/Client2';
const USER1: Address = 'user:Example/User1';

export function applying(open: OpenStore): void {
  test('a store to which nothing was applied reads as nothing', async () => {
    const { store } = await open();
    expect(await store.read()).toBeUndefined();
    expect(await store.verifiers()).toEqual([]);
    expect(await store.revisions(10)).toEqual([]);
  });

  test('what was applied reads back whole: entities, digest, origins, since', async () => {
    const { store } = await open();
    await applyState(store, SMALL);
    const stored = await store.read();
    expect(stored?.generation).toBe(1);
    expect(stored?.digest).toBe(digestState(SMALL));
    expect([...(stored?.state ?? [])]).toEqual([...SMALL]);
    expect(Object.isFrozen(stored?.state.get(CLIENT1))).toBe(true);
    expect([...(stored?.since ?? [])]).toEqual([...SMALL.keys()].map((address) => [address, 1]));
    const places = [...SMALL.keys()].map((address) =>
      formatPlace(stored?.origins.get(address)?.('/secret/env') ?? none),
    );
    expect(places).toEqual([...SMALL.keys()].map((_, index) => `site.yaml:${index + 1}:1`));
  });

  test('an origin answers for each stored pointer, and for others by the nearest parent', async () => {
    const { store } = await open();
    const origins = originsOf(SMALL);
    origins.set(CLIENT1, writeOrigin({ '': rangeAt('a.yaml', 4), '/metadata': rangeAt('b.yaml', 7) }));
    await applyState(store, SMALL, { origins });
    const origin = (await store.read())?.origins.get(CLIENT1);
    expect(formatPlace(origin?.('/metadata/scope') ?? none)).toBe('b.yaml:7:1');
    expect(formatPlace(origin?.('/secret') ?? none)).toBe('a.yaml:4:1');
  });

  test('a State of many pages reads back whole, in address order', async () => {
    const { store } = await open();
    const entities: [string, Entity][] = [];
    for (let index = 0; index < 1500; index++) {
      entities.push([`application:Big/A${index}`, application(`A${index}`, { metadata: { client_name: 'é☃😀' } })]);
    }
    const state = stateOf(Object.fromEntries(entities));
    await applyState(store, state);
    const stored = await store.read();
    expect([...(stored?.state.keys() ?? [])]).toEqual([...state.keys()]);
    expect(digestState(stored?.state ?? new Map())).toBe(digestState(state));
  });

  test('apply answers the revision that it recorded; revisions come newest first, at most as many as asked', async () => {
    const { store } = await open();
    const first = await applyState(store, SMALL, { appliedAt: 1000, commit: 'c0ffee', author: 'A. Uthor <a@b>' });
    expect(first).toEqual({
      generation: 1,
      digest: digestState(SMALL),
      appliedAt: 1000,
      commit: 'c0ffee',
      author: 'A. Uthor <a@b>',
      secrets: [],
      summary: { ...NO_CHANGES, add: SMALL.size },
      approvals: [],
      rollbackTo: undefined,
    });
    const second = await applyState(store, smallWith({ [CLIENT2]: undefined }), { appliedAt: 2000 });
    expect(second).toMatchObject({ generation: 2, commit: undefined, author: undefined });
    expect(await store.revisions(10)).toEqual([second, first]);
    expect(await store.revisions(1)).toEqual([second]);
  });

  test('DESIGN 5 since: an update keeps it, one that renews and a new entity take the generation', async () => {
    const { store } = await open();
    await applyState(store, SMALL);
    await applyState(
      store,
      smallWith({
        [CLIENT1]: application('Client1', { enabled: false }),
        [CLIENT2]: application('Renamed2'),
        [USER1]: undefined,
      }),
    );
    const second = await store.read();
    expect(second?.since.get(CLIENT1), 'disabled: its tokens count again when it returns').toBe(1);
    expect(second?.since.get(CLIENT2), 'another client_id').toBe(2);
    expect(second?.since.has(USER1)).toBe(false);
    await applyState(store, SMALL);
    const third = await store.read();
    expect(third?.since.get(CLIENT1), 'enabled again').toBe(3);
    expect(third?.since.get(USER1), 'deleted and added again').toBe(3);
    expect(third?.since.get('server'), 'untouched').toBe(1);
  });

  test('DESIGN 3: a plan whose base moved is stale, says both generations, and writes nothing', async () => {
    const { store } = await open();
    await applyState(store, SMALL);
    const stale = requestTo(smallWith({ [CLIENT1]: undefined }), await store.read(), {
      verifiers: [{ address: CLIENT2, slot: 'env:Client2_SECRET', phc: '$stale' }],
      origins: originsOf(SMALL, 'stale.yaml'),
    });
    await applyState(store, smallWith({ [CLIENT2]: undefined }));
    const before = await store.read();
    await expect(store.apply(stale)).rejects.toMatchObject({
      code: 'stale_plan',
      message: expect.stringMatching(/^The plan was made against generation 1, the store .*is at 2\./),
    });
    const after = await store.read();
    expect([...(after?.state ?? [])]).toEqual([...(before?.state ?? [])]);
    expect(after?.origins.get(CLIENT1)?.('').file).toBe('site.yaml');
    expect(await store.verifiers()).toEqual([]);
    expect(await store.revisions(10)).toHaveLength(2);
  });

  test('DESIGN 3: a plan of the same generation of another store is stale', async () => {
    const { store } = await open();
    const other = await open();
    await applyState(store, SMALL);
    await applyState(other.store, smallWith({ [CLIENT2]: undefined }));
    const request = requestTo(smallWith({ [USER1]: undefined }), await other.store.read());
    await expect(store.apply(request)).rejects.toMatchObject({
      code: 'stale_plan',
      message: expect.stringMatching(/generation 1, .* another generation 1: its digest is sha256:/),
    });
    expect((await store.read())?.digest).toBe(digestState(SMALL));
  });

  test('a plan against nothing is stale once something was applied', async () => {
    const { store } = await open();
    const request = requestTo(SMALL, undefined);
    await store.apply(request);
    await expect(store.apply(request)).rejects.toMatchObject({ code: 'stale_plan' });
  });

  test('a plan whose changes do not lead to its resultDigest is refused whole', async () => {
    const { store } = await open();
    await applyState(store, SMALL);
    const request = requestTo(smallWith({ [CLIENT1]: undefined }), await store.read());
    const lying = { ...request, plan: { ...request.plan, resultDigest: digestState(SMALL) } };
    await expect(store.apply(lying)).rejects.toThrow(/promised the digest/);
    const stored = await store.read();
    expect(stored?.generation).toBe(1);
    expect(digestState(stored?.state ?? new Map())).toBe(digestState(SMALL));
    expect(await store.revisions(10)).toHaveLength(1);
  });

  test('DESIGN 3: a store belongs to one issuer, and says so before it says stale', async () => {
    const { store } = await open();
    await applyState(store, SMALL);
    const other = stateOf({}, 'https://other.example');
    const message = expect.stringMatching(new RegExp(`${ISSUER}.*https://other\\.example`));
    const request = requestTo(other, await store.read());
    await expect(store.apply(request)).rejects.toMatchObject({ code: 'store_other_issuer', message });
    const stale = requestTo(other, undefined);
    await expect(store.apply(stale)).rejects.toMatchObject({ code: 'store_other_issuer', message });
    expect((await store.read())?.digest).toBe(digestState(SMALL));
  });

  test('the server entity may change beside its issuer', async () => {
    const { store } = await open();
    await applyState(store, SMALL);
    const server: Entity = { kind: 'server', issuer: ISSUER, profiles: ['ubisecure'] };
    await applyState(store, smallWith({ server }));
    expect((await store.read())?.state.get('server')).toEqual(server);
  });

  test('an empty plan refreshes origins and records nothing', async () => {
    const { store } = await open();
    const first = await applyState(store, SMALL);
    const again = await applyState(store, SMALL, { origins: originsOf(SMALL, 'moved.yaml'), appliedAt: 5 });
    expect(again).toEqual(first);
    const stored = await store.read();
    expect(stored?.generation).toBe(1);
    expect([...(stored?.origins.values() ?? [])].map((origin) => origin('').file)).toEqual(
      [...SMALL].map(() => 'moved.yaml'),
    );
    expect(await store.revisions(10)).toEqual([first]);
  });

  test('apply refreshes the origins of what it does not change, too', async () => {
    const { store } = await open();
    await applyState(store, SMALL);
    const after = smallWith({ [CLIENT1]: application('Client1', { enabled: false }) });
    await applyState(store, after, { origins: originsOf(after, 'moved.yaml') });
    const stored = await store.read();
    expect(stored?.origins.get(CLIENT1)?.('').file).toBe('moved.yaml');
    expect(stored?.origins.get(USER1)?.('').file).toBe('moved.yaml');
  });

  test('the first apply is a revision even of a State without entities', async () => {
    const { store } = await open();
    const revision = await applyState(store, new Map());
    expect(revision.generation).toBe(1);
    expect((await store.read())?.state.size).toBe(0);
  });

  test('DESIGN 5: stored tokens end with their client or user, when it is deleted or renewed, and no others', async () => {
    const { store } = await open();
    await applyState(store, smallWith({ 'user:Example/User2': user('User2') }));
    const tokens = {
      deletedClient: tokenRecord({ client: 'application:Example/Client2' }),
      renewedUser: tokenRecord({ user: 'user:Example/User2' }),
      withoutUser: tokenRecord({ user: undefined }),
      other: tokenRecord(),
    };
    for (const [hash, record] of Object.entries(tokens)) await store.insertAccessToken(hash, record);
    await applyState(
      store,
      smallWith({
        [CLIENT1]: application('Client1', { enabled: false }),
        [CLIENT2]: undefined,
        'user:Example/User2': user('another-sub'),
      }),
    );
    expect(await store.findAccessToken('deletedClient')).toBeUndefined();
    expect(await store.findAccessToken('renewedUser')).toBeUndefined();
    expect(await store.findAccessToken('withoutUser'), 'its client is disabled, which suspends').toBeDefined();
    expect(await store.findAccessToken('other')).toBeDefined();
    await applyState(store, SMALL);
    expect(await store.findAccessToken('other'), 'its client was enabled again').toBeUndefined();
  });

  test('of two applies from one base exactly one wins, the other is stale', async () => {
    const { store, another } = await open();
    const second = await another();
    await applyState(store, SMALL);
    for (let round = 0; round < 10; round++) {
      const stored = await store.read();
      const states = [`left${round}`, `right${round}`].map((name) =>
        smallWith({ [`application:Example/${name}`]: application(name) }),
      );
      const outcomes = await Promise.allSettled(
        [store, second].map((one, index) => one.apply(requestTo(states[index] ?? SMALL, stored))),
      );
      const won = outcomes.findIndex(({ status }) => status === 'fulfilled');
      const lost = outcomes[1 - won];
      const message = expect.stringContaining(`Since then: generation ${round + 2}, applied 2023-11-14T22:13:20Z`);
      expect(lost).toMatchObject({ status: 'rejected', reason: { code: 'stale_plan', message } });
      expect((await second.read())?.digest).toBe(digestState(states[won] ?? SMALL));
    }
  });

  test('a read sees one generation whole while another process applies', async () => {
    const { store, another } = await open();
    const reader = await another();
    const states = ['A', 'B'].map((letter) =>
      stateOf(
        Object.fromEntries(
          Array.from({ length: 600 }, (_, index) => [
            `application:Big/App${index}`,
            application(`App${index}`, { metadata: { client_name: letter } }),
          ]),
        ),
      ),
    );
    await applyState(store, states[0] ?? SMALL);
    let applying = true;
    const seen = new Set<number>();
    const reading = (async () => {
      while (applying) {
        const stored = await reader.read();
        expect(digestState(stored?.state ?? new Map())).toBe(stored?.digest);
        seen.add(stored?.generation ?? 0);
      }
    })();
    for (let generation = 2; generation < 12; generation++) {
      await applyState(store, states[(generation + 1) % 2] ?? SMALL);
    }
    applying = false;
    await reading;
    expect(seen.size).toBeGreaterThan(1);
  });
}

/** What no origin says. */
const none = rangeAt('none', 0);
