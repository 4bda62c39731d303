// Owns what a client is told about the user of a token: what the policy of the client releases, or without one what the scopes
// of OpenID Connect tell. Shared by userinfo and ID tokens. Never decides who the user is.

import type { Attributes, Decision } from '../access/decision.ts';
import { RESERVED_CLAIMS } from '../model/policy-value.ts';
import type { Snapshot } from './snapshot.ts';
import { type Claims, standardClaims } from './standard-claims.ts';

/** Without `sub`. With a policy nothing else about the user is told (SEMANTICS U-60). */
export function toldClaims(decision: Decision, { index }: Pick<Snapshot, 'index'>): Claims {
  const { user, scopes } = decision;
  const entity = user === undefined ? undefined : index.user(user);
  if (user === undefined || entity === undefined) return {};
  const told = released(decision) ?? standardClaims(user, entity, scopes);
  return Object.fromEntries(Object.entries(told).filter(([name]) => !RESERVED_CLAIMS.includes(name)));
}

/** What the policy of the client releases to it; undefined where it has none. */
function released({ reasons, client_id }: Decision): Attributes | undefined {
  const own = reasons.find(({ audience }) => audience === client_id);
  return own?.granted === true ? own.attributes : undefined;
}
