// Owns which users are alike to every question about access, on both sides of a plan: one of them answers for all. Never asks
// such a question.

import type { AccessIndex } from '../access/access-index.ts';
import { type Address, compareText, siteOf, type UserAddress } from '../model/address.ts';
import { canonicalJson } from '../model/digest.ts';
import type { UserEntity } from '../model/entity.ts';
import { entitiesOf } from '../model/state.ts';
import type { Compared, ComparedSide } from './compared.ts';
import { type Constrained, constrainedBy, seenOf } from './constrained.ts';

/** Users who are alike before and alike after, by the names of the plan. */
export interface UserClass {
  /** By address. Never empty. */
  readonly users: readonly [UserAddress, ...UserAddress[]];
  /** Whether they are otherwise after than before. */
  readonly differs: boolean;
}

/** All users of both sides. Of their attributes only those tell them apart that constraints of policies look at. */
export function userClasses(compared: Compared): readonly UserClass[] {
  const { before, after } = compared;
  const constrained = constrainedBy(compared);
  const users = new Set<UserAddress>();
  for (const side of [before, after]) {
    for (const [address] of entitiesOf(side.state, 'user')) users.add(side.shared(address as UserAddress));
  }
  const classes = new Map<string, { users: UserAddress[]; differs: boolean }>();
  for (const user of [...users].sort(compareText)) {
    const [was, is] = [before, after].map((side) => kindOfUser(side, user, constrained));
    const key = `${was}\n${is}`;
    const known = classes.get(key);
    if (known === undefined) classes.set(key, { users: [user], differs: was !== is });
    else known.users.push(user);
  }
  return [...classes.values()].map(({ users: all, differs }) => {
    const [first, ...others] = all;
    return { users: [first as UserAddress, ...others], differs };
  });
}

/** All that an answer about a user can rest on, as a text; empty for one who is not there. */
function kindOfUser(side: ComparedSide, user: UserAddress, constrained: Constrained): string {
  const index = side.index();
  const address = side.own(user);
  const entity = index.user(address);
  if (entity === undefined) return '';
  const { enabled = true, not_before, expires, methods, roles = [] }: UserEntity = entity;
  const told = [siteOf(address), enabled, not_before, expires, methods].map((one) => one ?? null);
  const has = roles.map((one) => [side.shared(one.role), one.customer && side.shared(one.customer), one.expires]);
  return canonicalJson([
    told,
    has.map((one) => one.map((value) => value ?? null)),
    seenOf(constrained, address, entity),
    groupsOf(side, index, address),
  ]);
}

function groupsOf(side: ComparedSide, index: AccessIndex, user: UserAddress): readonly unknown[] {
  return [...index.groupsOf(user)]
    .map(([group, { end }]): [Address, number | null] => [side.shared(group), Number.isFinite(end) ? end : null])
    .sort(([a], [b]) => compareText(a, b));
}
