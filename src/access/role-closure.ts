// Owns what a role holds: itself, the roles that it contains, and their functions (SEMANTICS A-24), each by the shortest way.
// Never knows who has a role.

import { type RoleAddress, roleAddress } from '../model/address.ts';
import { entityAt, type State } from '../model/state.ts';
import type { Step } from './decision.ts';

export interface RoleClosure {
  /** Every role that is held with it, itself first; with the links that lead there. */
  readonly roles: ReadonlyMap<RoleAddress, readonly Step[]>;
  /** Every function, in the order in which it is found; the links lead to the role that lists it, and end with the listing. */
  readonly functions: ReadonlyMap<string, readonly Step[]>;
}

/** A role that is not there holds nothing, and circles (the compiler refuses them) are walked once. */
export function closureOfRole(state: State, role: RoleAddress): RoleClosure {
  const roles = new Map<RoleAddress, readonly Step[]>();
  const functions = new Map<string, readonly Step[]>();
  if (entityAt(state, 'role', role) !== undefined) roles.set(role, []);
  // A Map is walked to its end, with what is added on the way.
  for (const [from, chain] of roles) {
    const entity = entityAt(state, 'role', from);
    for (const [position, name] of (entity?.functions ?? []).entries()) {
      if (functions.has(name)) continue;
      const at = { address: from, pointer: `/functions/${position}` };
      functions.set(name, [...chain, { relation: 'has_function', from, to: from, function: name, at }]);
    }
    for (const [position, to] of (entity?.roles ?? []).entries()) {
      if (roles.has(to) || entityAt(state, 'role', to) === undefined) continue;
      const at = { address: from, pointer: `/roles/${position}` };
      roles.set(to, [...chain, { relation: 'contains', from, to, at }]);
    }
  }
  return { roles, functions };
}

/** The links by which a role holds what has this name: roles and functions have one namespace. Undefined where it does not. */
export function holdingOf({ roles, functions }: RoleClosure, name: string): readonly Step[] | undefined {
  return roles.get(roleAddress(name)) ?? functions.get(name);
}

/** the functions that names of roles and of functions stand for. */
export function functionsNamed(
  closureOf: (role: RoleAddress) => RoleClosure,
  names: readonly string[],
): ReadonlySet<string> {
  return new Set(
    names.flatMap((name) => {
      const { roles, functions } = closureOf(roleAddress(name));
      // What is no role is a function, though no role may list it.
      return roles.size === 0 ? [name] : [...functions.keys()];
    }),
  );
}
