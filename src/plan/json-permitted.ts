// Owns the changes of permissions in a plan document, both ways. Never computes one.

import type { UserAddress } from '../model/address.ts';
import { instantFromJson, instantToJson, sourceMember } from './json-places.ts';
import type { PermissionChangeJson } from './json-types.ts';
import type { PermissionChange } from './plan.ts';

export function permissionToJson(change: PermissionChange): PermissionChangeJson {
  const { effect, client, functions, customer, users, as, role, until, otherwise, cause } = change;
  const { address, pointer } = cause.place;
  const [first, ...others] = functions;
  const [user, ...more] = users?.users ?? [];
  return {
    effect,
    client,
    functions: [first ?? '', ...others],
    customer: customer ?? null,
    role,
    ...(users === undefined
      ? { as: as ?? null }
      : {
          users: {
            through: users.through ?? null,
            count: users.users.length,
            addresses: [user as UserAddress, ...more],
          },
        }),
    ...(until === undefined ? {} : { until: instantToJson(until) }),
    ...(otherwise === undefined
      ? {}
      : { otherwise: { until: Number.isFinite(otherwise) ? instantToJson(otherwise) : null } }),
    cause: { address, pointer, ...(cause.removed === true ? { removed: true } : {}), ...sourceMember(cause.range) },
  };
}

export function permissionFromJson(json: PermissionChangeJson): PermissionChange {
  const { effect, client, functions, customer, users, as, role, until, otherwise, cause } = json;
  const { address, pointer, removed, source } = cause;
  return {
    effect,
    client,
    functions,
    ...(customer === null ? {} : { customer }),
    role,
    ...(users === undefined
      ? {}
      : { users: { users: users.addresses, ...(users.through === null ? {} : { through: users.through }) } }),
    ...(as === undefined || as === null ? {} : { as }),
    ...(until === undefined ? {} : { until: instantFromJson(until) }),
    ...(otherwise === undefined
      ? {}
      : { otherwise: otherwise.until === null ? Number.POSITIVE_INFINITY : instantFromJson(otherwise.until) }),
    cause: { place: { address, pointer }, range: source, ...(removed === undefined ? {} : { removed }) },
  };
}
