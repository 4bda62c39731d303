// Owns texts that nobody can guess: how they are made, and the hash under which they are kept. Never keeps one.

import { createCipheriv, createDecipheriv, createHash, hash } from 'node:crypto';

/** 256 bits (RFC 6749 10.10 asks for 128 at least). */
const TEXT_BYTES = 32;
const IDENTIFIER_BYTES = 16;
const TIME_BYTES = 6;

/** An opaque token, a code, the cookie of a session: random, without a structure. */
export function newText(random: (bytes: number) => Uint8Array): string {
  return base64url(random(TEXT_BYTES));
}

/** The name of something that is no secret: `jti`, `sid`. */
export function newIdentifier(random: (bytes: number) => Uint8Array): string {
  return base64url(random(IDENTIFIER_BYTES));
}

/**
 * The id of a Grant, a UUIDv7 (RFC 9562 5.7): it names rows in several tables, and those of one moment stand side by side, where at random
 * places each would have pages of the file written for itself. Never of what a client presents (P:O-085). `now` in milliseconds since the epoch.
 */
export function newGrantId(now: number, random: (bytes: number) => Uint8Array): string {
  const bytes = Buffer.alloc(IDENTIFIER_BYTES);
  bytes.writeUIntBE(now, 0, TIME_BYTES);
  bytes.set(random(IDENTIFIER_BYTES - TIME_BYTES), TIME_BYTES);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Of newText. */
export const TEXT_SHAPE = /^[A-Za-z0-9_-]{43}$/;

/** What is kept in the place of a text: SHA-256 in hex. */
export function hashOf(text: string): string {
  return hash('sha256', text, 'hex');
}

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** A text that only who has `key`, a newText, can read again (AES-256-GCM). What is kept so is of no use without the key. */
export function seal(text: string, key: string, random: (bytes: number) => Uint8Array): string {
  const iv = random(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', sealingKey(key), iv);
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return base64url(Buffer.concat([iv, cipher.getAuthTag(), sealed]));
}

/** The text that was sealed with this key. */
export function unseal(sealed: string, key: string): string {
  const bytes = Buffer.from(sealed, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', sealingKey(key), bytes.subarray(0, IV_BYTES));
  decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
}

/** Another digest of the text than the one under which it is kept. */
function sealingKey(key: string): Uint8Array {
  return createHash('sha256').update(`charter seal\n${key}`).digest();
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
