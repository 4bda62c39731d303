// Owns reading a stream to its end, bounded. Never decides what a failure means.

import type { Readable } from 'node:stream';
import type { Content } from '../reconcile/bounded.ts';

/** The bytes of a stream of at most `limit` bytes. Throws what the stream fails with. */
export async function readStream(input: Readable, limit: number): Promise<Content> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > limit) return { ok: false, kind: 'too-large' };
    chunks.push(bytes);
  }
  return { ok: true, bytes: Buffer.concat(chunks) };
}
