// Owns what is served without the spec: the newest generation of the store, with the secrets that can be had here. Never
// publishes it and never writes.

import type { Origins } from '../model/origin.ts';
import type { Snapshot } from '../oauth/snapshot.ts';
import { snapshotOfStored } from './build-snapshot.ts';
import { readRecorded } from './history.ts';
import type { PassPorts } from './pass.ts';
import { type ResolvedSecrets, resolveSecrets } from './secrets.ts';

export interface Followed {
  readonly snapshot: Snapshot;
  readonly origins: Origins;
  readonly secrets: ResolvedSecrets;
}

/** Undefined when nothing was ever applied. What something else wrote into the store is not served. */
export async function readServable(
  ports: Pick<PassPorts, 'store' | 'keys' | 'checker' | 'weigh' | 'env' | 'secretsDir' | 'clock'>,
  places: { readonly root: string; readonly boundaries: readonly string[] },
): Promise<Followed | undefined> {
  const { store, keys, checker, clock } = ports;
  const stored = (await readRecorded(store))?.stored;
  if (stored === undefined) return undefined;
  const secrets = await resolveSecrets(stored.state, stored.origins, { ...ports, ...places }, clock());
  const { values } = await ports.weigh(secrets.values);
  const verifiers = await store.verifiers();
  const snapshot = snapshotOfStored({
    stored,
    verifiers,
    values,
    keys: await keys(stored.state),
    checker,
  });
  return { snapshot, origins: stored.origins, secrets };
}
