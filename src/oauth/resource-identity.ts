// Owns what the server behind a resource is told of who asks: the same headers always, empty where there is nothing, so that none
// that a client sends itself is left over. Never decides who may.

import { isEveryone, qualifiedName } from '../model/address.ts';
import type { AdmittedRequest } from './resource-access.ts';
import type { Snapshot } from './snapshot.ts';
import { permissionsTold } from './token-in-use.ts';

/** The names in lower case, as they are written for people in the guides. */
export const IDENTITY_HEADERS = [
  'remote-user',
  'remote-groups',
  'x-charter-subject',
  'x-charter-client',
  'x-charter-scope',
  'x-charter-permissions',
] as const;

export type IdentityHeaders = Readonly<Record<(typeof IDENTITY_HEADERS)[number], string>>;

/**
 * Users and groups as `Site/Name`: two sites may each have an `ada`, and who runs one of them must not become the other's.
 * `now` in milliseconds since the epoch.
 */
export function identityOf({ used }: AdmittedRequest, { index }: Snapshot, now: number): IdentityHeaders {
  const { user, subject, client_id, scopes } = used.decision;
  const { permissions } = permissionsTold(used.decision);
  const groups = user === undefined ? [] : [...index.groupsOf(user)];
  const current = groups.filter(([group, { end }]) => now < end && !isEveryone(group));
  return {
    'remote-user': user === undefined ? '' : qualifiedName(user),
    'remote-groups': current
      .map(([group]) => qualifiedName(group))
      .sort()
      .join(','),
    'x-charter-subject': subject,
    'x-charter-client': client_id,
    'x-charter-scope': scopes.join(' '),
    // As the claim of the same name (SEMANTICS A-16).
    'x-charter-permissions': permissions === undefined ? '' : JSON.stringify(permissions),
  };
}

/** The value of Authorization behind a resource: the token only where it is to be forwarded. */
export function forwardedAuthorization({ resource, token }: AdmittedRequest): string {
  return resource.forward_token === true ? `Bearer ${token}` : '';
}
