// Owns when what was committed goes from the log back into the file: when much of it waits there, and its answers went out. What
// is in the log is durable, so nobody waits for this. Never commits.

import Database from 'better-sqlite3';

/** 16 MiB of log instead of 4, which is SQLite's own: a page that was written several times goes once, and a sixth less is written for a rotation. */
const PAGES = 4000;

/** What to call between two transactions. */
export function checkpoints(db: Database.Database): () => void {
  const asked = db.prepare<[], { log: number; checkpointed: number }>('PRAGMA wal_checkpoint(NOOP)');
  return () => {
    try {
      const { log = 0, checkpointed = 0 } = asked.get() ?? {};
      if (log - checkpointed >= PAGES) checkpoint(db);
    } catch (error) {
      // The log stays as it is, and is looked at again after the next commit.
      if (!(error instanceof Database.SqliteError)) throw error;
    }
  };
}

/** As much of the log as nobody reads, without waiting. */
export function checkpoint(db: Database.Database): void {
  db.pragma('wal_checkpoint(PASSIVE)');
}
