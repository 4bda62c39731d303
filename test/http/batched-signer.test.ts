// Signatures of one turn of the event loop.

import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { batchedSigner } from '../../src/http/batched-signer.ts';
import type { Signer, SigningKey } from '../../src/oauth/port.ts';

const key = { kid: 'k', alg: 'ES256', jwk: {}, created_at: 0, active_from: 0, longest_ttl: 0 } satisfies SigningKey;

/** A signer that says when it signed. */
function recording(seen: string[], sign?: Signer['sign']): Signer {
  return {
    sign(by, input) {
      seen.push(`sign ${input}`);
      return sign?.(by, input) ?? Buffer.from(input);
    },
  };
}

it('all that was asked for in one turn is signed before any of it is answered', async () => {
  const seen: string[] = [];
  const signer = batchedSigner(recording(seen));
  const answer = async (input: string) => {
    const signature = await signer.sign(key, input);
    seen.push(`answer ${Buffer.from(signature)}`);
  };
  const all = ['a', 'b', 'c'].map(answer);
  expect(seen).toEqual([]);
  await Promise.all(all);
  expect(seen).toEqual(['sign a', 'sign b', 'sign c', 'answer a', 'answer b', 'answer c']);
  await answer('d');
  expect(seen.slice(6)).toEqual(['sign d', 'answer d']);
});

it('one that fails is nobody else’s failure, whether it fails at once or later', async () => {
  const signer = batchedSigner(
    recording([], (_key, input) => {
      if (input === 'at once') throw new Error('no such key');
      return input === 'later' ? Promise.reject(new Error('pool')) : Buffer.from(input);
    }),
  );
  const outcomes = await Promise.allSettled(
    ['a', 'at once', 'b', 'later', 'c'].map((input) => signer.sign(key, input)),
  );
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled']);
});

it('what is asked for while the others are answered is of the next turn, and is answered', async () => {
  const seen: string[] = [];
  const signer = batchedSigner(recording(seen));
  const first = Promise.resolve(signer.sign(key, 'a')).then(() => signer.sign(key, 'b'));
  await turn();
  expect(seen).toEqual(['sign a']);
  await first;
  expect(seen).toEqual(['sign a', 'sign b']);
});
