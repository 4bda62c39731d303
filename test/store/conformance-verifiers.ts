// Owns the part of the conformance suite about verifiers: which stay, which go, what is a changed secret. Never knows a
// database.

import { expect, test } from 'vitest';
import { type Address, nameOf } from '../../src/model/address.ts';
import { digestState } from '../../src/model/digest.ts';
import type { Secret } from '../../src/model/entity.ts';
import type { State } from '../../src/model/state.ts';
import type { StoredVerifier } from '../../src/model/verifier.ts';
import type { OpenStore } from './conformance.ts';
import { application, applyState, NO_CHANGES, SMALL, smallWith } from './fixture.ts';

const CLIENT1: Address = 'application:Example/Client1';
const CLIENT2: Address = 'application:Example/Client2';

/** Of the secret that the fixture's applications write, where no other slot is named. */
function verifier(address: Address, phc: string, slot = `env:${nameOf(address)}_SECRET`): StoredVerifier {
  return { address, slot, phc };
}

const OLD = { env: 'OLD', expires: '2027-01-31' };
const NEXT = { file: 'next', not_before: '2027-01-01' };
/** SMALL where Client1 has these secrets instead of its one. */
function rotating(...secrets: readonly Secret[]): State {
  return smallWith({ [CLIENT1]: { kind: 'application', client_id: 'Client1', secrets } });
}

const BOTH = [verifier(CLIENT1, '$one'), verifier(CLIENT2, '$two')];

export function verifying(open: OpenStore): void {
  async function opened() {
    const { store } = await open();
    const first = await applyState(store, SMALL, { verifiers: BOTH });
    return { store, first };
  }

  test('verifiers are written with the plan; the first of a new application is no changed secret', async () => {
    const { store, first } = await opened();
    expect(await store.verifiers()).toEqual(BOTH);
    expect(first.secrets).toEqual([]);
  });

  test('many verifiers read back whole', async () => {
    const { store } = await open();
    const many = Array.from({ length: 700 }, (_, index) => verifier(CLIENT1, `$${index}`, `env:S${1000 + index}`));
    const declared = rotating(...many.map(({ slot }) => ({ env: slot.slice('env:'.length) })));
    await applyState(store, declared, { verifiers: many });
    expect(await store.verifiers()).toEqual(many);
  });

  test('DESIGN 6: a changed value is a revision with the address, the same digest and no change', async () => {
    const { store } = await opened();
    const revision = await applyState(store, SMALL, {
      verifiers: [verifier(CLIENT1, '$new'), verifier(CLIENT2, '$two')],
    });
    expect(revision).toMatchObject({ generation: 2, digest: digestState(SMALL), secrets: [CLIENT1] });
    expect(await store.verifiers()).toEqual([verifier(CLIENT1, '$new'), verifier(CLIENT2, '$two')]);
    expect((await store.read())?.generation).toBe(2);
    expect((await store.read())?.since.get(CLIENT1)).toBe(1);
  });

  test('an empty plan with the verifiers that are stored records nothing', async () => {
    const { store, first } = await opened();
    expect(await applyState(store, SMALL, { verifiers: BOTH })).toEqual(first);
    expect(await store.revisions(10)).toHaveLength(1);
  });

  test('verifiers go with their application, and when it no longer writes that secret', async () => {
    const { store } = await opened();
    await applyState(
      store,
      smallWith({ [CLIENT1]: undefined, [CLIENT2]: application('Client2', { secret: { env: 'ANOTHER' } }) }),
    );
    expect(await store.verifiers()).toEqual([]);
  });

  test('a verifier that comes with a new reference replaces the old one', async () => {
    const { store } = await opened();
    const revision = await applyState(
      store,
      smallWith({ [CLIENT1]: application('Client1', { secret: { file: 'client1' } }) }),
      { verifiers: [verifier(CLIENT1, '$new', 'file:client1')] },
    );
    expect(revision.secrets).toEqual([CLIENT1]);
    expect(await store.verifiers()).toEqual([verifier(CLIENT1, '$new', 'file:client1'), verifier(CLIENT2, '$two')]);
  });

  test('DESIGN 6: several secrets have a verifier each; the value of one changed is a revision with the address', async () => {
    const { store } = await open();
    const [old, next] = [verifier(CLIENT1, '$old', 'env:OLD'), verifier(CLIENT1, '$next', 'file:next')];
    await applyState(store, rotating(OLD, NEXT), { verifiers: [old, next] });
    expect(await store.verifiers()).toEqual([old, next]);
    const changed = verifier(CLIENT1, '$changed', 'file:next');
    const revision = await applyState(store, rotating(OLD, NEXT), { verifiers: [changed] });
    expect(revision).toMatchObject({ generation: 2, secrets: [CLIENT1] });
    expect(await store.verifiers()).toEqual([old, changed]);
  });

  test('a secret keeps its verifier when another comes, when its time changes, and when its place does', async () => {
    const { store } = await open();
    const [old, next] = [verifier(CLIENT1, '$old', 'env:OLD'), verifier(CLIENT1, '$next', 'file:next')];
    await applyState(store, smallWith({ [CLIENT1]: application('Client1', { secret: { env: 'OLD' } }) }), {
      verifiers: [old],
    });
    const added = await applyState(store, rotating(OLD, NEXT), { verifiers: [next] });
    expect(added.secrets, 'a secret that is new to the application').toEqual([CLIENT1]);
    await applyState(store, rotating(NEXT, { ...OLD, expires: '2028-01-01' }));
    expect(await store.verifiers()).toEqual([old, next]);
  });

  test('the verifier of a secret that is declared no more goes with the apply, the others stay', async () => {
    const { store } = await open();
    const [old, next] = [verifier(CLIENT1, '$old', 'env:OLD'), verifier(CLIENT1, '$next', 'file:next')];
    await applyState(store, rotating(OLD, NEXT), { verifiers: [old, next] });
    const revision = await applyState(store, rotating(NEXT));
    expect(revision.secrets).toEqual([]);
    expect(await store.verifiers()).toEqual([next]);
  });

  test('the first verifier of a secret beside a stored one of another form: no revision, and that one goes', async () => {
    const { store } = await open();
    const first = await applyState(store, SMALL, { verifiers: [verifier(CLIENT1, '$one', 'secret')] });
    expect(await applyState(store, SMALL, { verifiers: [verifier(CLIENT1, '$again')] })).toEqual(first);
    expect(await store.verifiers()).toEqual([verifier(CLIENT1, '$again')]);
  });

  test('a change beside the secret keeps its verifier', async () => {
    const { store } = await opened();
    await applyState(store, smallWith({ [CLIENT1]: application('Client1', { enabled: false }) }));
    expect(await store.verifiers()).toEqual(BOTH);
  });

  test('a verifier of what is no entity fails the apply whole', async () => {
    const { store } = await opened();
    const request = applyState(store, smallWith({ [CLIENT1]: undefined }), {
      verifiers: [verifier('application:Example/Nobody', '$x')],
    });
    await expect(request).rejects.toThrow();
    expect((await store.read())?.generation).toBe(1);
    expect(await store.verifiers()).toEqual(BOTH);
  });

  test('replaceVerifiers: a replaced value is a revision of its own', async () => {
    const { store } = await opened();
    const revision = await store.replaceVerifiers([verifier(CLIENT2, '$rotated')], { appliedAt: 77 });
    expect(revision).toEqual({
      generation: 2,
      digest: digestState(SMALL),
      appliedAt: 77,
      commit: undefined,
      author: undefined,
      secrets: [CLIENT2],
      summary: NO_CHANGES,
      approvals: [],
      rollbackTo: undefined,
    });
    expect(await store.verifiers()).toEqual([verifier(CLIENT1, '$one'), verifier(CLIENT2, '$rotated')]);
    expect((await store.read())?.generation).toBe(2);
  });

  test('replaceVerifiers: the first verifier of a secret, and one that is stored, are no revision', async () => {
    const { store } = await open();
    const first = await applyState(store, SMALL, { verifiers: [verifier(CLIENT1, '$one')] });
    expect(await store.replaceVerifiers(BOTH, { appliedAt: 77 })).toEqual(first);
    expect(await store.verifiers()).toEqual(BOTH);
    expect(await store.revisions(10)).toEqual([first]);
  });

  test('replaceVerifiers: skips who is gone, who writes another reference and who writes none', async () => {
    const { store } = await opened();
    await applyState(
      store,
      smallWith({
        [CLIENT1]: application('Client1', { secret: { env: 'ANOTHER' } }),
        'application:Example/Public': { kind: 'application', client_id: 'Public' },
      }),
      { verifiers: [verifier(CLIENT1, '$another', 'env:ANOTHER')] },
    );
    const late = [
      verifier(CLIENT1, '$made-from-the-old-reference'),
      verifier(CLIENT2, '$rotated'),
      verifier('application:Example/Nobody', '$x'),
      verifier('application:Example/Public', '$x'),
    ];
    const revision = await store.replaceVerifiers(late, { appliedAt: 77 });
    expect(revision).toMatchObject({ generation: 3, secrets: [CLIENT2] });
    const another = verifier(CLIENT1, '$another', 'env:ANOTHER');
    expect(await store.verifiers()).toEqual([another, verifier(CLIENT2, '$rotated')]);
    const current = await store.replaceVerifiers([{ ...another, phc: '$current' }], { appliedAt: 78 });
    expect(current, 'made from the reference that stands').toMatchObject({ generation: 4, secrets: [CLIENT1] });
  });

  test('replaceVerifiers: a change beside the secret since then does not matter', async () => {
    const { store } = await opened();
    await applyState(store, smallWith({ [CLIENT1]: application('Client1', { enabled: false }) }));
    const revision = await store.replaceVerifiers([verifier(CLIENT1, '$new')], { appliedAt: 77 });
    expect(revision).toMatchObject({ generation: 3, secrets: [CLIENT1] });
  });

  test('replaceVerifiers: is refused before anything was applied', async () => {
    const { store } = await open();
    await expect(store.replaceVerifiers(BOTH, { appliedAt: 1 })).rejects.toThrow(/before anything/);
  });
}
