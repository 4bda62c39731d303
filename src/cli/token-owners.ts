// Owns of whom `charter tokens` speaks: names read against what is applied, and whose tokens are kept in no table. Never lists
// a token and never ends one.

import { type AccessIndex, indexState } from '../access/access-index.ts';
import { findClient, findUser } from '../explain/names.ts';
import { type ApplicationAddress, compareText, qualifiedName } from '../model/address.ts';
import type { ApplicationEntity } from '../model/entity.ts';
import { isEnabled, refreshSettings, tokenSettings } from '../model/settings.ts';
import { EMPTY_STATE, entitiesOf } from '../model/state.ts';
import type { Owners } from '../oauth/issued-port.ts';
import type { Standing } from '../oauth/snapshot.ts';
import { speakSeconds } from '../plan/period-words.ts';
import type { ConfigStore } from '../plan/port.ts';
import { escapeControls } from '../plan/style.ts';
import { someNames } from './names.ts';
import { found } from './tell-answer.ts';

/** As they are typed. */
export interface OwnerOptions {
  readonly user?: string;
  readonly client?: string;
}

/** What is applied, as far as what was issued under it is judged. */
export async function readStanding(store: Pick<ConfigStore, 'read'>): Promise<Standing> {
  const stored = await store.read();
  const state = stored?.state ?? EMPTY_STATE;
  return { state, index: indexState(state), since: stored?.since ?? new Map() };
}

/** Throws Failure `usage` for a name that stands for nothing. */
export function readOwners({ user, client }: OwnerOptions, { state }: Standing): Owners {
  return {
    ...(user === undefined ? {} : { user: found(findUser(state, user)) }),
    ...(client === undefined ? {} : { client: found(findClient(state, client)) }),
  };
}

/** By their names in the spec. */
export function namesOfOwners({ user, client }: Owners): OwnerOptions {
  return {
    ...(user === undefined ? {} : { user: qualifiedName(user) }),
    ...(client === undefined ? {} : { client: qualifiedName(client) }),
  };
}

/** `Shop/ada at Shop/web`, ready for a terminal. */
export function speakOwners({ user, client }: OwnerOptions): string {
  return [user, client].flatMap((owner) => (owner === undefined ? [] : escapeControls(owner))).join(' at ');
}

/** Clients whose tokens are JWTs that hang on no Grant, by name, with how long one lives at most. */
export interface Unlisted {
  readonly clients: readonly string[];
  readonly longest_seconds: number;
}

/** Among those of the owners: a client that acts as itself, or as the user. */
export function unlistedOf({ user, client }: Owners, { state, index }: Standing): Unlisted {
  const applications = [...entitiesOf(state, 'application')] as [ApplicationAddress, ApplicationEntity][];
  const found = applications.filter(([address, application]) => {
    const { format } = tokenSettings(index.server, application);
    return (
      isEnabled(application) &&
      application.metadata?.grant_types?.includes('client_credentials') === true &&
      format === 'jwt' &&
      !refreshSettings(application).for_client_credentials &&
      (client === undefined || address === client) &&
      (user === undefined || actsAs(index, address, user))
    );
  });
  const lives = found.map(([, application]) => tokenSettings(index.server, application).access_ttl);
  const clients = found
    .map(([address]) => address)
    .sort(compareText)
    .map(qualifiedName);
  return { clients, longest_seconds: Math.max(0, ...lives) };
}

function actsAs(index: AccessIndex, client: ApplicationAddress, user: NonNullable<Owners['user']>): boolean {
  return index.user(user)?.impersonated_by?.some(({ to }) => to === client) === true;
}

/** Nothing where there are none. */
export function tellUnlisted({ clients, longest_seconds }: Unlisted): string {
  if (clients.length === 0) return '';
  return (
    `JWTs by client_credentials are kept nowhere: those of ${escapeControls(someNames(clients))} are not listed and cannot be ended here.\n` +
    `Each ends by itself, ${speakSeconds(longest_seconds)} after it was issued at the latest.\n`
  );
}
