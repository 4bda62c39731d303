// Owns who is in a group as it is declared, the built-in group of all users of a site among them. Never looks at methods
// nor at when a membership ends.

import { type Address, type GroupAddress, isEveryone, kindOf, siteOf, type UserAddress } from '../model/address.ts';
import type { Bound } from './bind.ts';
import { bound } from './entities.ts';

/** The members of groups, not those of their groups. */
export function membersOf(all: Bound): (group: GroupAddress) => readonly Address[] {
  let users: ReadonlyMap<string, readonly UserAddress[]> | undefined;
  return (group) => {
    if (isEveryone(group)) {
      users ??= usersBySite(all);
      return users.get(siteOf(group) ?? '') ?? [];
    }
    const entity = all.entities.get(group);
    return entity?.kind === 'group' ? (entity.members ?? []).map(({ to }) => to) : [];
  };
}

function usersBySite(all: Bound): ReadonlyMap<string, readonly UserAddress[]> {
  const users = new Map<string, UserAddress[]>();
  for (const [address] of bound(all, 'user')) {
    const site = siteOf(address) ?? '';
    const known = users.get(site);
    if (known === undefined) users.set(site, [address]);
    else known.push(address);
  }
  return users;
}

/** Whether there is a user in a group, directly or through groups. */
export function populatedGroups(all: Bound): (group: GroupAddress) => boolean {
  const peopled = new Set<string>();
  for (const [address] of bound(all, 'user')) peopled.add(siteOf(address) ?? '');
  const hasUser = (to: Address) => kindOf(to) === 'user' || (isEveryone(to) && peopled.has(siteOf(to) ?? ''));
  const populated = new Set<Address>();
  const containers = new Map<Address, Address[]>();
  const queue: Address[] = [];
  for (const [address, group] of bound(all, 'group')) {
    for (const { to } of group.members ?? []) {
      if (hasUser(to)) queue.push(address);
      else {
        const known = containers.get(to) ?? [];
        containers.set(to, known);
        known.push(address);
      }
    }
  }
  for (const group of queue) {
    if (populated.has(group)) continue;
    populated.add(group);
    for (const container of containers.get(group) ?? []) queue.push(container);
  }
  return (group) => populated.has(group) || hasUser(group);
}
