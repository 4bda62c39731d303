// How secrets are checked: keyed digests, Argon2id, its bounds and what is remembered.

import { createHash } from 'node:crypto';
import { hash } from '@node-rs/argon2';
import { describe, expect, it } from 'vitest';
import { formatGeneratedSecret } from '../../src/model/generated-secret.ts';
import { phcFault } from '../../src/model/phc.ts';
import { boundedCache } from '../../src/oauth/bounded-cache.ts';
import { createLane } from '../../src/oauth/lane.ts';
import { createSecretChecker, hashWithArgon2id, storedForm, type Verifier } from '../../src/oauth/secret.ts';

const KEY = new Uint8Array(32).fill(1);
/** Cheap, so that the tests are fast: what is tested is not the cost of the function. */
const CHEAP = { memoryCost: 64, timeCost: 1, parallelism: 1 };
const argon = async (value: string): Promise<Verifier> => ({ kind: 'argon2id', phc: await hash(value, CHEAP) });

describe('createSecretChecker', () => {
  const checker = createSecretChecker({ key: KEY });

  it('recognises a value by its keyed digest, and no other', async () => {
    const verifiers = [checker.keyed('secret')];
    expect(await checker.recognise('secret', verifiers)).toBeDefined();
    expect(await checker.recognise('Secret', verifiers)).toBeUndefined();
    expect(await checker.recognise('secret ', verifiers)).toBeUndefined();
  });

  it('a keyed digest means nothing to another process', async () => {
    const other = createSecretChecker({ key: new Uint8Array(32).fill(2) });
    expect(await other.recognise('secret', [checker.keyed('secret')])).toBeUndefined();
  });

  it('recognises a value by its Argon2id hash, and no other', async () => {
    const verifiers = [await argon('secret')];
    expect(await checker.recognise('secret', verifiers)).toBeDefined();
    expect(await checker.recognise('wrong', verifiers)).toBeUndefined();
  });

  it('DESIGN 6: hashes with 19 MiB, t=2, p=1 and a salt of its own', async () => {
    const [first, second] = await Promise.all([checker.hash('secret'), checker.hash('secret')]);
    expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(second).not.toBe(first);
    expect(await checker.recognise('secret', [{ kind: 'argon2id', phc: first }])).toBeDefined();
  });

  it('any of several verifiers will do, in any order', async () => {
    const verifiers = [await argon('old'), checker.keyed('new')];
    for (const list of [verifiers, [...verifiers].reverse()]) {
      expect(await checker.recognise('old', list)).toBeDefined();
      expect(await checker.recognise('new', list)).toBeDefined();
      expect(await checker.recognise('other', list)).toBeUndefined();
    }
  });

  it('tells which of several recognised it: who rotates sees who has moved', async () => {
    const old = { ...checker.keyed('old'), slot: 'env:OLD' };
    const next = { ...(await argon('next')), slot: 'env:NEXT' };
    expect(await checker.recognise('old', [next, old])).toBe(old);
    expect(await checker.recognise('next', [old, next])).toBe(next);
    const same = { ...checker.keyed('old'), slot: 'env:SAME' };
    expect(await checker.recognise('old', [old, same]), 'two of equal value').toBe(old);
  });

  it('asks all cheap verifiers before any Argon2id, and once it is remembered none is computed at all', async () => {
    const busy = createSecretChecker({ key: KEY, maxConcurrent: 1, maxQueue: 0 });
    const generated = formatGeneratedSecret(new Uint8Array(32).fill(3));
    const bombs = [await argon('a'), await argon('b')];
    const [first, last] = [await argon('first'), await argon('last')];
    expect(await busy.recognise('last', [first, last])).toBe(last);
    // The one lane is taken and nobody may wait: whatever needs Argon2id is Failure busy.
    const slow = busy.recognise('other', [{ kind: 'argon2id', phc: await hashWithArgon2id('x') }]);
    await expect(busy.recognise('c', bombs)).rejects.toMatchObject({ code: 'busy' });
    expect(await busy.recognise('keyed', [...bombs, busy.keyed('keyed')])).toBeDefined();
    expect(await busy.recognise(generated, [...bombs, storedForm(await busy.hash(generated))])).toBeDefined();
    expect(await busy.recognise('last', [first, last])).toBe(last);
    await slow;
  });

  it('no verifier recognises anything', async () => {
    expect(await checker.recognise('secret', [])).toBeUndefined();
  });

  it('an empty secret is never recognised, not even by a verifier of one', async () => {
    expect(await checker.recognise('', [checker.keyed(''), await argon('')])).toBeUndefined();
  });

  it('a digest of another length is refused, not thrown at', async () => {
    expect(await checker.recognise('secret', [{ kind: 'keyed', mac: new Uint8Array(3) }])).toBeUndefined();
  });
});

describe('a generated secret (DESIGN 6)', () => {
  const checker = createSecretChecker({ key: KEY, maxConcurrent: 1, maxQueue: 0 });
  const generated = formatGeneratedSecret(new Uint8Array(32).fill(5));

  it('is stored as plain SHA-256, the same each time; anything else, one character changed too, as Argon2id', async () => {
    const digest = createHash('sha256').update(generated).digest('base64').replace(/=$/, '');
    expect(await checker.hash(generated)).toBe(`$sha256$${digest}`);
    const last = generated.endsWith('A') ? 'B' : 'A';
    for (const other of ['secret', `${generated}x`, generated.slice(0, -1) + last, generated.toLowerCase()]) {
      expect(await checker.hash(other)).toMatch(/^\$argon2id\$/);
    }
  });

  it('is recognised by it, and nothing else is', async () => {
    const verifiers = [storedForm(await checker.hash(generated))];
    expect(await checker.recognise(generated, verifiers)).toBe(verifiers[0]);
    for (const other of ['secret', `${generated} `, formatGeneratedSecret(new Uint8Array(32))]) {
      expect(await checker.recognise(other, verifiers)).toBeUndefined();
    }
  });

  it.each(['$sha256$', '$sha256$AAAA', '$sha256$!!!', '$sha256$$'])(
    'a broken stored form, %s, recognises nothing',
    async (phc) => {
      expect(await checker.recognise(generated, [storedForm(phc)])).toBeUndefined();
      expect(await checker.recognise('', [storedForm(phc)])).toBeUndefined();
    },
  );
});

describe('what was recognised once', () => {
  it('PERFORMANCE P8: costs no Argon2id again', async () => {
    const checker = createSecretChecker({ key: KEY });
    const verifiers: Verifier[] = [{ kind: 'argon2id', phc: await checker.hash('secret') }];
    const timed = async () => {
      const began = performance.now();
      expect(await checker.recognise('secret', verifiers)).toBeDefined();
      return performance.now() - began;
    };
    const first = await timed();
    const later = Math.min(await timed(), await timed(), await timed());
    expect(first / later).toBeGreaterThan(20);
  });

  it('is forgotten with its verifier: the old secret is refused though it was remembered', async () => {
    const checker = createSecretChecker({ key: KEY });
    const before = [await argon('old')];
    expect(await checker.recognise('old', before)).toBeDefined();
    expect(await checker.recognise('old', [await argon('new')])).toBeUndefined();
    expect(await checker.recognise('old', [])).toBeUndefined();
    expect(await checker.recognise('old', before)).toBeDefined();
  });

  it('helps nobody to another secret', async () => {
    const checker = createSecretChecker({ key: KEY });
    const verifiers = [await argon('secret')];
    expect(await checker.recognise('secret', verifiers)).toBeDefined();
    expect(await checker.recognise('wrong', verifiers)).toBeUndefined();
    expect(await checker.recognise('wrong', verifiers)).toBeUndefined();
  });
});

describe('the bound on Argon2id', () => {
  it('a full queue is Failure busy at once; what waits is still answered', async () => {
    const checker = createSecretChecker({ key: KEY, maxConcurrent: 1, maxQueue: 1 });
    const phc = await checker.hash('secret');
    const results = await Promise.allSettled(
      ['secret', 'a', 'b', 'c'].map((value) => checker.recognise(value, [{ kind: 'argon2id', phc }])),
    );
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
    expect(results[2]).toMatchObject({ reason: { name: 'Failure', code: 'busy' } });
    expect(await checker.recognise('secret', [{ kind: 'argon2id', phc }])).toBeDefined();
  });

  it('a full queue does not touch those who are recognised by a digest or from memory', async () => {
    const checker = createSecretChecker({ key: KEY, maxConcurrent: 1, maxQueue: 0 });
    const phc = await checker.hash('secret');
    const known: Verifier[] = [{ kind: 'argon2id', phc }];
    expect(await checker.recognise('secret', known)).toBeDefined();
    const slow = checker.recognise('other', known);
    await expect(checker.recognise('third', known)).rejects.toMatchObject({ code: 'busy' });
    expect(await checker.recognise('secret', known)).toBeDefined();
    expect(await checker.recognise('digest', [checker.keyed('digest')])).toBeDefined();
    expect(await slow).toBeUndefined();
  });

  it('many requests with the same secret at the same moment pay once', async () => {
    const checker = createSecretChecker({ key: KEY, maxConcurrent: 1, maxQueue: 0 });
    const phc = await checker.hash('secret');
    const all = Array.from({ length: 50 }, () => checker.recognise('secret', [{ kind: 'argon2id', phc }]));
    for (const used of await Promise.all(all)) expect(used).toBeDefined();
  });

  it('hashing of our own waits for its turn instead of being refused', async () => {
    const checker = createSecretChecker({ key: KEY, maxConcurrent: 1, maxQueue: 0 });
    const hashes = await Promise.all([checker.hash('a'), checker.hash('b'), checker.hash('c')]);
    expect(hashes).toHaveLength(3);
  });
});

describe('createLane', () => {
  it('runs at most so many at once, first come first served', async () => {
    const lane = createLane(2, 10);
    let running = 0;
    let most = 0;
    const order: number[] = [];
    const work = (id: number) => async () => {
      order.push(id);
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return id;
    };
    const ids = [0, 1, 2, 3, 4, 5, 6, 7];
    const results = await Promise.all(ids.map((id) => (id % 2 ? lane.bounded(work(id)) : lane.unbounded(work(id)))));
    expect(results).toEqual(ids);
    expect(order).toEqual(ids);
    expect(most).toBe(2);
  });

  it('work that fails gives its place on', async () => {
    const lane = createLane(1, 10);
    const failing = lane.bounded(() => Promise.reject(new Error('no')));
    const next = lane.bounded(async () => 'yes');
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('yes');
    expect(await lane.bounded(async () => 'again')).toBe('again');
  });
});

describe('phcFault', () => {
  const [SALT, HASH] = ['c2FsdHNhbHRzYWx0c2FsdA', 'aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g'];
  const phc = (parameters: string, algorithm = 'argon2id') => `$${algorithm}$v=19$${parameters}$${SALT}$${HASH}`;

  it.each(['m=19456,t=2,p=1', 'm=65536,t=3,p=4', 'm=262144,t=4,p=1'])('%s can serve', (parameters) => {
    expect(phcFault(phc(parameters))).toBeUndefined();
  });

  it.each([
    ['memory of 4 TiB', phc('m=4294967295,t=1,p=1'), 'memory'],
    ['memory just over', phc('m=262145,t=1,p=1'), 'memory'],
    ['endless passes', phc('m=64,t=4294967295,p=1'), 'm × t'],
    ['too much of both', phc('m=262144,t=5,p=1'), 'm × t'],
    ['a crowd of lanes', phc('m=19456,t=2,p=255'), 'p=255'],
    ['Argon2i', phc('m=19456,t=2,p=1', 'argon2i'), 'no Argon2id hash'],
    ['Argon2d', phc('m=19456,t=2,p=1', 'argon2d'), 'no Argon2id hash'],
    ['bcrypt', '$2b$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234', 'no Argon2id hash'],
    ['a hash of 4 bytes', `$argon2id$v=19$m=64,t=1,p=1$${SALT}$aGFzaA`, '4 bytes'],
    ['no hash at all', `$argon2id$v=19$m=64,t=1,p=1$${SALT}`, 'no Argon2id hash'],
    ['less memory than its lanes need', phc('m=8,t=1,p=4'), 'no Argon2id hash'],
    ['a plain secret', 'secret', 'no Argon2id hash'],
    ['nothing', '', 'no Argon2id hash'],
  ])('%s cannot, and is told why', (_, text, why) => {
    expect(phcFault(text)).toContain(why);
  });

  it('a verifier that cannot serve is never computed', async () => {
    const checker = createSecretChecker({ key: KEY, maxConcurrent: 1, maxQueue: 0 });
    const began = performance.now();
    const bombs: Verifier[] = [
      { kind: 'argon2id', phc: phc('m=4294967295,t=1,p=1') },
      { kind: 'argon2id', phc: phc('m=64,t=4294967295,p=1') },
      { kind: 'argon2id', phc: 'secret' },
    ];
    expect(await checker.recognise('secret', bombs)).toBeUndefined();
    expect(performance.now() - began).toBeLessThan(1000);
  });
});

describe('boundedCache', () => {
  it('never holds more than its size; who was used longest ago goes', () => {
    const cache = boundedCache<number>(2);
    cache.set('a', 1);
    cache.set('b', 2);
    expect(cache.get('a')).toBe(1);
    cache.set('c', 3);
    expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([1, undefined, 3]);
    cache.set('a', 4);
    cache.set('d', 5);
    expect([cache.get('a'), cache.get('c'), cache.get('d')]).toEqual([4, undefined, 5]);
  });
});
