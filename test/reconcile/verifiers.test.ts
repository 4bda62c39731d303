import { describe, expect, it } from 'vitest';
import type { Address } from '../../src/model/address.ts';
import { Failure } from '../../src/model/failure.ts';
import type { StoredVerifier } from '../../src/model/verifier.ts';
import type { SecretChecker } from '../../src/oauth/secret.ts';
import { keepVerifiers, outdatedVerifiers } from '../../src/reconcile/verifiers.ts';

const A: Address = 'application:Example/A';
const B: Address = 'application:Example/B';

/** A checker without Argon2id: `#n:value` recognises the value, and each hash has another number, as a salt. */
function fakeChecker() {
  const asked: string[] = [];
  let salt = 0;
  const checker: SecretChecker = {
    async check(presented, [verifier]) {
      asked.push(presented);
      return verifier?.kind === 'argon2id' && verifier.phc.endsWith(`:${presented}`);
    },
    keyed: (value) => ({ kind: 'keyed', mac: Buffer.from(value) }),
    async hash(value) {
      salt += 1;
      return `#${salt}:${value}`;
    },
  };
  return { checker, asked };
}

function fakeStore(rows: StoredVerifier[] = []) {
  const writes: (readonly string[])[] = [];
  return {
    writes,
    verifiers: async () => [...rows],
    async replaceVerifiers(given: readonly StoredVerifier[], at: { readonly generation: number }) {
      writes.push(given.map(({ address, phc }) => `${at.generation} ${address} ${phc}`));
      for (const verifier of given) {
        rows.splice(0, rows.length, ...rows.filter(({ address }) => address !== verifier.address), verifier);
      }
      const [digest, appliedAt, commit, author] = ['', 0, undefined, undefined];
      return { generation: at.generation, digest, appliedAt, commit, author, secrets: [] };
    },
  };
}

describe('outdated verifiers', () => {
  it('are those that are missing or recognise another value; the others keep their salt', async () => {
    const { checker } = fakeChecker();
    const stored = [
      { address: A, slot: 'secret', phc: '#0:same' },
      { address: B, slot: 'secret', phc: '#0:old' },
    ];
    const values = new Map<Address, string>([
      [A, 'same'],
      [B, 'new'],
      ['application:Example/C', 'first'],
    ]);
    expect(await outdatedVerifiers(values, stored, checker, { atOnce: 1 })).toEqual([
      { address: B, slot: 'secret', phc: '#1:new' },
      { address: 'application:Example/C', slot: 'secret', phc: '#2:first' },
    ]);
  });

  it('wait where clients fill the queue for Argon2id', async () => {
    const { checker } = fakeChecker();
    let refusals = 2;
    const busy: typeof checker = {
      ...checker,
      async check(...given) {
        if (refusals-- > 0) throw new Failure('busy', 'The queue is full.');
        return checker.check(...given);
      },
    };
    const stored = [{ address: A, slot: 'secret', phc: '#0:same' }];
    expect(await outdatedVerifiers(new Map([[A, 'same']]), stored, busy, { atOnce: 2 })).toEqual([]);
    expect(refusals).toBe(-1);
  });

  it('of a checker that fails otherwise are no result', async () => {
    const { checker } = fakeChecker();
    const failing = { ...checker, hash: () => Promise.reject(new Error('no memory')) };
    await expect(outdatedVerifiers(new Map([[A, 'x']]), [], failing, { atOnce: 2 })).rejects.toThrow('no memory');
  });
});

describe('keeping them', () => {
  const options = {
    clock: () => 0,
    onRevision: () => undefined,
    onFailure: (error: unknown) => expect.unreachable(String(error)),
  };

  it('checks a value once, however many generations it stays', async () => {
    const { checker, asked } = fakeChecker();
    const store = fakeStore([{ address: A, slot: 'secret', phc: '#0:same' }]);
    const keeper = keepVerifiers({ ...options, store, checker });
    for (let generation = 1; generation < 5; generation += 1) {
      keeper.keep({ generation, values: new Map([[A, 'same']]) });
      await keeper.idle();
    }
    expect(asked).toEqual(['same']);
    expect(store.writes).toEqual([]);
  });

  it('hashes again for an application that was deleted and came back, whose row is gone', async () => {
    const { checker } = fakeChecker();
    const rows: StoredVerifier[] = [];
    const store = fakeStore(rows);
    const keeper = keepVerifiers({ ...options, store, checker });
    keeper.keep({ generation: 1, values: new Map([[A, 'same']]) });
    await keeper.idle();
    rows.length = 0;
    keeper.keep({ generation: 3, values: new Map([[A, 'same']]) });
    await keeper.idle();
    expect(store.writes).toEqual([[`1 ${A} #1:same`], [`3 ${A} #2:same`]]);
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
    const keeper = keepVerifiers({ ...options, store, checker: slow });
    keeper.keep({
      generation: 1,
      values: new Map([
        [A, 'old'],
        [B, 'stays'],
      ]),
    });
    keeper.keep({
      generation: 2,
      values: new Map([
        [A, 'new'],
        [B, 'stays'],
      ]),
    });
    release();
    await keeper.idle();
    const written = store.writes.flat();
    expect(written.some((row) => row.endsWith(':old'))).toBe(false);
    expect(written).toContainEqual(expect.stringMatching(/^2 .+\/A #\d:new$/));
    expect(written).toContainEqual(expect.stringMatching(/\/B #\d:stays$/));
  });

  it('finishes what is at hand when it is closed, but not for ever', async () => {
    const { checker } = fakeChecker();
    const store = fakeStore();
    const keeper = keepVerifiers({ ...options, store, checker });
    keeper.keep({ generation: 1, values: new Map([[A, 'x']]) });
    await keeper.close(1000);
    expect(store.writes).toHaveLength(1);

    const busy: SecretChecker = { ...checker, hash: () => Promise.reject(new Failure('busy', 'full')) };
    const other = keepVerifiers({ ...options, store, checker: busy });
    other.keep({ generation: 1, values: new Map([[B, 'x']]) });
    await other.close(100);
    expect(store.writes).toHaveLength(1);
  });
});
