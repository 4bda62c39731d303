import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/model/failure.ts';
import { formatGeneratedSecret } from '../../src/model/generated-secret.ts';
import { createSecretChecker, hashWithArgon2id } from '../../src/oauth/secret.ts';
import { outdatedVerifiers } from '../../src/reconcile/verifiers.ts';
import { A, B, fakeChecker, SLOT, valuesOf } from './fake-verifiers.ts';

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
