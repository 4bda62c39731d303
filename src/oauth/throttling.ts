// Owns by what guesses are counted: one account or client from one address, and an address whatever it guesses. Never counts
// (Throttle), and never holds up whoever knows the secret and comes from elsewhere.

import { addressGroup } from '../model/network.ts';
import { tooManyAttempts } from './error.ts';
import type { Throttle } from './port.ts';

/** What the failures of a caller are counted by. `claimed` is who it says to be: a client_id, a username. */
export function guessKeys(kind: 'client' | 'user', claimed: string | undefined, ip: string): readonly string[] {
  const from = addressGroup(ip);
  const whole = `address:${kind}:${from}`;
  return claimed === undefined ? [whole] : [`${kind}:${claimed.slice(0, 256).toLowerCase()}\n${from}`, whole];
}

/** Throws 429 while it is too early to try again. */
export function admitAttempt(
  throttle: Throttle,
  keys: readonly string[],
  error: 'invalid_client' | 'invalid_grant',
): void {
  const seconds = throttle.waitFor(keys);
  if (seconds !== undefined) throw tooManyAttempts(error, seconds);
}

/**
 * Checks a password, once `waitFor` lets it. The guess counts as failed from its first moment on: of many that come at once each
 * would else be let in before the first had failed, as a wrong password takes its time. `check` answers undefined for a wrong one.
 */
export async function guess<T>(
  throttle: Throttle,
  keys: readonly string[],
  check: () => Promise<T | undefined>,
): Promise<T | undefined> {
  throttle.failed(keys);
  try {
    const found = await check();
    if (found === undefined) return undefined;
    throttle.withdrawn(keys);
    throttle.succeeded(keys);
    return found;
  } catch (thrown) {
    // Too busy to look at it: nothing was guessed.
    throttle.withdrawn(keys);
    throw thrown;
  }
}
