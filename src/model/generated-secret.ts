// Owns the form of the secrets that Charter generates: text that says by itself what it is and that all of it is there.
// Never draws the random bytes, and never hashes for the store.

import { createHash } from 'node:crypto';

const PREFIX = 'chs_';
/** 256 bits. */
const RANDOM_BYTES = 32;
const CHECKSUM_CHARACTERS = 6;

/**
 * `chs_`, 43 base64url characters of 256 random bits (the last of them has only 4 bits to say), 6 of the checksum:
 * what a scanner for leaked secrets looks for. docs/decisions has the reasons.
 */
const FORM = /^chs_[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048][A-Za-z0-9_-]{6}$/;

/** Where in a text secrets of that form may stand; whether one is, isGeneratedSecret tells. */
export const GENERATED_SECRETS = /chs_[A-Za-z0-9_-]{49}/g;

/** The secret of 32 random bytes. Throws RangeError for any other number of them: fewer would be a weak secret. */
export function formatGeneratedSecret(bytes: Uint8Array): string {
  if (bytes.length !== RANDOM_BYTES) throw new RangeError(`a generated secret is made of ${RANDOM_BYTES} bytes`);
  const body = `${PREFIX}${Buffer.from(bytes).toString('base64url')}`;
  return `${body}${checksumOf(body)}`;
}

/**
 * Whether a text is a whole secret of that form, with its checksum right. Only such a text is known to be of 256 random
 * bits, which nobody guesses, so that a plain hash of it can be stored.
 */
export function isGeneratedSecret(text: string): boolean {
  return FORM.test(text) && checksumOf(text.slice(0, -CHECKSUM_CHARACTERS)) === text.slice(-CHECKSUM_CHARACTERS);
}

/** Tells a slip, not an attack: the first 36 bits of SHA-256, which every language has, where CRC-32 is 32 and not. */
function checksumOf(body: string): string {
  return createHash('sha256').update(body).digest('base64url').slice(0, CHECKSUM_CHARACTERS);
}
