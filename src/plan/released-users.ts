// Owns about whom a plan asks what is released: where a policy or an application changed all whom the application lets in, else
// those whom the changes can touch, so that a small edit of a large spec asks about few. Never asks what is released.

import { groupsOfGates, membersOf } from '../access/reach.ts';
import { type ApplicationAddress, type GroupAddress, kindOf, type UserAddress } from '../model/address.ts';
import { entitiesOf, entityAt } from '../model/state.ts';
import type { Compared, ComparedSide } from './compared.ts';

/** The users who changed, and those who are in another group than before or for another time, as the plan calls them. */
export function touchedUsers({ before, after, changes }: Compared): ReadonlySet<UserAddress> {
  const users = new Set<UserAddress>();
  for (const { address } of changes) {
    if (kindOf(address) === 'user') users.add(address as UserAddress);
    if (kindOf(address) !== 'group') continue;
    const [was, is] = [before, after].map((side) => linksOf(side, address as GroupAddress));
    for (const [side, own, other] of [[before, was, is] as const, [after, is, was] as const]) {
      for (const [key, member] of own ?? []) if (other?.has(key) !== true) addMembers(side, member, users);
    }
  }
  return users;
}

/** The users whom the groups of some applications let in on either side, all by the names of the plan. */
export function usersLetIn(
  { before, after }: Compared,
  applications: readonly ApplicationAddress[],
  now: number,
): ReadonlySet<UserAddress> {
  const users = new Set<UserAddress>();
  for (const side of [before, after]) {
    const gates = applications.map((one) => gatesOf(side, one, now));
    const inside = gates.includes(undefined)
      ? [...entitiesOf(side.state, 'user')].map(([address]) => address as UserAddress)
      : membersOf(side.state, [...new Set(gates.flatMap((groups) => groups ?? []))]);
    for (const user of inside) users.add(side.shared(user));
  }
  return users;
}

/** The groups that open an application on a side, as that side calls them; undefined where groups do not say who is let in. */
export function gatesOf(
  side: ComparedSide,
  application: ApplicationAddress,
  now: number,
): readonly GroupAddress[] | undefined {
  const entity = entityAt(side.state, 'application', side.own(application));
  return entity === undefined ? [] : groupsOfGates(entity, now);
}

type Member = UserAddress | GroupAddress;

/** The members of a group as a side calls them, by what makes a link the same on both sides: who, and for how long. */
function linksOf(side: ComparedSide, group: GroupAddress): ReadonlyMap<string, Member> {
  const members = entityAt(side.state, 'group', side.own(group))?.members ?? [];
  return new Map(members.map(({ to, expires = '' }) => [`${side.shared(to)} ${expires}`, to]));
}

function addMembers(side: ComparedSide, member: Member, users: Set<UserAddress>): void {
  if (kindOf(member) === 'user') {
    users.add(side.shared(member as UserAddress));
    return;
  }
  for (const user of membersOf(side.state, [member as GroupAddress])) users.add(side.shared(user));
}
