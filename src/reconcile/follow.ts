// Owns what is served without the spec: the newest generation of the store, with the secrets that can be had here. Never
// publishes it and never writes.

import type { Origins } from '../model/origin.ts';
import type { StoredVerifier } from '../model/verifier.ts';
import type { Snapshot } from '../oauth/snapshot.ts';
import type { StoredConfiguration } from '../plan/port.ts';
import { snapshotOfStored } from './build-snapshot.ts';
import { type Recorded, readRecorded } from './history.ts';
import type { PassPorts } from './pass.ts';
import { type ResolvedSecrets, resolveSecrets, type SecretSources } from './secrets.ts';

export interface Followed {
  readonly snapshot: Snapshot;
  readonly origins: Origins;
  readonly secrets: ResolvedSecrets;
  /** What the store holds, where that is what it recorded: the next plan may begin with it unread. */
  readonly applied: StoredConfiguration | undefined;
}

export type ServablePorts = Pick<
  PassPorts,
  'store' | 'keys' | 'checker' | 'weigh' | 'env' | 'secretsDir' | 'clock' | 'lasting'
>;

/** Where files of secrets are. */
export type SecretPlaces = Pick<SecretSources, 'root' | 'boundaries'>;

/** Undefined when nothing was ever applied. What something else wrote into the store is not served. */
export async function readServable(ports: ServablePorts, places: SecretPlaces): Promise<Followed | undefined> {
  const recorded = await readRecorded(ports.store);
  return recorded === undefined ? undefined : await servableOf(recorded, readVerifiers(ports.store), ports, places);
}

/** Read while this thread does something else; that it failed counts where it is asked for. */
export function readVerifiers(store: Pick<ServablePorts['store'], 'verifiers'>): Promise<readonly StoredVerifier[]> {
  const reading = store.verifiers();
  reading.catch(() => undefined);
  return reading;
}

/** What is served of a configuration that was read. */
export async function servableOf(
  { stored, drift }: Recorded,
  reading: Promise<readonly StoredVerifier[]>,
  ports: ServablePorts,
  places: SecretPlaces,
): Promise<Followed> {
  const { keys, checker, clock } = ports;
  const secrets = await resolveSecrets(stored.state, stored.origins, { ...ports, ...places }, clock());
  const verifiers = await reading;
  const { values } = await ports.weigh(secrets.values, { stored: verifiers });
  const snapshot = snapshotOfStored({
    stored,
    verifiers,
    values,
    keys: await keys(stored.state),
    checker,
  });
  return { snapshot, origins: stored.origins, secrets, applied: drift === undefined ? stored : undefined };
}
