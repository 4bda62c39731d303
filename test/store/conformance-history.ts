// Owns the part of the conformance suite about what was applied: summaries, changes, rollbacks, and what a stale plan is
// told. Never knows a database.

import { expect, test } from 'vitest';
import type { Address } from '../../src/model/address.ts';
import { digestState } from '../../src/model/digest.ts';
import type { AccessChange, StorePlan } from '../../src/plan/plan.ts';
import type { OpenStore } from './conformance.ts';
import { application, applyState, NO_CHANGES, requestTo, SMALL, smallWith, stateOf, user } from './fixture.ts';

const CLIENT1: Address = 'application:Example/Client1';
const CLIENT2: Address = 'application:Example/Client2';
const RENAMED: Address = 'application:Example/Renamed';
const DISABLED = smallWith({ [CLIENT1]: application('Client1', { enabled: false }) });
const APPLIED_AT = Date.UTC(2026, 10, 22, 4, 20, 11);

export function recording(open: OpenStore): void {
  test('a revision says in numbers what it did, and keeps the approvals that let it pass', async () => {
    const { store } = await open();
    await applyState(store, SMALL);
    const after = smallWith({
      [CLIENT1]: undefined,
      [RENAMED]: application('Client1'),
      [CLIENT2]: application('Client2', { enabled: false }),
      'user:Example/User1': undefined,
      'user:Example/User2': user('User2'),
      'user:Example/User3': user('User3'),
    });
    const request = requestTo(after, await store.read(), { renames: new Map([[CLIENT1, RENAMED]]) });
    // The store counts them and looks no further.
    const access = [{ effect: 'grant' }, { effect: 'revoke' }, { effect: 'grant' }] as AccessChange[];
    const approvals = ['deletes:Example@0123456789abcdef', 'emptied:user@fedcba9876543210'];
    const revision = await store.apply({
      ...request,
      plan: { ...request.plan, access },
      approvals,
      standing: approvals.slice(1),
    });
    const summary = { add: 2, change: 1, move: 1, delete: 1, access_added: 2, access_removed: 1 };
    expect(revision).toMatchObject({ summary, approvals, standing: approvals.slice(1), rollbackTo: undefined });
    expect((await store.revisions(1))[0]).toEqual(revision);
  });

  test('changesOf answers the changes of each generation in the order of its plan', async () => {
    const { store, another } = await open();
    const plans: StorePlan[] = [];
    for (const state of [SMALL, DISABLED, smallWith({ [CLIENT2]: application('é☃😀"\\\n') })]) {
      const request = requestTo(state, await store.read());
      plans.push(request.plan);
      await store.apply(request);
    }
    const second = await another();
    for (const [index, plan] of plans.entries()) expect(await second.changesOf(index + 1)).toEqual(plan.changes);
    expect(await store.changesOf(0)).toBeUndefined();
    expect(await store.changesOf(4)).toBeUndefined();
  });

  test('a plan of many parts that creates, changes and deletes is stored and recorded as it is, in any characters', async () => {
    const { store, another } = await open();
    const some = (from: number, to: number, text: string) =>
      stateOf(
        Object.fromEntries(
          Array.from({ length: to - from }, (_, index) => [
            `application:Example/App${from + index}`,
            application(`App${from + index}`, { metadata: { client_name: `${text} ${index % 3}` } }),
          ]),
        ),
      );
    await applyState(store, some(0, 700, 'é☃"'));
    const after = some(300, 1000, '😀\\\n');
    const request = requestTo(after, await store.read());
    await store.apply(request);
    const second = await another();
    expect((await second.read())?.state).toEqual(after);
    expect(await second.changesOf(2)).toEqual(request.plan.changes);
    expect(new Set(request.plan.changes.map(({ action }) => action))).toEqual(new Set(['create', 'update', 'delete']));
  });

  test('changesOf of a revision of secrets alone is empty, of one of many pages whole', async () => {
    const { store } = await open();
    const names = Array.from({ length: 1500 }, (_, index) => `App${index}`);
    const large = stateOf(Object.fromEntries(names.map((name) => [`application:Big/${name}`, application(name)])));
    const slot = 'env:App7_SECRET';
    const request = requestTo(large, undefined, {
      verifiers: [{ address: 'application:Big/App7', slot, phc: '$one' }],
    });
    await store.apply(request);
    await store.replaceVerifiers([{ address: 'application:Big/App7', slot, phc: '$two' }], { appliedAt: 1 });
    expect(await store.changesOf(1)).toEqual(request.plan.changes);
    expect(await store.changesOf(2)).toEqual([]);
  });

  test('DESIGN 5: a rollback remembers the State that it undid, until something else is applied', async () => {
    const { store } = await open();
    await applyState(store, SMALL);
    await applyState(store, DISABLED);
    expect(await store.undone()).toEqual([]);
    const back = await applyState(store, SMALL, { rollbackTo: 1 });
    expect(back).toMatchObject({ generation: 3, rollbackTo: 1, digest: digestState(SMALL) });
    const undone = { digest: digestState(DISABLED), generation: 3 };
    expect(await store.undone()).toEqual([undone]);
    expect((await store.revisions(1))[0]?.rollbackTo).toBe(1);

    const verifier = { address: CLIENT2, slot: 'env:Client2_SECRET', phc: '$one' };
    await applyState(store, SMALL, { verifiers: [verifier] });
    await store.replaceVerifiers([{ ...verifier, phc: '$two' }], { appliedAt: 1 });
    await applyState(store, SMALL, { verifiers: [{ ...verifier, phc: '$three' }] });
    expect((await store.revisions(1))[0]).toMatchObject({ generation: 5, secrets: [CLIENT2] });
    expect(await store.undone(), 'secrets changed, the State did not').toEqual([undone]);

    await applyState(store, smallWith({ [CLIENT2]: undefined }));
    expect(await store.undone()).toEqual([]);
  });

  test('a second rollback leaves both States alone', async () => {
    const { store } = await open();
    await applyState(store, SMALL);
    await applyState(store, DISABLED);
    await applyState(store, smallWith({ [CLIENT2]: undefined }));
    await applyState(store, DISABLED, { rollbackTo: 2 });
    await applyState(store, SMALL, { rollbackTo: 1 });
    expect(await store.undone()).toEqual([
      { digest: digestState(DISABLED), generation: 5 },
      { digest: digestState(smallWith({ [CLIENT2]: undefined })), generation: 4 },
    ]);
  });

  test('the rollback of a rollback remembers what it undid itself, and not what it restored', async () => {
    const { store } = await open();
    await applyState(store, SMALL);
    await applyState(store, DISABLED);
    await applyState(store, SMALL, { rollbackTo: 1 });
    await applyState(store, DISABLED, { rollbackTo: 2 });
    expect(await store.undone()).toEqual([{ digest: digestState(SMALL), generation: 4 }]);
  });

  test('a rollback to what is there already undoes nothing', async () => {
    const { store } = await open();
    const first = await applyState(store, SMALL);
    expect(await applyState(store, SMALL, { rollbackTo: 1 })).toEqual(first);
    expect(await store.undone()).toEqual([]);
  });

  test('what is resumed may be done again until something is applied or rolled back, and is told as resumed', async () => {
    const { store } = await open();
    const third = smallWith({ [CLIENT2]: undefined });
    await applyState(store, third);
    await applyState(store, SMALL);
    for (const next of [{}, { rollbackTo: 1 }]) {
      await applyState(store, DISABLED);
      expect(await store.resumed()).toEqual([]);
      await applyState(store, SMALL, { rollbackTo: 2 });
      const [undone] = await store.undone();
      await store.resume();
      expect(await store.resumed()).toEqual([undone?.generation]);
      await applyState(store, SMALL);
      expect(await store.resumed(), 'nothing was changed').toEqual([undone?.generation]);
      await applyState(store, third, next);
      expect(await store.resumed()).toEqual([]);
    }
  });

  test('resume forgets what was undone, while another process has the store open, and says whether there was any', async () => {
    const { store, another } = await open();
    const server = await another();
    await applyState(store, SMALL);
    await applyState(store, DISABLED);
    await applyState(store, SMALL, { rollbackTo: 1 });
    expect((await server.undone())[0]?.generation).toBe(3);
    expect(await store.resume()).toBe(true);
    expect(await store.resume()).toBe(false);
    expect(await server.undone()).toEqual([]);
    expect(await server.resumed()).toEqual([3]);
    expect((await server.revisions(9)).map(({ generation }) => generation)).toEqual([3, 2, 1]);
  });

  test('a stale plan is told who applied what since, the three newest and how many earlier', async () => {
    const { store } = await open();
    const verifier = { address: CLIENT2, slot: 'env:Client2_SECRET', phc: '$one' };
    await applyState(store, SMALL, { verifiers: [verifier] });
    const stale = requestTo(smallWith({ [CLIENT1]: undefined }), await store.read());
    const message = async () =>
      store.apply(stale).then(
        () => 'applied',
        (error) => `${error.code}: ${error.message}`,
      );
    const author = 'CI \u001b[31m<ci@example>';
    await applyState(
      store,
      smallWith({ [CLIENT2]: application('Client2', { enabled: false }), 'user:Example/User2': user('User2') }),
      { appliedAt: APPLIED_AT + 999, commit: '4b1c9e0a12cd5e6f7a8b', author },
    );
    const first =
      'generation 2, applied 2026-11-22T04:20:11Z by CI \\u{1b}[31m<ci@example> from commit 4b1c9e0a12cd: ' +
      '1 to add, 1 to change';
    expect(await message()).toMatch(/^stale_plan: The plan was made against generation 1, the store .*is at 2\. Since/);
    expect(await message()).toContain(`. Since then: ${first}. Nothing was written. Plan again and apply that.`);

    await store.replaceVerifiers([{ ...verifier, phc: '$two' }], { appliedAt: APPLIED_AT });
    await applyState(store, SMALL, { rollbackTo: 1, appliedAt: APPLIED_AT });
    const then = 'applied 2026-11-22T04:20:11Z';
    const second = `generation 3, ${then}: changed secrets of 1 application`;
    const third = `generation 4, ${then}: a rollback to 1, 1 to change, 1 to delete`;
    expect(await message()).toContain(`is at 4. Since then: ${third}; ${second}; ${first}. Nothing`);

    const moved = smallWith({ [CLIENT2]: undefined, [RENAMED]: application('Client2') });
    await applyState(store, moved, { renames: new Map([[CLIENT2, RENAMED]]), appliedAt: APPLIED_AT });
    const fourth = `generation 5, ${then}: 1 to move`;
    expect(await message()).toContain(`is at 5. Since then: ${fourth}; ${third}; ${second}; and 1 earlier. Nothing`);
    expect((await store.revisions(1))[0]?.generation).toBe(5);
  });

  test('a plan of a generation that the store has not reached is stale', async () => {
    const { store } = await open();
    await applyState(store, SMALL);
    const request = requestTo(DISABLED, await store.read());
    const base = { ...request.plan.base, generation: 7 };
    await expect(store.apply({ ...request, plan: { ...request.plan, base } })).rejects.toMatchObject({
      code: 'stale_plan',
      message: expect.stringMatching(/against generation 7, the store .*is at 1\. Nothing was written/),
    });
  });

  test('a plan that begins with no store cannot be applied', async () => {
    const { store } = await open();
    const request = requestTo(SMALL, undefined);
    const base = { kind: 'dir', path: 'config', digest: request.plan.base.digest };
    const plan = { ...request.plan, base } as unknown as StorePlan;
    await expect(store.apply({ ...request, plan })).rejects.toMatchObject({ code: 'stale_plan' });
    expect(await store.read()).toBeUndefined();
  });

  test('the revision before anything changed is all zeros', async () => {
    const { store } = await open();
    expect((await applyState(store, new Map())).summary).toEqual(NO_CHANGES);
  });
}
