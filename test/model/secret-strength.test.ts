import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatGeneratedSecret } from '../../src/model/generated-secret.ts';
import { secretStrength } from '../../src/model/secret-strength.ts';

describe('secretStrength', () => {
  it.each(['', 'a', 'abcde', '12345', '🔑🔑🔑🔑🔑'])('%j has fewer than 6 characters', (value) => {
    expect(secretStrength(value)).toBe('too-short');
  });

  it.each([
    'secret',
    'hunter2-hunter2',
    'password',
    'passwordpasswordpasswordpasswordpassword',
    'a'.repeat(1000),
    'abc'.repeat(100),
    '0123456789'.repeat(50),
    'Correct1!',
    'changeme-changeme-changeme-changeme',
    Buffer.alloc(8, 'ab').toString('hex'),
    '🔑🔑🔑🔑🔑🔑',
  ])('%j is weak', (value) => {
    expect(secretStrength(value)).toBe('weak');
  });

  it.each(['base64', 'base64url', 'hex'] as const)('256 random bits in %s are strong, 64 are weak', (encoding) => {
    for (let number = 0; number < 500; number += 1) {
      const bytes = createHash('sha256').update(`${number}`).digest();
      expect(secretStrength(bytes.toString(encoding))).toBe('strong');
      expect(secretStrength(bytes.subarray(0, 8).toString(encoding))).toBe('weak');
    }
  });

  it.each([
    ['openssl rand -hex 16', '9f3c1b7ae25d48067be1c9f0a3d45182'],
    ['openssl rand -base64 16', 'q3Zt0Yx7Kk2m9WfLr1sVhA=='],
    ['secrets.token_urlsafe(16)', 'q3Zt0Yx7Kk2m9WfLr1sVhA'],
    ['uuid', '0b6c5e2e-7a3f-4d19-9f8e-3c1d2a4b5f60'],
  ])('128 bits as %s writes them are strong', (_, value) => {
    expect(secretStrength(value)).toBe('strong');
  });

  it('a password is what people remember: half of the bits do', () => {
    for (const words of ['correct horse battery', 'four cats at home']) {
      expect([secretStrength(words), secretStrength(words, 'password')], words).toEqual(['weak', 'strong']);
    }
    expect(secretStrength('sunshine1', 'password')).toBe('weak');
    expect(secretStrength('12345', 'password')).toBe('too-short');
  });

  it('a generated secret is strong whatever its bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        expect(secretStrength(formatGeneratedSecret(bytes))).toBe('strong');
      }),
    );
    expect(secretStrength(formatGeneratedSecret(new Uint8Array(32)))).toBe('strong');
  });

  it('text that only repeats itself never makes a weak secret strong', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 6, maxLength: 12, unit: fc.constantFrom(...'abcdef') }), (text) => {
        expect(secretStrength(text.repeat(20))).toBe('weak');
      }),
    );
  });
});
