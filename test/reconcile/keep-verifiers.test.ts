import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/model/failure.ts';
import type { StoredVerifier } from '../../src/model/verifier.ts';
import type { SecretChecker } from '../../src/oauth/secret.ts';
import { keepVerifiers, type VerifierKeeper } from '../../src/reconcile/keep-verifiers.ts';
import type { Weighed } from '../../src/reconcile/precedence.ts';
import type { Held, SecretValues } from '../../src/reconcile/secrets.ts';
import { A, B, fakeChecker, fakeStore, SLOT, valuesOf } from './fake-verifiers.ts';

/** As a pass does: what counts is weighed, and kept once it is served. */
async function take(keeper: VerifierKeeper, values: SecretValues): Promise<Weighed> {
  const weighed = await keeper.weigh(values);
  keeper.keep();
  return weighed;
}

describe('keeping them', () => {
  const options = {
    clock: () => 0,
    onRevision: () => undefined,
    onWeighed: () => undefined,
    onOverruled: () => expect.unreachable('nobody else stores anything'),
    onFailure: (error: unknown) => expect.unreachable(String(error)),
  };

  it('checks a value once, however many generations it stays', async () => {
    const { checker, asked } = fakeChecker();
    const store = fakeStore([{ address: A, slot: SLOT, phc: '#0:same' }]);
    const keeper = keepVerifiers({ ...options, store, checker });
    for (let round = 1; round < 5; round += 1) {
      await take(keeper, valuesOf({ [A]: 'same' }));
      await keeper.idle();
    }
    expect(asked).toEqual(['same']);
    expect(store.writes).toEqual([]);
  });

  it('reads what is stored only where somebody else may have stored something, or the values are others', async () => {
    const { checker } = fakeChecker();
    const store = fakeStore();
    let reads = 0;
    const counting = {
      ...store,
      verifiers() {
        reads += 1;
        return store.verifiers();
      },
    };
    const keeper = keepVerifiers({ ...options, store: counting, checker });
    const weigh = async (value: string, isAlone: boolean): Promise<number> => {
      const before = reads;
      const weighed = await keeper.weigh(valuesOf({ [A]: value }), { known: { digest: value, isAlone } });
      expect(weighed.values.get(A)?.get(SLOT)).toBe(value);
      keeper.keep();
      await keeper.idle();
      return reads - before;
    };
    expect(await weigh('one', true)).toBeGreaterThan(0);
    expect(await weigh('one', true)).toBe(0);
    expect(await weigh('one', false)).toBeGreaterThan(0);
    expect(await weigh('two', true)).toBeGreaterThan(0);
    expect(await weigh('two', true)).toBe(0);
    expect(store.writes).toEqual([[`${A} #1:one`], [`${A} #2:two`]]);
  });

  it('hashes again for an application that was deleted and came back, whose row is gone', async () => {
    const { checker } = fakeChecker();
    const rows: StoredVerifier[] = [];
    const store = fakeStore(rows);
    const keeper = keepVerifiers({ ...options, store, checker });
    await take(keeper, valuesOf({ [A]: 'same' }));
    await keeper.idle();
    rows.length = 0;
    await take(keeper, valuesOf({ [A]: 'same' }));
    await keeper.idle();
    expect(store.writes).toEqual([[`${A} #1:same`], [`${A} #2:same`]]);
  });

  it('does not write a value that a newer generation replaced while it was hashed', async () => {
    const { checker } = fakeChecker();
    const store = fakeStore();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow: SecretChecker = {
      ...checker,
      async hash(value) {
        await held;
        return checker.hash(value);
      },
    };
    const stays: SecretValues = new Map([[B, new Map([['env:OTHER', 'stays']])]]);
    const keeper = keepVerifiers({ ...options, store, checker: slow });
    await take(keeper, new Map([...valuesOf({ [A]: 'old' }), ...stays]));
    await take(keeper, new Map([...valuesOf({ [A]: 'new' }), ...stays]));
    release();
    await keeper.idle();
    const written = store.writes.flat();
    expect(written.some((row) => row.endsWith(':old'))).toBe(false);
    expect(written).toContainEqual(expect.stringMatching(/\/A #\d:new$/));
    expect(written).toContainEqual(expect.stringMatching(/\/B #\d:stays$/));
  });

  it('a value that was dropped for a newer one is not taken for stored', async () => {
    const { checker } = fakeChecker();
    const store = fakeStore([{ address: A, slot: SLOT, phc: '#0:first' }]);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow: SecretChecker = {
      ...checker,
      async hash(value) {
        await held;
        return checker.hash(value);
      },
    };
    const keeper = keepVerifiers({ ...options, store, checker: slow });
    await take(keeper, valuesOf({ [A]: 'second' }));
    await take(keeper, valuesOf({ [A]: 'first' }));
    release();
    await keeper.idle();
    expect(store.writes).toEqual([]);
    await take(keeper, valuesOf({ [A]: 'second' }));
    await keeper.idle();
    expect(store.writes).toEqual([[expect.stringMatching(/:second$/)]]);
  });

  it('finishes what is at hand when it is closed, but not for ever', async () => {
    const { checker } = fakeChecker();
    const store = fakeStore();
    const keeper = keepVerifiers({ ...options, store, checker });
    await take(keeper, valuesOf({ [A]: 'x' }));
    await keeper.close(1000);
    expect(store.writes).toHaveLength(1);

    const busy: SecretChecker = { ...checker, hash: () => Promise.reject(new Failure('busy', 'full')) };
    const other = keepVerifiers({ ...options, store, checker: busy });
    await take(other, valuesOf({ [B]: 'x' }));
    await other.close(100);
    expect(store.writes).toHaveLength(1);
  });
});

describe('what somebody else stores', () => {
  /** A keeper over rows that a test changes as another process would, with what it told. */
  function keeping(rows: StoredVerifier[]) {
    const { checker } = fakeChecker();
    const store = fakeStore(rows);
    const overruled: (readonly string[])[] = [];
    const weighed: Weighed[] = [];
    const keeper = keepVerifiers({
      store,
      checker,
      clock: () => 0,
      onRevision: () => undefined,
      onWeighed: (one) => void weighed.push(one),
      onOverruled: (held: readonly Held[]) =>
        void overruled.push(held.map(({ address, slot }) => `${address} ${slot}`)),
      onFailure: (error) => expect.unreachable(String(error)),
    });
    const put = (phc: string, slot = SLOT, address = A): void => {
      rows.splice(0, rows.length, ...rows.filter((row) => row.address !== address || row.slot !== slot));
      rows.push({ address, slot, phc });
    };
    const settle = async (values: SecretValues): Promise<Weighed> => {
      const first = await take(keeper, values);
      await keeper.idle();
      return first;
    };
    return { keeper, store, overruled, weighed, put, settle };
  }
  const of = (value: string, slot = SLOT, address = A): SecretValues => new Map([[address, new Map([[slot, value]])]]);

  it('counts at once while the value of this process stays what it was, and is told once', async () => {
    const { store, overruled, put, settle } = keeping([]);
    await settle(of('old'));
    put('#9:new');
    const weighed = await settle(of('old'));
    expect([...weighed.values]).toEqual([]);
    expect([...weighed.instead]).toEqual([[`${A}\n${SLOT}`, '#9:new']]);
    await settle(of('old'));
    expect(overruled).toEqual([[`${A} ${SLOT}`]]);
    expect(store.writes, 'the first value, and nothing over the other').toEqual([[`${A} #1:old`]]);
  });

  it('is the same value: the one of this process goes on to count', async () => {
    const { store, overruled, weighed, put, settle } = keeping([]);
    await settle(of('same'));
    put('#9:same');
    await settle(of('same'));
    expect([...(weighed.at(-1)?.values ?? [])]).toEqual([...of('same')]);
    expect([overruled, store.writes.length]).toEqual([[], 1]);
  });

  it('gives way to a value that changed since, and to all values of a start', async () => {
    const { store, put, settle } = keeping([{ address: A, slot: 'file:x', phc: '#0:older' }]);
    await settle(of('first', 'file:x'));
    put('#9:new', 'file:x');
    await settle(of('first', 'file:x'));
    const weighed = await settle(of('second', 'file:x'));
    expect([...weighed.values]).toEqual([...of('second', 'file:x')]);
    expect(store.writes).toEqual([[`${A} #1:first`], [`${A} #2:second`]]);
  });

  it('counts for a variable that is asked for later: an environment is as old as its process', async () => {
    const { store, put, settle } = keeping([]);
    await settle(of('a', 'env:OTHER', B));
    put('#9:new');
    expect([...(await settle(of('old'))).instead.values()]).toEqual(['#9:new']);
    put('#9:new', 'file:x');
    expect([...(await settle(of('later', 'file:x'))).instead.values()], 'a file is as new as its content').toEqual([]);
    expect(store.writes.slice(1)).toEqual([[expect.stringMatching(/:later$/)]]);
  });

  it('counts under a new name too', async () => {
    const { keeper, store, put, settle } = keeping([]);
    await settle(of('old'));
    put('#9:new');
    await settle(of('old'));
    const weighed = await keeper.weigh(of('old', SLOT, B), { renamed: new Map([[B, A]]) });
    expect([...weighed.instead]).toEqual([[`${B}\n${SLOT}`, '#9:new']]);
    put('#9:new', SLOT, B);
    keeper.keep();
    await keeper.idle();
    expect(store.writes).toHaveLength(1);
  });

  it('while a value is hashed is not written over', async () => {
    const { checker } = fakeChecker();
    const rows: StoredVerifier[] = [];
    const store = fakeStore(rows);
    const other: StoredVerifier = { address: A, slot: SLOT, phc: '#9:new' };
    const slow: SecretChecker = {
      ...checker,
      async hash(value) {
        rows.push(other);
        return checker.hash(value);
      },
    };
    const told: number[] = [];
    const keeper = keepVerifiers({
      store,
      checker: slow,
      clock: () => 0,
      onRevision: () => undefined,
      onWeighed: () => undefined,
      onOverruled: (held) => void told.push(held.length),
      onFailure: (error) => expect.unreachable(String(error)),
    });
    await take(keeper, of('old'));
    await keeper.idle();
    expect(rows).toEqual([other]);
    await take(keeper, of('old'));
    await keeper.idle();
    expect([rows, told]).toEqual([[other], [1]]);
  });
});
