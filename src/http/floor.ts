// Owns the least time that a failed client authentication takes (DESIGN 6), so that its duration tells nothing about
// whether the client exists or how its secret is kept. Never costs CPU: it is a timer.

import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds. Above what a check of Argon2id takes on an idle machine (17 ms at the cost that this server uses). */
export const FLOOR_MILLISECONDS = 25;

/** Resolves once the floor has passed since `began`, an instant of `performance.now()`; at once when it already has. */
export async function untilFloor(began: number): Promise<void> {
  // Timers may fire a fraction of a millisecond early, so what is left is asked again.
  for (let left = remaining(began); left > 0; left = remaining(began)) await sleep(Math.ceil(left));
}

function remaining(began: number): number {
  return FLOOR_MILLISECONDS - (performance.now() - began);
}
