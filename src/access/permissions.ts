// Owns what a client may do for a user, or as itself (SEMANTICS A-14… ): the functions of who acts, of which the
// client's permission scope leaves some. Evaluated anew at every use. Never decides who may use the client.

import { compareText, nameOf } from '../model/address.ts';
import type { ApplicationEntity } from '../model/entity.ts';
import type { AccessIndex } from './access-index.ts';
import type { Asker } from './asker.ts';
import type { Permission, Step } from './decision.ts';
import { compareWays } from './membership.ts';
import { functionsNamed } from './role-closure.ts';
import { type RoleWay, roleSteps, rolesOf } from './roles.ts';

/** One permission, by the way that lasts longest, then the shortest. */
export interface HeldPermission {
  readonly permission: Permission;
  readonly way: RoleWay;
  /** From who acts to the listing of the function. */
  readonly chain: readonly Step[];
  /** Milliseconds since the epoch; infinite where it does not end. */
  readonly end: number;
}

/**
 * What the client may do for who asks, sorted by function and customer; a customer is told as it was granted, with those below
 * it. Undefined where no permission scope is written: nothing is said of permissions then.
 */
export function permissionsOf(
  index: AccessIndex,
  { permission_scope }: ApplicationEntity,
  asker: Pick<Asker, 'client' | 'user' | 'groups' | 'method'>,
  now: number,
): readonly HeldPermission[] | undefined {
  if (permission_scope === undefined) return undefined;
  if (permission_scope.length === 0) return [];
  const within = functionsNamed(index.closureOf, permission_scope);
  const held = new Map<string, { readonly name: string; readonly steps: readonly Step[]; readonly way: RoleWay }>();
  for (const one of rolesOf(index, asker)) {
    if (now >= one.end) continue;
    for (const [name, steps] of index.closureOf(one.grant.role).functions) {
      if (!within.has(name)) continue;
      const way = { ...one, length: one.length + steps.length };
      const key = `${name} ${one.grant.customer ?? ''}`;
      const known = held.get(key);
      if (known === undefined || compareWays(way, known.way) < 0) held.set(key, { name, steps, way });
    }
  }
  return [...held.values()]
    .map(({ name, steps, way }): HeldPermission => {
      const { customer } = way.grant;
      const permission = { function: name, ...(customer === undefined ? {} : { customer: nameOf(customer) }) };
      return { permission, way, chain: [...roleSteps(way), ...steps], end: way.end };
    })
    .sort((a, b) => comparePermissions(a.permission, b.permission));
}

/** By function; what counts for all customers before what counts for one. */
export function comparePermissions(a: Permission, b: Permission): number {
  return compareText(a.function, b.function) || compareText(a.customer ?? '', b.customer ?? '');
}
