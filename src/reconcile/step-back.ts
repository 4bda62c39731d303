// Owns that a thread which nobody waits for leaves the cores to those that answer requests. Never fails: where it cannot be had, threads share
// them alike.

import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';

/** A third of what a thread that serves gets where there are too few cores for both; all of one that is idle. */
const NICENESS = 5;

/** Of the thread that calls it. Linux alone has a priority for each thread. */
export function stepBack(): void {
  try {
    const [, pid, thread] = /^(\d+)\/task\/(\d+)$/.exec(readlinkSync('/proc/thread-self')) ?? [];
    if (Number(pid) === process.pid && thread !== pid) setPriority(Number(thread), NICENESS);
  } catch {
    // No /proc, or one that is not for us.
  }
}
