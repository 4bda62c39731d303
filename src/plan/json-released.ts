// Owns the changes of what is released in a plan document, both ways. Never looks at a user's values: no plan has them.

import type { UserAddress } from '../model/address.ts';
import { instantFromJson, instantToJson, sourceMember } from './json-places.ts';
import type { ReleasedChangeJson } from './json-types.ts';
import type { ReleasedChange, ReleasedValue } from './plan.ts';

export function releasedToJson(change: ReleasedChange): ReleasedChangeJson {
  const { effect, application, name, through, users, before, after, cause } = change;
  const { address, pointer } = cause.place;
  const [first, ...others] = users;
  return {
    effect,
    application,
    name,
    users: {
      through: through ?? null,
      count: users.length,
      addresses: [first as UserAddress, ...others],
    },
    before: before.map(valueToJson),
    after: after.map(valueToJson),
    cause: {
      address,
      pointer,
      ...(cause.removed === true ? { removed: true } : {}),
      ...sourceMember(cause.range),
    },
  };
}

export function releasedFromJson(json: ReleasedChangeJson): ReleasedChange {
  const { effect, application, name, users, before, after, cause } = json;
  const { address, pointer, removed, source } = cause;
  return {
    effect,
    application,
    name,
    ...(users.through === null ? {} : { through: users.through }),
    users: users.addresses,
    before: before.map(valueFromJson),
    after: after.map(valueFromJson),
    cause: { place: { address, pointer }, range: source, ...(removed === undefined ? {} : { removed }) },
  };
}

type ValueJson = ReleasedChangeJson['before'][number];

function valueToJson({ value, scopes, methods, until }: ReleasedValue): ValueJson {
  return {
    value,
    ...(scopes === undefined ? {} : { scopes }),
    ...(methods === undefined ? {} : { methods }),
    ...(until === undefined ? {} : { until: instantToJson(until) }),
  };
}

function valueFromJson({ value, scopes, methods, until }: ValueJson): ReleasedValue {
  return {
    value,
    ...(scopes === undefined ? {} : { scopes }),
    ...(methods === undefined ? {} : { methods }),
    ...(until === undefined ? {} : { until: instantFromJson(until) }),
  };
}
