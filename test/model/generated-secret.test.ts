import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatGeneratedSecret, isGeneratedSecret } from '../../src/model/generated-secret.ts';

const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe('generated secrets (DESIGN 6)', () => {
  it('are chs_, 43 base64url characters of the bytes, and 6 of the SHA-256 of both', () => {
    const body = `chs_${Buffer.alloc(32, 0xa5).toString('base64url')}`;
    const checksum = createHash('sha256').update(body).digest('base64url').slice(0, 6);
    expect(formatGeneratedSecret(Buffer.alloc(32, 0xa5))).toBe(`${body}${checksum}`);
    expect(body).toHaveLength(4 + 43);
  });

  it('are found by the pattern that the help names, and nothing of them is left over', () => {
    fc.assert(
      fc.property(bytes, (random) => {
        const secret = formatGeneratedSecret(random);
        expect(secret.match(/chs_[A-Za-z0-9_-]{49}/)?.[0]).toBe(secret);
        expect(isGeneratedSecret(secret)).toBe(true);
      }),
    );
  });

  it('with any one character changed, left out or doubled are none', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const position = fc.nat({ max: 52 });
    fc.assert(
      fc.property(bytes, position, fc.constantFrom(...alphabet), (random, at, character) => {
        const secret = formatGeneratedSecret(random);
        const cut = secret.slice(0, at) + secret.slice(at + 1);
        const changed = secret.slice(0, at) + character + secret.slice(at + 1);
        expect(isGeneratedSecret(cut)).toBe(false);
        expect(isGeneratedSecret(secret.slice(0, at) + character + secret.slice(at))).toBe(false);
        expect(isGeneratedSecret(changed)).toBe(changed === secret);
      }),
    );
  });

  it.each(['', 'chs_', 'secret', `chs_${'a'.repeat(49)}`, ` ${formatGeneratedSecret(new Uint8Array(32))}`])(
    '%j is none',
    (text) => expect(isGeneratedSecret(text)).toBe(false),
  );

  it('a line after it makes it none', () => {
    expect(isGeneratedSecret(`${formatGeneratedSecret(new Uint8Array(32))}\n`)).toBe(false);
  });

  it.each([0, 16, 31, 33])('are not made of %i bytes', (length) => {
    expect(() => formatGeneratedSecret(new Uint8Array(length))).toThrow(RangeError);
  });
});
