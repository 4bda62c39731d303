// Owns how a start serves the store's last generation while a large spec is compiled beside it. Never compiles, and never
// judges a spec.

import type { ServerEntity } from '../model/entity.ts';
import { Failure } from '../model/failure.ts';
import { serverOf } from '../model/state.ts';
import {
  type Followed,
  readServable,
  readVerifiers,
  type SecretPlaces,
  type ServablePorts,
  servableOf,
} from './follow.ts';
import { readRecorded } from './history.ts';
import type { Reading } from './read.ts';

/** Characters that take a second to compile. Who starts with fewer waits for the spec itself. */
export const SLOW_SPEC = 1024 * 1024;

export function isSlow({ files }: Pick<Reading, 'files'>, limit: number): boolean {
  return files.reduce((size, { text }) => size + text.length, 0) > limit;
}

/** Opens the listeners, once: whoever asks again waits for the same opening, or tries anew where that failed. */
export type OpenOnce = (server: ServerEntity) => Promise<void>;

/**
 * What is to be served until the spec is compiled, with the listeners open; undefined where nothing was ever applied, or where it
 * is not wanted any more. Throws the Failures of opening, but for what the spec may have put right.
 */
export async function openWithStored(
  ports: ServablePorts,
  places: SecretPlaces,
  open: OpenOnce,
  isWanted: () => boolean,
): Promise<Followed | undefined> {
  const recorded = await readRecorded(ports.store);
  const server = recorded === undefined ? undefined : serverOf(recorded.stored.state);
  if (recorded === undefined || server === undefined || !isWanted()) return undefined;
  const verifiers = readVerifiers(ports.store);
  try {
    await open(server);
  } catch (error) {
    // A listener that the applied server does not allow may be one that the spec allows: it is judged by that.
    if (error instanceof Failure && error.code === 'usage') return undefined;
    throw error;
  }
  if (!isWanted()) return undefined;
  const [newest] = await ports.store.revisions(1);
  if (newest?.generation === recorded.stored.generation) return await servableOf(recorded, verifiers, ports, places);
  return await readServable(ports, places);
}
