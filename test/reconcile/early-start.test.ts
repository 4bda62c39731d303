import { describe, expect, it, vi } from 'vitest';
import { Failure } from '../../src/model/failure.ts';
import type { ReconcilerOptions } from '../../src/reconcile/reconciler.ts';
import { compile } from '../../src/spec/compile.ts';
import { eventually, temporary, write } from './directory.ts';
import { createMemoryStore, type MemoryStore } from './memory-store.ts';
import { CLIENT, open, SECRET, setUp, spec, started } from './reconciler.ts';

/** A store with one generation, and a start over it whose compile ends when the test says so. */
async function setUpSlow(text: string, options: Partial<ReconcilerOptions> = {}) {
  const first = setUp();
  await started(first);
  await first.loop.close();
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let compiles = 0;
  const setup = setUp({
    directory: temporary(),
    memory: first.store,
    slowSpec: 0,
    compile: async (files, compileOptions) => {
      compiles += 1;
      await finished;
      return compile(files, compileOptions);
    },
    ...options,
  });
  write(setup.directory, { 'charter.yaml': text });
  return { ...setup, finish, compiles: () => compiles };
}

/** What lets User2 have what User1 has. */
function widen(entities: Parameters<Parameters<MemoryStore['tamper']>[0]>[0]): void {
  const group = entities.get('group:Example/Group1');
  if (group?.kind !== 'group') throw new Error('no group');
  entities.set('group:Example/Group1', { ...group, members: [{ to: 'user:Example/User2' }] });
}

describe('a start with a large spec', () => {
  it('serves the last generation of the store while the spec is compiled, and says so', async () => {
    const setup = await setUpSlow(spec('User1'));
    const opened: string[] = [];
    const start = await setup.loop.start(async ({ issuer }) => void opened.push(issuer));
    expect(start).toMatchObject({ serving: { generation: 1 }, compiling: true });
    expect(start).not.toHaveProperty('degraded');
    expect(setup.loop.status()).toMatchObject({ degraded: false, serving: { generation: 1 } });
    const verifiers = start.serving?.verifiers.get(CLIENT) ?? [];
    expect(await setup.checker.recognise(SECRET, verifiers)).toBeDefined();
    setup.finish();
    await eventually(() => expect(setup.kinds()).toEqual(['confirmed']));
    await setup.loop.idle();
    expect(opened).toEqual(['http://localhost:8080/uas']);
    expect(setup.compiles()).toBe(1);
    expect(setup.store.applied).toHaveLength(1);
  });

  it('compiles the spec once what is stored is served, and takes what is the same from there', async () => {
    const begun: unknown[] = [];
    const setup = await setUpSlow(spec('User1'), {
      compile: (files, options, circumstances) => {
        begun.push(circumstances?.served);
        return compile(files, options);
      },
    });
    const { serving } = await setup.loop.start(open);
    await eventually(() => expect(setup.kinds()).toEqual(['confirmed']));
    expect(serving).toBeDefined();
    expect(begun).toEqual([{ state: serving?.state, origins: expect.any(Map) }]);
  });

  it.each([
    ['the same', 'User1', 1],
    ['changed', 'User2', 2],
  ])(
    'plans against what it has read at its start, and reads it no second time (a spec that is %s)',
    async (_, members, generation) => {
      const setup = await setUpSlow(spec(members));
      const read = vi.spyOn(setup.store, 'read');
      setup.finish();
      await setup.loop.start(open);
      await eventually(() => expect(setup.events).toHaveLength(1));
      await setup.loop.idle();
      expect(setup.loop.current()?.generation).toBe(generation);
      expect(read).toHaveBeenCalledTimes(1);
    },
  );

  it.each([
    ['before it was read', (store: MemoryStore) => store.tamper(widen), async () => undefined],
    ['since it was read', () => undefined, async (store: MemoryStore) => store.tamper(widen)],
  ])('mends what something else wrote into the store %s', async (_, before, since) => {
    const setup = await setUpSlow(spec('User1'));
    before(setup.store);
    expect(await setup.loop.start(open)).toMatchObject({ serving: { generation: 1 }, compiling: true });
    await since(setup.store);
    setup.finish();
    await eventually(() => expect(setup.kinds()).toContain('mended'));
    expect((await setup.store.read())?.drifted).toBeUndefined();
  });

  it('reads all that is stored once before it is served', async () => {
    const setup = await setUpSlow(spec('User1'));
    const [read, verifiers] = [vi.spyOn(setup.store, 'read'), vi.spyOn(setup.store, 'verifiers')];
    expect(await setup.loop.start(open)).toMatchObject({ compiling: true });
    expect([read.mock.calls.length, verifiers.mock.calls.length]).toEqual([1, 1]);
    setup.finish();
  });

  it('applies what the spec changes when it is compiled, and follows edits from then on', async () => {
    const setup = await setUpSlow(spec('User1, User2'));
    const start = await setup.loop.start(open);
    expect(start).toMatchObject({ serving: { generation: 1 }, compiling: true });
    setup.finish();
    await eventually(() => expect(setup.kinds()).toEqual(['published']));
    expect(setup.loop.current()?.generation).toBe(2);
    write(setup.directory, { 'charter.yaml': spec('User2') });
    await eventually(() => expect(setup.loop.current()?.generation).toBe(3));
  });

  it('is degraded from when the spec turns out to be invalid', async () => {
    const setup = await setUpSlow('server: {');
    expect(await setup.loop.start(open)).toMatchObject({ serving: { generation: 1 }, compiling: true });
    setup.finish();
    await eventually(() => expect(setup.kinds()).toEqual(['refused']));
    expect(setup.loop.status()).toMatchObject({ degraded: true, serving: { generation: 1 } });
    write(setup.directory, { 'charter.yaml': spec('User2') });
    await eventually(() => expect(setup.loop.status()).toMatchObject({ degraded: false, serving: { generation: 2 } }));
  });

  it('goes on with its issuer when the spec turns out to have another, and applies nothing of it', async () => {
    const setup = await setUpSlow(spec('User1', undefined, 'http://localhost:9090/other'));
    expect(await setup.loop.start(open)).toMatchObject({ compiling: true });
    setup.finish();
    await eventually(() => expect(setup.kinds()).toEqual(['refused']));
    expect(setup.events[0]).toMatchObject({ refusal: { failure: { code: 'restart_needed' } } });
    expect(setup.store.applied).toHaveLength(1);
  });

  it('ends at once where the listeners cannot be opened', async () => {
    const setup = await setUpSlow(spec('User1'));
    const failure = new Failure('listen_failed', 'in use');
    await expect(
      setup.loop.start(async () => {
        throw failure;
      }),
    ).rejects.toBe(failure);
    expect(setup.loop.current()).toBeUndefined();
    setup.finish();
    await setup.loop.close();
    expect(setup.store.applied).toHaveLength(1);
  });

  it('waits for the spec where the applied server allows no listener: the spec may have put that right', async () => {
    const setup = await setUpSlow(spec('User1, User2'));
    let asked = 0;
    const starting = setup.loop.start(async () => {
      asked += 1;
      if (asked === 1) throw new Failure('usage', 'no proxy');
    });
    await eventually(() => expect(asked).toBe(1));
    expect(setup.loop.current()).toBeUndefined();
    setup.finish();
    expect(await starting).toEqual({ serving: expect.objectContaining({ generation: 2 }) });
    expect(asked).toBe(2);
  });

  it('waits for the spec where nothing was ever applied', async () => {
    const setup = setUp({ memory: createMemoryStore(), slowSpec: 0 });
    write(setup.directory, { 'charter.yaml': spec('User1') });
    const start = await setup.loop.start(open);
    expect(start).toMatchObject({ serving: { generation: 1 } });
    expect(start).not.toHaveProperty('compiling');
  });

  it('waits for a spec that is small', async () => {
    const setup = await setUpSlow(spec('User1, User2'), { slowSpec: 10_000, compile });
    const start = await setup.loop.start(open);
    expect(start).toMatchObject({ serving: { generation: 2 } });
    expect(start).not.toHaveProperty('compiling');
  });

  it('can be ended while the spec is compiled', async () => {
    const setup = await setUpSlow(spec('User2'), {
      compile: (_files, _options, { signal } = {}) =>
        new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason), { once: true })),
    });
    expect(await setup.loop.start(open)).toMatchObject({ compiling: true });
    await setup.loop.close();
    expect(setup.kinds()).toEqual([]);
    expect(setup.store.applied).toHaveLength(1);
  });
});
