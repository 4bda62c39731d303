// Owns a checker and a store of verifiers for tests, without Argon2id and without a database. Never asserts anything.

import type { Address } from '../../src/model/address.ts';
import { type StoredVerifier, verifierKey } from '../../src/model/verifier.ts';
import type { SecretChecker } from '../../src/oauth/secret.ts';
import type { SecretValues } from '../../src/reconcile/secrets.ts';

export const A: Address = 'application:Example/A';
export const B: Address = 'application:Example/B';
export const SLOT = 'env:SECRET';

/** Each address with the value of its one secret. */
export function valuesOf(values: { readonly [address: string]: string }): SecretValues {
  return new Map(Object.entries(values).map(([address, value]) => [address as Address, new Map([[SLOT, value]])]));
}

/** A checker without Argon2id: `#n:value` recognises the value, and each hash has another number, as a salt. */
export function fakeChecker() {
  const asked: string[] = [];
  let salt = 0;
  const checker: SecretChecker = {
    async recognise(presented, verifiers) {
      asked.push(presented);
      return verifiers.find((verifier) => verifier.kind === 'argon2id' && verifier.phc.endsWith(`:${presented}`));
    },
    recognisePassword: async (presented, verifiers) => checker.recognise(presented, verifiers),
    keyed: (value) => ({ kind: 'keyed', mac: Buffer.from(value) }),
    async hash(value) {
      salt += 1;
      return `#${salt}:${value}`;
    },
  };
  return { checker, asked };
}

export function fakeStore(rows: StoredVerifier[] = []) {
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
