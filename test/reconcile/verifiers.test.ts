import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../src/model/address.ts';
import { Failure } from '../../src/model/failure.ts';
import { formatGeneratedSecret } from '../../src/model/generated-secret.ts';
import { type StoredVerifier, verifierKey } from '../../src/model/verifier.ts';
import { createSecretChecker, hashWithArgon2id, type SecretChecker } from '../../src/oauth/secret.ts';
import type { SecretValues } from '../../src/reconcile/secrets.ts';
import { keepVerifiers, outdatedVerifiers } from '../../src/reconcile/verifiers.ts';

const A: Address = 'application:Example/A';
const B: Address = 'application:Example/B';
const SLOT = 'env:SECRET';

/** Each address with the value of its one secret. */
function valuesOf(values: { readonly [address: string]: string }): SecretValues {
  return new Map(Object.entries(values).map(([address, value]) => [address as Address, new Map([[SLOT, value]])]));
}

/** A checker without Argon2id: `#n:value` recognises the value, and each hash has another number, as a salt. */
function fakeChecker() {
  const asked: string[] = [];
  let salt = 0;
  const checker: SecretChecker = {
    async recognise(presented, verifiers) {
      asked.push(presented);
      return verifiers.find((verifier) => verifier.kind === 'argon2id' && verifier.phc.endsWith(`:${presented}`));
    },
    recognisePassword: (presented, verifiers) => checker.recognise(presented, verifiers),
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
    async replaceVerifiers(given: readonly StoredVerifier[]) {
      writes.push(given.map(({ address, phc }) => `${address} ${phc}`));
      for (const verifier of given) {
        rows.splice(0, rows.length, ...rows.filter((row) => verifierKey(row) !== verifierKey(verifier)), verifier);
      }
      const [digest, appliedAt, commit, author] = ['', 0, undefined, undefined];
      const summary = { add: 0, change: 0, move: 0, delete: 0, access_added: 0, access_removed: 0 };
      const [approvals, standing, rollbackTo] = [[], undefined, undefined];
      return {
        generation: 1,
        digest,
        appliedAt,
        commit,
        author,
        secrets: [],
        summary,
        approvals,
        standing,
        rollbackTo,
      };
    },
  };
}

describe('outdated verifiers', () => {
  it('are those that are missing or recognise another value; the others keep their salt', async () => {
    const { checker } = fakeChecker();
    const stored = [
      { address: A, slot: SLOT, phc: '#0:same' },
      { address: B, slot: SLOT, phc: '#0:old' },
    ];
    const values = valuesOf({ [A]: 'same', [B]: 'new', 'application:Example/C': 'first' });
    expect(await outdatedVerifiers(values, stored, checker, { atOnce: 1 })).toEqual([
      { address: B, slot: SLOT, phc: '#1:new' },
      { address: 'application:Example/C', slot: SLOT, phc: '#2:first' },
    ]);
  });

  it('are those of each secret for itself: one application, several slots', async () => {
    const { checker } = fakeChecker();
    const stored = [
      { address: A, slot: 'env:OLD', phc: '#0:old' },
      { address: A, slot: 'file:gone', phc: '#0:gone' },
    ];
    const slots = new Map([
      ['env:OLD', 'old'],
      ['env:NEXT', 'next'],
      ['env:ALSO', 'old'],
    ]);
    expect(await outdatedVerifiers(new Map([[A, slots]]), stored, checker, { atOnce: 1 })).toEqual([
      { address: A, slot: 'env:ALSO', phc: '#2:old' },
      { address: A, slot: 'env:NEXT', phc: '#1:next' },
    ]);
  });

  it('are those of the wrong kind: SHA-256 is for generated secrets, and for nothing else', async () => {
    const checker = createSecretChecker({ key: new Uint8Array(32) });
    const generated = formatGeneratedSecret(new Uint8Array(32).fill(9));
    const sha256 = await checker.hash(generated);
    const argon2id = await hashWithArgon2id(generated);
    const outdated = async (value: string, phc: string) =>
      (await outdatedVerifiers(valuesOf({ [A]: value }), [{ address: A, slot: SLOT, phc }], checker, { atOnce: 1 }))[0]
        ?.phc;
    expect(await outdated(generated, sha256)).toBeUndefined();
    expect(await outdated(generated, argon2id), 'of the value, and costly').toBe(sha256);
    expect(await outdated('human-made', sha256)).toMatch(/^\$argon2id\$/);
    const plain = `$sha256$${createHash('sha256').update('human-made').digest('base64').replace('=', '')}`;
    expect(await outdated('human-made', plain), 'of the value, and fast to guess').toMatch(/^\$argon2id\$/);
  });

  it('wait where clients fill the queue for Argon2id', async () => {
    const { checker } = fakeChecker();
    let refusals = 2;
    const busy: typeof checker = {
      ...checker,
      async recognise(presented, verifiers) {
        if (refusals-- > 0) throw new Failure('busy', 'The queue is full.');
        return checker.recognise(presented, verifiers);
      },
    };
    const stored = [{ address: A, slot: SLOT, phc: '#0:same' }];
    expect(await outdatedVerifiers(valuesOf({ [A]: 'same' }), stored, busy, { atOnce: 2 })).toEqual([]);
    expect(refusals).toBe(-1);
  });

  it('of a checker that fails otherwise are no result', async () => {
    const { checker } = fakeChecker();
    const failing = { ...checker, hash: () => Promise.reject(new Error('no memory')) };
    await expect(outdatedVerifiers(valuesOf({ [A]: 'x' }), [], failing, { atOnce: 2 })).rejects.toThrow('no memory');
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
    const store = fakeStore([{ address: A, slot: SLOT, phc: '#0:same' }]);
    const keeper = keepVerifiers({ ...options, store, checker });
    for (let round = 1; round < 5; round += 1) {
      keeper.keep(valuesOf({ [A]: 'same' }));
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
    keeper.keep(valuesOf({ [A]: 'same' }));
    await keeper.idle();
    rows.length = 0;
    keeper.keep(valuesOf({ [A]: 'same' }));
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
    const keeper = keepVerifiers({ ...options, store, checker: slow });
    keeper.keep(valuesOf({ [A]: 'old', [B]: 'stays' }));
    keeper.keep(valuesOf({ [A]: 'new', [B]: 'stays' }));
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
    keeper.keep(valuesOf({ [A]: 'second' }));
    keeper.keep(valuesOf({ [A]: 'first' }));
    release();
    await keeper.idle();
    expect(store.writes).toEqual([]);
    keeper.keep(valuesOf({ [A]: 'second' }));
    await keeper.idle();
    expect(store.writes).toEqual([[expect.stringMatching(/:second$/)]]);
  });

  it('finishes what is at hand when it is closed, but not for ever', async () => {
    const { checker } = fakeChecker();
    const store = fakeStore();
    const keeper = keepVerifiers({ ...options, store, checker });
    keeper.keep(valuesOf({ [A]: 'x' }));
    await keeper.close(1000);
    expect(store.writes).toHaveLength(1);

    const busy: SecretChecker = { ...checker, hash: () => Promise.reject(new Failure('busy', 'full')) };
    const other = keepVerifiers({ ...options, store, checker: busy });
    other.keep(valuesOf({ [B]: 'x' }));
    await other.close(100);
    expect(store.writes).toHaveLength(1);
  });
});
