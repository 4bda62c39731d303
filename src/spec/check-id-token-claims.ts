// Owns which of the claims that an application wants in its ID tokens can ever be there (OpenID Connect Core 5.4, SEMANTICS U-60).
// Never what a claim is worth, nor for whom it has a value.

import type { ApplicationEntity, PolicyEntity } from '../model/entity.ts';
import { RESERVED_CLAIMS } from '../model/policy-value.ts';
import { scopeValues } from '../model/settings.ts';
import { STANDARD_CLAIMS, scopeOfClaim } from '../model/standard-claims.ts';
import type { Bound } from './bind.ts';
import type { Tell } from './check-effects.ts';
import { bound } from './entities.ts';
import { nearest } from './nearest.ts';
import { SharedPlaces } from './shared-places.ts';

type Fault = readonly [detail: string, help: string];

export function checkIdTokenClaims(all: Bound, tell: Tell): void {
  const shared = new SharedPlaces(all, tell);
  for (const [address, application] of bound(all, 'application')) {
    const policy = application.policy === undefined ? undefined : all.entities.get(application.policy);
    for (const [position, name] of (application.tokens?.id_token_claims ?? []).entries()) {
      const pointer = `/tokens/id_token_claims/${position}`;
      const fault = faultOf(name, application, policy?.kind === 'policy' ? policy : undefined);
      if (fault === undefined) shared.works(address, pointer);
      else shared.fails('id-token-claims.no-effect', address, pointer, ...fault);
    }
  }
  shared.end();
}

function faultOf(name: string, { policy: named, metadata }: ApplicationEntity, policy: PolicyEntity | undefined) {
  if (RESERVED_CLAIMS.includes(name)) {
    return [`${name} says what the token is, and is there or not without this`, `Remove ${name}.`] as const;
  }
  if (named === undefined) return faultOfScopes(name, scopeValues(metadata?.scope));
  // One that failed may release anything.
  return policy === undefined ? undefined : faultOfPolicy(name, policy);
}

function faultOfScopes(name: string, scopes: readonly string[]): Fault | undefined {
  const scope = scopeOfClaim(name);
  if (scope === undefined) {
    return [`no scope tells ${name}`, meant(name, STANDARD_CLAIMS) ?? `Remove it, or release ${name} by a policy.`];
  }
  if (scopes.includes(scope)) return undefined;
  return [`${name} belongs to the scope ${scope}, which the client may not ask for`, `Add ${scope} to metadata.scope.`];
}

function faultOfPolicy(name: string, { items = [] }: PolicyEntity): Fault | undefined {
  const released = items.map((item) => item.name);
  if (released.includes(name)) return undefined;
  return [
    `the policy of the application does not release ${name}`,
    meant(name, released) ?? `Add an item of that name to the policy, or remove ${name}.`,
  ];
}

function meant(name: string, known: readonly string[]): string | undefined {
  const near = nearest(name, known);
  return near === undefined ? undefined : `Did you mean "${near}"?`;
}
