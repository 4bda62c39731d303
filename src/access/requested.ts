// Owns what the values of a requested scope are (SEMANTICS U-22, algorithm A step 6, algorithm B step 2): audiences, scopes
// of the catalogue, scopes of the protocols. Never judges whether one is granted.

import type { ApplicationAddress } from '../model/address.ts';
import type { ApplicationEntity } from '../model/entity.ts';
import { type AccessIndex, type AllowList, isScopeOf } from './access-index.ts';
import type { Refusal } from './decision.ts';
import type { IsRequested } from './policy.ts';
import { refuse } from './refusal.ts';

export interface Requested {
  readonly client: ApplicationAddress;
  readonly client_id: string;
  readonly allowList: AllowList;
  /** Each value once, in order; undefined where nothing is asked for by name. */
  readonly values: readonly string[] | undefined;
  /** Those that name an audience, the client itself included. */
  readonly named: readonly string[];
  /** Those that name another application. */
  readonly others: readonly string[];
}

/** Refused where a value is none that the client may ask for. */
export function readRequested(
  index: AccessIndex,
  client: ApplicationAddress,
  { client_id }: ApplicationEntity,
  scope: readonly string[] | undefined,
  until: number | undefined,
): Requested | Refusal {
  const allowList = index.allowList(client);
  // A scope without a value is none (RFC 6749 3.3 knows no empty one).
  const values = scope === undefined || scope.length === 0 ? undefined : [...new Set(scope)];
  const isAudience = (value: string) => value === client_id || allowList.audiences.has(value);
  const stranger = values?.find((value) => !isAudience(value) && !isScopeOf(allowList, value));
  if (stranger !== undefined) {
    return refuse('invalid_scope', 'SCOPE_NOT_ALLOWED', {
      detail: stranger,
      missing: { address: client, pointer: allowList.pointer },
      until,
    });
  }
  const named = (values ?? []).filter(isAudience);
  return { client, client_id, allowList, values, named, others: named.filter((value) => value !== client_id) };
}

/**
 * What the items of a policy may rest on (U-61): what is asked for by name, and where no audience is, or nothing at all, what
 * stands in its place. A scope that the client may not ask for is never among it, and the scope of the token holds all of it
 * whose audience is granted.
 */
export function isRequestedBy({ allowList, values, named }: Requested): IsRequested {
  return (scope) =>
    values?.includes(scope) === true ||
    (named.length === 0 && allowList.audiences.has(scope)) ||
    (values === undefined && allowList.scopes.includes(scope));
}

/** The scope of a token with these audiences, before anybody was asked for consent. */
export function grantedScopes(
  { client_id, allowList, values, named }: Requested,
  granted: readonly string[],
): string[] {
  const servers = granted.filter((value) => value !== client_id);
  // No scope asked for: all that the list holds, the documented default (RFC 6749 3.3).
  if (values === undefined) return [...servers, ...allowList.scopes];
  return [
    ...values.filter((value) => !named.includes(value) || granted.includes(value)),
    ...(named.length === 0 ? servers : []),
  ];
}
