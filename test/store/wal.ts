// Owns reading a SQLite write-ahead log from outside (sqlite.org/fileformat2.html, section 4). Never opens the database.

import { existsSync, readFileSync } from 'node:fs';

const LOG_HEADER = 32;
const FRAME_HEADER = 24;

export interface WalContent {
  /** Frames that end a transaction. */
  readonly commits: number;
  /** Whole frames after the last of those: written by a transaction that did not commit. */
  readonly uncommitted: number;
}

/** What the log beside a database holds now. Frames of an older log under the current one (other salts) do not count. */
export function readWal(database: string): WalContent {
  const path = `${database}-wal`;
  const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  if (bytes.length < LOG_HEADER) return { commits: 0, uncommitted: 0 };
  const pageSize = bytes.readUInt32BE(8);
  const salts = bytes.subarray(16, 24);
  let commits = 0;
  let uncommitted = 0;
  for (let at = LOG_HEADER; at + FRAME_HEADER + pageSize <= bytes.length; at += FRAME_HEADER + pageSize) {
    if (!bytes.subarray(at + 8, at + 16).equals(salts)) break;
    const databaseSize = bytes.readUInt32BE(at + 4);
    if (databaseSize === 0) {
      uncommitted++;
    } else {
      commits++;
      uncommitted = 0;
    }
  }
  return { commits, uncommitted };
}
