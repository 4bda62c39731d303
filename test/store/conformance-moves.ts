// Owns the part of the conformance suite about moved entities: what goes along, what stays behind, who comes where somebody
// else was. Never knows a database.

import { expect, test } from 'vitest';
import type { Address, ApplicationAddress, UserAddress } from '../../src/model/address.ts';
import { digestState } from '../../src/model/digest.ts';
import { formatPlace } from '../../src/model/origin.ts';
import type { OpenStore } from './conformance.ts';
import { application, applyState, live, requestTo, SMALL, smallWith, tokenRecord, user } from './fixture.ts';

const CLIENT1: ApplicationAddress = 'application:Example/Client1';
const CLIENT2: ApplicationAddress = 'application:Example/Client2';
const RENAMED: ApplicationAddress = 'application:Example/Renamed';
const USER1: UserAddress = 'user:Example/User1';
const PERSON: UserAddress = 'user:Example/Person';
const NOW = 1_500_000;

const renames = (...pairs: readonly (readonly [Address, Address])[]) => ({ renames: new Map(pairs) });
/** SMALL with Client1 under another name: what is known outside stays. */
const AFTER = smallWith({ [CLIENT1]: undefined, [RENAMED]: application('Client1') });

export function moving(open: OpenStore): void {
  async function opened() {
    const under = await open();
    const verifiers = [
      { address: CLIENT1, slot: 'env:Client1_SECRET', phc: '$one' },
      { address: CLIENT2, slot: 'env:Client2_SECRET', phc: '$two' },
    ];
    await applyState(under.store, SMALL, { verifiers });
    return { ...under, verifiers };
  }

  test('DESIGN 3 moved: the row keeps its since, its verifiers, its stored tokens and its usage', async () => {
    const { store } = await opened();
    const records = [tokenRecord(), tokenRecord({ user: undefined }), tokenRecord({ client: CLIENT2 })] as const;
    for (const [index, record] of records.entries()) await store.insertAccessToken(`h${index}`, record);
    await store.recordUse(new Map([[CLIENT1, 77]]));

    const revision = await applyState(store, AFTER, renames([CLIENT1, RENAMED]));
    expect(revision).toMatchObject({ generation: 2, digest: digestState(AFTER), secrets: [], summary: { move: 1 } });
    const stored = await store.read();
    expect([...(stored?.state ?? [])]).toEqual([...AFTER]);
    expect(stored?.since.get(RENAMED)).toBe(1);
    expect(stored?.since.has(CLIENT1)).toBe(false);
    expect(formatPlace(stored?.origins.get(RENAMED)?.('') ?? { file: '', start: NOWHERE, end: NOWHERE })).toBe(
      'site.yaml:2:1',
    );
    expect(await store.verifiers()).toEqual([
      { address: CLIENT2, slot: 'env:Client2_SECRET', phc: '$two' },
      { address: RENAMED, slot: 'env:Client1_SECRET', phc: '$one' },
    ]);
    expect(await store.findAccessToken('h0')).toEqual({ ...records[0], client: RENAMED });
    expect(await store.findAccessToken('h1')).toEqual({ ...records[1], client: RENAMED });
    expect(await store.findAccessToken('h2')).toEqual(records[2]);
    const usage = await store.usage([CLIENT1, RENAMED, USER1], NOW);
    expect([...usage]).toEqual([
      [RENAMED, live(2, 77)],
      [USER1, live(2, undefined)],
    ]);
  });

  test('tokens for a moved user follow it, and no others', async () => {
    const { store } = await opened();
    await store.insertAccessToken('hers', tokenRecord());
    await store.insertAccessToken('other', tokenRecord({ user: 'user:Example/Other' }));
    await applyState(store, smallWith({ [USER1]: undefined, [PERSON]: user('User1') }), renames([USER1, PERSON]));
    expect(await store.findAccessToken('hers')).toEqual(tokenRecord({ user: PERSON }));
    expect((await store.findAccessToken('other'))?.user).toBe('user:Example/Other');
    expect((await store.read())?.since.get(PERSON)).toBe(1);
  });

  test('a move that renews takes the generation, and its stored tokens end', async () => {
    const { store } = await opened();
    await store.insertAccessToken('h', tokenRecord());
    await store.recordUse(new Map([[CLIENT1, 77]]));
    const after = smallWith({ [CLIENT1]: undefined, [RENAMED]: application('another-id') });
    await applyState(store, after, renames([CLIENT1, RENAMED]));
    expect((await store.read())?.since.get(RENAMED)).toBe(2);
    expect(await store.findAccessToken('h')).toBeUndefined();
    expect((await store.usage([RENAMED], NOW)).get(RENAMED)).toEqual(live(0, 77));
  });

  test('a secret that a moved application no longer declares goes, one that is new to it is a changed secret', async () => {
    const { store } = await opened();
    const after = smallWith({ [CLIENT1]: undefined, [RENAMED]: application('Client1', { secret: { env: 'NEW' } }) });
    const verifier = { address: RENAMED, slot: 'env:NEW', phc: '$new' };
    const revision = await applyState(store, after, { ...renames([CLIENT1, RENAMED]), verifiers: [verifier] });
    expect(revision.secrets).toEqual([RENAMED]);
    expect(await store.verifiers()).toEqual([{ address: CLIENT2, slot: 'env:Client2_SECRET', phc: '$two' }, verifier]);
  });

  test('what moves to where another was deleted in the same plan takes nothing over from it', async () => {
    // As diffStates would never make it, since it takes the same address for the same entity: Client2 goes, Client1 comes.
    const after = smallWith({ [CLIENT1]: undefined, [CLIENT2]: application('Client1') });
    const [first, second] = [SMALL.get(CLIENT1), SMALL.get(CLIENT2)];
    if (first === undefined || second === undefined) throw new Error('SMALL has two clients');
    const changes = [
      { action: 'delete', address: CLIENT2, before: second },
      { action: 'move', address: CLIENT2, from: CLIENT1, before: first, after: first, paths: [], renews: false },
    ] as const;
    for (const ordered of [changes, changes.toReversed()]) {
      const { store } = await opened();
      await store.insertAccessToken('moved', tokenRecord());
      await store.insertAccessToken('deleted', tokenRecord({ client: CLIENT2 }));
      await store.recordUse(new Map([[CLIENT2, 99]]));
      const request = requestTo(after, await store.read());
      await store.apply({ ...request, plan: { ...request.plan, changes: ordered } });
      const stored = await store.read();
      expect([...(stored?.state ?? [])]).toEqual([...after]);
      expect(await store.verifiers()).toEqual([{ address: CLIENT2, slot: 'env:Client1_SECRET', phc: '$one' }]);
      expect((await store.findAccessToken('moved'))?.client).toBe(CLIENT2);
      expect(await store.findAccessToken('deleted')).toBeUndefined();
      expect([...(await store.usage([CLIENT2], NOW)).values()]).toEqual([live(1, undefined)]);
    }
  });

  test('a token that was left under a name that nobody had is not taken over', async () => {
    const { store } = await opened();
    await store.insertAccessToken('stray', tokenRecord({ client: RENAMED }));
    await applyState(store, AFTER, renames([CLIENT1, RENAMED]));
    expect(await store.findAccessToken('stray')).toBeUndefined();
  });

  test('what moves away makes room for what moves in, round in a circle too, and for what is created', async () => {
    const { store } = await opened();
    await store.insertAccessToken('one', tokenRecord());
    await store.insertAccessToken('two', tokenRecord({ client: CLIENT2 }));
    const [one, two] = [application('Client1'), application('Client2')];
    const circle = smallWith({ [CLIENT1]: two, [CLIENT2]: one });
    await applyState(store, circle, renames([CLIENT1, CLIENT2], [CLIENT2, CLIENT1]));
    expect([...((await store.read())?.state ?? [])]).toEqual([...circle]);
    expect((await store.findAccessToken('one'))?.client).toBe(CLIENT2);
    expect((await store.findAccessToken('two'))?.client).toBe(CLIENT1);
    expect(await store.verifiers()).toEqual([
      { address: CLIENT1, slot: 'env:Client2_SECRET', phc: '$two' },
      { address: CLIENT2, slot: 'env:Client1_SECRET', phc: '$one' },
    ]);

    const chain = smallWith({ [CLIENT1]: application('Client3'), [CLIENT2]: two, [RENAMED]: one });
    const request = requestTo(chain, await store.read(), renames([CLIENT1, CLIENT2], [CLIENT2, RENAMED]));
    expect(request.plan.changes.map(({ action }) => action)).toEqual(['update', 'move', 'move']);
    const created = { action: 'create', address: CLIENT1, after: application('Client3') } as const;
    const changes = [created, ...request.plan.changes.filter(({ action }) => action === 'move')];
    await store.apply({ ...request, plan: { ...request.plan, changes } });
    expect([...((await store.read())?.state ?? [])]).toEqual([...chain]);
    expect((await store.findAccessToken('one'))?.client).toBe(RENAMED);
    expect((await store.findAccessToken('two'))?.client).toBe(CLIENT2);
  });

  test('a move from what is not there, or to what is, is told, and nothing is written', async () => {
    const { store, meddle } = await opened();
    const request = requestTo(AFTER, await store.read(), renames([CLIENT1, RENAMED]));
    await meddle(
      `INSERT INTO entity (address, digest, since, body) SELECT '${RENAMED}', digest, since, body FROM entity
       WHERE address = '${CLIENT2}'`,
    );
    await expect(store.apply(request)).rejects.toMatchObject({
      code: 'store_foreign',
      message: expect.stringMatching(
        /it holds application:Example\/Renamed, which its newest generation does not have/,
      ),
    });
    await meddle(`DELETE FROM entity WHERE address IN ('${RENAMED}', '${CLIENT1}')`);
    await expect(store.apply(request)).rejects.toMatchObject({
      code: 'store_foreign',
      message: expect.stringMatching(/application:Example\/Client1 of its newest generation is missing/),
    });
    expect(await store.revisions(9)).toHaveLength(1);
  });
}

const NOWHERE = { line: 0, column: 0, offset: 0 };
