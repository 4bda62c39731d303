// Signing keys, signatures and the JWKS, with jose as the oracle.

import { calculateJwkThumbprint, compactVerify, createLocalJWKSet, importJWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { SIGNING_ALGORITHMS } from '../../src/model/entity.ts';
import { publicKeys } from '../../src/oauth/jwks.ts';
import { generateSigningKeys, signerOf } from '../../src/oauth/keys.ts';
import { AUTHORIZED, keys, snapshotOf } from './fixture.ts';

describe('generateSigningKeys', () => {
  it('makes one key of each algorithm, with the time that it was given', () => {
    expect(keys.map(({ alg }) => alg)).toEqual(SIGNING_ALGORITHMS);
    expect(keys.map(({ jwk }) => [jwk.kty, jwk.crv])).toEqual([
      ['EC', 'P-256'],
      ['RSA', undefined],
      ['OKP', 'Ed25519'],
    ]);
    expect(new Set(keys.map(({ created_at }) => created_at)).size).toBe(1);
  });

  it('RSA keys have 2048 bits', () => {
    const modulus = keys.find(({ alg }) => alg === 'RS256')?.jwk.n ?? '';
    expect(Buffer.from(modulus, 'base64url')).toHaveLength(256);
  });

  it('RFC 7638: the kid is the thumbprint, so the same key has it everywhere', async () => {
    for (const { kid, jwk } of keys) expect(kid).toBe(await calculateJwkThumbprint(jwk, 'sha256'));
  });

  it('no two are the same', async () => {
    const again = await generateSigningKeys(0);
    const kids = [...keys, ...again].map(({ kid }) => kid);
    expect(new Set(kids).size).toBe(kids.length);
  });
});

describe('the kid of a key', () => {
  it('never begins with a dash: charter keys remove would take it for an option', async () => {
    const many = await generateSigningKeys(0, { algorithms: Array.from({ length: 600 }, () => 'EdDSA' as const) });
    // Of thumbprints as they come one in 64 does: none of 600 does once in 10,000 runs.
    expect(many.filter(({ kid }) => kid.startsWith('-'))).toEqual([]);
  });
});

describe('signerOf', () => {
  it.each(SIGNING_ALGORITHMS)('%s: a hundred signatures, each verified by jose', async (alg) => {
    const key = keys.find((candidate) => candidate.alg === alg);
    if (key === undefined) throw new Error(`no ${alg}`);
    const publicKey = await importJWK(publicKeys(snapshotOf(AUTHORIZED, { keys: [key] })).keys[0] ?? {}, alg);
    const signer = signerOf();
    const header = Buffer.from(JSON.stringify({ alg })).toString('base64url');
    // A hundred, because r or s of ES256 is short once in 128 times, and padded by its sign every other time.
    for (let i = 0; i < 100; i++) {
      const input = `${header}.${Buffer.from(`payload ${i}`).toString('base64url')}`;
      const signature = Buffer.from(await signer.sign(key, input)).toString('base64url');
      await expect(compactVerify(`${input}.${signature}`, publicKey)).resolves.toBeDefined();
    }
  });

  it('ES256: short integers are padded to 32 bytes (RFC 7518 3.4)', async () => {
    const key = keys.find(({ alg }) => alg === 'ES256');
    if (key === undefined) throw new Error('no ES256');
    const signer = signerOf(keys);
    let short = 0;
    for (let i = 0; i < 2000; i++) {
      const signature = await signer.sign(key, `input ${i}`);
      expect(signature).toHaveLength(64);
      if (signature[0] === 0 || signature[32] === 0) short += 1;
    }
    // About 16 of 2,000; none at all in 6 of 10,000,000 runs.
    expect(short).toBeGreaterThan(0);
  });

  it('a broken key is told when the signer is made, not at the first token', () => {
    const [key] = keys;
    if (key === undefined) throw new Error('no key');
    expect(() => signerOf([{ ...key, jwk: { kty: 'EC', crv: 'P-256', x: 'x' } }])).toThrow();
  });
});

describe('publicKeys', () => {
  it('P:D-006: kty, kid, use and alg of every key, and nothing private', () => {
    const set = publicKeys(snapshotOf(AUTHORIZED));
    expect(set.keys).toHaveLength(3);
    for (const key of set.keys) {
      expect(key).toMatchObject({ kty: expect.any(String), kid: expect.any(String), use: 'sig' });
      expect(SIGNING_ALGORITHMS).toContain(key.alg);
      for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth']) expect(key).not.toHaveProperty(secret);
    }
    const text = JSON.stringify(set);
    for (const { jwk } of keys) expect(text).not.toContain(jwk.d);
  });

  it('P:D-006: jose finds each key by its kid and algorithm', async () => {
    const find = createLocalJWKSet({ keys: [...publicKeys(snapshotOf(AUTHORIZED)).keys] });
    for (const { kid, alg } of keys) await expect(find({ alg, kid })).resolves.toBeDefined();
  });
});
