// Owns the changes of logins in a plan document, both ways. Never finds them.

import type { UserAddress } from '../model/address.ts';
import { sourceMember } from './json-places.ts';
import type { LoginChangeJson } from './json-types.ts';
import type { LoginChange } from './plan.ts';

export function loginToJson({ effect, client, through, users, cause }: LoginChange): LoginChangeJson {
  const { address, pointer } = cause.place;
  const [first, ...others] = users;
  return {
    effect,
    client,
    users: { through: through ?? null, count: users.length, addresses: [first as UserAddress, ...others] },
    cause: { address, pointer, ...(cause.removed === true ? { removed: true } : {}), ...sourceMember(cause.range) },
  };
}

export function loginFromJson({ effect, client, users, cause }: LoginChangeJson): LoginChange {
  const { address, pointer, removed, source } = cause;
  return {
    effect,
    client,
    ...(users.through === null ? {} : { through: users.through }),
    users: users.addresses,
    cause: { place: { address, pointer }, range: source, ...(removed === undefined ? {} : { removed }) },
  };
}
