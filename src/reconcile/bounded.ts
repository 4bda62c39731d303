// Owns reading one file that somebody else controls: bounded in size, never blocking on a FIFO or a device.
// Never decides what a failure means.

import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { systemReason } from './system-reason.ts';

export type Content =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly kind: 'too-large' }
  | { readonly ok: false; readonly kind: 'unreadable'; readonly reason: string };

/** The bytes of a regular file of at most `limit` bytes. */
export async function readBounded(path: string, limit: number): Promise<Content> {
  let handle: FileHandle | undefined;
  try {
    // Opening a FIFO for reading waits for a writer, unless told not to.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await handle.stat();
    if (stats.isDirectory()) return { ok: false, kind: 'unreadable', reason: 'it is a directory, not a file' };
    if (!stats.isFile()) return { ok: false, kind: 'unreadable', reason: 'it is not a regular file' };
    if (stats.size > limit) return { ok: false, kind: 'too-large' };
    return await readUpTo(handle, stats.size, limit);
  } catch (error) {
    return { ok: false, kind: 'unreadable', reason: systemReason(error) };
  } finally {
    await handle?.close();
  }
}

/** Reads to the end even when the file grows meanwhile, but never more than one byte beyond the limit. */
async function readUpTo(handle: FileHandle, expected: number, limit: number): Promise<Content> {
  let buffer = Buffer.alloc(Math.min(expected, limit) + 1);
  let filled = 0;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, filled);
    if (bytesRead === 0) return { ok: true, bytes: buffer.subarray(0, filled) };
    filled += bytesRead;
    if (filled > limit) return { ok: false, kind: 'too-large' };
    if (filled === buffer.length) {
      const larger = Buffer.alloc(Math.min(buffer.length * 2, limit + 1));
      buffer.copy(larger);
      buffer = larger;
    }
  }
}
