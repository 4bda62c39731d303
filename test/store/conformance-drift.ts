// Owns the part of the conformance suite about rows that something else than Charter wrote: how they are found, and how an
// apply that knows of them takes them back. Never knows a database.

import { describe, expect, test } from 'vitest';
import type { Address } from '../../src/model/address.ts';
import { digestEntity, digestState } from '../../src/model/digest.ts';
import type { Entity } from '../../src/model/entity.ts';
import type { State } from '../../src/model/state.ts';
import { diffStates } from '../../src/plan/diff.ts';
import type { ApplyRequest, StoredConfiguration } from '../../src/plan/port.ts';
import type { OpenStore, StoreUnderTest } from './conformance.ts';
import { application, applyState, ISSUER, NO_CHANGES, requestTo, SMALL, smallWith, tokenRecord } from './fixture.ts';

const CLIENT1: Address = 'application:Example/Client1';
const CLIENT2: Address = 'application:Example/Client2';
const USER1: Address = 'user:Example/User1';
const INTRUDER: Address = 'application:Example/Intruder';
/** Client1 with a scope that nobody reviewed. */
const WIDENED = application('Client1', { metadata: { scope: 'payments' } });
const FOUND = smallWith({ [CLIENT1]: WIDENED });

const widen = `UPDATE entity SET body = '${JSON.stringify(WIDENED)}' WHERE address = '${CLIENT1}'`;

/** The plan from what was recorded, which is SMALL, to `after`, that knows of the drift. */
function knowing(after: State, found: StoredConfiguration | undefined, more: Partial<ApplyRequest> = {}): ApplyRequest {
  if (found?.drifted === undefined) throw new Error('nothing has drifted');
  const request = requestTo(after, { ...found, state: SMALL }, more);
  const drift = { recorded: found.digest, found: found.drifted, changes: diffStates(SMALL, found.state) };
  return { ...request, plan: { ...request.plan, drift } };
}

export function drifting(open: OpenStore): void {
  async function opened() {
    const under = await open();
    await applyState(under.store, SMALL);
    return under;
  }

  test('what was applied has not drifted, and answers the digest of each entity', async () => {
    const { store } = await opened();
    await applyState(store, FOUND);
    const stored = await store.read();
    expect(stored?.drifted).toBeUndefined();
    expect([...(stored?.digests ?? [])]).toEqual(
      [...FOUND].map(([address, entity]) => [address, digestEntity(entity)]),
    );
  });

  test.each([
    ['a body', widen, FOUND],
    [
      'a body together with its digest',
      `${widen}; UPDATE entity SET digest = '${digestEntity(WIDENED)}' WHERE address = '${CLIENT1}'`,
      FOUND,
    ],
    ['a row that is gone', `DELETE FROM entity WHERE address = '${CLIENT2}'`, smallWith({ [CLIENT2]: undefined })],
    [
      'a row that came',
      `INSERT INTO entity (address, digest, since, body) SELECT '${INTRUDER}', digest, 1, body FROM entity WHERE address = '${CLIENT1}'`,
      smallWith({ [INTRUDER]: application('Client1') }),
    ],
    ['a digest alone', `UPDATE entity SET digest = 'sha256:0' WHERE address = '${CLIENT1}'`, SMALL],
    ['white space in a body', `UPDATE entity SET body = ' ' || body WHERE address = '${USER1}'`, SMALL],
  ])(
    'DESIGN 6 drift: found in %s, told by what the entities are now, and mended by a plan that knows',
    async (_, sql, found) => {
      const { store, meddle } = await opened();
      await meddle(sql);
      const stored = await store.read();
      expect(stored).toMatchObject({ generation: 1, digest: digestState(SMALL), drifted: digestState(found) });
      expect([...(stored?.state ?? [])]).toEqual([...found]);
      expect([...(stored?.digests ?? [])]).toEqual(
        [...found].map(([address, entity]) => [address, digestEntity(entity)]),
      );

      const revision = await store.apply(knowing(SMALL, stored));
      expect(revision).toMatchObject({ generation: 2, digest: digestState(SMALL), secrets: [], summary: NO_CHANGES });
      const mended = await store.read();
      expect(mended).toMatchObject({ generation: 2, digest: digestState(SMALL), drifted: undefined });
      expect([...(mended?.state ?? [])]).toEqual([...SMALL]);
      expect(await store.changesOf(2)).toEqual([]);
    },
  );

  test('a plan that knows of the drift makes its changes of what was recorded', async () => {
    const { store, meddle } = await opened();
    await store.insertAccessToken('kept', tokenRecord());
    await store.insertAccessToken('foreign', tokenRecord({ client: INTRUDER as `application:${string}/${string}` }));
    await meddle(
      `${widen}; DELETE FROM entity WHERE address = '${USER1}';
       INSERT INTO entity (address, digest, since, body) SELECT '${INTRUDER}', digest, 1, body FROM entity WHERE address = '${CLIENT2}'`,
    );
    const after = smallWith({ [CLIENT1]: application('Client1', { enabled: false }), [CLIENT2]: undefined });
    const revision = await store.apply(knowing(after, await store.read()));
    expect(revision).toMatchObject({ generation: 2, summary: { add: 0, change: 1, delete: 1, mended: 3 } });
    const stored = await store.read();
    expect([...(stored?.state ?? [])]).toEqual([...after]);
    expect(stored?.drifted).toBeUndefined();
    expect(stored?.since.get(CLIENT1), 'its row was there').toBe(1);
    expect(stored?.since.get(USER1), 'nobody knows any more since when it counted').toBe(2);
    expect(await store.findAccessToken('foreign')).toBeUndefined();
    expect(await store.findAccessToken('kept')).toBeDefined();
  });

  test('a drifted issuer does not keep the plan that takes it back from being applied', async () => {
    const { store, meddle } = await opened();
    await meddle(
      `UPDATE entity SET body = '{"kind":"server","issuer":"https://evil.example"}' WHERE address = 'server'`,
    );
    const server: Entity = { kind: 'server', issuer: ISSUER, profiles: ['ubisecure'] };
    await store.apply(knowing(smallWith({ server }), await store.read()));
    expect((await store.read())?.state.get('server')).toEqual(server);
  });

  test('drift that came after the plan makes it stale when it knows of other drift, and is told when it knows of none', async () => {
    const { store, meddle } = await opened();
    await meddle(widen);
    const request = knowing(smallWith({ [CLIENT2]: undefined }), await store.read());
    await meddle(`DELETE FROM entity WHERE address = '${USER1}'`);
    await expect(store.apply(request)).rejects.toMatchObject({
      code: 'stale_plan',
      message: expect.stringMatching(/changed again by something other than Charter.*Nothing was written\. Plan again/),
    });
    const { drift: _, ...unknowing } = request.plan;
    await expect(store.apply({ ...request, plan: { ...unknowing, drift: undefined } })).rejects.toMatchObject({
      code: 'store_foreign',
      message: expect.stringMatching(/changed by something other than Charter.*generation 1 recorded sha256:/),
    });
    const stored = await store.read();
    expect(stored?.state.get(CLIENT1)).toEqual(WIDENED);
    expect(stored?.state.has(CLIENT2)).toBe(true);
    expect(await store.revisions(9)).toHaveLength(1);
  });

  test('a rollback is remembered and forgotten by changes alone: mending is none', async () => {
    const { store, meddle } = await opened();
    await applyState(store, FOUND);
    await applyState(store, SMALL, { rollbackTo: 1 });
    await meddle(widen);
    await store.apply(knowing(SMALL, await store.read()));
    expect(await store.undone()).toEqual([{ digest: digestState(FOUND), generation: 3 }]);
  });

  describe('a plan that follows another without the store being read', () => {
    const next = { sequel: 'next' } as const;

    /** A store to which one plan was applied by who goes on, and what it holds by then. */
    async function following() {
      const under = await open();
      await applyState(under.store, SMALL, { sequel: 'first' });
      return { ...under, known: await under.store.read() };
    }

    test('is applied, and the ones after it', async () => {
      const { store, known } = await following();
      await store.insertAccessToken('own', tokenRecord());
      await store.apply(requestTo(FOUND, known, next));
      const after = await store.apply(requestTo(SMALL, await store.read(), next));
      expect(after.generation).toBe(3);
    });

    test.each([
      ['something that is not Charter', async ({ meddle }: StoreUnderTest) => await meddle(widen)],
      [
        'another process, though it was a token alone',
        async ({ another }: StoreUnderTest) => (await another()).insertAccessToken('other', tokenRecord()),
      ],
    ])('is stale where %s has written since, whatever it changes', async (_, write) => {
      const under = await following();
      await write(under);
      for (const after of [smallWith({ [CLIENT2]: undefined }), SMALL]) {
        await expect(under.store.apply(requestTo(after, under.known, next))).rejects.toMatchObject({
          code: 'stale_plan',
          message: expect.stringMatching(/Something else has written to the store .*Nothing was written\. Plan again/),
        });
      }
      expect(await under.store.revisions(9)).toHaveLength(1);
    });

    test('has every row checked where none was applied by who goes on', async () => {
      const { store } = await opened();
      const known = await store.read();
      expect((await store.apply(requestTo(FOUND, known, next))).generation).toBe(2);
      const again = await opened();
      await again.meddle(widen);
      for (const after of [smallWith({ [CLIENT2]: undefined }), SMALL]) {
        await expect(again.store.apply(requestTo(after, known, next))).rejects.toMatchObject({
          code: 'stale_plan',
          message: expect.stringContaining(`changed ${CLIENT1}`),
        });
      }
    });

    test('begins with one at which a row that it does not write is checked as well', async () => {
      const { store, meddle } = await opened();
      const known = await store.read();
      await meddle(widen);
      const request = requestTo(smallWith({ [CLIENT2]: undefined }), known, { sequel: 'first' });
      await expect(store.apply(request)).rejects.toMatchObject({
        code: 'stale_plan',
        message: expect.stringContaining(`changed ${CLIENT1}`),
      });
      expect((await store.read())?.state.has(CLIENT2)).toBe(true);
    });
  });

  test('entities of many pages are all looked at', async () => {
    const { store, meddle } = await open();
    const large = new Map<Address, Entity>([...SMALL]);
    for (let index = 0; index < 1000; index++) large.set(`application:Example/Z${index}`, application(`Z${index}`));
    await applyState(store, smallWith(Object.fromEntries(large)));
    expect((await store.read())?.drifted).toBeUndefined();
    await meddle(`UPDATE entity SET body = replace(body, 'Z998', 'Y998') WHERE address = 'application:Example/Z998'`);
    const stored = await store.read();
    expect(stored?.drifted).toBe(digestState(stored?.state ?? new Map()));
  });
}
