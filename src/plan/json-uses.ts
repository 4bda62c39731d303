// Owns the changes of who gets through to resources in a plan document, both ways. Never finds them.

import type { UserAddress } from '../model/address.ts';
import { instantFromJson, instantToJson, sourceMember } from './json-places.ts';
import type { UseChangeJson } from './json-types.ts';
import type { UseChange } from './plan.ts';

export function useToJson(change: UseChange): UseChangeJson {
  const { effect, resource, client, as, users, code, cause, otherwise } = change;
  const { address, pointer } = cause.place;
  return {
    effect,
    resource,
    client,
    ...(as === undefined ? {} : { as }),
    ...(users === undefined ? {} : { users: usersToJson(users) }),
    ...spanToJson(change),
    ...(otherwise === undefined ? {} : { otherwise: spanToJson(otherwise) }),
    ...(code === undefined ? {} : { code }),
    cause: { address, pointer, ...(cause.removed === true ? { removed: true } : {}), ...sourceMember(cause.range) },
  };
}

export function useFromJson(json: UseChangeJson): UseChange {
  const { effect, resource, client, as, users, code, cause, otherwise } = json;
  const { address, pointer, removed, source } = cause;
  return {
    effect,
    resource: resource as UseChange['resource'],
    client,
    ...(as === undefined ? {} : { as }),
    ...(users === undefined
      ? {}
      : { users: { grant_type: users.grant_type, through: users.through ?? undefined, users: users.addresses } }),
    ...spanFromJson(json),
    ...(otherwise === undefined ? {} : { otherwise: spanFromJson(otherwise) }),
    ...(code === undefined ? {} : { code: code as NonNullable<UseChange['code']> }),
    cause: { place: { address, pointer }, range: source, ...(removed === undefined ? {} : { removed }) },
  };
}

type UsersJson = NonNullable<UseChangeJson['users']>;

function usersToJson({ grant_type, through, users }: NonNullable<UseChange['users']>): UsersJson {
  const [first, ...others] = users;
  return { grant_type, through: through ?? null, count: users.length, addresses: [first as UserAddress, ...others] };
}

type SpanJson = NonNullable<UseChangeJson['otherwise']>;

function spanToJson({ until, networks }: Pick<UseChange, 'until' | 'networks'>): SpanJson {
  return {
    ...(until === undefined ? {} : { until: instantToJson(until) }),
    ...(networks === undefined ? {} : { networks }),
  };
}

function spanFromJson({ until, networks }: SpanJson): Pick<UseChange, 'until' | 'networks'> {
  return {
    ...(until === undefined ? {} : { until: instantFromJson(until) }),
    ...(networks === undefined ? {} : { networks }),
  };
}
