// Owns which roles somebody was given, by which way and for how long: a user directly and through groups, a client that acts as
// itself directly (SEMANTICS ). Never knows what a role holds, nor what it is needed for.

import type { ApplicationAddress, GroupAddress, UserAddress } from '../model/address.ts';
import { periodOf } from '../model/duration.ts';
import type { RoleGrant } from '../model/entity.ts';
import type { AccessIndex } from './access-index.ts';
import type { Asker } from './asker.ts';
import type { Place, Step } from './decision.ts';
import { chainOf, type Membership, membershipStep, type Way } from './membership.ts';
import { countsFor } from './opening.ts';

/** One writing of a role, and the memberships by which it counts for somebody. */
export interface RoleWay extends Way {
  readonly grant: RoleGrant;
  readonly holder: UserAddress | GroupAddress | ApplicationAddress;
  readonly position: number;
  readonly membership: Membership | undefined;
}

/** All that who asks was ever given, ended or not: the ways in the order of the user's own roles and then of its groups. */
export function rolesOf(index: AccessIndex, asker: Pick<Asker, 'client' | 'user' | 'groups' | 'method'>): RoleWay[] {
  const { client, user } = asker;
  if (user === undefined) return waysOf(index.application(client)?.roles, client, undefined);
  return [
    ...waysOf(index.user(user)?.roles, user, undefined),
    // U-26: a group counts for the method, whatever it gives.
    ...rolesThrough(index, asker.groups ?? new Map(), (group) => countsFor(group, asker)),
  ];
}

/** The same of a user, by whichever method. */
export function rolesByAnyMethod(index: AccessIndex, user: UserAddress): RoleWay[] {
  return [
    ...waysOf(index.user(user)?.roles, user, undefined),
    ...rolesThrough(index, index.groupsOf(user), () => true),
  ];
}

function rolesThrough(
  index: AccessIndex,
  groups: ReadonlyMap<GroupAddress, Membership>,
  counts: (group: NonNullable<ReturnType<AccessIndex['group']>>) => boolean,
): RoleWay[] {
  const ways: RoleWay[] = [];
  for (const [address, membership] of groups) {
    const group = index.group(address);
    if (group?.roles !== undefined && counts(group)) ways.push(...waysOf(group.roles, address, membership));
  }
  return ways;
}

function waysOf(
  grants: readonly RoleGrant[] | undefined,
  holder: RoleWay['holder'],
  membership: Membership | undefined,
): RoleWay[] {
  return (grants ?? []).map((grant, position) => ({
    grant,
    holder,
    position,
    membership,
    end: Math.min(periodOf(grant).end, membership?.end ?? Number.POSITIVE_INFINITY),
    length: (membership?.length ?? 0) + 1,
  }));
}

/** The memberships, and the role that the last of them gives. */
export function roleSteps({ grant, holder, position, membership }: RoleWay): readonly Step[] {
  const { role, customer } = grant;
  const at = placeOf({ holder, position });
  return [
    ...chainOf(membership).map(membershipStep),
    { relation: 'has_role', from: holder, to: role, at, ...(customer === undefined ? {} : { customer }) },
  ];
}

/** The link with which a way ended. The same at every later instant, when others of its links may have ended too. */
export function endPlace({ holder, position, membership, end }: RoleWay): Place {
  const ended = chainOf(membership).find(({ link }) => link.end === end);
  return ended === undefined ? placeOf({ holder, position }) : membershipStep(ended).at;
}

function placeOf({ holder, position }: Pick<RoleWay, 'holder' | 'position'>): Place {
  return { address: holder, pointer: `/roles/${position}` };
}
