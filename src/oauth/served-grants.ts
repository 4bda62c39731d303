// Owns which grants and response types a server serves at the moment: implicit and password are off until an application
// lists them (RFC 9700 2.1.2 and 2.4). Never decides who may use one.

import { RESPONSE_TYPES } from '../model/entity.ts';
import { selecting } from '../model/selection.ts';
import { responseTypesOf } from '../model/settings.ts';
import type { Snapshot } from './snapshot.ts';

interface Served {
  /** Registered names, sorted. */
  readonly grantTypes: readonly string[];
  readonly responseTypes: readonly string[];
}

const ALWAYS = ['authorization_code', 'client_credentials', 'refresh_token'];
const ON_DEMAND = ['implicit', 'password'];

/** Few applications list anything that is not served anyway. */
const askingForMore = selecting(
  ['application'],
  ({ metadata = {} }) =>
    (metadata.grant_types ?? []).some((grant) => ON_DEMAND.includes(grant)) ||
    responseTypesOf(metadata).some((type) => type !== 'code'),
);

const known = new WeakMap<Snapshot['state'], Served>();

/** Worked out once for each State. */
export function servedBy({ state }: Pick<Snapshot, 'state'>): Served {
  const kept = known.get(state);
  if (kept !== undefined) return kept;
  const grants = new Set(ALWAYS);
  const responses = new Set<string>(['code']);
  for (const { metadata = {} } of askingForMore(state).values()) {
    for (const grant of metadata.grant_types ?? []) if (ON_DEMAND.includes(grant)) grants.add(grant);
    for (const type of responseTypesOf(metadata)) responses.add(type);
  }
  const served = {
    grantTypes: [...grants].sort(),
    responseTypes: RESPONSE_TYPES.filter((type) => responses.has(type)),
  };
  known.set(state, served);
  return served;
}
