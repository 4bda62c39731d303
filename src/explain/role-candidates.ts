// Owns which single edits might give a user the role that a client requires. Never says that one does: each is tried (edits.ts).

import type { AccessIndex } from '../access/access-index.ts';
import { coverage } from '../access/customers.ts';
import { countsFor } from '../access/opening.ts';
import { holdingOf } from '../access/role-closure.ts';
import type { GroupAddress, RoleAddress } from '../model/address.ts';
import type { RoleGrant } from '../model/entity.ts';
import { entitiesOf } from '../model/state.ts';
import type { Obstacle } from './asking.ts';
import { add, type Candidate, join, MOST, SURPRISE } from './candidate.ts';

/** Into a group that has such a role, or the role to the user: the one that holds least else first, for no other customer. */
export function roleCandidates(index: AccessIndex, { about, user, method }: Obstacle): readonly Candidate[] {
  const { required_role, customer } = index.application(about) ?? {};
  if (required_role === undefined || user === undefined || method === undefined) return [];
  const holds = (role: RoleAddress) => holdingOf(index.closureOf(role), required_role) !== undefined;
  const does = ({ role, customer: granted }: RoleGrant) =>
    holds(role) && (customer === undefined || coverage(index.state, granted, customer) !== undefined);
  const groups = index.groupsOf(user);
  const joined = [...entitiesOf(index.state, 'group')].flatMap(([address, group]): readonly Candidate[] => {
    const isGiving = countsFor(group, { method, groups }) && (group.roles ?? []).some(does);
    return isGiving && !groups.has(address as GroupAddress) ? join(index, address as GroupAddress, user) : [];
  });
  const roles = [...entitiesOf(index.state, 'role')]
    .map(([address]) => address as RoleAddress)
    .filter(holds)
    .map((role) => ({ role, more: sizeOf(index, role) }))
    .sort((a, b) => a.more - b.more);
  const given = roles.slice(0, MOST).map(({ role }, position) => {
    const grant = { role, ...(customer === undefined ? {} : { customer }) };
    return add(user, '/roles', grant, SURPRISE.opening + position / MOST);
  });
  return [...joined.slice(0, MOST), ...given];
}

function sizeOf(index: AccessIndex, role: RoleAddress): number {
  const { roles, functions } = index.closureOf(role);
  return roles.size + functions.size;
}
