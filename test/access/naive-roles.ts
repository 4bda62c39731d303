// Owns a second, naive reading of roles, customers and permissions (SEMANTICS … ), written from
// its text: the oracle of the gate and of what a token lets its client do. Imports src/model alone, and cares for clearness only.

import type { Address } from '../../src/model/address.ts';
import type { ApplicationEntity, RoleGrant } from '../../src/model/entity.ts';
import type { State } from '../../src/model/state.ts';
import { countingGroups, hasEnded } from './naive-policy.ts';

/** What somebody has: a name of the one namespace, and the customer that it was granted for. */
interface Had {
  readonly name: string;
  readonly isFunction: boolean;
  readonly customer: Address | undefined;
}

/** Everything that a user has by the method; of a client that acts as itself what is written on it. */
function hadBy(
  state: State,
  client: Address,
  user: Address | undefined,
  method: string | undefined,
  now: number,
): readonly Had[] {
  const groups = user === undefined ? [] : countingGroups(state, user, method ?? '', now);
  const holders = user === undefined ? [client] : [user, ...groups];
  const grants = holders.flatMap((holder): readonly RoleGrant[] => {
    const entity = state.get(holder);
    return entity !== undefined && 'roles' in entity && entity.kind !== 'role' ? (entity.roles ?? []) : [];
  });
  return grants
    .filter((grant) => !hasEnded(grant, now))
    .flatMap(({ role, customer }) => withAll(state, role).map((one) => ({ ...one, customer })));
}

/** the role, what it contains, and the functions of all of them. */
function withAll(state: State, role: Address): readonly Omit<Had, 'customer'>[] {
  const names = new Set<Address>(state.get(role)?.kind === 'role' ? [role] : []);
  for (let before = -1; before !== names.size; ) {
    before = names.size;
    for (const one of [...names]) {
      const entity = state.get(one);
      for (const inner of (entity?.kind === 'role' && entity.roles) || []) if (state.has(inner)) names.add(inner);
    }
  }
  return [...names].flatMap((one) => {
    const entity = state.get(one);
    const functions = (entity?.kind === 'role' && entity.functions) || [];
    return [
      { name: one.slice('role:'.length), isFunction: false },
      ...functions.map((name) => ({ name, isFunction: true })),
    ];
  });
}

/** `granted`, or what is missing. */
export function naiveRequiredRole(
  state: State,
  { required_role, customer }: ApplicationEntity,
  subject: { readonly client: Address; readonly user: Address; readonly method: string },
  now: number,
): string {
  if (required_role === undefined) return 'granted';
  const had = hadBy(state, subject.client, subject.user, subject.method, now).filter(
    ({ name }) => name === required_role,
  );
  if (had.length === 0) return 'ROLE_MISSING';
  if (customer === undefined) return 'granted';
  return had.some((one) => one.customer === undefined || upFrom(state, customer).includes(one.customer))
    ? 'granted'
    : 'CUSTOMER_NOT_COVERED';
}

/** A customer, its parent, the parent of that, and so on. */
export function upFrom(state: State, customer: Address): readonly Address[] {
  const line = [customer];
  for (const one of line) {
    const entity = state.get(one);
    const parent = entity?.kind === 'customer' ? entity.parent : undefined;
    if (parent !== undefined && !line.includes(parent)) line.push(parent);
  }
  return line;
}

/** as `FUNCTION CUSTOMER` in no order; undefined where no permission scope is written. */
export function naivePermissions(
  state: State,
  client: Address,
  user: Address | undefined,
  method: string | undefined,
  now: number,
): readonly string[] | undefined {
  const entity = state.get(client);
  if (entity?.kind !== 'application' || entity.permission_scope === undefined) return undefined;
  const within = entity.permission_scope.flatMap((name) => {
    const all = withAll(state, `role:${name}`);
    return all.length === 0 ? [name] : all.filter(({ isFunction }) => isFunction).map((one) => one.name);
  });
  const had = hadBy(state, client, user, method, now).filter(({ isFunction }) => isFunction);
  const kept = had.filter(({ name }) => within.includes(name));
  return [...new Set(kept.map(({ name, customer }) => `${name} ${customer?.slice('customer:'.length) ?? ''}`))].sort();
}
