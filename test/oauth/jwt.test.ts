// JWTs of our own that come again: the signature is remembered, and nothing else of them.

import { expect, it, vi } from 'vitest';
import { ACCESS_TOKEN_TYPES, ID_TOKEN_TYPES, signJwt, verifyJwt } from '../../src/oauth/jwt.ts';
import { generateSigningKeys, signerOf } from '../../src/oauth/keys.ts';
import type { SigningKey } from '../../src/oauth/port.ts';
import { AUTHORIZED, ISSUER, keys, NOW, NOW_SECONDS, snapshotOf } from './fixture.ts';

const snapshot = snapshotOf(AUTHORIZED);
const key = keys.find(({ alg }) => alg === 'ES256') as SigningKey;
const sign = (claims: object, typ = 'at+jwt') =>
  signJwt({ iss: ISSUER, exp: NOW_SECONDS + 60, ...claims }, key, typ, signerOf(keys));

it('one that was seen is found again without its signature being checked', async () => {
  const text = await sign({ jti: 'seen' });
  const verify = vi.spyOn(crypto.subtle, 'verify');
  const first = await verifyJwt(text, ACCESS_TOKEN_TYPES, snapshot, NOW);
  expect(first).toMatchObject({ jti: 'seen' });
  expect(verify).toHaveBeenCalledTimes(1);
  expect(await verifyJwt(text, ACCESS_TOKEN_TYPES, snapshot, NOW)).toEqual(first);
  expect(verify).toHaveBeenCalledTimes(1);
  verify.mockRestore();
});

it('one that was seen ends when it says, to the second', async () => {
  const text = await sign({});
  expect(await verifyJwt(text, ACCESS_TOKEN_TYPES, snapshot, NOW)).toBeDefined();
  const end = (NOW_SECONDS + 60) * 1000;
  expect(await verifyJwt(text, ACCESS_TOKEN_TYPES, snapshot, end - 1)).toBeDefined();
  expect(await verifyJwt(text, ACCESS_TOKEN_TYPES, snapshot, end)).toBeUndefined();
  // Where ended ones are taken too, it still is.
  expect(await verifyJwt(text, ACCESS_TOKEN_TYPES, snapshot, undefined)).toBeDefined();
  // And what was first seen so is not good by that.
  const other = await sign({ exp: 10 });
  expect(await verifyJwt(other, ACCESS_TOKEN_TYPES, snapshot, undefined)).toBeDefined();
  expect(await verifyJwt(other, ACCESS_TOKEN_TYPES, snapshot, NOW)).toBeUndefined();
});

it('one that was seen as one type is not another', async () => {
  const text = await sign({});
  expect(await verifyJwt(text, ACCESS_TOKEN_TYPES, snapshot, NOW)).toBeDefined();
  expect(await verifyJwt(text, ID_TOKEN_TYPES, snapshot, NOW)).toBeUndefined();
});

it('one that was seen with a key goes with the key, and is not one of another issuer', async () => {
  const text = await sign({});
  expect(await verifyJwt(text, ACCESS_TOKEN_TYPES, snapshot, NOW)).toBeDefined();
  const other = await generateSigningKeys(NOW);
  expect(await verifyJwt(text, ACCESS_TOKEN_TYPES, { ...snapshot, keys: other }, NOW)).toBeUndefined();
  const server = { ...snapshot.index.server, kind: 'server', issuer: 'https://other.example' } as const;
  const elsewhere = { ...snapshot, index: { ...snapshot.index, server } };
  expect(await verifyJwt(text, ACCESS_TOKEN_TYPES, elsewhere, NOW)).toBeUndefined();
});

it('a text that differs in its signature alone is not one that was seen', async () => {
  const text = await sign({});
  expect(await verifyJwt(text, ACCESS_TOKEN_TYPES, snapshot, NOW)).toBeDefined();
  const [head, payload] = text.split('.');
  const forged = `${head}.${payload}.${Buffer.alloc(64, 1).toString('base64url')}`;
  expect(await verifyJwt(forged, ACCESS_TOKEN_TYPES, snapshot, NOW)).toBeUndefined();
  expect(await verifyJwt(forged, ACCESS_TOKEN_TYPES, snapshot, NOW)).toBeUndefined();
});
