import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { algorithmsOf, type Jwk, privateMember } from '../../src/model/public-jwk.ts';

const jwkOf = (key: KeyObject): Jwk => ({ ...key.export({ format: 'jwk' }) });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed25519 = generateKeyPairSync('ed25519');
const EC = jwkOf(p256.publicKey);

describe('RFC 7518 3.1: the algorithms of a key', () => {
  it.each([
    ['RSA of 2048 bits', jwkOf(rsa.publicKey), ['RS256', 'PS256']],
    ['RSA of fewer', jwkOf(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey), []],
    ['EC on P-256', EC, ['ES256']],
    ['EC on another curve', jwkOf(generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey), []],
    ['OKP on Ed25519', jwkOf(ed25519.publicKey), ['EdDSA']],
    ['OKP on X25519, which signs nothing', jwkOf(generateKeyPairSync('x25519').publicKey), []],
    ['one that says which', { ...jwkOf(rsa.publicKey), alg: 'PS256' }, ['PS256']],
    ['one that says another', { ...EC, alg: 'RS256' }, []],
    ['one for signatures', { ...EC, use: 'sig', key_ops: ['verify'] }, ['ES256']],
    ['one for encryption', { ...EC, use: 'enc' }, []],
    ['one for other operations', { ...EC, key_ops: ['deriveKey'] }, []],
    ['a point that is not on its curve', { ...EC, y: EC.x }, []],
    ['one without a member', { kty: 'EC', crv: 'P-256', x: EC.x }, []],
    ['a private one', jwkOf(p256.privateKey), []],
    ['a symmetric one', { kty: 'oct', k: 'AAAA' }, []],
    ['nothing', {}, []],
  ])('of %s', (_name, jwk, algorithms) => {
    expect(algorithmsOf(jwk)).toEqual(algorithms);
  });
});

it('what is private tells itself by a member, whatever else it is', () => {
  for (const { privateKey, publicKey } of [rsa, p256, ed25519]) {
    expect(privateMember(jwkOf(privateKey))).toBe('d');
    expect(privateMember(jwkOf(publicKey))).toBeUndefined();
  }
  expect(privateMember({ kty: 'oct', k: 'AAAA' })).toBe('k');
  // Half of a private key is enough to make the rest.
  expect(privateMember({ ...jwkOf(rsa.publicKey), p: 'AAAA' })).toBe('p');
});
